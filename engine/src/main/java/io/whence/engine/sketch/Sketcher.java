package io.whence.engine.sketch;

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
import java.util.function.IntFunction;

/**
 * Sketches the gradient of each window's summed loss, many windows in one backward pass.
 *
 * <p>Beside every linear layer {@code out = in W + b} runs a branch {@code in P_in B P_out} with a
 * zero probe {@code B [kIn, kOut]} for each window. It changes no output, and the gradient of the
 * batch's summed loss at a window's probe is that window's own gradient, projected: the two-sided
 * projection of Choe et al., "What is your data worth to GPT?" (2024), section 3.1. The weights
 * stay frozen, so a pass costs 4 x parameters x tokens FLOPs. Biases, norms and embeddings are not
 * sketched.
 *
 * <p>Projections are N(0, 1/k), so the inner product of two sketches is, in expectation, that of
 * the gradients, layer by layer. A window's sketch does not depend on the batch it is in beyond
 * float32 rounding. Safe for several platform threads.
 */
public final class Sketcher implements AutoCloseable {
  private static final double MOVED = 0.02;
  private static final int MOST_STEP_SIZES = 4;

  private final Checkpoint checkpoint;
  private final SketchSpec spec;
  private final NDManager manager;
  private final List<NDArray> in = new ArrayList<>();
  private final List<NDArray> out = new ArrayList<>();

  /** A window's sketch and its loss; what {@link #sketch} hands over. */
  @FunctionalInterface
  public interface Rows {
    /**
     * Takes a row. Called from one thread at a time, in no particular order.
     *
     * @param index of the window
     * @param sketch shape {@code (k)}
     * @param loss summed over the window's scored tokens, nats
     */
    void take(int index, float[] sketch, double loss);
  }

  /** Draws the projections of {@code spec}, which must be of the checkpoint's layers. */
  public Sketcher(Checkpoint checkpoint, SketchSpec spec) {
    this.checkpoint = checkpoint;
    this.spec = spec;
    this.manager = checkpoint.newBatch();
    SplittableRandom seeds = new SplittableRandom(spec.seed());
    for (SketchSpec.Module module : spec.modules()) {
      in.add(projection(seeds.nextLong(), module.kIn(), module.in(), module.kIn()));
      out.add(projection(seeds.nextLong(), module.kOut(), module.kOut(), module.out()));
    }
  }

  private NDArray projection(long seed, int k, int rows, int columns) {
    float[] values = new SeededNormal(seed).floats(rows * columns, 1 / StrictMath.sqrt(k));
    return Torch.owned(manager, values, rows, columns);
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
      for (List<Integer> batch : TokenBatches.of(windows, TokenBatches.TOKENS)) {
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

  /**
   * {@return the sketches of one batch, on the calling platform thread}
   *
   * @param windows each of at most the model's context
   */
  public Sketches sketch(List<TokenWindow> windows) {
    return Torch.withGradients(
        () -> {
          try (NDManager batch = checkpoint.newBatch()) {
            NDArray[] probes = new NDArray[spec.modules().size()];
            NDArray losses =
                checkpoint.losses(
                    batch,
                    windows,
                    branches(
                        windows.size(),
                        layer -> probes[layer] = zeroProbe(batch, windows.size(), layer)));
            Torch.backward(losses.sum(), batch);
            float[] rows = new float[Math.multiplyExact(windows.size(), spec.dimension())];
            int offset = 0;
            for (int layer = 0; layer < probes.length; layer++) {
              int size = spec.modules().get(layer).size();
              float[] block = Torch.gradient(probes[layer]);
              for (int i = 0; i < windows.size(); i++) {
                System.arraycopy(block, i * size, rows, i * spec.dimension() + offset, size);
              }
              offset += size;
            }
            return new Sketches(
                rows, spec.dimension(), Checkpoint.rowSums(Torch.floats(losses), windows.size()));
          }
        });
  }

  private NDArray zeroProbe(NDManager batch, int windows, int layer) {
    SketchSpec.Module module = spec.modules().get(layer);
    return Torch.leaf(batch, windows, module.kIn(), module.kOut());
  }

  /** Adds to each linear layer its branch through the probes {@code [windows, kIn, kOut]}. */
  private LinearTap branches(int windows, IntFunction<NDArray> probes) {
    return (layer, input, output) -> {
      SketchSpec.Module module = spec.modules().get(layer);
      NDArray probe = probes.apply(layer);
      long cells = input.getShape().get(0);
      // The input is detached on this branch: with B = 0 nothing flows back through it anyway.
      NDArray branch =
          input
              .stopGradient()
              .matMul(in.get(layer))
              .reshape(windows, cells / windows, module.kIn())
              .matMul(probe)
              .reshape(cells, module.kOut())
              .matMul(out.get(layer));
      return output.add(branch);
    };
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
   * @param directions shape {@code (k)} each
   */
  public float[][] tokenSlopes(TokenWindow window, List<float[]> directions) {
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
  private float[][] slopes(TokenWindow window, List<float[]> directions, double[] steps) {
    int rows = 2 * directions.size();
    try (NDManager batch = checkpoint.newBatch()) {
      NDArray losses =
          checkpoint.losses(
              batch,
              Collections.nCopies(rows, window),
              branches(rows, layer -> moved(batch, directions, steps, layer)));
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

  private NDArray moved(NDManager batch, List<float[]> directions, double[] steps, int layer) {
    SketchSpec.Module module = spec.modules().get(layer);
    int offset = spec.modules().subList(0, layer).stream().mapToInt(SketchSpec.Module::size).sum();
    float[] values = new float[2 * directions.size() * module.size()];
    for (int d = 0; d < directions.size(); d++) {
      for (int j = 0; j < module.size(); j++) {
        float value = (float) (steps[d] * directions.get(d)[offset + j]);
        values[2 * d * module.size() + j] = value;
        values[(2 * d + 1) * module.size() + j] = -value;
      }
    }
    return Torch.owned(batch, values, 2L * directions.size(), module.kIn(), module.kOut());
  }

  /** Frees the projections; the checkpoint stays open. */
  @Override
  public void close() {
    manager.close();
  }
}
