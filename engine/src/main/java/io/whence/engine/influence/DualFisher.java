package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Influence with the empirical Fisher {@code F = (1/n) G' G}, never formed: by the push-through
 * identity {@code (1/n) G_q (F + lambda)^-1 G' = K_q (n lambda + K)^-1}, {@code K = G G'}.
 */
final class DualFisher implements Scorer {
  private final Gradients training;
  private final Target target;
  private final LinearSolverDense<DMatrixRMaj> solver;

  private DualFisher(Gradients training, Target target, LinearSolverDense<DMatrixRMaj> solver) {
    this.training = training;
    this.target = target;
    this.solver = solver;
  }

  static DualFisher fit(Gradients training, double share, Target target) {
    int n = training.size();
    double[] kernel = new double[n * n];
    double trace = 0;
    float[][] rows = products(training, training, target);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        // Symmetric to the last bit, which rounding may not leave it.
        kernel[i * n + j] = (rows[i][j] + (double) rows[j][i]) / 2;
      }
      trace += kernel[i * n + i];
    }
    double ridge = Math.max(share * trace, Float.MIN_NORMAL);
    for (int i = 0; i < n; i++) {
      kernel[i * n + i] += ridge;
    }
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(n);
    if (!solver.setA(DMatrixRMaj.wrap(n, n, kernel))) {
      throw new IllegalStateException(
          "the Gram matrix of " + n + " gradients did not factorise; raise the damping");
    }
    return new DualFisher(training, target, solver);
  }

  /** {@return the inner products of all gradients of two sets, {@code [queries][training]}} */
  private static float[][] products(Gradients queries, Gradients training, Target target) {
    if (training.positions() == training.size()) {
      return bySide(queries, training, target);
    }
    return Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            return Preconditioned.dots(
                training, target, Preconditioned.flat(scope, queries, target), 1);
          }
        });
  }

  /** With one position an example, {@code g . g' = sum over layers (a . a') (d . d')}. */
  private static float[][] bySide(Gradients queries, Gradients training, Target target) {
    float[][] products = new float[queries.size()][training.size()];
    List<Gradients.Layer> layers = training.layers();
    Torch.onAllCores(
        () -> {
          queries.each(
              target,
              mine ->
                  training.each(
                      target,
                      theirs -> {
                        NDArray sum = null;
                        for (int l = 0; l < layers.size(); l++) {
                          NDArray inputs =
                              theirs
                                  .input(l)
                                  .reshape(theirs.size(), -1)
                                  .matMul(mine.input(l).reshape(mine.size(), -1).transpose());
                          NDArray deltas =
                              theirs
                                  .delta(l)
                                  .reshape(theirs.size(), -1)
                                  .matMul(mine.delta(l).reshape(mine.size(), -1).transpose());
                          NDArray part = inputs.mul(deltas);
                          sum = sum == null ? part : sum.add(part);
                        }
                        float[] rows = Torch.floats(java.util.Objects.requireNonNull(sum));
                        for (int i = 0; i < theirs.size(); i++) {
                          for (int q = 0; q < mine.size(); q++) {
                            products[mine.first() + q][theirs.first() + i] =
                                rows[i * mine.size() + q];
                          }
                        }
                      }));
          return true;
        });
    return products;
  }

  @Override
  public float[][] scores(Gradients queries) {
    float[][] products = products(queries, training, target);
    int n = training.size();
    DMatrixRMaj right = new DMatrixRMaj(n, queries.size());
    for (int q = 0; q < products.length; q++) {
      for (int i = 0; i < n; i++) {
        right.set(i, q, products[q][i]);
      }
    }
    DMatrixRMaj solved = new DMatrixRMaj(n, queries.size());
    solver.solve(right, solved);
    float[][] scores = new float[queries.size()][n];
    for (int q = 0; q < scores.length; q++) {
      for (int i = 0; i < n; i++) {
        scores[q][i] = (float) solved.get(i, q);
      }
    }
    return scores;
  }
}
