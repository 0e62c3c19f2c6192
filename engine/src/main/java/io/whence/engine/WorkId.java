package io.whence.engine;

/**
 * Names a work: what a rights holder owns, such as a poem, a source file or an image.
 *
 * @param value the identifier its corpus gave it, 1 to 512 characters, not blank
 */
public record WorkId(String value) implements Comparable<WorkId> {
  /** Most characters of an identifier. */
  public static final int LONGEST = 512;

  /** Rejects a blank or overlong identifier. */
  public WorkId {
    if (value.isBlank() || value.length() > LONGEST) {
      throw new IllegalArgumentException(
          "a work id has 1 to " + LONGEST + " characters and is not blank; got " + value.length());
    }
  }

  @Override
  public int compareTo(WorkId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
