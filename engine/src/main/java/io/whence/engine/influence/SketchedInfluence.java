package io.whence.engine.influence;

import io.whence.engine.EngineException;
import io.whence.engine.model.Safetensors;
import io.whence.engine.model.Safetensors.Tensor;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.sketch.Sketch;
import io.whence.engine.sketch.SketchShard;
import io.whence.engine.sketch.SketchSpec;
import io.whence.engine.sketch.TableRows;
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
 * the size of the parameters. The embedding table's own is diagonal ({@link TableCurvature}).
 *
 * <p><b>Error of the projection.</b> The columns of a layer's block fall into {@value #PARTS}
 * parts, each a sketch of its own with its own random directions; so do the directions of the
 * table's rows, one in {@value #PARTS} each. The same influence is computed from each part alone;
 * how far the four lie apart says how far the directions carry the estimate. A part is smaller than
 * the whole, so this errs on the side of too wide an interval of this error alone. What else is
 * wrong, all parts share. In the table it is of the same size: {@value #WIDER} times as wide, the
 * intervals held nine in ten of the changes that training again made on a development corpus; in
 * the blocks it is by far the larger error, and their intervals are left at what they say.
 *
 * <p>Immutable and safe for several threads.
 */
public final class SketchedInfluence {
  static final int PARTS = 4;

  /** How much wider than the projection's own error, in the embedding table (ADR 0024). */
  static final double WIDER = 2;

  private final SketchSpec spec;
  private final long tokens;
  private final Damping damping;
  private final List<Spectrum> layers;
  private final List<Spectrum> parts;
  private final TableCurvature table;
  private final int[] dealt;

  private SketchedInfluence(
      SketchSpec spec,
      long tokens,
      Damping damping,
      List<Spectrum> layers,
      List<Spectrum> parts,
      TableCurvature table) {
    this.spec = spec;
    this.tokens = tokens;
    this.damping = damping;
    this.layers = layers;
    this.parts = parts;
    this.table = table;
    this.dealt = table.dealt(PARTS);
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
      List<SketchShard> shards,
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
    TableCurvature table = TableCurvature.fit(spec.table(), shards, trainedOn, tokens);
    Damping damping =
        (training == null
                ? java.util.Optional.<Damping>empty()
                : Damping.fromTraining(spec, training, table))
            .orElseGet(() -> Damping.fromEigenvalues(wholes, table));
    return new SketchedInfluence(
        spec,
        tokens,
        damping,
        wholes,
        layers.stream().flatMap(layer -> layer.parts().stream()).toList(),
        table);
  }

  private static int[] offsets(SketchSpec spec) {
    int[] offsets = new int[spec.modules().size() + 1];
    for (int m = 0; m < spec.modules().size(); m++) {
      offsets[m + 1] = offsets[m] + spec.modules().get(m).size();
    }
    return offsets;
  }

  private static double[] fisher(
      List<SketchShard> shards, IntPredicate trainedOn, long tokens, int offset, int size) {
    double[] sums = new double[size * size];
    double[] block = new double[size];
    int number = 0;
    for (SketchShard shard : shards) {
      float[] row = new float[shard.blocks().dimension()];
      for (int i = 0; i < shard.instances(); i++) {
        if (!trainedOn.test(number++)) {
          continue;
        }
        shard.blocks().read(i, row);
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

  /**
   * Writes the eigenvectors (as rows) and eigenvalues of every layer and part, and the table's
   * curvature, as safetensors.
   */
  public void write(Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int m = 0; m < spec.modules().size(); m++) {
      String name = spec.modules().get(m).name();
      layers.get(m).put(tensors, name);
      for (int part = 0; part < PARTS; part++) {
        parts.get(m * PARTS + part).put(tensors, name + ".part" + part);
      }
    }
    table.put(tensors);
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
    TableCurvature table;
    try {
      table = TableCurvature.get(tensors, spec.table());
      for (SketchSpec.Module module : spec.modules()) {
        layers.add(Spectrum.get(tensors, module.name(), module.size()));
        for (int part = 0; part < PARTS; part++) {
          parts.add(
              Spectrum.get(tensors, module.name() + ".part" + part, places(module, part).length));
        }
      }
      if (damping.values().size() != spec.modules().size() + 1) {
        throw new IllegalArgumentException("the damping of the embedding table is missing");
      }
    } catch (IllegalArgumentException e) {
      throw new EngineException.IndexDamaged(file + ": " + e.getMessage(), e);
    }
    return new SketchedInfluence(spec, tokens, damping, layers, parts, table);
  }

  /** {@return the damping in use} */
  public Damping damping() {
    return damping;
  }

  /** {@return N, the tokens trained on} */
  public long tokens() {
    return tokens;
  }

  /** {@return lambda of the table} */
  private double tableDamping() {
    return damping.values().get(spec.modules().size());
  }

  /**
   * {@return the move of the sketched parameters without a group, by a method: 0 where it does not
   * look} A query's loss changes by the inner product of its sketch and this.
   *
   * @param sum of the group's sketches
   */
  public Sketch move(Sketch sum, InfluenceMethod method) {
    QuerySide side = querySide(sum, method);
    float[] move = new float[spec.dimension()];
    for (int j = 0; j < side.whole.length; j++) {
      move[j] = side.whole[j] / tokens;
    }
    return new Sketch(move, side.table.times(1.0 / tokens));
  }

  /** A query's side of a method: influence is its product with an instance's sketch, over N. */
  public static final class QuerySide {
    private final InfluenceMethod method;
    private final float[] whole;
    private final float[] parts;
    private final TableRows table;
    private final List<TableRows> tableParts;

    private QuerySide(InfluenceMethod method, float[] whole, float[] parts) {
      this.method = method;
      this.whole = whole;
      this.parts = parts;
      this.table = TableRows.NONE;
      this.tableParts = List.of();
    }

    private QuerySide(InfluenceMethod method, TableRows table, List<TableRows> tableParts) {
      this.method = method;
      this.whole = new float[0];
      this.parts = new float[0];
      this.table = table;
      this.tableParts = tableParts;
    }
  }

  /** {@return A g, the query's side of a method} */
  public QuerySide querySide(Sketch sketch, InfluenceMethod method) {
    if (method.readsTable()) {
      TableRows turned = table.solved(table.turned(sketch.table()), tableDamping());
      List<TableRows> tableParts = new ArrayList<>();
      for (int part = 0; part < PARTS; part++) {
        tableParts.add(table.back(ofPart(turned, part)).times(PARTS));
      }
      return new QuerySide(method, table.back(turned), tableParts);
    }
    float[] whole = new float[spec.dimension()];
    float[] apart = new float[spec.dimension()];
    int offset = 0;
    for (int m = 0; m < spec.modules().size(); m++) {
      SketchSpec.Module module = spec.modules().get(m);
      double lambda = damping.values().get(m);
      float[] block = new float[module.size()];
      System.arraycopy(sketch.blocks(), offset, block, 0, block.length);
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
    return new QuerySide(method, whole, apart);
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
   * {@return the blocks in coordinates in which the plain inner product is g' (F + lambda)^-1 g: by
   * what sketches are near each other}
   */
  public float[] whiten(Sketch sketch) {
    float[] white = new float[spec.dimension()];
    int offset = 0;
    for (int m = 0; m < spec.modules().size(); m++) {
      int size = spec.modules().get(m).size();
      float[] block = new float[size];
      System.arraycopy(sketch.blocks(), offset, block, 0, size);
      System.arraycopy(
          layers.get(m).whiten(block, damping.values().get(m)), 0, white, offset, size);
      offset += size;
    }
    return white;
  }

  /**
   * {@return what removal of an instance, or to first order of a group, does to the query's loss,
   * in nats}
   *
   * @param query from {@link #querySide}
   * @param sketch the instance's, or the sum of the group's
   */
  public double deltaLoss(QuerySide query, Sketch sketch) {
    return product(query, sketch) / tokens;
  }

  /**
   * {@return the same through the embedding table alone}
   *
   * @param query of a method that {@link InfluenceMethod#readsTable}
   */
  public double deltaLoss(QuerySide query, TableRows rows) {
    if (!query.method.readsTable()) {
      throw new IllegalArgumentException(query.method.id() + " does not look at the table");
    }
    return product(query.table, rows) / tokens;
  }

  private double product(QuerySide query, Sketch sketch) {
    // One of the two has no numbers: a method looks at the blocks or at the table.
    return Spectrum.dot(query.whole, 0, sketch.blocks(), 0, query.whole.length)
        + product(query.table, sketch.table());
  }

  private static double product(TableRows query, TableRows rows) {
    int width = query.width();
    double sum = 0;
    int at = 0;
    for (int row = 0; row < rows.tokens().length; row++) {
      int token = rows.tokens()[row];
      at = place(query.tokens(), at, token);
      if (at < query.tokens().length && query.tokens()[at] == token) {
        sum += Spectrum.dot(query.values(), at * width, rows.values(), row * width, width);
      }
    }
    return sum;
  }

  /** The first place from {@code from} on that is not below {@code token}. */
  private static int place(int[] tokens, int from, int token) {
    // An output has every row, so that this is a look-up; a group of instances has some.
    if (token < tokens.length && tokens[token] == token) {
      return token;
    }
    int place = from;
    while (place < tokens.length && tokens[place] < token) {
      place++;
    }
    return place;
  }

  /**
   * {@return the sketch that stands for a group to second order: {@code (1 + F_U (F + lambda)^-1)
   * G}, G the sum of its members' sketches and F_U their part of the curvature}
   *
   * <p>Each member counts as much more as its own loss would rise without the group: what the
   * others would have made up for is gone with them (Basu et al., 2020; how the curvature itself
   * bends is left out). Its {@link #influence} is the group's.
   *
   * @param members their sketches; at least one
   */
  public Sketch secondOrder(List<Sketch> members, InfluenceMethod method) {
    QuerySide group = querySide(Sketch.sum(members), method);
    List<Sketch> weighted = new ArrayList<>();
    for (Sketch member : members) {
      float more = (float) (1 + deltaLoss(group, member));
      float[] blocks = member.blocks().clone();
      for (int j = 0; j < blocks.length; j++) {
        blocks[j] *= more;
      }
      weighted.add(new Sketch(blocks, member.table().times(more)));
    }
    return Sketch.sum(weighted);
  }

  /**
   * {@return what removal of a group does to the query's loss, to first order, with the error of
   * the projection}
   *
   * @param query from {@link #querySide}
   * @param sum of the group's sketches
   */
  public Influence influence(QuerySide query, Sketch sum) {
    boolean ofTable = query.method.readsTable();
    double[] estimates = ofTable ? ofTable(query, sum) : ofBlocks(query, sum);
    double mean = 0;
    for (double estimate : estimates) {
      mean += estimate / PARTS;
    }
    double squares = 0;
    for (double estimate : estimates) {
      squares += (estimate - mean) * (estimate - mean);
    }
    double error = (ofTable ? WIDER : 1) * Math.sqrt(squares / (PARTS - 1) / PARTS);
    return new Influence(deltaLoss(query, sum), error / tokens);
  }

  private double[] ofBlocks(QuerySide query, Sketch sum) {
    double[] estimates = new double[PARTS];
    int offset = 0;
    for (SketchSpec.Module module : spec.modules()) {
      for (int part = 0; part < PARTS; part++) {
        for (int place : places(module, part)) {
          estimates[part] += (double) query.parts[offset + place] * sum.blocks()[offset + place];
        }
      }
      offset += module.size();
    }
    return estimates;
  }

  private static double[] ofTable(QuerySide query, Sketch sum) {
    return query.tableParts.stream().mapToDouble(part -> product(part, sum.table())).toArray();
  }

  /** Rows, in the coordinates of the eigenvectors, without those of other parts. */
  private TableRows ofPart(TableRows turned, int part) {
    float[] own = turned.values().clone();
    for (int i = 0; i < own.length; i++) {
      if (dealt[i % dealt.length] != part) {
        own[i] = 0;
      }
    }
    return new TableRows(turned.tokens(), own);
  }

  /**
   * {@return the norm of the move of the parameters when a group is left out, in Euclidean metric:
   * |(1/N) (F + lambda)^-1 g|, of the linear layers and the embedding table}
   *
   * @param sum of the group's sketches
   */
  public double parameterShift(Sketch sum) {
    float[] blocks = querySide(sum, InfluenceMethod.SKETCHED_FISHER).whole;
    float[] rows = querySide(sum, InfluenceMethod.WORD_EMBEDDING_FISHER).table.values();
    return Math.sqrt(
            Spectrum.dot(blocks, 0, blocks, 0, blocks.length)
                + Spectrum.dot(rows, 0, rows, 0, rows.length))
        / tokens;
  }

  /**
   * {@return what leaving a group out does to its own loss, in nats, at least 0}
   *
   * @param sum of the group's sketches
   */
  public double selfInfluence(Sketch sum, InfluenceMethod method) {
    return Math.max(0, deltaLoss(querySide(sum, method), sum));
  }
}
