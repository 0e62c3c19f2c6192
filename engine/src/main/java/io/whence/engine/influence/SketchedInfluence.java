package io.whence.engine.influence;

import static java.util.Objects.requireNonNull;

import io.whence.engine.EngineException;
import io.whence.engine.model.Safetensors;
import io.whence.engine.model.Safetensors.Tensor;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.sketch.SketchSpec;
import io.whence.engine.sketch.SketchStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.jspecify.annotations.Nullable;

/**
 * Influence over sketches.
 *
 * <p>For the training loss {@code L = (1/N) sum_z l_z}, N tokens, l_z an instance's summed loss,
 * removal of z moves the parameters by {@code (1/N) (F + lambda)^-1 g_z} and the loss of a query by
 * {@code (1/N) g_q' (F + lambda)^-1 g_z}. F is the empirical Fisher {@code (1/N) sum_z g_z g_z'} of
 * each layer's sketches, layers taken as independent: products of sketches only, never a matrix of
 * the size of the parameters. Kept as eigenvectors and eigenvalues in double precision while
 * fitting, single on disk. Immutable and safe for several threads.
 */
public final class SketchedInfluence {
  private final SketchSpec spec;
  private final long tokens;
  private final Damping damping;
  private final List<Tensor> eigenvectors;
  private final List<Tensor> eigenvalues;

  private SketchedInfluence(
      SketchSpec spec,
      long tokens,
      Damping damping,
      List<Tensor> eigenvectors,
      List<Tensor> eigenvalues) {
    this.spec = spec;
    this.tokens = tokens;
    this.damping = damping;
    this.eigenvectors = eigenvectors;
    this.eigenvalues = eigenvalues;
  }

  /**
   * {@return the curvature of the sketches in {@code shards}}
   *
   * @param trainedOn whether the instance of that number, counted over all shards, was trained on;
   *     others do not count
   * @param tokens N, how many tokens those instances predict
   * @param training gives the damping; without it a share of each layer's mean eigenvalue is taken
   */
  public static SketchedInfluence fit(
      SketchSpec spec,
      List<SketchStore> shards,
      IntPredicate trainedOn,
      long tokens,
      @Nullable TrainingRecord training) {
    int[] offsets = offsets(spec);
    List<EigenDecomposition_F64<DMatrixRMaj>> decompositions =
        IntStream.range(0, spec.modules().size())
            .parallel()
            .mapToObj(
                m ->
                    decompose(
                        fisher(
                            shards, trainedOn, tokens, offsets[m], spec.modules().get(m).size())))
            .toList();
    List<Tensor> vectors = new ArrayList<>();
    List<Tensor> values = new ArrayList<>();
    List<Double> tenths = new ArrayList<>();
    for (EigenDecomposition_F64<DMatrixRMaj> decomposition : decompositions) {
      int size = decomposition.getNumberOfEigenvalues();
      float[] vector = new float[size * size];
      float[] value = new float[size];
      double trace = 0;
      for (int i = 0; i < size; i++) {
        // A sum of squares has no negative eigenvalue; rounding may.
        double eigenvalue = Math.max(0, decomposition.getEigenvalue(i).getReal());
        trace += eigenvalue;
        value[i] = (float) eigenvalue;
        DMatrixRMaj column = decomposition.getEigenVector(i);
        for (int j = 0; j < size; j++) {
          vector[i * size + j] = (float) column.get(j);
        }
      }
      vectors.add(new Tensor(new long[] {size, size}, vector));
      values.add(new Tensor(new long[] {size}, value));
      tenths.add(Math.max(Damping.WITHOUT_RECORD * trace / size, Double.MIN_NORMAL));
    }
    Damping damping =
        (training == null
                ? java.util.Optional.<Damping>empty()
                : Damping.fromTraining(spec, training))
            .orElseGet(
                () ->
                    new Damping(
                        "no training record: " + Damping.WITHOUT_RECORD
                            + " of each layer's mean eigenvalue",
                        tenths));
    return new SketchedInfluence(spec, tokens, damping, vectors, values);
  }

  private static int[] offsets(SketchSpec spec) {
    int[] offsets = new int[spec.modules().size() + 1];
    for (int m = 0; m < spec.modules().size(); m++) {
      offsets[m + 1] = offsets[m] + spec.modules().get(m).size();
    }
    return offsets;
  }

  private static double[] fisher(
      List<SketchStore> shards, IntPredicate trainedOn, long tokens, int offset, int size) {
    double[] sums = new double[size * size];
    double[] block = new double[size];
    int number = 0;
    for (SketchStore shard : shards) {
      float[] row = new float[shard.dimension()];
      for (int i = 0; i < shard.rows(); i++) {
        if (!trainedOn.test(number++)) {
          continue;
        }
        shard.read(i, row);
        for (int j = 0; j < size; j++) {
          block[j] = row[offset + j];
        }
        for (int a = 0; a < size; a++) {
          double scale = block[a];
          int at = a * size;
          for (int b = a; b < size; b++) {
            sums[at + b] += scale * block[b];
          }
        }
      }
    }
    for (int a = 0; a < size; a++) {
      for (int b = a; b < size; b++) {
        sums[a * size + b] /= tokens;
        sums[b * size + a] = sums[a * size + b];
      }
    }
    return sums;
  }

  private static EigenDecomposition_F64<DMatrixRMaj> decompose(double[] symmetric) {
    int size = (int) Math.round(Math.sqrt(symmetric.length));
    EigenDecomposition_F64<DMatrixRMaj> decomposition =
        DecompositionFactory_DDRM.eig(size, true, true);
    if (!decomposition.decompose(new DMatrixRMaj(size, size, true, symmetric))) {
      throw new IllegalStateException("a Fisher matrix of size " + size + " did not decompose");
    }
    return decomposition;
  }

  /** Writes the eigenvectors (rows) and eigenvalues of every module as safetensors. */
  public void write(Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int m = 0; m < spec.modules().size(); m++) {
      String name = spec.modules().get(m).name();
      tensors.put(name + ".eigenvectors", eigenvectors.get(m));
      tensors.put(name + ".eigenvalues", eigenvalues.get(m));
    }
    Safetensors.write(file, tensors);
  }

  /**
   * {@return what {@link #write} wrote}
   *
   * @throws EngineException.IndexDamaged when the file is of another sketch
   */
  public static SketchedInfluence read(
      Path file, SketchSpec spec, long tokens, Damping damping) {
    Map<String, Tensor> tensors = Safetensors.read(file);
    List<Tensor> vectors = new ArrayList<>();
    List<Tensor> values = new ArrayList<>();
    for (SketchSpec.Module module : spec.modules()) {
      Tensor vector = tensors.get(module.name() + ".eigenvectors");
      Tensor value = tensors.get(module.name() + ".eigenvalues");
      int size = module.size();
      if (vector == null
          || value == null
          || vector.values().length != size * size
          || value.values().length != size) {
        throw new EngineException.IndexDamaged(
            file + " lacks the curvature of layer " + module.name());
      }
      vectors.add(vector);
      values.add(value);
    }
    return new SketchedInfluence(spec, tokens, damping, vectors, values);
  }

  /** {@return the damping in use} */
  public Damping damping() {
    return damping;
  }

  /** {@return N, the tokens trained on} */
  public long tokens() {
    return tokens;
  }

  /**
   * {@return A g, the query's side of a method: influence is its product with an instance's sketch,
   * over N}
   *
   * @param sketch shape {@code (k)}
   */
  public float[] precondition(float[] sketch, InfluenceMethod method) {
    return switch (method) {
      case GRADIENT_DOT -> {
        float[] scaled = new float[sketch.length];
        int[] offsets = offsets(spec);
        for (int m = 0; m + 1 < offsets.length; m++) {
          for (int j = offsets[m]; j < offsets[m + 1]; j++) {
            scaled[j] = (float) (sketch[j] / damping.values().get(m));
          }
        }
        yield scaled;
      }
      case SKETCHED_FISHER -> turn(sketch, true);
    };
  }

  /**
   * {@return the sketch in coordinates in which the plain inner product is g' (F + lambda)^-1 g}
   *
   * @param sketch shape {@code (k)}
   */
  public float[] whiten(float[] sketch) {
    return turn(sketch, false);
  }

  /** Q' g scaled by the root of the inverse; and, to precondition, scaled again and turned back. */
  private float[] turn(float[] sketch, boolean back) {
    float[] result = new float[sketch.length];
    int offset = 0;
    for (int m = 0; m < spec.modules().size(); m++) {
      int size = spec.modules().get(m).size();
      float[] vectors = requireNonNull(eigenvectors.get(m)).values();
      float[] values = eigenvalues.get(m).values();
      double lambda = damping.values().get(m);
      double[] turned = new double[size];
      double[] sum = new double[size];
      for (int i = 0; i < size; i++) {
        double dot = dot(vectors, i * size, sketch, offset, size);
        turned[i] = back ? dot / (values[i] + lambda) : dot / Math.sqrt(values[i] + lambda);
        if (back) {
          float weight = (float) turned[i];
          for (int j = 0; j < size; j++) {
            sum[j] += weight * vectors[i * size + j];
          }
        }
      }
      double[] block = back ? sum : turned;
      for (int j = 0; j < size; j++) {
        result[offset + j] = (float) block[j];
      }
      offset += size;
    }
    return result;
  }

  /** {@return the inner product of two runs of floats, in a fixed order of summation} */
  private static double dot(float[] a, int atA, float[] b, int atB, int length) {
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
    double sum = ((double) s0 + s1) + ((double) s2 + s3) + (((double) s4 + s5) + ((double) s6 + s7));
    for (; i < length; i++) {
      sum += a[atA + i] * b[atB + i];
    }
    return sum;
  }

  /**
   * {@return what removal of an instance does to the query's loss, in nats}
   *
   * @param preconditioned the query's side, from {@link #precondition}
   * @param sketch the instance's, shape {@code (k)}
   */
  public double deltaLoss(float[] preconditioned, float[] sketch) {
    return dot(preconditioned, 0, sketch, 0, sketch.length) / tokens;
  }

  /**
   * {@return what removal of a group does to the query's loss, to first order, with the error of the
   * projection}
   *
   * <p>In a random projection every entry of a layer's block is an equally good, if noisy, estimate
   * of that layer's inner product. Entries of one row or one column of the block share a random
   * direction, so the variance is clustered both ways (Cameron, Gelbach and Miller, 2011).
   *
   * @param preconditioned the query's side, from {@link #precondition}
   * @param sum of the group's sketches, shape {@code (k)}
   */
  public Influence influence(float[] preconditioned, float[] sum) {
    double total = 0;
    double variance = 0;
    int offset = 0;
    for (SketchSpec.Module module : spec.modules()) {
      int rows = module.kIn();
      int columns = module.kOut();
      double[] byColumn = new double[columns];
      double[] byRow = new double[rows];
      double squares = 0;
      double layer = 0;
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          int at = offset + i * columns + j;
          double product = (double) preconditioned[at] * sum[at];
          byRow[i] += product;
          byColumn[j] += product;
          squares += product * product;
          layer += product;
        }
      }
      double cells = spread(squares, layer, rows * columns);
      variance +=
          Math.max(cells, spread(squares(byRow), layer, rows) + spread(squares(byColumn), layer, columns) - cells);
      total += layer;
      offset += module.size();
    }
    return new Influence(total / tokens, Math.sqrt(variance) / tokens);
  }

  private static double squares(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }

  /** Variance of a sum of n exchangeable terms, from their squares and their sum. */
  private static double spread(double squares, double sum, int n) {
    return n < 2 ? squares : Math.max(0, (squares - sum * sum / n) * n / (n - 1));
  }

  /**
   * {@return the norm of the move of the parameters when a group is left out, in Euclidean metric:
   * |(1/N) (F + lambda)^-1 g|}
   *
   * @param sum of the group's sketches, shape {@code (k)}
   */
  public double parameterShift(float[] sum) {
    float[] move = precondition(sum, InfluenceMethod.SKETCHED_FISHER);
    return Math.sqrt(dot(move, 0, move, 0, move.length)) / tokens;
  }

  /**
   * {@return what leaving a group out does to its own loss, in nats, at least 0}
   *
   * @param sum of the group's sketches, shape {@code (k)}
   */
  public double selfInfluence(float[] sum) {
    float[] white = whiten(sum);
    return dot(white, 0, white, 0, white.length) / tokens;
  }
}
