package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Many trainings, each of which leaves a row of numbers: ground truth. A row is on disk as soon as
 * it is known, so a killed run goes on where it stopped, and the same truth is never computed
 * twice.
 */
final class Retrainings {
  /** Trains once more. */
  @FunctionalInterface
  interface Job {
    /**
     * {@return the row of a training} The same number always gives the same row, however many are
     * asked for.
     *
     * @param within told how far this one training has come, where that is worth telling
     */
    float[] row(int number, Progress within);
  }

  private final Path store;
  private final @Nullable Path shipped;
  private final int width;
  private final int threads;
  private final Progress progress;

  /**
   * Prepares trainings.
   *
   * @param store directory of this truth alone: its name tells data and settings by their hash
   * @param threads how many trainings go on side by side; the rows do not depend on it
   */
  Retrainings(Path store, int threads, Progress progress) {
    this(store, null, 0, threads, progress);
  }

  /**
   * Prepares trainings of which some may have been made elsewhere.
   *
   * @param shipped directory with rows of the same truth, which is read only and need not be there
   * @param width how many numbers one of its rows must hold
   */
  Retrainings(Path store, @Nullable Path shipped, int width, int threads, Progress progress) {
    this.store = store;
    this.shipped = shipped;
    this.width = width;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * {@return the rows of the first {@code count} trainings} What the store holds of them is taken
   * from there; what it holds beyond them stays.
   *
   * @param stage name of these trainings in the store
   * @throws EngineException.InvalidCheckpoint when rows that were made elsewhere are of other width
   */
  float[][] run(String stage, int count, Job job) {
    Path whole = store.resolve(stage + ".npy");
    float[][] kept = longer(rows(whole), shipped(stage));
    float[][] rows = Arrays.copyOf(kept, count);
    if (kept.length >= count) {
      return rows;
    }
    Path parts = store.resolve(stage);
    List<Integer> missing = new ArrayList<>();
    for (int i = kept.length; i < count; i++) {
      Path part = part(parts, i);
      if (Files.exists(part)) {
        rows[i] = Npy.read(part)[0];
      } else {
        missing.add(i);
      }
    }
    AtomicInteger known = new AtomicInteger(count - missing.size());
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<float[]>> futures = new ArrayList<>();
      for (int number : missing) {
        futures.add(
            pool.submit(
                () -> {
                  float[] row = job.row(number, within(stage, number, known, count));
                  Npy.write(part(parts, number), new float[][] {row});
                  known.incrementAndGet();
                  return row;
                }));
      }
      report(stage, count - missing.size(), count, "");
      for (int i = 0; i < futures.size(); i++) {
        rows[missing.get(i)] = futures.get(i).get();
        report(stage, count - missing.size() + i + 1, count, "");
      }
      Npy.write(whole, rows);
      for (int i = 0; i < count; i++) {
        Files.deleteIfExists(part(parts, i));
      }
      deleteEmpty(parts);
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

  private static float[][] rows(Path file) {
    return Files.exists(file) ? Npy.read(file) : new float[0][];
  }

  private float[][] shipped(String stage) {
    if (shipped == null) {
      return new float[0][];
    }
    Path file = shipped.resolve(stage + ".npy");
    float[][] rows = rows(file);
    if (rows.length > 0 && rows[0].length != width) {
      throw new EngineException.InvalidCheckpoint(
          file
              + " holds losses of "
              + rows[0].length
              + " works where "
              + width
              + " were never trained on; delete it");
    }
    return rows;
  }

  private static float[][] longer(float[][] own, float[][] others) {
    return others.length > own.length ? others : own;
  }

  /** Steps of a training as a note, so that an hour's training is seen to go on. */
  private Progress within(String stage, int number, AtomicInteger known, int count) {
    return (inner, done, total, unit, note) ->
        report(
            stage,
            known.get(),
            count,
            String.format(
                Locale.ROOT, "training %d: %,d of %,d %s", number + 1, done, total, unit));
  }

  private synchronized void report(String stage, int known, int count, String note) {
    progress.report(stage, known, count, "trainings", note);
  }

  private static void deleteEmpty(Path parts) throws IOException {
    try {
      Files.deleteIfExists(parts);
    } catch (DirectoryNotEmptyException e) {
      // Rows of a killed run that asked for more: they are kept for whoever asks for them again.
    }
  }

  private static Path part(Path parts, int number) {
    return parts.resolve("%05d.npy".formatted(number));
  }
}
