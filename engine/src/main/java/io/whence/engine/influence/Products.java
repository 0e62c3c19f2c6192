package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.stream.IntStream;

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

  /**
   * {@return {@code (1/count) sum of r r'} over the rows, {@code [width * width]}} Summed in double
   * precision: small eigenvalues of what comes out are divided by, and drown in the rounding of
   * float32.
   */
  static double[] moments(float[] rows, int width, double count) {
    double[] moments = new double[width * width];
    IntStream.range(0, width)
        .parallel()
        .forEach(
            i -> {
              for (int at = 0; at < rows.length; at += width) {
                double scale = rows[at + i] / count;
                for (int j = 0; j < width; j++) {
                  moments[i * width + j] += scale * rows[at + j];
                }
              }
            });
    return moments;
  }
}
