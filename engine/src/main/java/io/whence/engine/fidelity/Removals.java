package io.whence.engine.fidelity;

/**
 * What leaving out each of some examples or groups did to each query's loss: {@code [runs][removed]
 * [queries]}, nats, positive where the loss rose; and how well scores predict it.
 */
record Removals(@SuppressWarnings("ArrayRecordComponent") double[][][] changes) {
  /**
   * {@return what leaving out did in one run, {@code [removed][queries]}}
   *
   * @param whole each query's loss after training on everything
   * @param without the same after training without each of what was removed
   */
  static double[][] changes(float[] whole, float[][] without) {
    double[][] changes = new double[without.length][whole.length];
    for (int r = 0; r < changes.length; r++) {
      for (int q = 0; q < whole.length; q++) {
        changes[r][q] = without[r][q] - (double) whole[q];
      }
    }
    return changes;
  }

  /** {@return the same, of some of the queries alone} */
  Removals of(int[] queries) {
    double[][][] chosen = new double[changes.length][removed()][];
    for (int run = 0; run < changes.length; run++) {
      for (int r = 0; r < removed(); r++) {
        chosen[run][r] = Subsets.chosen(changes[run][r], queries);
      }
    }
    return new Removals(chosen);
  }

  int removed() {
    return changes[0].length;
  }

  int queries() {
    return changes[0][0].length;
  }

  /** {@return {@code [queries][removed]}, mean over the runs} */
  double[][] byQuery() {
    double[][] mean = new double[queries()][removed()];
    for (double[][] run : changes) {
      for (int r = 0; r < removed(); r++) {
        for (int q = 0; q < mean.length; q++) {
          mean[q][r] += run[r][q] / changes.length;
        }
      }
    }
    return mean;
  }

  /** {@return the scores of what was removed, {@code [queries][removed]}} */
  static double[][] predictions(float[][] scores, int[] numbers) {
    double[][] predicted = new double[scores.length][numbers.length];
    for (int q = 0; q < scores.length; q++) {
      for (int r = 0; r < numbers.length; r++) {
        predicted[q][r] = scores[q][numbers[r]];
      }
    }
    return predicted;
  }

  /** {@return mean over the queries of Pearson's correlation over what was removed} */
  Estimate pearson(double[][] predicted) {
    double[][] measured = byQuery();
    return Estimate.over(
        queries(),
        removed(),
        (queries, removed) -> {
          double[] each = new double[queries.length];
          for (int i = 0; i < queries.length; i++) {
            each[i] =
                Correlation.pearson(
                    Subsets.chosen(predicted[queries[i]], removed),
                    Subsets.chosen(measured[queries[i]], removed));
          }
          return Estimate.mean(each);
        });
  }

  /** {@return mean over the queries of Spearman's correlation over what was removed} */
  Estimate spearman(double[][] predicted) {
    return Subsets.rankCorrelation(predicted, byQuery());
  }

  /** {@return the highest Spearman correlation that noise leaves open; NaN with one run} */
  double ceiling() {
    if (changes.length < 2) {
      return Double.NaN;
    }
    double sum = 0;
    int pairs = 0;
    for (int a = 0; a < changes.length; a++) {
      for (int b = a + 1; b < changes.length; b++) {
        double[][] one = new Removals(new double[][][] {changes[a]}).byQuery();
        double[][] other = new Removals(new double[][][] {changes[b]}).byQuery();
        double[] each = new double[one.length];
        for (int q = 0; q < each.length; q++) {
          each[q] = Correlation.spearman(one[q], other[q]);
        }
        sum += Estimate.mean(each);
        pairs++;
      }
    }
    return Subsets.ceiling(sum / pairs, changes.length);
  }

  /**
   * {@return the share of the mean changes' square that a prediction without error explains, 0 to
   * 1: the mean product of two runs' changes, whose chances are independent, over the square of
   * their mean; NaN with one run}
   */
  double explicable() {
    if (changes.length < 2) {
      return Double.NaN;
    }
    double together = 0;
    double alone = 0;
    for (int r = 0; r < removed(); r++) {
      for (int q = 0; q < queries(); q++) {
        double sum = 0;
        double squares = 0;
        for (double[][] run : changes) {
          sum += run[r][q];
          squares += run[r][q] * run[r][q];
        }
        together += sum * sum;
        alone += squares;
      }
    }
    int runs = changes.length;
    double product = (together - alone) / (runs * (runs - 1.0));
    return Math.clamp(product / (together / (runs * (double) runs)), 0, 1);
  }
}
