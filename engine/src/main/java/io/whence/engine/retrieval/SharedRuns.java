package io.whence.engine.retrieval;

/**
 * The runs of words that an output and a work have in common, as far as fingerprints tell.
 *
 * @param work its number in the index
 * @param runs how many different runs of the output are fingerprints of the work, at least 1
 * @param longest how many words around one of them are equal; counted no further than was asked
 */
public record SharedRuns(int work, int runs, int longest) {}
