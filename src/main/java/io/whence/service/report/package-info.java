/**
 * An attribution as pages that a person reads, made from the stored record and nothing else.
 *
 * <p>Start at {@link io.whence.service.report.AttributionPage}.
 */
@NullMarked
package io.whence.service.report;

import org.jspecify.annotations.NullMarked;
