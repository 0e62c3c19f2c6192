package io.whence.indexbuilder;

import io.whence.engine.attribution.Fidelity;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.corpus.Rejection;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a build did.
 *
 * @param stageSeconds how long each stage took in this run; finished parts of a resumed build are
 *     not in it
 * @param bytes what each part of the index takes, by directory
 * @param peakMemoryBytes most memory the process held, native memory included; 0 where the system
 *     does not tell
 */
public record BuildSummary(
    Path index,
    IndexManifest manifest,
    Fidelity fidelity,
    List<Rejection> rejections,
    Map<String, Double> stageSeconds,
    Map<String, Long> bytes,
    long peakMemoryBytes) {}
