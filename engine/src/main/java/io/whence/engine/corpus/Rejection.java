package io.whence.engine.corpus;

/**
 * Something in a corpus that could not become a work. The rest of the corpus is read all the same.
 *
 * @param file where it stands
 * @param line which line, counted from 1; 0 when it is the whole file
 * @param reason one clause that names what is wrong
 */
public record Rejection(String file, long line, String reason) {
  @Override
  public String toString() {
    return line == 0 ? file + ": " + reason : file + ":" + line + ": " + reason;
  }
}
