package io.whence.engine.influence;

import io.whence.engine.model.Safetensors.Tensor;
import io.whence.engine.sketch.SketchShard;
import io.whence.engine.sketch.SketchSpec;
import io.whence.engine.sketch.TableRows;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The empirical Fisher of the embedding table, diagonal in the tokens and, along the projected
 * rows, in the eigenvectors of the rows' second moment: EK-FAC (George et al., NeurIPS 2018) with
 * the tokens for coordinates, since no eigenvectors are sought over a vocabulary.
 */
final class TableCurvature {
  /** The table's name in checkpoints and training records. */
  static final String NAME = "wte";

  private final SketchSpec.Table table;
  private final Spectrum moment;

  /** {@code [vocabulary, k]}, the eigenvectors of {@link #moment} for columns. */
  private final float[] values;

  private TableCurvature(SketchSpec.Table table, Spectrum moment, float[] values) {
    this.table = table;
    this.moment = moment;
    this.values = values;
  }

  /** {@return the curvature of the rows in {@code shards}, as {@link SketchedInfluence#fit}} */
  static TableCurvature fit(
      SketchSpec.Table table, List<SketchShard> shards, IntPredicate trainedOn, long tokens) {
    int width = table.k();
    double[] second = new double[width * width];
    each(
        shards,
        trainedOn,
        rows -> {
          float[] values = rows.values();
          for (int from = 0; from < values.length; from += width) {
            for (int a = 0; a < width; a++) {
              for (int b = 0; b < width; b++) {
                second[a * width + b] += (double) values[from + a] * values[from + b];
              }
            }
          }
        });
    for (int i = 0; i < second.length; i++) {
      second[i] /= tokens;
    }
    Spectrum moment = Spectrum.of(second);
    double[] squares = new double[table.vocabulary() * width];
    float[] turned = new float[width];
    each(
        shards,
        trainedOn,
        rows -> {
          for (int row = 0; row < rows.tokens().length; row++) {
            turn(moment, rows.values(), row * width, turned, 0);
            for (int j = 0; j < width; j++) {
              squares[rows.tokens()[row] * width + j] += (double) turned[j] * turned[j];
            }
          }
        });
    float[] values = new float[squares.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (squares[i] / tokens);
    }
    return new TableCurvature(table, moment, values);
  }

  private static void each(
      List<SketchShard> shards, IntPredicate trainedOn, Consumer<TableRows> body) {
    int number = 0;
    for (SketchShard shard : shards) {
      for (int i = 0; i < shard.instances(); i++) {
        if (trainedOn.test(number++)) {
          body.accept(shard.table().rows(i));
        }
      }
    }
  }

  /** A row in the coordinates of the eigenvectors. */
  private static void turn(Spectrum moment, float[] from, int at, float[] to, int place) {
    int width = moment.size();
    for (int j = 0; j < width; j++) {
      to[place + j] = (float) Spectrum.dot(moment.vectors(), j * width, from, at, width);
    }
  }

  void put(Map<String, Tensor> tensors) {
    moment.put(tensors, NAME + ".moment");
    tensors.put(NAME + ".fisher", new Tensor(new long[] {table.vocabulary(), table.k()}, values));
  }

  /** Throws IllegalArgumentException where it is not there, as {@link Spectrum#get}. */
  static TableCurvature get(Map<String, Tensor> tensors, SketchSpec.Table table) {
    Spectrum moment = Spectrum.get(tensors, NAME + ".moment", table.k());
    Tensor values = tensors.get(NAME + ".fisher");
    if (values == null || values.values().length != table.vocabulary() * table.k()) {
      throw new IllegalArgumentException("the curvature of the embedding table is missing");
    }
    return new TableCurvature(table, moment, values.values());
  }

  /**
   * {@return for each eigenvector which of {@code parts} it falls into: dealt out by eigenvalue, so
   * that all have large and small ones}
   */
  int[] dealt(int parts) {
    int[] dealt = new int[table.k()];
    List<Integer> largestFirst =
        IntStream.range(0, table.k())
            .boxed()
            .sorted(Comparator.comparingDouble(j -> -moment.value(j)))
            .toList();
    for (int i = 0; i < dealt.length; i++) {
      dealt[largestFirst.get(i)] = i % parts;
    }
    return dealt;
  }

  /** {@return the mean eigenvalue over the tokens that were seen; 0 where none was} */
  double mean() {
    double sum = 0;
    int seen = 0;
    for (float value : values) {
      sum += value;
      seen += value > 0 ? 1 : 0;
    }
    return seen == 0 ? 0 : sum / seen;
  }

  /** {@return the rows in the coordinates of the eigenvectors} */
  TableRows turned(TableRows rows) {
    float[] turned = new float[rows.values().length];
    for (int at = 0; at < turned.length; at += table.k()) {
      turn(moment, rows.values(), at, turned, at);
    }
    return new TableRows(rows.tokens(), turned);
  }

  /** {@return (F + lambda)^-1 rows, of and in the coordinates of the eigenvectors} */
  TableRows solved(TableRows turned, double lambda) {
    int width = table.k();
    float[] solved = new float[turned.values().length];
    for (int i = 0; i < solved.length; i++) {
      float value = values[turned.tokens()[i / width] * width + i % width];
      solved[i] = (float) (turned.values()[i] / (value + lambda));
    }
    return new TableRows(turned.tokens(), solved);
  }

  /** {@return the rows in their own coordinates again} */
  TableRows back(TableRows turned) {
    int width = table.k();
    float[] rows = new float[turned.values().length];
    for (int at = 0; at < rows.length; at += width) {
      for (int i = 0; i < width; i++) {
        float weight = turned.values()[at + i];
        for (int j = 0; j < width; j++) {
          rows[at + j] += weight * moment.vectors()[i * width + j];
        }
      }
    }
    return new TableRows(turned.tokens(), rows);
  }
}
