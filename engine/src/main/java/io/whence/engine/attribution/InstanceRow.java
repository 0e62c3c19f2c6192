package io.whence.engine.attribution;

/**
 * One training example in an index.
 *
 * @param work number of its work
 * @param tokenStart its first token in the work
 * @param tokenEnd past its last token
 * @param charStart its first character in the work's text, in UTF-16 code units
 * @param charEnd past its last character
 * @param loss of the checkpoint on it, summed, nats
 */
public record InstanceRow(
    int work, int tokenStart, int tokenEnd, int charStart, int charEnd, float loss) {}
