/**
 * An attribution as a report that a person reads and files, made from the stored record and what
 * the log holds of it, and nothing else.
 *
 * <p>Start at {@link io.whence.service.report.AttributionReport}.
 */
@NullMarked
package io.whence.service.report;

import org.jspecify.annotations.NullMarked;
