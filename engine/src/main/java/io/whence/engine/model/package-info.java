/**
 * A checkpoint that gives losses, text and gradients; its tokenizer; its training.
 *
 * <p>Start at {@link io.whence.engine.model.Checkpoint}. Everything native goes through {@link
 * io.whence.engine.model.Torch}; no array of this package outlives the batch it was made in.
 */
@NullMarked
package io.whence.engine.model;

import org.jspecify.annotations.NullMarked;
