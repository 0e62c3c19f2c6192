/**
 * Whether an output may be released, by a policy.
 *
 * <p>Start at {@link io.whence.engine.screening.Policy}. A verdict rests on evidence alone, of
 * words and of meaning; it is no judgement of law, and what it would miss stands beside it.
 */
@NullMarked
package io.whence.engine.screening;

import org.jspecify.annotations.NullMarked;
