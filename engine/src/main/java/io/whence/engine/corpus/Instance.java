package io.whence.engine.corpus;

import io.whence.engine.Span;

/**
 * A training example: one window of one work.
 *
 * @param work which work of the corpus, counted from 0
 * @param ordinal which window of the work, counted from 0
 * @param tokens the model's tokens that it predicts, counted within the work
 */
public record Instance(int work, int ordinal, Span tokens) {}
