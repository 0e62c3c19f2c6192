package io.whence.engine.sketch;

import io.whence.engine.EngineException;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.Safetensors;
import io.whence.engine.model.Safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * What rows of the embedding table's gradient are projected on: the table's own principal
 * directions, which need no pass over the data.
 *
 * @param table that is projected; gives k and width
 * @param values {@code [k, width]}, row-major, orthonormal, the direction in which the table varies
 *     most first
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TableDirections(SketchSpec.Table table, float[] values) {
  private static final String NAME = "wte.directions";

  /** Rejects what has another shape. */
  public TableDirections {
    if (values.length != table.k() * table.width()) {
      throw new IllegalArgumentException(values.length + " numbers are no directions of " + table);
    }
  }

  /** {@return the first principal directions of a checkpoint's table} */
  public static TableDirections of(Checkpoint checkpoint, SketchSpec.Table table) {
    int width = table.width();
    double[] covariance = covariance(checkpoint.embeddingTable(), width);
    EigenDecomposition_F64<DMatrixRMaj> decomposition =
        DecompositionFactory_DDRM.eig(width, true, true);
    if (!decomposition.decompose(new DMatrixRMaj(width, width, true, covariance))) {
      throw new EngineException.InvalidCheckpoint(
          "the embedding table has no principal directions: it holds numbers that are none");
    }
    int[] largest =
        IntStream.range(0, width)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -decomposition.getEigenvalue(i).getReal()))
            .limit(table.k())
            .mapToInt(Integer::intValue)
            .toArray();
    float[] values = new float[table.k() * width];
    for (int i = 0; i < table.k(); i++) {
      DMatrixRMaj direction = decomposition.getEigenVector(largest[i]);
      for (int j = 0; j < width; j++) {
        values[i * width + j] = (float) direction.get(j);
      }
    }
    return new TableDirections(table, values);
  }

  private static double[] covariance(float[] table, int width) {
    int rows = table.length / width;
    double[] mean = new double[width];
    for (int i = 0; i < table.length; i++) {
      mean[i % width] += table[i] / (double) rows;
    }
    double[] covariance = new double[width * width];
    // Each row of the matrix on its own, summed in order: the same bits on any number of threads.
    IntStream.range(0, width)
        .parallel()
        .forEach(
            i -> {
              for (int row = 0; row < rows; row++) {
                double value = table[row * width + i] - mean[i];
                for (int j = 0; j <= i; j++) {
                  covariance[i * width + j] += value * (table[row * width + j] - mean[j]);
                }
              }
            });
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < i; j++) {
        covariance[j * width + i] = covariance[i * width + j];
      }
    }
    return covariance;
  }

  /** Writes them as safetensors: what a query is projected on must be what instances were. */
  public void write(Path file) throws IOException {
    Safetensors.write(file, Map.of(NAME, new Tensor(shape(table), values)));
  }

  /**
   * {@return what {@link #write} wrote}
   *
   * @throws EngineException.IndexDamaged when the file is of another table
   */
  public static TableDirections read(Path file, SketchSpec.Table table) {
    Tensor tensor = Safetensors.read(file).get(NAME);
    if (tensor == null || !Arrays.equals(tensor.shape(), shape(table))) {
      throw new EngineException.IndexDamaged(
          file + " should hold " + table.k() + " directions of " + table.width() + " numbers");
    }
    return new TableDirections(table, tensor.values());
  }

  private static long[] shape(SketchSpec.Table table) {
    return new long[] {table.k(), table.width()};
  }

  @Override
  public String toString() {
    return "directions of " + table;
  }
}
