/**
 * Works and the training examples cut from them.
 *
 * <p>Start at {@link io.whence.engine.corpus.Corpus#read}. What cannot be read becomes a {@link
 * io.whence.engine.corpus.Rejection}, never a gap.
 */
@NullMarked
package io.whence.engine.corpus;

import org.jspecify.annotations.NullMarked;
