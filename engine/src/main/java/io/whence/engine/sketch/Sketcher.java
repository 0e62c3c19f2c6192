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
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

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
                checkpoint.losses(batch, windows, probes(batch, windows.size(), probes));
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

  private LinearTap probes(NDManager batch, int windows, NDArray[] probes) {
    return (layer, input, output) -> {
      SketchSpec.Module module = spec.modules().get(layer);
      NDArray probe = Torch.leaf(batch, windows, module.kIn(), module.kOut());
      probes[layer] = probe;
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

  /** Frees the projections; the checkpoint stays open. */
  @Override
  public void close() {
    manager.close();
  }
}
