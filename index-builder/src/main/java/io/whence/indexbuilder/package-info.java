/**
 * Builds indexes, and the command line.
 *
 * <p>Start at {@link io.whence.indexbuilder.IndexBuild}: a corpus and a checkpoint go in, an index
 * directory comes out, whole or not at all. {@link io.whence.indexbuilder.Main} is what people
 * call.
 */
@NullMarked
package io.whence.indexbuilder;

import org.jspecify.annotations.NullMarked;
