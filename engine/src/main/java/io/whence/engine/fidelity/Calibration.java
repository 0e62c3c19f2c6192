package io.whence.engine.fidelity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How predicted changes must be read: true change is about {@code slope x predicted}, and lies
 * within {@code reach x scale} of that in nine of ten cases, scale the root mean square of the
 * query's calibrated predictions: split conformal prediction (Vovk et al., 2005; Lei et al., 2018).
 *
 * @param slope least squares through the origin, true on predicted
 * @param reach half width of the 90 % interval in units of the query's scale
 * @param pairs how many predictions were compared
 */
public record Calibration(double slope, double reach, int pairs) {
  private static final double COVERAGE = 0.9;

  /** Predictions are taken as they are. */
  static final Calibration AS_IT_IS = new Calibration(1, Double.NaN, 0);

  /**
   * {@return the calibration of predictions by true changes, both {@code [queries][removed]}}
   *
   * @param scales root mean square of each query's predictions
   */
  static Calibration fit(double[][] predicted, double[][] measured, double[] scales) {
    double xy = 0;
    double xx = 0;
    for (int q = 0; q < predicted.length; q++) {
      for (int r = 0; r < predicted[q].length; r++) {
        xy += predicted[q][r] * measured[q][r];
        xx += predicted[q][r] * predicted[q][r];
      }
    }
    double slope = xx > 0 ? xy / xx : 0;
    List<Double> misses = new ArrayList<>();
    for (int q = 0; q < predicted.length; q++) {
      double scale = Math.abs(slope) * scales[q];
      for (int r = 0; r < predicted[q].length; r++) {
        if (scale > 0) {
          misses.add(Math.abs(measured[q][r] - slope * predicted[q][r]) / scale);
        }
      }
    }
    return new Calibration(slope, reach(misses), misses.size());
  }

  /** {@return what nine of ten misses do not pass; NaN of none} */
  private static double reach(List<Double> misses) {
    List<Double> sorted = misses.stream().sorted().toList();
    int rank = (int) Math.ceil(COVERAGE * (sorted.size() + 1)) - 1;
    return sorted.isEmpty() ? Double.NaN : sorted.get(Math.min(rank, sorted.size() - 1));
  }

  /**
   * {@return how many times as wide intervals must be that a method gives itself, so that nine in
   * ten hold the true change; NaN where none has a width}
   *
   * @param halves half width of each prediction's interval, in the prediction's unit
   */
  static double widening(double[][] predicted, double[][] measured, double[][] halves) {
    List<Double> misses = new ArrayList<>();
    for (int q = 0; q < predicted.length; q++) {
      for (int r = 0; r < predicted[q].length; r++) {
        if (halves[q][r] > 0) {
          misses.add(Math.abs(measured[q][r] - predicted[q][r]) / halves[q][r]);
        }
      }
    }
    return reach(misses);
  }

  /** {@return what it says, in a line} */
  String inWords() {
    return String.format(
        Locale.ROOT,
        "true = %.3f x predicted, 90 %% within %.3f x the query's root mean square",
        slope,
        reach);
  }

  /** {@return a picture of true changes against calibrated predictions, nats} */
  Plot picture(String title, double[][] predicted, double[][] measured) {
    return new Plot.Scatter(
        title, "predicted, nats", "retrained, nats", flat(predicted, slope), flat(measured, 1));
  }

  private static double[] flat(double[][] rows, double factor) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).map(x -> x * factor).toArray();
  }

  /** {@return slope of true on calibrated changes, through the origin: 1 is right} */
  Estimate slope(double[][] predicted, double[][] measured) {
    return Estimate.over(
        predicted.length,
        predicted[0].length,
        (queries, removed) -> {
          double xy = 0;
          double xx = 0;
          for (int q : queries) {
            for (int r : removed) {
              double x = slope * predicted[q][r];
              xy += x * measured[q][r];
              xx += x * x;
            }
          }
          return xy / xx;
        });
  }

  /**
   * {@return share of the true changes' square that calibrated predictions explain, as they are}
   */
  Estimate r2(double[][] predicted, double[][] measured) {
    return Estimate.over(
        predicted.length,
        predicted[0].length,
        (queries, removed) -> {
          double missed = 0;
          double all = 0;
          for (int q : queries) {
            for (int r : removed) {
              double miss = measured[q][r] - slope * predicted[q][r];
              missed += miss * miss;
              all += measured[q][r] * measured[q][r];
            }
          }
          return 1 - missed / all;
        });
  }

  /** {@return share of true changes inside their 90 % intervals} */
  Estimate coverage(double[][] predicted, double[][] measured, double[] scales) {
    double[][] halves = new double[predicted.length][predicted[0].length];
    for (int q = 0; q < halves.length; q++) {
      java.util.Arrays.fill(halves[q], reach * scales[q]);
    }
    return coverage(predicted, measured, halves);
  }

  /**
   * {@return share of true changes inside intervals that the method gives itself}
   *
   * @param halves half width of each prediction's interval, in the prediction's unit
   */
  Estimate coverage(double[][] predicted, double[][] measured, double[][] halves) {
    return Estimate.over(
        predicted.length,
        predicted[0].length,
        (queries, removed) -> {
          long inside = 0;
          for (int q : queries) {
            for (int r : removed) {
              double miss = Math.abs(measured[q][r] - slope * predicted[q][r]);
              inside += miss <= Math.abs(slope) * halves[q][r] ? 1 : 0;
            }
          }
          return inside / (double) (queries.length * (long) removed.length);
        });
  }

  /** {@return root mean square of each row} */
  static double[] scales(double[][] rows) {
    double[] scales = new double[rows.length];
    for (int q = 0; q < rows.length; q++) {
      double sum = 0;
      for (double value : rows[q]) {
        sum += value * value;
      }
      scales[q] = Math.sqrt(sum / rows[q].length);
    }
    return scales;
  }

  /** {@return root mean square of each row} */
  static double[] scales(float[][] scores) {
    double[] scales = new double[scores.length];
    for (int q = 0; q < scores.length; q++) {
      double sum = 0;
      for (float score : scores[q]) {
        sum += (double) score * score;
      }
      scales[q] = Math.sqrt(sum / scores[q].length);
    }
    return scales;
  }
}
