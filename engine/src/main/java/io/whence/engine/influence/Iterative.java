package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * A method that applies its inverse of the curvature by products with it, some queries at a time.
 */
abstract class Iterative extends Preconditioned {
  /** Queries at once: bounds the n x q x out numbers of a product. */
  private static final int SLICE = 50;

  Iterative(Gradients training) {
    super(training, Target.LOSS);
  }

  /**
   * {@return the transformed gradients, {@code [q * p]}}
   *
   * @param gradients of q queries, {@code [q * p]}
   */
  abstract float[] solve(GaussNewton matrix, float[] gradients, int q);

  @Override
  List<NDArray> precondition(NDManager scope, List<NDArray> queries) {
    int q = (int) queries.get(0).getShape().get(0);
    List<float[]> layers = queries.stream().map(Torch::floats).toList();
    List<float[]> solved = layers.stream().map(layer -> new float[layer.length]).toList();
    try (GaussNewton matrix = GaussNewton.of(training)) {
      int p = matrix.order();
      for (int from = 0; from < q; from += SLICE) {
        int count = Math.min(SLICE, q - from);
        float[] joined = new float[count * p];
        move(layers, from, count, joined, q, true);
        move(solved, from, count, solve(matrix, joined, count), q, false);
      }
    }
    List<NDArray> sides = new ArrayList<>();
    for (float[] layer : solved) {
      sides.add(Torch.owned(scope, layer, q, layer.length / q));
    }
    return sides;
  }

  /** Joins the layers' rows to vectors, or takes vectors apart again. */
  private static void move(
      List<float[]> layers, int first, int count, float[] joined, int q, boolean join) {
    int p = joined.length / count;
    int at = 0;
    for (float[] layer : layers) {
      int size = layer.length / q;
      for (int i = 0; i < count; i++) {
        if (join) {
          System.arraycopy(layer, (first + i) * size, joined, i * p + at, size);
        } else {
          System.arraycopy(joined, i * p + at, layer, (first + i) * size, size);
        }
      }
      at += size;
    }
  }

  /** {@return the inner product of row i of two matrices of width p} */
  static double dot(float[] a, float[] b, int i, int p) {
    double sum = 0;
    for (int j = i * p; j < (i + 1) * p; j++) {
      sum += (double) a[j] * b[j];
    }
    return sum;
  }
}
