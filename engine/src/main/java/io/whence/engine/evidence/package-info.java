/**
 * Text that an output shares with a work: found, verified token by token, and weighed against
 * chance.
 *
 * <p>Start at {@link io.whence.engine.evidence.VerbatimMatcher} and {@link
 * io.whence.engine.evidence.NearVerbatimMatcher}. {@link io.whence.engine.evidence.Winnowing}
 * proposes works, matching decides; {@link io.whence.engine.evidence.Significance} says what chance
 * would give, and {@link io.whence.engine.evidence.DuplicateClusters} which works are copies of
 * each other. {@link io.whence.engine.evidence.CodeMatcher} and {@link
 * io.whence.engine.evidence.CodeSimilarity} compare code; {@link
 * io.whence.engine.evidence.PictureMatcher} finds copies of images, {@link
 * io.whence.engine.evidence.PictureFinding} measures them and {@link
 * io.whence.engine.evidence.Extraction} counts them. A match says what is shared, never who copied
 * from whom.
 */
@NullMarked
package io.whence.engine.evidence;

import org.jspecify.annotations.NullMarked;
