package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * Many trainings, each of which leaves a row of numbers: ground truth. A row is on disk as soon as
 * it is known, so a killed run goes on where it stopped, and the same truth is never computed
 * twice.
 */
final class Retrainings {
  private final Path store;
  private final int threads;
  private final Progress progress;

  /**
   * Prepares trainings.
   *
   * @param store directory of this truth alone: its name tells data and settings by their hash
   * @param threads how many trainings go on side by side; the rows do not depend on it
   */
  Retrainings(Path store, int threads, Progress progress) {
    this.store = store;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * {@return the rows of {@code count} trainings}
   *
   * @param stage name of these trainings in the store
   * @param job gives the row of a training; the same number always gives the same row
   */
  float[][] run(String stage, int count, IntFunction<float[]> job) {
    Path whole = store.resolve(stage + ".npy");
    if (Files.exists(whole)) {
      float[][] rows = Npy.read(whole);
      if (rows.length == count) {
        return rows;
      }
    }
    float[][] rows = new float[count][];
    Path parts = store.resolve(stage);
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path part = part(parts, i);
      if (Files.exists(part)) {
        rows[i] = Npy.read(part)[0];
      } else {
        missing.add(i);
      }
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<float[]>> futures = new ArrayList<>();
      for (int number : missing) {
        futures.add(
            pool.submit(
                () -> {
                  float[] row = job.apply(number);
                  Npy.write(part(parts, number), new float[][] {row});
                  return row;
                }));
      }
      progress.report(stage, count - missing.size(), count, "trainings", "");
      for (int i = 0; i < futures.size(); i++) {
        rows[missing.get(i)] = futures.get(i).get();
        progress.report(stage, count - missing.size() + i + 1, count, "trainings", "");
      }
      Npy.write(whole, rows);
      if (Files.isDirectory(parts)) {
        for (int i = 0; i < count; i++) {
          Files.deleteIfExists(part(parts, i));
        }
        Files.deleteIfExists(parts);
      }
      return rows;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a training failed: " + e.getCause(), e);
    } catch (IOException e) {
      throw new EngineException.CannotWrite("cannot keep ground truth in " + store + ": " + e, e);
    } finally {
      pool.shutdownNow();
      pool.close();
    }
  }

  private static Path part(Path parts, int number) {
    return parts.resolve("%05d.npy".formatted(number));
  }
}
