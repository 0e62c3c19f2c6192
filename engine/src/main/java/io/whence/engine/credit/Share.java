package io.whence.engine.credit;

/**
 * A share of the credit for one output.
 *
 * @param ppm parts per million, 0 to 1,000,000
 * @param lowPpm the share at the lower end of the influence's interval, at most {@code ppm}
 * @param highPpm the share at its upper end, at least {@code ppm}
 */
public record Share(int ppm, int lowPpm, int highPpm) {
  /** The whole. */
  public static final int WHOLE = 1_000_000;

  /** No share. */
  public static final Share NONE = new Share(0, 0, 0);

  Share plus(Share other) {
    return new Share(
        ppm + other.ppm,
        Math.min(WHOLE, lowPpm + other.lowPpm),
        Math.min(WHOLE, highPpm + other.highPpm));
  }
}
