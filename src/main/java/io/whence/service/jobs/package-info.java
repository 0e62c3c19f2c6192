/**
 * What the service does when it is asked: open indexes, attributions, and the bounds on how many at
 * a time.
 *
 * <p>Start at {@link io.whence.service.jobs.Attributions}. Work runs on platform threads: the
 * gradient mode of the model's engine belongs to the operating system's thread.
 */
@NullMarked
package io.whence.service.jobs;

import org.jspecify.annotations.NullMarked;
