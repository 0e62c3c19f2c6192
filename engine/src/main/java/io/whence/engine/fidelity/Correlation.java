package io.whence.engine.fidelity;

import java.util.Arrays;

/** Correlations of two lists of numbers. */
final class Correlation {
  private Correlation() {}

  /** {@return Pearson's correlation; NaN where either list is constant} */
  static double pearson(double[] x, double[] y) {
    double mx = Arrays.stream(x).average().orElse(Double.NaN);
    double my = Arrays.stream(y).average().orElse(Double.NaN);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - mx) * (y[i] - my);
      xx += (x[i] - mx) * (x[i] - mx);
      yy += (y[i] - my) * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Double.NaN;
  }

  /**
   * {@return Spearman's rank correlation, ties at their mean rank; NaN where a list is constant}
   */
  static double spearman(double[] x, double[] y) {
    return pearson(ranks(x), ranks(y));
  }

  /** {@return the rank of each number, from 0, ties at their mean rank} */
  static double[] ranks(double[] x) {
    double[] sorted = x.clone();
    Arrays.sort(sorted);
    double[] ranks = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      ranks[i] = (first(sorted, x[i], false) + first(sorted, x[i], true) - 1) / 2.0;
    }
    return ranks;
  }

  /** The first place of a sorted list that holds more than a value, or at least as much. */
  private static int first(double[] sorted, double value, boolean more) {
    int from = 0;
    int to = sorted.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (sorted[middle] < value || (more && sorted[middle] == value)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /**
   * {@return the area under the ROC curve of {@code scores} for telling positives: the chance that
   * a positive scores above a negative}
   */
  static double auc(double[] scores, boolean[] positive) {
    double[] ranks = ranks(scores);
    double sum = 0;
    long positives = 0;
    for (int i = 0; i < scores.length; i++) {
      if (positive[i]) {
        sum += ranks[i];
        positives++;
      }
    }
    long negatives = scores.length - positives;
    return (sum - positives * (positives - 1) / 2.0) / (positives * (double) negatives);
  }
}
