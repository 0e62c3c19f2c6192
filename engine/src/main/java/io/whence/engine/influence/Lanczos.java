package io.whence.engine.influence;

import java.util.ArrayList;
import java.util.List;

/**
 * Applies a function of the curvature: {@code f(H) g = |g| V f(T) e_1}, V the Krylov basis of the
 * query's gradient and T its tridiagonal matrix (Golub and Meurant, 2010), fully reorthogonalised.
 */
final class Lanczos extends Iterative {
  private final Filter filter;
  private final int steps;

  Lanczos(Gradients training, Filter filter, int steps) {
    super(training);
    this.filter = filter;
    this.steps = steps;
  }

  @Override
  float[] solve(GaussNewton matrix, float[] gradients, int q) {
    int p = gradients.length / q;
    int most = Math.min(steps, p);
    double[] length = new double[q];
    List<float[]> basis = new ArrayList<>();
    float[] current = gradients.clone();
    for (int i = 0; i < q; i++) {
      length[i] = Math.sqrt(dot(current, current, i, p));
      scale(current, i, p, length[i]);
    }
    double[][] diagonal = new double[q][most];
    double[][] beside = new double[q][most];
    for (int step = 0; step < most; step++) {
      basis.add(current);
      float[] next = matrix.times(current, q);
      int now = step;
      float[] at = current;
      java.util.stream.IntStream.range(0, q)
          .parallel()
          .forEach(
              i -> {
                diagonal[i][now] = dot(at, next, i, p);
                // Twice is enough (Parlett, 1998).
                for (int round = 0; round < 2; round++) {
                  for (float[] earlier : basis) {
                    double along = dot(earlier, next, i, p);
                    for (int j = i * p; j < (i + 1) * p; j++) {
                      next[j] -= (float) (along * earlier[j]);
                    }
                  }
                }
                double left = Math.sqrt(dot(next, next, i, p));
                // What is left of an exhausted space is rounding.
                beside[i][now] = left > 1e-5 * Math.abs(diagonal[i][0]) ? left : 0;
                scale(next, i, p, beside[i][now]);
              });
      current = next;
    }
    float[] solved = new float[gradients.length];
    java.util.stream.IntStream.range(0, q)
        .parallel()
        .forEach(
            i -> {
              double[] weights = ofTridiagonal(diagonal[i], beside[i]);
              for (int step = 0; step < weights.length; step++) {
                float[] vector = basis.get(step);
                for (int j = i * p; j < (i + 1) * p; j++) {
                  solved[j] += (float) (length[i] * weights[step] * vector[j]);
                }
              }
            });
    return solved;
  }

  private static void scale(float[] rows, int i, int p, double length) {
    for (int j = i * p; j < (i + 1) * p; j++) {
      rows[j] = length > 0 ? (float) (rows[j] / length) : 0;
    }
  }

  /** {@return f(T) e_1} */
  private double[] ofTridiagonal(double[] diagonal, double[] beside) {
    int size = diagonal.length;
    double[] matrix = new double[size * size];
    for (int i = 0; i < size; i++) {
      matrix[i * size + i] = diagonal[i];
      if (i + 1 < size) {
        matrix[i * size + i + 1] = beside[i];
        matrix[(i + 1) * size + i] = beside[i];
      }
    }
    Spectrum spectrum = Spectrum.of(matrix);
    double[] result = new double[size];
    for (int i = 0; i < size; i++) {
      double weight = spectrum.vectors()[i * size] * filter.inverse(spectrum.value(i), Double.NaN);
      for (int j = 0; j < size; j++) {
        result[j] += weight * spectrum.vectors()[i * size + j];
      }
    }
    return result;
  }
}
