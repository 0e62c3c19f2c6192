/**
 * What the service keeps: attribution records, experiments and their reports, which are only ever
 * added; jobs as they stand; and the PostgreSQL it brings along for those who configure none.
 *
 * <p>Start at {@link io.whence.service.persistence.AttributionRecords}.
 */
@NullMarked
package io.whence.service.persistence;

import org.jspecify.annotations.NullMarked;
