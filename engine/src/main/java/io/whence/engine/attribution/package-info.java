/**
 * The one door: opens an index, runs every stage for an output, returns an {@link
 * io.whence.engine.attribution.Attribution}.
 *
 * <p>Start at {@link io.whence.engine.attribution.Attributor#open}. Influence, copying and risk are
 * three numbers here and stay three.
 */
@NullMarked
package io.whence.engine.attribution;

import org.jspecify.annotations.NullMarked;
