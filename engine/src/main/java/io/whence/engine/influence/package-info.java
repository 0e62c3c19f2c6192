/**
 * What training on an instance did to an output, by published methods, in nats.
 *
 * <p>Start at {@link io.whence.engine.influence.SketchedInfluence}. One sign holds everywhere:
 * positive means that without the instance the output's loss would be higher.
 */
@NullMarked
package io.whence.engine.influence;

import org.jspecify.annotations.NullMarked;
