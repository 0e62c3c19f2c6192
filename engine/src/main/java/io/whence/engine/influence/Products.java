package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;

/** Products of matrices of rows held in Java. */
final class Products {
  private Products() {}

  /** {@return the inner products of the rows of a with those of b} */
  static float[][] of(float[] a, float[] b, int width) {
    int rows = a.length / width;
    int columns = b.length / width;
    float[] flat =
        Torch.onAllCores(
            () -> {
              try (NDManager scope = Torch.newManager("cpu")) {
                NDArray left = Torch.owned(scope, a, rows, width);
                return Torch.floats(left.matMul(Torch.owned(scope, b, columns, width).transpose()));
              }
            });
    float[][] products = new float[rows][];
    for (int i = 0; i < rows; i++) {
      products[i] = java.util.Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
    }
    return products;
  }

  /** {@return {@code (1/count) sum of r r'} over the rows, {@code [width * width]}} */
  static double[] moments(float[] rows, int width, double count) {
    float[] sums =
        Torch.onAllCores(
            () -> {
              try (NDManager scope = Torch.newManager("cpu")) {
                NDArray all = Torch.owned(scope, rows, rows.length / width, width);
                return Torch.floats(all.transpose().matMul(all));
              }
            });
    double[] moments = new double[sums.length];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        moments[i * width + j] = (sums[i * width + j] + (double) sums[j * width + i]) / 2 / count;
      }
    }
    return moments;
  }
}
