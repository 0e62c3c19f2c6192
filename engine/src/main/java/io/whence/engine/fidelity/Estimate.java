package io.whence.engine.fidelity;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A figure with its 95 % interval.
 *
 * @param value over everything
 * @param low 2.5th percentile of the bootstrap
 * @param high 97.5th percentile
 */
public record Estimate(double value, double low, double high) {
  private static final int RESAMPLES = 200;
  private static final long SEED = 95;

  /** A statistic of some of the rows and columns of a table, each by number, with repeats. */
  interface Statistic {
    double of(int[] rows, int[] columns);
  }

  /** {@return the statistic of a table, bootstrapped over rows and columns at once} */
  static Estimate over(int rows, int columns, Statistic statistic) {
    double value = statistic.of(all(rows), all(columns));
    double[] resampled =
        IntStream.range(0, RESAMPLES)
            .parallel()
            .mapToDouble(
                i -> {
                  SplittableRandom random = new SplittableRandom(SEED + i);
                  return statistic.of(
                      random.ints(rows, 0, rows).toArray(),
                      random.ints(columns, 0, columns).toArray());
                })
            .filter(x -> !Double.isNaN(x))
            .sorted()
            .toArray();
    if (resampled.length == 0) {
      return new Estimate(value, Double.NaN, Double.NaN);
    }
    return new Estimate(
        value,
        resampled[(int) (0.025 * (resampled.length - 1))],
        resampled[(int) Math.ceil(0.975 * (resampled.length - 1))]);
  }

  private static int[] all(int count) {
    return IntStream.range(0, count).toArray();
  }

  /** {@return the mean of the values that are numbers} */
  static double mean(double[] values) {
    return Arrays.stream(values).filter(x -> !Double.isNaN(x)).average().orElse(Double.NaN);
  }
}
