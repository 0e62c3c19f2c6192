package io.whence.engine.risk;

import io.whence.engine.WorkId;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one work in an output.
 *
 * @param licence SPDX, or what the source says
 * @param year of publication
 * @param amountOfWork copied characters over the work's, 0 to 1
 * @param amountOfOutput copied characters over the output's, 0 to 1
 * @param longestRun words in the longest shared run; 0 when none is shared
 * @param rare whether one of the runs is rarer than chance would give
 */
public record CopiedWork(
    WorkId work,
    @Nullable String licence,
    @Nullable Integer year,
    double amountOfWork,
    double amountOfOutput,
    int longestRun,
    boolean rare) {}
