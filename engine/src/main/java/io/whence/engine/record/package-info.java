/**
 * A record that stands up: an append-only log of events whose every entry can be proved to be in
 * it, at its place and unchanged, by anybody who holds one signed checkpoint.
 *
 * <p>Start at {@link io.whence.engine.record.Bundle}, what is handed out, or at {@link
 * io.whence.engine.record.MerkleTree}, what the log is. The log says that something was recorded,
 * when and in which order. It does not say that it is true.
 */
@NullMarked
package io.whence.engine.record;

import org.jspecify.annotations.NullMarked;
