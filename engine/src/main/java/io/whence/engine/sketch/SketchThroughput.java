package io.whence.engine.sketch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How fast sketching is, beside what the machine can do: windows of the model's full context
 * against plain products of 1024 x 1024 float32 matrices, on the same threads and in turn, because
 * machines are shared.
 *
 * @param tokensPerSecond median over the rounds
 * @param sketchGflops 4 x parameters in matrix products x tokens, a second, median
 * @param peakGflops of the plain products, median
 * @param fraction median over the rounds of each round's ratio
 * @param lowest the same, of the worst round
 * @param highest the same, of the best round
 */
public record SketchThroughput(
    double tokensPerSecond,
    double sketchGflops,
    double peakGflops,
    double fraction,
    double lowest,
    double highest) {
  private static final int SIDE = 1024;
  private static final int PRODUCTS = 30;
  private static final int BATCHES = 12;

  /** {@return the measurement over {@code rounds} rounds, after one that does not count} */
  public static SketchThroughput measure(
      Sketcher sketcher, Checkpoint checkpoint, int threads, int rounds) {
    int context = checkpoint.config().context();
    int vocabulary = checkpoint.config().vocabulary();
    SplittableRandom random = new SplittableRandom(1);
    List<TokenWindow> windows = new ArrayList<>();
    for (int i = 0; i < threads * BATCHES * 8; i++) {
      windows.add(new TokenWindow(random.ints(context + 1, 0, vocabulary).toArray(), 1));
    }
    double tokens = (double) windows.size() * context;
    double flops = 4.0 * checkpoint.config().matrixParameters() * tokens;
    double[] speed = new double[rounds];
    double[] peak = new double[rounds];
    double[] ratio = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      double products = peak(checkpoint, threads);
      long begin = System.nanoTime();
      sketcher.sketch(windows, threads, (index, sketch, loss) -> {});
      double seconds = (System.nanoTime() - begin) / 1e9;
      if (round >= 0) {
        // The peak before and after: the machine may slow down in between.
        peak[round] = (products + peak(checkpoint, threads)) / 2;
        speed[round] = tokens / seconds;
        ratio[round] = flops / seconds / peak[round];
      }
    }
    return new SketchThroughput(
        median(speed),
        median(speed) * flops / tokens / 1e9,
        median(peak) / 1e9,
        median(ratio),
        Arrays.stream(ratio).min().orElse(0),
        Arrays.stream(ratio).max().orElse(0));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double peak(Checkpoint checkpoint, int threads) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    Callable<Boolean> task =
        () ->
            Torch.withoutGradients(
                () -> {
                  try (NDManager batch = checkpoint.newBatch()) {
                    NDArray a = Torch.owned(batch, new float[SIDE * SIDE], SIDE, SIDE);
                    NDArray b = Torch.owned(batch, new float[SIDE * SIDE], SIDE, SIDE);
                    for (int i = 0; i < PRODUCTS; i++) {
                      a.matMul(b).close();
                    }
                    return true;
                  }
                });
    try {
      long begin = System.nanoTime();
      for (Future<Boolean> done : pool.invokeAll(java.util.Collections.nCopies(threads, task))) {
        done.get();
      }
      return threads * PRODUCTS * 2.0 * SIDE * SIDE * SIDE / ((System.nanoTime() - begin) / 1e9);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a matrix product failed: " + e.getCause(), e);
    } finally {
      pool.shutdown();
    }
  }
}
