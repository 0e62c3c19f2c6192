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

  /** Rejects what is no share of a whole. */
  public Share {
    if (!(0 <= lowPpm && lowPpm <= ppm && ppm <= highPpm && highPpm <= WHOLE)) {
      throw new IllegalArgumentException(
          "a share satisfies 0 <= low <= ppm <= high <= "
              + WHOLE
              + "; got "
              + lowPpm
              + ", "
              + ppm
              + ", "
              + highPpm);
    }
  }

  Share plus(Share other) {
    return new Share(
        ppm + other.ppm, lowPpm + other.lowPpm, Math.min(WHOLE, highPpm + other.highPpm));
  }

  /**
   * {@return the {@code i}-th of {@code n} equal parts; the first ones take what does not divide}
   */
  Share part(int i, int n) {
    return new Share(part(ppm, i, n), part(lowPpm, i, n), part(highPpm, i, n));
  }

  private static int part(int whole, int i, int n) {
    return whole / n + (i < whole % n ? 1 : 0);
  }
}
