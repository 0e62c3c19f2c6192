/**
 * Text that an output shares with a work: found, verified token by token, and weighed against
 * chance.
 *
 * <p>Start at {@link io.whence.engine.evidence.VerbatimMatcher}. {@link
 * io.whence.engine.evidence.Winnowing} proposes works, matching decides. A match says what is
 * shared, never who copied from whom.
 */
@NullMarked
package io.whence.engine.evidence;

import org.jspecify.annotations.NullMarked;
