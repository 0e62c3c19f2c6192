package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.model.TrainingRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Ground truth that comes with a checkpoint: what training it again without rights holders did, in
 * its directory's {@code ground-truth}. {@code whole-SEED.npy} and {@code holders-SEED.npy} hold
 * the summed losses, in nats, {@code [trainings][works never trained on]}, of training on
 * everything and without each of the rights holders with most tokens, that with most first; {@code
 * window-SEED.npy} those without one window, which is what training again does by itself.
 *
 * @param directory of the rows, which need not be there
 * @param seed of the checkpoint's own training
 */
public record CheckpointTruth(Path directory, long seed) {
  /** Of the way to the truth: rows of another way have another name. */
  private static final int WAY = 2;

  private static final Pattern WITHOUT_HOLDERS =
      Pattern.compile(withoutHolders(0).replace("0", "(-?\\d{1,18})") + "\\.npy");

  /**
   * {@return the truth in a checkpoint's directory}
   *
   * @param model the directory
   * @param corpus hash of what it was trained on, held-out works included
   * @param checkpoint its SHA-256
   */
  public static CheckpointTruth of(
      Path model, String corpus, TrainingRecord record, String checkpoint) {
    return new CheckpointTruth(
        model.resolve("ground-truth").resolve(name(corpus, record, checkpoint)), record.seed());
  }

  /** {@return what a directory of this truth is called, so that none is taken for another's} */
  static String name(String corpus, TrainingRecord record, String checkpoint) {
    String all = WAY + "\n" + corpus + "\n" + record.command() + "\n" + checkpoint + "\n";
    return "poems-lm-" + Sha256.of(all).substring(0, 12);
  }

  /** {@return without how many rights holders it was trained again, with its own seed} */
  public int rightsHolders() {
    return rightsHolders(seed);
  }

  int rightsHolders(long seed) {
    Path rows = directory.resolve(withoutHolders(seed) + ".npy");
    return Files.exists(directory.resolve(onEverything(seed) + ".npy")) && Files.exists(rows)
        ? Npy.read(rows).length
        : 0;
  }

  /**
   * {@return the other seeds that it was trained with again without so many rights holders or more,
   * ascending}
   */
  List<Long> otherSeeds(int rightsHolders) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> WITHOUT_HOLDERS.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(matcher -> Long.valueOf(matcher.group(1)))
          .filter(other -> other != seed && rightsHolders(other) >= rightsHolders)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new EngineException.InvalidCheckpoint("cannot list " + directory + ": " + e, e);
    }
  }

  static String onEverything(long seed) {
    return "whole-" + seed;
  }

  static String withoutOneWindow(long seed) {
    return "window-" + seed;
  }

  static String withoutHolders(long seed) {
    return "holders-" + seed;
  }
}
