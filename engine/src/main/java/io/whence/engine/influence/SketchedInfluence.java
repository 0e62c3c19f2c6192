package io.whence.engine.influence;

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
import org.jspecify.annotations.Nullable;

/**
 * Influence over sketches.
 *
 * <p>For the training loss {@code L = (1/N) sum_z l_z}, N tokens, l_z an instance's summed loss,
 * removal of z moves the parameters by {@code (1/N) (F + lambda)^-1 g_z} and the loss of a query by
 * {@code (1/N) g_q' (F + lambda)^-1 g_z}. F is the empirical Fisher {@code (1/N) sum_z g_z g_z'} of
 * each layer's sketches, layers taken as independent: products of sketches only, never a matrix of
 * the size of the parameters.
 *
 * <p><b>Error of the projection.</b> The columns of a layer's block fall into {@value #PARTS}
 * parts, each a sketch of its own with its own random directions. The same influence is computed
 * from each part alone; how far the four lie apart says how far the random directions carry the
 * estimate. A part is smaller than the whole, so this errs on the side of too wide an interval.
 *
 * <p>Immutable and safe for several threads.
 */
public final class SketchedInfluence {
  static final int PARTS = 4;

  private final SketchSpec spec;
  private final long tokens;
  private final Damping damping;
  private final List<Spectrum> layers;
  private final List<Spectrum> parts;

  private SketchedInfluence(
      SketchSpec spec, long tokens, Damping damping, List<Spectrum> layers, List<Spectrum> parts) {
    this.spec = spec;
    this.tokens = tokens;
    this.damping = damping;
    this.layers = layers;
    this.parts = parts;
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
    record Layer(Spectrum whole, List<Spectrum> parts) {}
    List<Layer> layers =
        IntStream.range(0, spec.modules().size())
            .parallel()
            .mapToObj(
                m -> {
                  SketchSpec.Module module = spec.modules().get(m);
                  double[] fisher = fisher(shards, trainedOn, tokens, offsets[m], module.size());
                  List<Spectrum> parts = new ArrayList<>();
                  for (int part = 0; part < PARTS; part++) {
                    parts.add(Spectrum.of(part(fisher, module, part)));
                  }
                  return new Layer(Spectrum.of(fisher), parts);
                })
            .toList();
    List<Spectrum> wholes = layers.stream().map(Layer::whole).toList();
    Damping damping =
        (training == null
                ? java.util.Optional.<Damping>empty()
                : Damping.fromTraining(spec, training))
            .orElseGet(() -> Damping.fromEigenvalues(wholes));
    return new SketchedInfluence(
        spec,
        tokens,
        damping,
        wholes,
        layers.stream().flatMap(layer -> layer.parts().stream()).toList());
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

  /** {@return the places in a layer's block that belong to a part} */
  private static int[] places(SketchSpec.Module module, int part) {
    int from = part * module.kOut() / PARTS;
    int to = (part + 1) * module.kOut() / PARTS;
    int[] places = new int[module.kIn() * (to - from)];
    int count = 0;
    for (int i = 0; i < module.kIn(); i++) {
      for (int j = from; j < to; j++) {
        places[count++] = i * module.kOut() + j;
      }
    }
    return places;
  }

  /** How much longer a part must be made to keep inner products, as the whole does. */
  private static double scale(SketchSpec.Module module, int[] places) {
    return places.length == 0 ? 1 : module.size() / (double) places.length;
  }

  private static double[] part(double[] fisher, SketchSpec.Module module, int part) {
    int[] places = places(module, part);
    double scale = scale(module, places);
    double[] matrix = new double[places.length * places.length];
    for (int a = 0; a < places.length; a++) {
      for (int b = 0; b < places.length; b++) {
        matrix[a * places.length + b] = scale * fisher[places[a] * module.size() + places[b]];
      }
    }
    return matrix;
  }

  /** Writes the eigenvectors (as rows) and eigenvalues of every layer and part as safetensors. */
  public void write(Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int m = 0; m < spec.modules().size(); m++) {
      String name = spec.modules().get(m).name();
      layers.get(m).put(tensors, name);
      for (int part = 0; part < PARTS; part++) {
        parts.get(m * PARTS + part).put(tensors, name + ".part" + part);
      }
    }
    Safetensors.write(file, tensors);
  }

  /**
   * {@return what {@link #write} wrote}
   *
   * @throws EngineException.IndexDamaged when the file is of another sketch
   */
  public static SketchedInfluence read(Path file, SketchSpec spec, long tokens, Damping damping) {
    Map<String, Tensor> tensors = Safetensors.read(file);
    List<Spectrum> layers = new ArrayList<>();
    List<Spectrum> parts = new ArrayList<>();
    try {
      for (SketchSpec.Module module : spec.modules()) {
        layers.add(Spectrum.get(tensors, module.name(), module.size()));
        for (int part = 0; part < PARTS; part++) {
          parts.add(
              Spectrum.get(tensors, module.name() + ".part" + part, places(module, part).length));
        }
      }
    } catch (IllegalArgumentException e) {
      throw new EngineException.IndexDamaged(file + ": " + e.getMessage(), e);
    }
    return new SketchedInfluence(spec, tokens, damping, layers, parts);
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
   * {@return the move of the sketched parameters without a group, shape {@code (k)}} A query's loss
   * changes by the inner product of its sketch and this.
   *
   * @param sum of the group's sketches, shape {@code (k)}
   */
  public float[] move(float[] sum, InfluenceMethod method) {
    float[] move = querySide(sum, method).whole;
    for (int j = 0; j < move.length; j++) {
      move[j] /= tokens;
    }
    return move;
  }

  /** A query's side of a method: influence is its product with an instance's sketch, over N. */
  public static final class QuerySide {
    private final float[] whole;
    private final float[] parts;

    private QuerySide(float[] whole, float[] parts) {
      this.whole = whole;
      this.parts = parts;
    }
  }

  /**
   * {@return A g, the query's side of a method}
   *
   * @param sketch shape {@code (k)}
   */
  public QuerySide querySide(float[] sketch, InfluenceMethod method) {
    float[] whole = new float[sketch.length];
    float[] apart = new float[sketch.length];
    int offset = 0;
    for (int m = 0; m < spec.modules().size(); m++) {
      SketchSpec.Module module = spec.modules().get(m);
      double lambda = damping.values().get(m);
      float[] block = new float[module.size()];
      System.arraycopy(sketch, offset, block, 0, block.length);
      float[] solved = solve(layers.get(m), block, lambda, method);
      System.arraycopy(solved, 0, whole, offset, solved.length);
      for (int part = 0; part < PARTS; part++) {
        int[] places = places(module, part);
        double scale = scale(module, places);
        float[] piece = new float[places.length];
        for (int i = 0; i < places.length; i++) {
          piece[i] = block[places[i]];
        }
        float[] solvedPiece = solve(parts.get(m * PARTS + part), piece, lambda, method);
        for (int i = 0; i < places.length; i++) {
          apart[offset + places[i]] = (float) (scale * solvedPiece[i]);
        }
      }
      offset += module.size();
    }
    return new QuerySide(whole, apart);
  }

  private static float[] solve(
      Spectrum spectrum, float[] block, double lambda, InfluenceMethod method) {
    return switch (method) {
      case GRADIENT_DOT -> {
        float[] scaled = new float[block.length];
        double weight = 1 / (spectrum.mean() + lambda);
        for (int i = 0; i < block.length; i++) {
          scaled[i] = (float) (weight * block[i]);
        }
        yield scaled;
      }
      case SKETCHED_FISHER -> spectrum.solve(block, lambda);
      default ->
          throw new IllegalArgumentException(method.id() + " is no method of sketches alone");
    };
  }

  /**
   * {@return the sketch in coordinates in which the plain inner product is g' (F + lambda)^-1 g}
   *
   * @param sketch shape {@code (k)}
   */
  public float[] whiten(float[] sketch) {
    float[] white = new float[sketch.length];
    int offset = 0;
    for (int m = 0; m < spec.modules().size(); m++) {
      int size = spec.modules().get(m).size();
      float[] block = new float[size];
      System.arraycopy(sketch, offset, block, 0, size);
      System.arraycopy(
          layers.get(m).whiten(block, damping.values().get(m)), 0, white, offset, size);
      offset += size;
    }
    return white;
  }

  /**
   * {@return what removal of an instance does to the query's loss, in nats}
   *
   * @param query from {@link #querySide}
   * @param sketch the instance's, shape {@code (k)}
   */
  public double deltaLoss(QuerySide query, float[] sketch) {
    return Spectrum.dot(query.whole, 0, sketch, 0, sketch.length) / tokens;
  }

  /**
   * {@return the sketch that stands for a group to second order: {@code (1 + F_U (F + lambda)^-1)
   * G}, G the sum of its members' sketches and F_U their part of the curvature}
   *
   * <p>Each member counts as much more as its own loss would rise without the group: what the
   * others would have made up for is gone with them (Basu et al., 2020; how the curvature itself
   * bends is left out). Its {@link #influence} is the group's.
   *
   * @param members their sketches, shape {@code (k)} each; at least one
   */
  public float[] secondOrder(List<float[]> members) {
    float[] sum = new float[spec.dimension()];
    for (float[] member : members) {
      for (int j = 0; j < sum.length; j++) {
        sum[j] += member[j];
      }
    }
    QuerySide group = querySide(sum, InfluenceMethod.SKETCHED_FISHER);
    for (float[] member : members) {
      float more = (float) deltaLoss(group, member);
      for (int j = 0; j < sum.length; j++) {
        sum[j] += more * member[j];
      }
    }
    return sum;
  }

  /**
   * {@return what removal of a group does to the query's loss, to first order, with the error of
   * the projection}
   *
   * @param query from {@link #querySide}
   * @param sum of the group's sketches, shape {@code (k)}
   */
  public Influence influence(QuerySide query, float[] sum) {
    double[] estimates = new double[PARTS];
    int offset = 0;
    for (SketchSpec.Module module : spec.modules()) {
      for (int part = 0; part < PARTS; part++) {
        for (int place : places(module, part)) {
          estimates[part] += (double) query.parts[offset + place] * sum[offset + place];
        }
      }
      offset += module.size();
    }
    double mean = 0;
    for (double estimate : estimates) {
      mean += estimate / PARTS;
    }
    double squares = 0;
    for (double estimate : estimates) {
      squares += (estimate - mean) * (estimate - mean);
    }
    double error = Math.sqrt(squares / (PARTS - 1) / PARTS);
    return new Influence(deltaLoss(query, sum), error / tokens);
  }

  /**
   * {@return the norm of the move of the parameters when a group is left out, in Euclidean metric:
   * |(1/N) (F + lambda)^-1 g|}
   *
   * @param sum of the group's sketches, shape {@code (k)}
   */
  public double parameterShift(float[] sum) {
    float[] move = querySide(sum, InfluenceMethod.SKETCHED_FISHER).whole;
    return Math.sqrt(Spectrum.dot(move, 0, move, 0, move.length)) / tokens;
  }

  /**
   * {@return what leaving a group out does to its own loss, in nats, at least 0}
   *
   * @param sum of the group's sketches, shape {@code (k)}
   */
  public double selfInfluence(float[] sum) {
    float[] white = whiten(sum);
    return Spectrum.dot(white, 0, white, 0, white.length) / tokens;
  }
}
