package io.whence.engine.sketch;

import java.util.Arrays;

/** The sketches and losses of a few windows. */
public final class Sketches {
  private final float[] rows;
  private final int dimension;
  private final double[] losses;

  Sketches(float[] rows, int dimension, double[] losses) {
    this.rows = rows;
    this.dimension = dimension;
    this.losses = losses;
  }

  /** {@return how many windows there are} */
  public int size() {
    return losses.length;
  }

  /** {@return a copy of the i-th sketch, shape {@code (k)}} */
  public float[] row(int i) {
    return Arrays.copyOfRange(rows, i * dimension, (i + 1) * dimension);
  }

  /** {@return the i-th window's summed loss, nats} */
  public double loss(int i) {
    return losses[i];
  }

  /**
   * {@return the sketch of all windows' losses together: the sum of the rows, shape {@code (k)}}
   */
  public float[] sum() {
    double[] sums = new double[dimension];
    for (int i = 0; i < rows.length; i++) {
      sums[i % dimension] += rows[i];
    }
    float[] sum = new float[dimension];
    for (int j = 0; j < dimension; j++) {
      sum[j] = (float) sums[j];
    }
    return sum;
  }

  /** {@return the summed loss of all windows, nats} */
  public double loss() {
    return Arrays.stream(losses).sum();
  }
}
