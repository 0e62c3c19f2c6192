package io.whence.engine.sketch;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.SeededNormal;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.LinearTap;
import io.whence.engine.model.TokenBatches;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Sketches the gradient of each window's summed loss, many windows in one backward pass.
 *
 * <p>Beside every linear layer {@code out = in W + b} runs a branch {@code in P_in B P_out} with a
 * zero probe {@code B [kIn, kOut]} for each window. It changes no output, and the gradient of the
 * batch's summed loss at a window's probe is that window's own gradient, projected: the two-sided
 * projection of Choe et al., "What is your data worth to GPT?" (2024), section 3.1. The weights
 * stay frozen, so a pass costs 4 x parameters x tokens FLOPs. Biases, norms and positions are not
 * sketched.
 *
 * <p>The embedding table, which is the output matrix as well, has a zero probe {@code B
 * [vocabulary, k]} for each window in both places: the row that is looked up for a token gets
 * {@code B[token] D}, the logits {@code h D' B'}, D the table's first principal directions. The
 * gradient there is the table's, projected: of each word, what it did to the loss as it was read
 * and as it was predicted.
 *
 * <p>Projections of blocks are N(0, 1/k), so the inner product of two sketches is, in expectation,
 * that of the gradients, layer by layer. A window's sketch does not depend on the batch it is in
 * beyond float32 rounding. Safe for several platform threads.
 */
public final class Sketcher implements AutoCloseable {
  private static final double MOVED = 0.02;
  private static final int MOST_STEP_SIZES = 4;

  private static final int MOST_OF_A_TEXT = 8;

  /** Numbers that the table's probes of one batch may have: of a large vocabulary few windows. */
  private static final int ROOM = 1 << 24;

  private final Checkpoint checkpoint;
  private final SketchSpec spec;
  private final TableDirections directions;
  private final NDManager manager;
  private final NDArray across;
  private final NDArray along;
  private final List<NDArray> in = new ArrayList<>();
  private final List<NDArray> out = new ArrayList<>();

  /** A window's sketch and its loss; what {@link #sketch} hands over. */
  @FunctionalInterface
  public interface Rows {
    /**
     * Takes a row. Called from one thread at a time, in no particular order.
     *
     * @param index of the window
     * @param sketch of the window, the table's rows of its own tokens alone
     * @param loss summed over the window's scored tokens, nats
     */
    void take(int index, Sketch sketch, double loss);
  }

  /** Draws the projections of {@code spec}, which must be of the checkpoint's layers. */
  public Sketcher(Checkpoint checkpoint, SketchSpec spec) {
    this(checkpoint, spec, TableDirections.of(checkpoint, spec.table()));
  }

  /**
   * The same with directions of the table that were found before.
   *
   * @param directions {@code k} of {@link SketchSpec#table()}
   */
  public Sketcher(Checkpoint checkpoint, SketchSpec spec, TableDirections directions) {
    this.checkpoint = checkpoint;
    this.spec = spec;
    this.directions = directions;
    this.manager = checkpoint.newBatch();
    SplittableRandom seeds = new SplittableRandom(spec.seed());
    for (SketchSpec.Module module : spec.modules()) {
      in.add(projection(seeds.nextLong(), module.kIn(), module.in(), module.kIn()));
      out.add(projection(seeds.nextLong(), module.kOut(), module.kOut(), module.out()));
    }
    SketchSpec.Table table = spec.table();
    along = Torch.owned(manager, directions.values(), table.k(), table.width());
    across =
        Torch.owned(
            manager,
            transposed(directions.values(), table.k(), table.width()),
            table.width(),
            table.k());
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    float[] transposed = new float[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = values[i * columns + j];
      }
    }
    return transposed;
  }

  private NDArray projection(long seed, int k, int rows, int columns) {
    float[] values = new SeededNormal(seed).floats(rows * columns, 1 / StrictMath.sqrt(k));
    return Torch.owned(manager, values, rows, columns);
  }

  /** {@return what rows of the table are projected on} */
  TableDirections directions() {
    return directions;
  }

  /** {@return what this sketcher projects to} */
  public SketchSpec spec() {
    return spec;
  }

  /**
   * Sketches windows on {@code threads} platform threads.
   *
   * @param windows each of at most the model's context
   * @param threads at least 1; the rows do not depend on it
   * @param rows takes each window's row
   */
  public void sketch(List<TokenWindow> windows, int threads, Rows rows) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    // Bounds what is in flight, so that memory stays flat whatever the number of batches.
    Semaphore inFlight = new Semaphore(2 * threads);
    Object turn = new Object();
    List<Future<?>> futures = new ArrayList<>();
    try {
      for (List<Integer> batch : batches(windows)) {
        inFlight.acquire();
        futures.add(
            pool.submit(
                () -> {
                  try {
                    Sketches sketches = sketch(batch.stream().map(windows::get).toList());
                    synchronized (turn) {
                      for (int i = 0; i < batch.size(); i++) {
                        rows.take(batch.get(i), sketches.row(i), sketches.loss(i));
                      }
                    }
                  } finally {
                    inFlight.release();
                  }
                }));
        while (!futures.isEmpty() && futures.get(0).isDone()) {
          futures.remove(0).get();
        }
      }
      for (Future<?> future : futures) {
        future.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("sketching was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("sketching failed: " + e.getCause(), e);
    } finally {
      // A batch under way reads native memory that whoever gave up is about to free.
      pool.shutdownNow();
      pool.close();
    }
  }

  private List<List<Integer>> batches(List<TokenWindow> windows) {
    return TokenBatches.of(windows, TokenBatches.TOKENS).stream()
        .flatMap(batch -> slices(batch, mostWindows()).stream())
        .toList();
  }

  /** How many windows' probes of the table are held at once. */
  private int mostWindows() {
    return Math.max(1, ROOM / Math.multiplyExact(spec.table().vocabulary(), spec.table().k()));
  }

  private static <V> List<List<V>> slices(List<V> all, int most) {
    List<List<V>> slices = new ArrayList<>();
    for (int from = 0; from < all.size(); from += most) {
      slices.add(all.subList(from, Math.min(from + most, all.size())));
    }
    return slices;
  }

  /** What a text's windows make together. */
  public record Whole(Sketch sketch, double loss) {}

  /**
   * {@return the sketch of a text, every row of the table in it, and its loss in nats} A few
   * windows at a time, so that a long text needs no more memory than a short one.
   *
   * @param windows at least one
   */
  public Whole whole(List<TokenWindow> windows) {
    Sketch sum = null;
    double loss = 0;
    for (List<TokenWindow> some : slices(windows, Math.min(MOST_OF_A_TEXT, mostWindows()))) {
      Sketches sketches = sketch(some);
      sum = sum == null ? sketches.sum() : Sketch.sum(List.of(sum, sketches.sum()));
      loss += sketches.loss();
    }
    return new Whole(requireNonNull(sum), loss);
  }

  /**
   * {@return the sketches of one batch, on the calling platform thread}
   *
   * @param windows each of at most the model's context
   */
  public Sketches sketch(List<TokenWindow> windows) {
    return Torch.withGradients(
        () -> {
          try (NDManager batch = checkpoint.newBatch()) {
            ZeroProbes probes = new ZeroProbes(batch, windows.size());
            NDArray losses = checkpoint.losses(batch, windows, probes);
            Torch.backward(losses.sum(), batch);
            float[] blocks = new float[Math.multiplyExact(windows.size(), spec.dimension())];
            int offset = 0;
            for (int layer = 0; layer < spec.modules().size(); layer++) {
              int size = spec.modules().get(layer).size();
              float[] block = Torch.gradient(probes.ofLayers[layer]);
              for (int i = 0; i < windows.size(); i++) {
                System.arraycopy(block, i * size, blocks, i * spec.dimension() + offset, size);
              }
              offset += size;
            }
            return new Sketches(
                spec,
                windows,
                blocks,
                table(windows, probes),
                Checkpoint.rowSums(Torch.floats(losses), windows.size()));
          }
        });
  }

  /** The gradient of the table, {@code [windows, vocabulary, k]}: of its rows both uses' sum. */
  private float[] table(List<TokenWindow> windows, ZeroProbes probes) {
    int width = spec.table().k();
    float[] table = Torch.gradient(requireNonNull(probes.predicted));
    float[] read = Torch.gradient(requireNonNull(probes.read));
    int longest = read.length / width / windows.size();
    for (int i = 0; i < windows.size(); i++) {
      for (int t = 0; t < windows.get(i).inputs(); t++) {
        int from = (i * longest + t) * width;
        int to = (i * spec.table().vocabulary() + windows.get(i).input(t)) * width;
        for (int j = 0; j < width; j++) {
          table[to + j] += read[from + j];
        }
      }
    }
    return table;
  }

  /** Branches beside each linear layer and both uses of the table. */
  private abstract class Probes implements LinearTap {
    final NDManager batch;
    final int windows;

    Probes(NDManager batch, int windows) {
      this.batch = batch;
      this.windows = windows;
    }

    /** {@return the probe of a layer, {@code [windows, kIn, kOut]}} */
    abstract NDArray ofLayer(int layer);

    /** {@return whether the table has a probe} */
    abstract boolean ofTable();

    /** {@return that of the table for the logits, {@code [windows, vocabulary, k]}} */
    abstract NDArray predicted();

    /**
     * {@return its rows at the tokens that are read, {@code [cells, k]}}
     *
     * @param cells windows times positions
     */
    abstract NDArray read(long cells);

    @Override
    public final NDArray tap(int layer, NDArray input, NDArray output) {
      SketchSpec.Module module = spec.modules().get(layer);
      long cells = input.getShape().get(0);
      // The input is detached on this branch: with B = 0 nothing flows back through it anyway.
      NDArray branch =
          input
              .stopGradient()
              .matMul(in.get(layer))
              .reshape(windows, cells / windows, module.kIn())
              .matMul(ofLayer(layer))
              .reshape(cells, module.kOut())
              .matMul(out.get(layer));
      return output.addi(branch);
    }

    @Override
    public final NDArray embedding(NDArray rows) {
      return ofTable() ? rows.addi(read(rows.getShape().get(0)).matMul(along)) : rows;
    }

    @Override
    public final NDArray head(NDArray input, NDArray logits) {
      if (!ofTable()) {
        return logits;
      }
      long cells = input.getShape().get(0);
      NDArray branch =
          input
              .stopGradient()
              .matMul(across)
              .reshape(windows, cells / windows, spec.table().k())
              .matMul(predicted().transpose(0, 2, 1))
              .reshape(cells, spec.table().vocabulary());
      return logits.addi(branch);
    }
  }

  /** Probes of zeros, which collect gradients. */
  private final class ZeroProbes extends Probes {
    private final NDArray[] ofLayers = new NDArray[spec.modules().size()];
    private @Nullable NDArray predicted;
    private @Nullable NDArray read;

    ZeroProbes(NDManager batch, int windows) {
      super(batch, windows);
    }

    @Override
    NDArray ofLayer(int layer) {
      SketchSpec.Module module = spec.modules().get(layer);
      ofLayers[layer] = Torch.leaf(batch, windows, module.kIn(), module.kOut());
      return ofLayers[layer];
    }

    @Override
    boolean ofTable() {
      return true;
    }

    @Override
    NDArray predicted() {
      predicted = Torch.leaf(batch, windows, spec.table().vocabulary(), spec.table().k());
      return predicted;
    }

    @Override
    NDArray read(long cells) {
      read = Torch.leaf(batch, cells, spec.table().k());
      return read;
    }
  }

  /**
   * {@return by how much the loss of each scored token of a window grows with a step along each
   * direction, nats a unit, {@code [directions][scored tokens]}} A row's sum is the inner product
   * of its direction and the window's sketch.
   *
   * <p>Central differences of forward passes with the direction in the probes; the step is chosen
   * so that the token that moves most does so by about {@value #MOVED} nats, far above what float32
   * loses and small enough that the bend of the loss costs less than a thousandth.
   *
   * @param window at most the model's context
   * @param directions moves of all that is sketched
   */
  public float[][] tokenSlopes(TokenWindow window, List<Sketch> directions) {
    return slices(directions, Math.max(1, Math.min(MOST_OF_A_TEXT, mostWindows() / 2))).stream()
        .flatMap(some -> Arrays.stream(slopesOf(window, some)))
        .toArray(float[][]::new);
  }

  private float[][] slopesOf(TokenWindow window, List<Sketch> directions) {
    double[] steps = new double[directions.size()];
    Arrays.fill(steps, 1);
    return Torch.withoutGradients(
        () -> {
          float[][] slopes = slopes(window, directions, steps);
          for (int again = 0; again < MOST_STEP_SIZES; again++) {
            boolean fine = true;
            for (int d = 0; d < steps.length; d++) {
              double moved = 0;
              for (float slope : slopes[d]) {
                moved = Math.max(moved, Math.abs(slope) * steps[d]);
              }
              if (moved > 0 && (moved < MOVED / 3 || moved > 3 * MOVED)) {
                steps[d] *= MOVED / moved;
                fine = false;
              }
            }
            if (fine) {
              break;
            }
            slopes = slopes(window, directions, steps);
          }
          return slopes;
        });
  }

  /** Each direction forth and back, all in one pass. */
  private float[][] slopes(TokenWindow window, List<Sketch> directions, double[] steps) {
    int rows = 2 * directions.size();
    try (NDManager batch = checkpoint.newBatch()) {
      NDArray losses =
          checkpoint.losses(
              batch,
              Collections.nCopies(rows, window),
              new Moves(batch, window, directions, steps));
      float[] each = Torch.floats(losses);
      int columns = each.length / rows;
      int scored = window.scored();
      float[][] slopes = new float[directions.size()][scored];
      for (int d = 0; d < slopes.length; d++) {
        for (int t = 0; t < scored; t++) {
          // Unscored tokens lead the window, and nothing is padded: all rows are as long.
          int at = columns - scored + t;
          slopes[d][t] =
              (float)
                  ((each[2 * d * columns + at] - (double) each[(2 * d + 1) * columns + at])
                      / (2 * steps[d]));
        }
      }
      return slopes;
    }
  }

  /** A step along each direction and one against it, in the probes of a window's copies. */
  private final class Moves extends Probes {
    private final TokenWindow window;
    private final List<Sketch> directions;
    private final double[] steps;

    Moves(NDManager batch, TokenWindow window, List<Sketch> directions, double[] steps) {
      super(batch, 2 * directions.size());
      this.window = window;
      this.directions = directions;
      this.steps = steps;
    }

    @Override
    NDArray ofLayer(int layer) {
      SketchSpec.Module module = spec.modules().get(layer);
      int offset =
          spec.modules().subList(0, layer).stream().mapToInt(SketchSpec.Module::size).sum();
      float[] values = new float[windows * module.size()];
      for (int d = 0; d < directions.size(); d++) {
        for (int j = 0; j < module.size(); j++) {
          put(values, d, module.size(), j, directions.get(d).blocks()[offset + j]);
        }
      }
      return Torch.owned(batch, values, windows, module.kIn(), module.kOut());
    }

    @Override
    boolean ofTable() {
      return directions.stream().anyMatch(direction -> direction.table().tokens().length > 0);
    }

    @Override
    NDArray predicted() {
      int width = spec.table().k();
      int size = spec.table().vocabulary() * width;
      float[] values = new float[Math.multiplyExact(windows, size)];
      for (int d = 0; d < directions.size(); d++) {
        TableRows rows = directions.get(d).table();
        for (int i = 0; i < rows.values().length; i++) {
          put(values, d, size, rows.tokens()[i / width] * width + i % width, rows.values()[i]);
        }
      }
      return Torch.owned(batch, values, windows, spec.table().vocabulary(), width);
    }

    @Override
    NDArray read(long cells) {
      int width = spec.table().k();
      int size = window.inputs() * width;
      float[] values = new float[windows * size];
      for (int d = 0; d < directions.size(); d++) {
        TableRows rows = directions.get(d).table();
        for (int t = 0; t < window.inputs(); t++) {
          int row = Arrays.binarySearch(rows.tokens(), window.input(t));
          for (int j = 0; row >= 0 && j < width; j++) {
            put(values, d, size, t * width + j, rows.values()[row * width + j]);
          }
        }
      }
      return Torch.owned(batch, values, cells, width);
    }

    /** One number of a direction, forth and back. */
    private void put(float[] values, int direction, int size, int at, double number) {
      float value = (float) (steps[direction] * number);
      values[2 * direction * size + at] = value;
      values[(2 * direction + 1) * size + at] = -value;
    }
  }

  /** Frees the projections; the checkpoint stays open. */
  @Override
  public void close() {
    manager.close();
  }
}
