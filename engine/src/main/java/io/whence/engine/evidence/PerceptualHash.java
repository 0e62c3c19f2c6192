package io.whence.engine.evidence;

import io.whence.engine.corpus.Picture;

/**
 * Two 64-bit hashes of how a picture looks. Near hashes propose near-exact copies; they withstand
 * scaling, compression and recolouring, not crops and rotations.
 *
 * @param difference dHash: a bit for each pixel of 9 x 8 that is darker than its right neighbour
 * @param frequency pHash: a bit for each of the 8 x 8 lowest frequencies of the cosine transform of
 *     32 x 32 pixels that is above their median
 */
public record PerceptualHash(long difference, long frequency) {
  private static final int SIDE = 8;
  private static final int TRANSFORMED = 32;

  /** {@return the hashes of a picture} */
  public static PerceptualHash of(Picture picture) {
    return of(new Canvas(picture));
  }

  static PerceptualHash of(Canvas canvas) {
    return new PerceptualHash(difference(canvas), frequency(canvas));
  }

  /** {@return the fewer bits in which either pair of hashes differs, 0 to 64} */
  public int distance(PerceptualHash other) {
    return Math.min(
        Long.bitCount(difference ^ other.difference), Long.bitCount(frequency ^ other.frequency));
  }

  private static long difference(Canvas canvas) {
    double[] grey = canvas.window(Area.WHOLE, SIDE + 1, SIDE);
    long bits = 0;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int at = y * (SIDE + 1) + x;
        bits = bits << 1 | (grey[at] < grey[at + 1] ? 1 : 0);
      }
    }
    return bits;
  }

  private static long frequency(Canvas canvas) {
    double[] grey = canvas.window(Area.WHOLE, TRANSFORMED, TRANSFORMED);
    double[] lowest = new double[SIDE * SIDE];
    for (int v = 0; v < SIDE; v++) {
      for (int u = 0; u < SIDE; u++) {
        double sum = 0;
        for (int y = 0; y < TRANSFORMED; y++) {
          for (int x = 0; x < TRANSFORMED; x++) {
            sum += grey[y * TRANSFORMED + x] * wave(u, x) * wave(v, y);
          }
        }
        lowest[v * SIDE + u] = sum;
      }
    }
    // The first is the mean brightness, which says nothing of the shape.
    double[] sorted = java.util.Arrays.copyOfRange(lowest, 1, lowest.length);
    java.util.Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    long bits = 0;
    for (double coefficient : lowest) {
      bits = bits << 1 | (coefficient > median ? 1 : 0);
    }
    return bits;
  }

  private static double wave(int frequency, int place) {
    return StrictMath.cos(Math.PI * frequency * (place + 0.5) / TRANSFORMED);
  }
}
