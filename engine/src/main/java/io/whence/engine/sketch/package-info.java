/**
 * Gradients small enough to keep: projections of each training example's gradient.
 *
 * <p>Start at {@link io.whence.engine.sketch.Sketcher}; {@link io.whence.engine.sketch.SketchShard}
 * is what it leaves on disk. Sketches compare only within one {@link
 * io.whence.engine.sketch.SketchSpec}.
 */
@NullMarked
package io.whence.engine.sketch;

import org.jspecify.annotations.NullMarked;
