package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What training on random subsets did, and how well scores predict it: the linear datamodelling
 * score (Ilyas et al., 2022; Park et al., 2023, section 2).
 *
 * @param kept {@code [subsets][n]}: whether an example, or a group of them, was trained on
 * @param losses {@code [runs][subsets][queries]}: each query's loss after each run, nats
 */
record Subsets(
    @SuppressWarnings("ArrayRecordComponent") boolean[][] kept,
    @SuppressWarnings("ArrayRecordComponent") float[][][] losses) {
  /** Fewer subsets than this rank nothing. */
  static final int FEWEST = 8;

  Subsets {
    if (kept.length < FEWEST) {
      throw new EngineException.InvalidQuery(
          "the linear datamodelling score needs "
              + FEWEST
              + " subsets or more; got "
              + kept.length
              + ", so train on more");
    }
    for (float[][] run : losses) {
      for (float[] row : run) {
        for (float loss : row) {
          if (!Float.isFinite(loss)) {
            throw new EngineException.InvalidQuery(
                "a retrained model's loss is "
                    + loss
                    + ": the training diverged, so lower its learning rate");
          }
        }
      }
    }
  }

  /** {@return random halves of n, each from the seed and its own number} */
  static boolean[][] halves(int subsets, int n, long seed) {
    boolean[][] kept = new boolean[subsets][];
    for (int s = 0; s < subsets; s++) {
      kept[s] = half(n, seed + s);
    }
    return kept;
  }

  private static boolean[] half(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = IntStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    boolean[] kept = new boolean[n];
    for (int i = 0; i < n / 2; i++) {
      kept[order[i]] = true;
    }
    return kept;
  }

  /** {@return the numbers of those that a subset keeps, ascending} */
  static int[] members(boolean[] kept) {
    return IntStream.range(0, kept.length).filter(i -> kept[i]).toArray();
  }

  int queries() {
    return losses[0][0].length;
  }

  /** {@return for each query the negated loss after each subset, mean over the runs} */
  double[][] outcomes() {
    double[][] outcomes = new double[queries()][kept.length];
    for (float[][] run : losses) {
      for (int s = 0; s < kept.length; s++) {
        for (int q = 0; q < outcomes.length; q++) {
          outcomes[q][s] -= run[s][q] / losses.length;
        }
      }
    }
    return outcomes;
  }

  /** {@return for each query the summed scores of what each subset keeps} */
  double[][] predictions(float[][] scores) {
    double[][] predictions = new double[scores.length][kept.length];
    for (int q = 0; q < scores.length; q++) {
      for (int s = 0; s < kept.length; s++) {
        double sum = 0;
        for (int z = 0; z < kept[s].length; z++) {
          sum += kept[s][z] ? scores[q][z] : 0;
        }
        predictions[q][s] = sum;
      }
    }
    return predictions;
  }

  /** {@return mean over the queries of the rank correlation over the subsets} */
  Estimate lds(float[][] scores) {
    return rankCorrelation(predictions(scores), outcomes());
  }

  static Estimate rankCorrelation(double[][] predicted, double[][] true_) {
    double[] whole = new double[predicted.length];
    for (int q = 0; q < whole.length; q++) {
      whole[q] = Correlation.spearman(predicted[q], true_[q]);
    }
    Estimate spread =
        Estimate.over(
            predicted.length,
            predicted[0].length,
            (queries, subsets) -> {
              double[] each = new double[queries.length];
              for (int i = 0; i < queries.length; i++) {
                each[i] =
                    Correlation.spearman(
                        chosen(predicted[queries[i]], subsets), chosen(true_[queries[i]], subsets));
              }
              return Estimate.mean(each);
            });
    return new Estimate(Estimate.mean(whole), spread.low(), spread.high());
  }

  static double[] chosen(double[] values, int[] numbers) {
    double[] chosen = new double[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      chosen[i] = values[numbers[i]];
    }
    return chosen;
  }

  /**
   * {@return the highest score that noise leaves open: the square root of the reliability of the
   * mean of the runs, {@code m r / (1 + (m - 1) r)} (Spearman and Brown), r the mean rank
   * correlation of two single runs; NaN with one run}
   */
  double ceiling() {
    int runs = losses.length;
    if (runs < 2) {
      return Double.NaN;
    }
    double sum = 0;
    int pairs = 0;
    for (int a = 0; a < runs; a++) {
      for (int b = a + 1; b < runs; b++) {
        double[] each = new double[queries()];
        for (int q = 0; q < each.length; q++) {
          each[q] = Correlation.spearman(column(losses[a], q), column(losses[b], q));
        }
        sum += Estimate.mean(each);
        pairs++;
      }
    }
    return ceiling(sum / pairs, runs);
  }

  static double ceiling(double single, int runs) {
    return single > 0 ? Math.sqrt(runs * single / (1 + (runs - 1) * single)) : 0;
  }

  private static double[] column(float[][] rows, int q) {
    double[] column = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      column[i] = rows[i][q];
    }
    return column;
  }
}
