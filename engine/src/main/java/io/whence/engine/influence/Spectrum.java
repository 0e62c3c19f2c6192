package io.whence.engine.influence;

import io.whence.engine.model.Safetensors.Tensor;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The eigenvectors and eigenvalues of a positive semi-definite matrix, found in double precision
 * and kept in single: enough to apply any power of the matrix plus a damping.
 */
final class Spectrum {
  private final float[] vectors;
  private final float[] values;

  private Spectrum(float[] vectors, float[] values) {
    this.vectors = vectors;
    this.values = values;
  }

  /** {@return the spectrum of a symmetric matrix, row-major} */
  static Spectrum of(double[] symmetric) {
    int size = (int) Math.round(Math.sqrt(symmetric.length));
    float[] vectors = new float[size * size];
    float[] values = new float[size];
    if (size == 0) {
      return new Spectrum(vectors, values);
    }
    EigenDecomposition_F64<DMatrixRMaj> decomposition =
        DecompositionFactory_DDRM.eig(size, true, true);
    if (!decomposition.decompose(new DMatrixRMaj(size, size, true, symmetric))) {
      throw new IllegalStateException("a matrix of size " + size + " did not decompose");
    }
    for (int i = 0; i < size; i++) {
      // A sum of squares has no negative eigenvalue; rounding may.
      values[i] = (float) Math.max(0, decomposition.getEigenvalue(i).getReal());
      DMatrixRMaj column = decomposition.getEigenVector(i);
      for (int j = 0; j < size; j++) {
        vectors[i * size + j] = (float) column.get(j);
      }
    }
    return new Spectrum(vectors, values);
  }

  void put(Map<String, Tensor> tensors, String name) {
    int size = values.length;
    tensors.put(name + ".eigenvectors", new Tensor(new long[] {size, size}, vectors));
    tensors.put(name + ".eigenvalues", new Tensor(new long[] {size}, values));
  }

  static Spectrum get(Map<String, Tensor> tensors, String name, int size) {
    Tensor vectors = tensors.get(name + ".eigenvectors");
    Tensor values = tensors.get(name + ".eigenvalues");
    if (vectors == null
        || values == null
        || vectors.values().length != size * size
        || values.values().length != size) {
      throw new IllegalArgumentException("the curvature of " + name + " is missing");
    }
    return new Spectrum(vectors.values(), values.values());
  }

  /** {@return the order of the matrix} */
  int size() {
    return values.length;
  }

  /** {@return the i-th eigenvalue, in no particular order} */
  float value(int i) {
    return values[i];
  }

  /** {@return all eigenvectors, as rows; not a copy} */
  float[] vectors() {
    return vectors;
  }

  /** {@return the mean eigenvalue} */
  double mean() {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return values.length == 0 ? 0 : sum / values.length;
  }

  /** {@return (M + lambda)^-1 block} */
  float[] solve(float[] block, double lambda) {
    return apply(block, new Filter.Damped(lambda));
  }

  /** {@return f(M) block} */
  float[] apply(float[] block, Filter filter) {
    int size = values.length;
    double mean = mean();
    double[] sum = new double[size];
    for (int i = 0; i < size; i++) {
      float weight =
          (float) (dot(vectors, i * size, block, 0, size) * filter.inverse(values[i], mean));
      for (int j = 0; j < size; j++) {
        sum[j] += weight * vectors[i * size + j];
      }
    }
    float[] solved = new float[size];
    for (int j = 0; j < size; j++) {
      solved[j] = (float) sum[j];
    }
    return solved;
  }

  /** {@return (M + lambda)^-1/2 block, in the coordinates of the eigenvectors} */
  float[] whiten(float[] block, double lambda) {
    int size = values.length;
    float[] white = new float[size];
    for (int i = 0; i < size; i++) {
      white[i] = (float) (dot(vectors, i * size, block, 0, size) / Math.sqrt(values[i] + lambda));
    }
    return white;
  }

  /** {@return the inner product of two runs of floats, in a fixed order of summation} */
  static double dot(float[] a, int atA, float[] b, int atB, int length) {
    // Eight independent sums keep the processor busy; one would wait for itself.
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      s0 += a[atA + i] * b[atB + i];
      s1 += a[atA + i + 1] * b[atB + i + 1];
      s2 += a[atA + i + 2] * b[atB + i + 2];
      s3 += a[atA + i + 3] * b[atB + i + 3];
      s4 += a[atA + i + 4] * b[atB + i + 4];
      s5 += a[atA + i + 5] * b[atB + i + 5];
      s6 += a[atA + i + 6] * b[atB + i + 6];
      s7 += a[atA + i + 7] * b[atB + i + 7];
    }
    double sum =
        ((double) s0 + s1) + ((double) s2 + s3) + (((double) s4 + s5) + ((double) s6 + s7));
    for (; i < length; i++) {
      sum += a[atA + i] * b[atB + i];
    }
    return sum;
  }
}
