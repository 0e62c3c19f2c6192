package io.whence.engine.evidence;

/** Least squares with a handful of unknowns, by the normal equations. */
final class LinearFit {
  private LinearFit() {}

  /**
   * {@return the solution of normal equations}
   *
   * @param normal {@code (n, n + 1)}, the right side last; changed
   * @param ridge added to each unknown's own square, as a part of it: keeps flat directions at 0
   */
  static double[] solved(double[][] normal, double ridge) {
    int n = normal.length;
    for (int i = 0; i < n; i++) {
      normal[i][i] += 1e-9 + ridge * normal[i][i];
    }
    for (int i = 0; i < n; i++) {
      for (int row = 0; row < n; row++) {
        if (row != i) {
          double factor = normal[row][i] / normal[i][i];
          for (int j = i; j <= n; j++) {
            normal[row][j] -= factor * normal[i][j];
          }
        }
      }
    }
    double[] solution = new double[n];
    for (int i = 0; i < n; i++) {
      solution[i] = normal[i][n] / normal[i][i];
    }
    return solution;
  }

  /**
   * {@return the sum of squares that is left of {@code y} when fitted by {@code xs}, a constant}
   */
  static double residual(double[] y, double[][] xs) {
    int n = xs.length + 1;
    double[][] normal = new double[n][n + 1];
    double[] row = new double[n];
    row[n - 1] = 1;
    for (int at = 0; at < y.length; at++) {
      for (int i = 0; i < xs.length; i++) {
        row[i] = xs[i][at];
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          normal[i][j] += row[i] * row[j];
        }
        normal[i][n] += row[i] * y[at];
      }
    }
    double[] fit = solved(normal, 1e-9);
    double sum = 0;
    for (int at = 0; at < y.length; at++) {
      double left = y[at] - fit[n - 1];
      for (int i = 0; i < xs.length; i++) {
        left -= fit[i] * xs[i][at];
      }
      sum += left * left;
    }
    return sum;
  }
}
