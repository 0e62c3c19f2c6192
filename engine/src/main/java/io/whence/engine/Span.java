package io.whence.engine;

/**
 * A half-open range, {@code [start, end)}. Whoever holds one says whether it counts tokens or
 * characters (UTF-16 code units, as {@link String#substring} counts them).
 *
 * @param start the first position, at least 0
 * @param end just past the last position, greater than {@code start}
 */
public record Span(int start, int end) {
  /** Rejects an empty or negative range. */
  public Span {
    if (start < 0 || end <= start) {
      throw new IllegalArgumentException(
          "a span satisfies 0 <= start < end; got [" + start + ", " + end + ")");
    }
  }

  /** {@return how many positions the span covers, at least 1} */
  public int length() {
    return end - start;
  }

  /** {@return whether every position of {@code other} lies in this span} */
  public boolean contains(Span other) {
    return start <= other.start && other.end <= end;
  }
}
