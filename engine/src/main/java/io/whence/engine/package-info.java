/**
 * The vocabulary all parts of Whence share: works, instances, spans, and what the engine refuses.
 *
 * <p>Callers start at {@code io.whence.engine.attribution.Attributor}, the one door.
 */
@NullMarked
package io.whence.engine;

import org.jspecify.annotations.NullMarked;
