package io.whence.engine.sketch;

import io.whence.engine.model.TokenWindow;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The sketches and losses of a few windows. */
public final class Sketches {
  private final SketchSpec spec;
  private final List<TokenWindow> windows;
  private final float[] blocks;
  private final float[] table;
  private final double[] losses;

  /**
   * Takes everything over.
   *
   * @param blocks {@code [windows, k]}
   * @param table {@code [windows, vocabulary, k of the table]}
   */
  Sketches(
      SketchSpec spec, List<TokenWindow> windows, float[] blocks, float[] table, double[] losses) {
    this.spec = spec;
    this.windows = List.copyOf(windows);
    this.blocks = blocks;
    this.table = table;
    this.losses = losses;
  }

  /** {@return how many windows there are} */
  public int size() {
    return losses.length;
  }

  /** {@return the i-th window's sketch, the table's rows of its own tokens alone} */
  public Sketch row(int i) {
    int width = spec.table().k();
    int begin = i * spec.table().vocabulary() * width;
    int[] own = windows.get(i).tokens();
    float[] rows = new float[own.length * width];
    for (int row = 0; row < own.length; row++) {
      System.arraycopy(table, begin + own[row] * width, rows, row * width, width);
    }
    int dimension = spec.dimension();
    return new Sketch(
        Arrays.copyOfRange(blocks, i * dimension, (i + 1) * dimension), new TableRows(own, rows));
  }

  /** {@return the i-th window's summed loss, nats} */
  public double loss(int i) {
    return losses[i];
  }

  /** {@return the sketch of all windows' losses together, every row of the table} */
  public Sketch sum() {
    int width = spec.table().k();
    int[] all = IntStream.range(0, spec.table().vocabulary()).toArray();
    return new Sketch(
        sum(blocks, spec.dimension()), new TableRows(all, sum(table, all.length * width)));
  }

  private static float[] sum(float[] rows, int dimension) {
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
