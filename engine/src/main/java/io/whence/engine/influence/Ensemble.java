package io.whence.engine.influence;

import java.util.List;

/** Scores of several models taken together: the largest cheap gain in fidelity there is. */
public final class Ensemble {
  private Ensemble() {}

  /** {@return the mean of score matrices of equal shape} */
  public static float[][] mean(List<float[][]> scores) {
    float[][] mean = scores.get(0);
    for (float[][] other : scores.subList(1, scores.size())) {
      mean = sum(mean, other);
    }
    return scaled(mean, 1.0 / scores.size());
  }

  /**
   * {@return TRAK's estimate: kernels and residuals 1 - p each averaged over the models, then
   * multiplied} Averaging them together loses much, because a model that saw an example fits it:
   * only the others show its leverage (Park et al., 2023, section 3.3).
   *
   * @param kernels of each model, {@code [queries][training]}
   * @param training residuals of each model, {@code [training]}
   * @param queries residuals of each model, {@code [queries]}: margins to nats
   */
  public static float[][] ofMargins(
      List<float[][]> kernels, List<double[]> training, List<double[]> queries) {
    float[][] mean = mean(kernels);
    double[] z = meanOf(training);
    double[] q = meanOf(queries);
    float[][] scores = new float[mean.length][];
    for (int i = 0; i < mean.length; i++) {
      scores[i] = new float[mean[i].length];
      for (int j = 0; j < mean[i].length; j++) {
        scores[i][j] = (float) (mean[i][j] * z[j] * q[i]);
      }
    }
    return scores;
  }

  private static double[] meanOf(List<double[]> vectors) {
    double[] mean = new double[vectors.get(0).length];
    for (double[] vector : vectors) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += vector[i] / vectors.size();
      }
    }
    return mean;
  }

  static float[][] sum(float[][] a, float[][] b) {
    float[][] sum = new float[a.length][];
    for (int i = 0; i < a.length; i++) {
      sum[i] = new float[a[i].length];
      for (int j = 0; j < a[i].length; j++) {
        sum[i][j] = a[i][j] + b[i][j];
      }
    }
    return sum;
  }

  static float[][] scaled(float[][] scores, double factor) {
    float[][] scaled = new float[scores.length][];
    for (int i = 0; i < scores.length; i++) {
      scaled[i] = new float[scores[i].length];
      for (int j = 0; j < scores[i].length; j++) {
        scaled[i][j] = (float) (scores[i][j] * factor);
      }
    }
    return scaled;
  }
}
