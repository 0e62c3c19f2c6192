package io.whence.engine.evidence;

import io.whence.engine.Span;
import io.whence.engine.WorkId;

/**
 * That a passage of an output comes near a work in meaning. A reason to look, never one to say that
 * anything was copied: that is for the words to show.
 *
 * @param work the work
 * @param outputCharacters the passage, in UTF-16 code units of the output
 * @param workCharacters the instance of the work that is nearest, in UTF-16 code units of the work
 * @param cosine of the two embeddings, -1 to 1
 * @param percentile how many in 100 unrelated outputs of this length come nowhere as near to any
 *     work
 */
public record Resemblance(
    WorkId work, Span outputCharacters, Span workCharacters, double cosine, double percentile) {}
