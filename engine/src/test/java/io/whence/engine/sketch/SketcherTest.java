package io.whence.engine.sketch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.SeededNormal;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.TinyCheckpoint;
import io.whence.engine.model.TokenWindow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sketch is its window's own gradient, projected, whatever else is in the batch. */
class SketcherTest {
  private static final int K = 4;
  private static final long SEED = 11;

  @TempDir Path directory;
  private Checkpoint checkpoint;
  private Sketcher sketcher;
  private List<TokenWindow> windows;

  @BeforeEach
  void open() {
    TinyCheckpoint.write(directory, 1);
    checkpoint = Checkpoint.open(directory, "cpu");
    sketcher = new Sketcher(checkpoint, SketchSpec.of(checkpoint.config(), K, SEED));
    windows = TinyCheckpoint.windows(24, checkpoint.config().vocabulary(), 16, 2);
  }

  @AfterEach
  void close() {
    sketcher.close();
    checkpoint.close();
  }

  @Test
  void equals_the_naive_gradient_projected_to_one_part_in_a_hundred_thousand() {
    Sketches sketches = sketcher.sketch(windows);

    for (int i = 0; i < windows.size(); i++) {
      float[] naive = projected(TinyCheckpoint.gradients(directory, windows.get(i)));
      assertThat(distance(sketches.row(i).blocks(), naive)).isLessThan(1e-5 * norm(naive));
    }
  }

  @Test
  void does_not_depend_on_batch_padding_order_or_threads() {
    float[][] alone = new float[windows.size()][];
    float[][] aloneInTable = new float[windows.size()][];
    for (int i = 0; i < windows.size(); i++) {
      Sketch sketch = sketcher.sketch(List.of(windows.get(i))).row(0);
      alone[i] = sketch.blocks();
      aloneInTable[i] = sketch.table().values();
    }
    List<Integer> order =
        new java.util.ArrayList<>(
            java.util.stream.IntStream.range(0, windows.size()).boxed().toList());
    Collections.shuffle(order, new Random(3));
    List<TokenWindow> shuffled = order.stream().map(windows::get).toList();

    for (int threads : new int[] {1, 3}) {
      Sketch[] together = new Sketch[windows.size()];
      sketcher.sketch(
          shuffled, threads, (index, sketch, loss) -> together[order.get(index)] = sketch);

      for (int i = 0; i < windows.size(); i++) {
        assertThat(distance(together[i].blocks(), alone[i])).isLessThan(1e-5 * norm(alone[i]));
        assertThat(distance(together[i].table().values(), aloneInTable[i]))
            .isLessThan(1e-5 * norm(aloneInTable[i]));
      }
    }
  }

  @Test
  void gives_the_same_bits_for_the_same_windows_and_seed() {
    float[][] first = new float[windows.size()][];
    float[][] second = new float[windows.size()][];

    sketcher.sketch(windows, 1, (index, sketch, loss) -> first[index] = all(sketch));
    sketcher.sketch(windows, 2, (index, sketch, loss) -> second[index] = all(sketch));

    assertThat(second).isDeepEqualTo(first);
  }

  @Test
  void has_no_thread_at_work_on_the_native_memory_once_it_gave_up() throws Exception {
    List<TokenWindow> many =
        Collections.nCopies(200, windows).stream().flatMap(List::stream).toList();
    AtomicInteger taken = new AtomicInteger();

    assertThatThrownBy(
            () ->
                sketcher.sketch(
                    many,
                    2,
                    (index, sketch, loss) -> {
                      if (taken.incrementAndGet() == 1) {
                        throw new IllegalStateException("no room left");
                      }
                    }))
        .hasMessage("no room left");

    int atReturn = taken.get();
    Thread.sleep(300);
    assertThat(taken).hasValue(atReturn);
  }

  @Test
  void tells_each_token_apart_and_their_sum_is_the_sketch_along_the_direction() {
    SeededNormal normal = new SeededNormal(8);
    int[] ids = new SplittableRandom(3).ints(12, 0, checkpoint.config().vocabulary()).toArray();
    TokenWindow window = new TokenWindow(ids, 4);
    int[] rows = {ids[0], ids[2], ids[7], ids[11]};
    Arrays.sort(rows);
    TableRows table = new TableRows(rows, normal.floats(rows.length * K, 3));
    List<Sketch> directions =
        List.of(
            new Sketch(normal.floats(sketcher.spec().dimension(), 1e-6), TableRows.NONE),
            new Sketch(normal.floats(sketcher.spec().dimension(), 10), table),
            new Sketch(new float[sketcher.spec().dimension()], table));

    float[][] slopes = sketcher.tokenSlopes(window, directions);

    Sketch whole = sketcher.sketch(List.of(window)).sum();
    Sketch last = sketcher.sketch(List.of(new TokenWindow(ids, 11))).sum();
    for (int d = 0; d < slopes.length; d++) {
      assertThat(slopes[d]).hasSize(window.scored());
      double size = 0;
      double sum = 0;
      for (float slope : slopes[d]) {
        size += Math.abs(slope);
        sum += slope;
      }
      assertThat(sum).isCloseTo(dot(whole, directions.get(d)), within(2e-3 * size));
      assertThat((double) slopes[d][window.scored() - 1])
          .isCloseTo(dot(last, directions.get(d)), within(2e-3 * size));
    }
  }

  @Test
  void keeps_of_the_table_the_rows_of_a_windows_own_tokens_on_its_principal_directions() {
    Sketches sketches = sketcher.sketch(windows);

    for (int i = 0; i < windows.size(); i++) {
      float[] gradient =
          requireNonNull(TinyCheckpoint.gradients(directory, windows.get(i)).get("wte.weight"));
      TableRows rows = sketches.row(i).table();
      assertThat(rows.tokens()).containsExactly(windows.get(i).tokens());
      float[] naive = onDirections(gradient, rows.tokens());
      assertThat(distance(rows.values(), naive)).isLessThan(1e-5 * norm(naive));
    }
  }

  @Test
  void keeps_of_a_query_every_row_of_the_table() {
    TableRows rows = sketcher.sketch(List.of(windows.get(3))).sum().table();

    float[] gradient =
        requireNonNull(TinyCheckpoint.gradients(directory, windows.get(3)).get("wte.weight"));
    assertThat(rows.tokens()).hasSize(checkpoint.config().vocabulary());
    float[] naive = onDirections(gradient, rows.tokens());
    assertThat(distance(rows.values(), naive)).isLessThan(1e-5 * norm(naive));
  }

  @Test
  void the_directions_are_orthonormal_and_hold_more_of_the_table_than_any_others() {
    float[] directions = sketcher.directions().values();
    int width = checkpoint.config().width();

    for (int i = 0; i < K; i++) {
      for (int j = 0; j < K; j++) {
        assertThat(
                dot(
                    Arrays.copyOfRange(directions, i * width, (i + 1) * width),
                    Arrays.copyOfRange(directions, j * width, (j + 1) * width)))
            .isCloseTo(i == j ? 1 : 0, within(1e-5));
      }
    }
    double held = variance(directions);
    for (int axis = 0; axis + K <= width; axis += K) {
      float[] axes = new float[K * width];
      for (int i = 0; i < K; i++) {
        axes[i * width + axis + i] = 1;
      }
      assertThat(held).isGreaterThan(variance(axes));
    }
  }

  @Test
  void directions_come_back_as_they_were_written_and_those_of_another_table_are_refused()
      throws Exception {
    Path file = directory.resolve("directions.safetensors");
    SketchSpec.Table table = sketcher.spec().table();
    TableDirections directions = TableDirections.of(checkpoint, table);
    directions.write(file);

    assertThat(TableDirections.read(file, table).values()).isEqualTo(directions.values());
    assertThatThrownBy(
            () ->
                TableDirections.read(
                    file, new SketchSpec.Table(table.vocabulary(), table.width(), K - 1)))
        .isInstanceOf(io.whence.engine.EngineException.IndexDamaged.class)
        .hasMessageContaining("should hold " + (K - 1) + " directions");
  }

  @Test
  void a_text_of_many_windows_is_the_sum_of_its_windows() {
    Sketcher.Whole whole = sketcher.whole(windows);

    Sketches together = sketcher.sketch(windows);
    assertThat(whole.loss()).isCloseTo(together.loss(), within(1e-4 * together.loss()));
    assertThat(distance(whole.sketch().blocks(), together.sum().blocks()))
        .isLessThan(1e-5 * norm(together.sum().blocks()));
    assertThat(distance(whole.sketch().table().values(), together.sum().table().values()))
        .isLessThan(1e-5 * norm(together.sum().table().values()));
  }

  /** How much the table varies along some directions together. */
  private double variance(float[] directions) {
    float[] table = checkpoint.embeddingTable();
    int width = checkpoint.config().width();
    double variance = 0;
    for (int i = 0; i < directions.length / width; i++) {
      float[] direction = Arrays.copyOfRange(directions, i * width, (i + 1) * width);
      int rows = table.length / width;
      double sum = 0;
      double squares = 0;
      for (int row = 0; row < rows; row++) {
        double along = dot(Arrays.copyOfRange(table, row * width, (row + 1) * width), direction);
        sum += along;
        squares += along * along;
      }
      variance += squares - sum * sum / rows;
    }
    return variance;
  }

  /** The specification, written down a second time: rows of G, times each direction. */
  private float[] onDirections(float[] gradient, int[] tokens) {
    float[] directions = sketcher.directions().values();
    int width = checkpoint.config().width();
    float[] rows = new float[tokens.length * K];
    for (int row = 0; row < tokens.length; row++) {
      for (int j = 0; j < K; j++) {
        double sum = 0;
        for (int i = 0; i < width; i++) {
          sum += (double) gradient[tokens[row] * width + i] * directions[j * width + i];
        }
        rows[row * K + j] = (float) sum;
      }
    }
    return rows;
  }

  private static float[] all(Sketch sketch) {
    float[] all =
        Arrays.copyOf(sketch.blocks(), sketch.blocks().length + sketch.table().values().length);
    System.arraycopy(
        sketch.table().values(), 0, all, sketch.blocks().length, sketch.table().values().length);
    return all;
  }

  /** Of a sketch with every row of the table, and a direction. */
  private static double dot(Sketch sketch, Sketch direction) {
    double sum = dot(sketch.blocks(), direction.blocks());
    TableRows rows = direction.table();
    for (int i = 0; i < rows.values().length; i++) {
      sum += (double) rows.values()[i] * sketch.table().values()[rows.tokens()[i / K] * K + i % K];
    }
    return sum;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Test
  void keeps_inner_products_on_average_over_seeds_layer_by_layer() {
    TokenWindow a = windows.get(0);
    TokenWindow b = windows.get(1);
    Map<String, float[]> gradientA = TinyCheckpoint.gradients(directory, a);
    Map<String, float[]> gradientB = TinyCheckpoint.gradients(directory, b);
    SketchSpec spec = sketcher.spec();
    int seeds = 400;
    double[] sums = new double[spec.modules().size()];
    for (int seed = 0; seed < seeds; seed++) {
      try (Sketcher other = new Sketcher(checkpoint, SketchSpec.of(checkpoint.config(), K, seed))) {
        Sketches sketches = other.sketch(List.of(a, b));
        int offset = 0;
        for (int m = 0; m < sums.length; m++) {
          int size = spec.modules().get(m).size();
          for (int j = offset; j < offset + size; j++) {
            sums[m] += (double) sketches.row(0).blocks()[j] * sketches.row(1).blocks()[j] / seeds;
          }
          offset += size;
        }
      }
    }

    for (int m = 0; m < sums.length; m++) {
      String name = spec.modules().get(m).name() + ".weight";
      float[] x = requireNonNull(gradientA.get(name));
      float[] y = requireNonNull(gradientB.get(name));
      double exact = 0;
      for (int j = 0; j < x.length; j++) {
        exact += (double) x[j] * y[j];
      }
      // One projection errs by about |x| |y| / 2 here, four hundred by a twentieth of that.
      assertThat(sums[m]).as(name).isCloseTo(exact, within(0.15 * norm(x) * norm(y)));
    }
  }

  @Test
  void memory_stays_flat_over_two_thousand_batches() throws Exception {
    List<TokenWindow> batch = windows.subList(0, 8);
    for (int i = 0; i < 500; i++) {
      sketcher.sketch(batch);
    }
    System.gc();
    long before = residentBytes();

    for (int i = 0; i < 2000; i++) {
      sketcher.sketch(batch);
    }

    System.gc();
    // One leaked array a batch, of the smallest kind here, would be 2000 x 4 KB x layers.
    assertThat(residentBytes() - before).isLessThan(48L << 20);
  }

  private static long residentBytes() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new AssertionError("the kernel does not tell the resident size");
  }

  /** The specification, written down a second time: P_in' G P_out' from the same seeds. */
  private float[] projected(Map<String, float[]> gradients) {
    SketchSpec spec = sketcher.spec();
    float[] sketch = new float[spec.dimension()];
    SplittableRandom seeds = new SplittableRandom(spec.seed());
    int offset = 0;
    for (SketchSpec.Module module : spec.modules()) {
      float[] in =
          new SeededNormal(seeds.nextLong())
              .floats(module.in() * module.kIn(), 1 / StrictMath.sqrt(module.kIn()));
      float[] out =
          new SeededNormal(seeds.nextLong())
              .floats(module.kOut() * module.out(), 1 / StrictMath.sqrt(module.kOut()));
      float[] gradient = requireNonNull(gradients.get(module.name() + ".weight")); // [out, in]
      for (int a = 0; a < module.kIn(); a++) {
        for (int b = 0; b < module.kOut(); b++) {
          double sum = 0;
          for (int i = 0; i < module.in(); i++) {
            for (int o = 0; o < module.out(); o++) {
              sum +=
                  (double) in[i * module.kIn() + a]
                      * gradient[o * module.in() + i]
                      * out[b * module.out() + o];
            }
          }
          sketch[offset + a * module.kOut() + b] = (float) sum;
        }
      }
      offset += module.size();
    }
    return sketch;
  }

  private static double norm(float[] x) {
    return distance(x, new float[x.length]);
  }

  private static double distance(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
    }
    return Math.sqrt(sum);
  }
}
