package io.whence.engine.influence;

/** Solves {@code (H + lambda) x = g} for every query at once. */
final class ConjugateGradient extends Iterative {
  /** Residual, relative to the gradient, at which a solution is good enough in float32. */
  private static final double ENOUGH = 1e-5;

  private final double lambda;
  private final int steps;

  ConjugateGradient(Gradients training, double lambda, int steps) {
    super(training);
    if (!(lambda > 0) || steps < 1) {
      throw new IllegalArgumentException("lambda > 0 and steps >= 1; got " + lambda);
    }
    this.lambda = lambda;
    this.steps = steps;
  }

  @Override
  float[] solve(GaussNewton matrix, float[] gradients, int q) {
    int p = gradients.length / q;
    float[] x = new float[gradients.length];
    float[] residual = gradients.clone();
    float[] direction = gradients.clone();
    double[] square = new double[q];
    double[] first = new double[q];
    for (int i = 0; i < q; i++) {
      square[i] = first[i] = dot(residual, residual, i, p);
    }
    for (int step = 0; step < steps; step++) {
      float[] product = matrix.times(direction, q);
      boolean done = true;
      for (int i = 0; i < q; i++) {
        double curvature = dot(direction, product, i, p) + lambda * dot(direction, direction, i, p);
        double alpha = curvature > 0 ? square[i] / curvature : 0;
        for (int j = i * p; j < (i + 1) * p; j++) {
          x[j] += (float) (alpha * direction[j]);
          residual[j] -= (float) (alpha * (product[j] + lambda * direction[j]));
        }
        double next = dot(residual, residual, i, p);
        double beta = square[i] > 0 ? next / square[i] : 0;
        for (int j = i * p; j < (i + 1) * p; j++) {
          direction[j] = (float) (residual[j] + beta * direction[j]);
        }
        square[i] = next;
        done &= next <= ENOUGH * ENOUGH * first[i];
      }
      if (done) {
        break;
      }
    }
    return x;
  }
}
