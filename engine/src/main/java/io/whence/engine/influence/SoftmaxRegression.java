package io.whence.engine.influence;

import io.whence.engine.corpus.LabelledExamples;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Multinomial logistic regression with a squared penalty, at its one optimum, in double precision:
 * influence with the exact Hessian, one Newton step, and what leaving an example out really does.
 *
 * <p>The loss is {@code (1/n) sum_z l_z + (l2 / 2) |theta|^2} over weights and biases; leaving z
 * out takes its term away and keeps 1/n, so that everything else is as it was. The p x p Hessian is
 * explicit: for a few thousand parameters at most. Immutable but for its solver: not safe for
 * several threads.
 */
public final class SoftmaxRegression {
  /** Largest entry of the gradient at which the optimum is found. */
  private static final double CONVERGED = 1e-12;

  private static final int MOST_STEPS = 500;

  /** Relative, of a sum of losses. */
  private static final double ROUNDING = 1e-12;

  private static final BitSet NONE = new BitSet();

  private final double[][] x;
  private final int[] y;
  private final int classes;
  private final int width;
  private final double l2;
  private final double[] theta;
  private final LinearSolverDense<DMatrixRMaj> hessian;

  private SoftmaxRegression(LabelledExamples examples, double l2) {
    this.x = features(examples);
    this.y = new int[examples.size()];
    Arrays.setAll(y, examples::label);
    this.classes = examples.classes();
    this.width = examples.width() + 1;
    this.l2 = l2;
    this.theta = new double[classes * width];
    this.hessian = LinearSolverFactory_DDRM.symmPosDef(theta.length);
  }

  /**
   * {@return the optimum for examples}
   *
   * @param l2 above 0
   */
  public static SoftmaxRegression fit(LabelledExamples examples, double l2) {
    SoftmaxRegression model = new SoftmaxRegression(examples, l2);
    for (int step = 0; step < MOST_STEPS; step++) {
      model.factorise();
      double[] gradient = model.gradient(model.theta, NONE);
      double[] move = model.solve(gradient);
      double before = model.objective(model.theta);
      double slope = 0;
      for (int j = 0; j < move.length; j++) {
        slope += move[j] * gradient[j];
      }
      double length = 1;
      // Far from the optimum a whole Newton step may overshoot (Armijo, 1966). Near it what a step
      // gains is less than the objective's rounding, which would have steps cut for nothing.
      while (slope > ROUNDING * before
          && length > 1e-6
          && model.objective(moved(model.theta, move, length)) > before - 1e-4 * length * slope) {
        length /= 2;
      }
      System.arraycopy(moved(model.theta, move, length), 0, model.theta, 0, move.length);
      if (largest(model.gradient(model.theta, NONE)) < CONVERGED) {
        model.factorise();
        return model;
      }
    }
    throw new IllegalStateException("no optimum to " + CONVERGED + " in " + MOST_STEPS + " steps");
  }

  private static double[][] features(LabelledExamples examples) {
    double[][] rows = new double[examples.size()][examples.width() + 1];
    float[] row = new float[examples.width()];
    for (int i = 0; i < rows.length; i++) {
      examples.copy(i, row, 0);
      for (int j = 0; j < row.length; j++) {
        rows[i][j] = row[j];
      }
      rows[i][row.length] = 1;
    }
    return rows;
  }

  private static double[] moved(double[] theta, double[] move, double length) {
    double[] moved = theta.clone();
    for (int j = 0; j < moved.length; j++) {
      moved[j] -= length * move[j];
    }
    return moved;
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private double[] probabilities(double[] at, double[] row) {
    double[] logits = new double[classes];
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      double sum = 0;
      for (int j = 0; j < width; j++) {
        sum += at[c * width + j] * row[j];
      }
      logits[c] = sum;
      most = Math.max(most, sum);
    }
    double total = 0;
    for (int c = 0; c < classes; c++) {
      logits[c] = Math.exp(logits[c] - most);
      total += logits[c];
    }
    for (int c = 0; c < classes; c++) {
      logits[c] /= total;
    }
    return logits;
  }

  private double objective(double[] at) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum -= Math.log(Math.max(probabilities(at, x[i])[y[i]], Double.MIN_NORMAL));
    }
    double square = 0;
    for (double value : at) {
      square += value * value;
    }
    return sum / x.length + l2 / 2 * square;
  }

  private double[] gradient(double[] at, BitSet without) {
    double[] gradient = new double[at.length];
    for (int i = 0; i < x.length; i++) {
      if (!without.get(i)) {
        add(gradient, probabilities(at, x[i]), x[i], y[i], 1.0 / x.length);
      }
    }
    for (int j = 0; j < at.length; j++) {
      gradient[j] += l2 * at[j];
    }
    return gradient;
  }

  private void add(double[] gradient, double[] p, double[] row, int label, double weight) {
    for (int c = 0; c < classes; c++) {
      double delta = weight * (p[c] - (c == label ? 1 : 0));
      for (int j = 0; j < width; j++) {
        gradient[c * width + j] += delta * row[j];
      }
    }
  }

  private void factorise() {
    int order = theta.length;
    double[] matrix = new double[order * order];
    double[][] p = Arrays.stream(x).map(row -> probabilities(theta, row)).toArray(double[][]::new);
    // Two classes at a time: their block stays in the cache nearest to the core.
    IntStream.range(0, classes * classes)
        .filter(pair -> pair / classes <= pair % classes)
        .parallel()
        .forEach(
            pair -> {
              int a = pair / classes;
              int b = pair % classes;
              double[] block = block(p, a, b);
              for (int i = 0; i < width; i++) {
                int at = (a * width + i) * order + b * width;
                System.arraycopy(block, i * width, matrix, at, width);
              }
            });
    for (int i = 0; i < order; i++) {
      matrix[i * order + i] += l2;
      for (int j = 0; j < i; j++) {
        matrix[i * order + j] = matrix[j * order + i];
      }
    }
    if (!hessian.setA(DMatrixRMaj.wrap(order, order, matrix))) {
      throw new IllegalStateException("the Hessian is not positive definite; raise l2");
    }
  }

  /** {@return the second derivatives by the weights of two classes, {@code [width * width]}} */
  private double[] block(double[][] p, int a, int b) {
    double[] block = new double[width * width];
    for (int z = 0; z < x.length; z++) {
      double weight = p[z][a] * ((a == b ? 1 : 0) - p[z][b]) / x.length;
      double[] row = x[z];
      for (int i = 0; i < width; i++) {
        double scaled = weight * row[i];
        for (int j = 0; j < width; j++) {
          block[i * width + j] += scaled * row[j];
        }
      }
    }
    return block;
  }

  private double[] solve(double[] right) {
    DMatrixRMaj solved = new DMatrixRMaj(right.length, 1);
    hessian.solve(new DMatrixRMaj(right.length, 1, true, right.clone()), solved);
    return solved.getData().clone();
  }

  /** {@return the gradient of an example's loss at the optimum} */
  private double[] gradientOf(double[] row, int label) {
    double[] gradient = new double[theta.length];
    add(gradient, probabilities(theta, row), row, label, 1);
    return gradient;
  }

  /** {@return the first-order move of the parameters without a group: (1/n) H^-1 g, g its sum} */
  public double[] influenceMove(int... group) {
    return solve(gradientOf(group));
  }

  /**
   * {@return the move to second order, {@code v + H^-1 (H_U v - T[v, v] / 2)} with v the move to
   * first order} H_U is the group's part of the Hessian: what the others of a group would have made
   * up for is gone with them (Basu et al., 2020, for a loss that keeps its 1/n). T, the third
   * derivative of the whole loss, is how the Hessian bends on the way.
   */
  public double[] secondOrderMove(int... group) {
    double[] first = influenceMove(group);
    double[] bend = curvature(group, first);
    for (int i = 0; i < x.length; i++) {
      double[] p = probabilities(theta, x[i]);
      double[] logits = centred(p, first, x[i]);
      double variance = 0;
      for (int c = 0; c < classes; c++) {
        variance += p[c] * logits[c] * logits[c];
      }
      for (int c = 0; c < classes; c++) {
        double weight = -p[c] * (logits[c] * logits[c] - variance) / (2 * x.length);
        for (int j = 0; j < width; j++) {
          bend[c * width + j] += weight * x[i][j];
        }
      }
    }
    return plus(first, solve(bend));
  }

  /**
   * {@return the move by one Newton step of the loss without a group: {@code (H - H_U)^-1 g}, each
   * of the terms over n, by the series that {@link #secondOrderMove} is the beginning of}
   */
  public double[] newtonMove(int... group) {
    double[] gradient = gradientOf(group);
    double[] move = solve(gradient);
    for (int step = 0; step < MOST_STEPS; step++) {
      double[] next = solve(plus(gradient, curvature(group, move)));
      double change = largest(plus(next, scaled(move, -1)));
      move = next;
      // A series of ratio below 1: what is left is of the size of the last term.
      if (change < 1e-10 * largest(move)) {
        return move;
      }
    }
    throw new IllegalStateException(
        "a Newton step without " + group.length + " examples did not converge; raise l2");
  }

  private double[] gradientOf(int[] group) {
    double[] gradient = new double[theta.length];
    for (int z : group) {
      add(gradient, probabilities(theta, x[z]), x[z], y[z], 1.0 / x.length);
    }
    return gradient;
  }

  /** The part of a group in the Hessian, times a vector. */
  private double[] curvature(int[] group, double[] vector) {
    double[] product = new double[vector.length];
    for (int z : group) {
      double[] p = probabilities(theta, x[z]);
      double[] logits = centred(p, vector, x[z]);
      for (int c = 0; c < classes; c++) {
        double weight = p[c] * logits[c] / x.length;
        for (int j = 0; j < width; j++) {
          product[c * width + j] += weight * x[z][j];
        }
      }
    }
    return product;
  }

  /** The logits that a vector gives a row, less their mean under p. */
  private double[] centred(double[] p, double[] vector, double[] row) {
    double[] logits = new double[classes];
    double mean = 0;
    for (int c = 0; c < classes; c++) {
      for (int j = 0; j < width; j++) {
        logits[c] += vector[c * width + j] * row[j];
      }
      mean += p[c] * logits[c];
    }
    for (int c = 0; c < classes; c++) {
      logits[c] -= mean;
    }
    return logits;
  }

  private static double[] plus(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int j = 0; j < sum.length; j++) {
      sum[j] += b[j];
    }
    return sum;
  }

  private static double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(value -> value * factor).toArray();
  }

  /** {@return how far the optimum really moves without a group of training examples, to 1e-12} */
  public double[] trueMove(int... group) {
    BitSet without = new BitSet();
    for (int z : group) {
      without.set(z);
    }
    double[] at = theta.clone();
    for (int step = 0; step < MOST_STEPS; step++) {
      double[] gradient = gradient(at, without);
      if (largest(gradient) < CONVERGED) {
        return plus(at, scaled(theta, -1));
      }
      // The Hessian hardly changes: steps with the one at hand contract fast.
      at = moved(at, solve(gradient), 1);
    }
    throw new IllegalStateException(
        "without " + group.length + " examples there is no optimum to " + CONVERGED + "; raise l2");
  }

  /** {@return the gradient of each query's loss at the optimum, {@code [queries][p]}} */
  public double[][] queryGradients(LabelledExamples queries) {
    double[][] rows = features(queries);
    double[][] gradients = new double[rows.length][];
    for (int q = 0; q < rows.length; q++) {
      gradients[q] = gradientOf(rows[q], queries.label(q));
    }
    return gradients;
  }

  /** {@return the loss of each query after a move of the parameters, nats} */
  public double[] losses(LabelledExamples queries, double[] move) {
    double[][] rows = features(queries);
    double[] at = plus(theta, move);
    double[] losses = new double[rows.length];
    for (int q = 0; q < rows.length; q++) {
      losses[q] = -Math.log(Math.max(probabilities(at, rows[q])[queries.label(q)], 1e-300));
    }
    return losses;
  }

  /** {@return the gradient of the summed loss of a group of training examples, over n} */
  public double[] trainingGradient(int... group) {
    return gradientOf(group);
  }

  /** {@return p} */
  public int parameters() {
    return theta.length;
  }

  /** {@return n} */
  public int size() {
    return x.length;
  }
}
