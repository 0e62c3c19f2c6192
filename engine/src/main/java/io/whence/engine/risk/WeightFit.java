package io.whence.engine.risk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Fits the weights of the additive model to decided cases: logistic loss plus half the squared norm
 * of all weights but the intercept, each weight on its side of 0.
 *
 * <p>Strictly convex in the weights, so there is one answer; found by projected Newton steps
 * (Bertsekas, SIAM J. Control Optim. 20(2), 1982) in a fixed order with {@link StrictMath}, so
 * every machine finds the same bits.
 */
final class WeightFit {
  private static final int MOST_STEPS = 200;
  private static final double STILL = 1e-9;

  private final FairUseModel form;
  private final int[] signs;

  /** A fit of weights for {@code form}, whose own weights say on which side of 0 each stays. */
  WeightFit(FairUseModel form) {
    this.form = form;
    double[] weights = form.weights();
    signs = new int[weights.length];
    for (int k = 1; k < signs.length; k++) {
      signs[k] = (int) Math.signum(weights[k]);
    }
  }

  /**
   * {@return the weights: intercept, terms, classes of purpose}
   *
   * @param cases decided ones
   * @param times how often each counts, at least 0
   */
  double[] fit(List<DecidedCase> cases, int[] times) {
    List<double[]> rows = new ArrayList<>();
    List<Integer> weights = new ArrayList<>();
    List<Boolean> notFair = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      if (times[i] > 0) {
        rows.add(form.row(cases.get(i).purpose(), cases.get(i).known()));
        weights.add(times[i]);
        notFair.add(cases.get(i).notFair());
      }
    }
    double[][] x = rows.toArray(double[][]::new);
    double[] n = weights.stream().mapToDouble(Integer::doubleValue).toArray();
    double[] y = notFair.stream().mapToDouble(unfair -> unfair ? 1 : 0).toArray();
    double[] w = new double[signs.length];
    for (int step = 0; step < MOST_STEPS; step++) {
      double[] slope = slope(x, n, y, w);
      boolean[] held = new boolean[w.length];
      double residual = 0;
      for (int k = 0; k < w.length; k++) {
        held[k] = w[k] == 0 && signs[k] * slope[k] > 0;
        residual = Math.max(residual, held[k] ? 0 : Math.abs(slope[k]));
      }
      if (residual < STILL) {
        return w;
      }
      w = step(x, n, y, w, slope, held);
    }
    throw new IllegalStateException("the weights did not settle in " + MOST_STEPS + " steps");
  }

  /** {@return the weights after one step that does not raise the loss} */
  private double[] step(
      double[][] x, double[] n, double[] y, double[] w, double[] slope, boolean[] held) {
    double[] direction = direction(x, n, w, slope, held);
    double before = loss(x, n, y, w);
    for (double length = 1; length > 1e-12; length /= 2) {
      double[] moved = w.clone();
      for (int k = 0; k < w.length; k++) {
        moved[k] = w[k] + length * direction[k];
        if (signs[k] * moved[k] < 0) {
          moved[k] = 0;
        }
      }
      // At the bottom a step changes less than the loss can show.
      if (loss(x, n, y, moved) <= before + 1e-12 * Math.abs(before)) {
        return moved;
      }
    }
    throw new IllegalStateException("no step lowers the loss");
  }

  private double[] direction(double[][] x, double[] n, double[] w, double[] slope, boolean[] held) {
    int[] free = java.util.stream.IntStream.range(0, w.length).filter(k -> !held[k]).toArray();
    DMatrixRMaj curvature = new DMatrixRMaj(free.length, free.length);
    for (int i = 0; i < x.length; i++) {
      double p = chance(x[i], w);
      double c = n[i] * p * (1 - p);
      for (int a = 0; a < free.length; a++) {
        for (int b = 0; b < free.length; b++) {
          curvature.add(a, b, c * x[i][free[a]] * x[i][free[b]]);
        }
      }
    }
    DMatrixRMaj right = new DMatrixRMaj(free.length, 1);
    for (int a = 0; a < free.length; a++) {
      // The intercept has no penalty; a trace of one keeps the system solvable where all agree.
      curvature.add(a, a, free[a] == 0 ? 1e-9 : 1);
      right.set(a, 0, -slope[free[a]]);
    }
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(free.length);
    DMatrixRMaj solved = new DMatrixRMaj(free.length, 1);
    if (!solver.setA(curvature)) {
      throw new IllegalStateException("the loss is not curved");
    }
    solver.solve(right, solved);
    double[] direction = new double[w.length];
    for (int a = 0; a < free.length; a++) {
      direction[free[a]] = solved.get(a, 0);
    }
    return direction;
  }

  private static double loss(double[][] x, double[] n, double[] y, double[] w) {
    double loss = 0;
    for (int k = 1; k < w.length; k++) {
      loss += 0.5 * w[k] * w[k];
    }
    for (int i = 0; i < x.length; i++) {
      double z = y[i] == 1 ? z(x[i], w) : -z(x[i], w);
      loss +=
          n[i]
              * (z > 0
                  ? StrictMath.log1p(StrictMath.exp(-z))
                  : StrictMath.log1p(StrictMath.exp(z)) - z);
    }
    return loss;
  }

  private static double[] slope(double[][] x, double[] n, double[] y, double[] w) {
    double[] slope = w.clone();
    slope[0] = 0;
    for (int i = 0; i < x.length; i++) {
      double wrong = n[i] * (chance(x[i], w) - y[i]);
      for (int k = 0; k < slope.length; k++) {
        slope[k] += wrong * x[i][k];
      }
    }
    return slope;
  }

  private static double chance(double[] row, double[] w) {
    return 1 / (1 + StrictMath.exp(-z(row, w)));
  }

  private static double z(double[] row, double[] w) {
    double z = 0;
    for (int k = 0; k < w.length; k++) {
      z += row[k] * w[k];
    }
    return z;
  }

  /** {@return once for each of {@code n}} */
  static int[] once(int n) {
    int[] once = new int[n];
    Arrays.fill(once, 1);
    return once;
  }
}
