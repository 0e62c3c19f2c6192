package io.whence.engine;

import java.util.SplittableRandom;

/**
 * Standard normal variates from a recorded seed, the same on every machine and Java release.
 *
 * <p>{@link java.util.random.RandomGenerator#nextGaussian} may change its algorithm between
 * releases; sketches and initial weights must not. So this is Marsaglia's polar method (Marsaglia
 * and Bray, SIAM Review 6, 1964) over {@link SplittableRandom}, in strict arithmetic. Not safe for
 * several threads.
 */
public final class SeededNormal {
  private final SplittableRandom uniform;
  private double spare;
  private boolean hasSpare;

  /** Starts the sequence of {@code seed}. */
  public SeededNormal(long seed) {
    uniform = new SplittableRandom(seed);
  }

  /** {@return the next variate of N(0, 1)} */
  public double next() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double x;
    double y;
    double square;
    do {
      x = 2 * uniform.nextDouble() - 1;
      y = 2 * uniform.nextDouble() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double scale = StrictMath.sqrt(-2 * StrictMath.log(square) / square);
    spare = y * scale;
    hasSpare = true;
    return x * scale;
  }

  /** {@return {@code count} variates of N(0, {@code deviation}²), rounded to float} */
  public float[] floats(int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (next() * deviation);
    }
    return values;
  }
}
