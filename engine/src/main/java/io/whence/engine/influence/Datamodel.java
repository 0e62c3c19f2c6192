package io.whence.engine.influence;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * A linear model of what training on a subset does (Ilyas et al., "Datamodels", ICML 2022), by
 * ridge regression in its dual form: as many unknowns as subsets.
 */
public final class Datamodel {
  /** The ridge, in units of the kernel's mean eigenvalue. */
  private static final double RIDGE = 1;

  private Datamodel() {}

  /**
   * {@return for each query the effect of each example on its negated loss, {@code [queries][n]}}
   *
   * @param kept {@code [subsets][n]}
   * @param losses {@code [subsets][queries]}, nats
   */
  public static float[][] fit(boolean[][] kept, float[][] losses) {
    int subsets = kept.length;
    int n = kept[0].length;
    double[] share = new double[n];
    for (boolean[] subset : kept) {
      for (int z = 0; z < n; z++) {
        share[z] += subset[z] ? 1.0 / subsets : 0;
      }
    }
    double[][] centred = new double[subsets][n];
    for (int s = 0; s < subsets; s++) {
      for (int z = 0; z < n; z++) {
        centred[s][z] = (kept[s][z] ? 1 : 0) - share[z];
      }
    }
    DMatrixRMaj kernel = new DMatrixRMaj(subsets, subsets);
    double trace = 0;
    for (int a = 0; a < subsets; a++) {
      for (int b = 0; b < subsets; b++) {
        double sum = 0;
        for (int z = 0; z < n; z++) {
          sum += centred[a][z] * centred[b][z];
        }
        kernel.set(a, b, sum);
      }
      trace += kernel.get(a, a);
    }
    for (int a = 0; a < subsets; a++) {
      kernel.add(a, a, RIDGE * trace / subsets);
    }
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(subsets);
    solver.setA(kernel);
    int queries = losses[0].length;
    DMatrixRMaj right = new DMatrixRMaj(subsets, queries);
    for (int q = 0; q < queries; q++) {
      double mean = 0;
      for (float[] row : losses) {
        mean += row[q] / (double) subsets;
      }
      for (int s = 0; s < subsets; s++) {
        right.set(s, q, mean - losses[s][q]);
      }
    }
    DMatrixRMaj dual = new DMatrixRMaj(subsets, queries);
    solver.solve(right, dual);
    float[][] effects = new float[queries][n];
    for (int q = 0; q < queries; q++) {
      for (int z = 0; z < n; z++) {
        double sum = 0;
        for (int s = 0; s < subsets; s++) {
          sum += dual.get(s, q) * centred[s][z];
        }
        effects[q][z] = (float) sum;
      }
    }
    return effects;
  }
}
