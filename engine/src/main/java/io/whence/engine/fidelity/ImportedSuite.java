package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import io.whence.engine.influence.Datamodel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Ground truth that others computed, and scores that other tools made, as arrays: {@code
 * *masks*.npy [subsets, n]}, {@code *losses*.npy} or {@code *margins*.npy [subsets, queries]}, and
 * any number of {@code scores-NAME.npy [queries, n]}, positive for proponents.
 */
final class ImportedSuite {
  static final List<String> METHODS = List.of("datamodel", "random");

  private final Experiment experiment;
  private final Path directory;

  ImportedSuite(Experiment experiment, Suite.Bench bench) {
    this.experiment = experiment;
    this.directory =
        experiment.data() == null ? bench.ownData().resolve("kronfluence-lds") : experiment.data();
  }

  Report run() {
    List<Path> files = files();
    float[][] masks = Npy.read(one(files, "masks"));
    boolean margins = files.stream().anyMatch(file -> named(file, "margins"));
    float[][] outcomes = Npy.read(one(files, margins ? "margins" : "losses"));
    if (outcomes.length != masks.length) {
      throw new EngineException.InvalidQuery(
          directory
              + " has "
              + masks.length
              + " masks and "
              + outcomes.length
              + " rows of outcomes; there is one row a mask");
    }
    boolean[][] kept = new boolean[masks.length][masks[0].length];
    for (int s = 0; s < kept.length; s++) {
      for (int z = 0; z < kept[s].length; z++) {
        kept[s][z] = masks[s][z] != 0;
      }
      for (int q = 0; q < outcomes[s].length; q++) {
        outcomes[s][q] *= margins ? -1 : 1;
      }
    }
    Subsets truth = new Subsets(kept, new float[][][] {outcomes});
    List<Report.Result> results = new ArrayList<>();
    for (Path file : files.stream().filter(file -> named(file, "scores-")).toList()) {
      float[][] scores = Npy.read(file);
      if (scores.length != truth.queries() || scores[0].length != kept[0].length) {
        throw new EngineException.InvalidQuery(
            file
                + " should hold "
                + truth.queries()
                + " x "
                + kept[0].length
                + " scores; it holds "
                + scores.length
                + " x "
                + scores[0].length);
      }
      String name = file.getFileName().toString();
      results.add(
          result(name.substring("scores-".length(), name.length() - 4), truth.lds(scores), 0));
    }
    if (experiment.wants("datamodel")) {
      results.add(datamodel(kept, outcomes));
    }
    if (experiment.wants("random")) {
      SplittableRandom random = new SplittableRandom(experiment.seeds().get(0));
      float[][] scores = new float[truth.queries()][kept[0].length];
      for (float[] row : scores) {
        for (int z = 0; z < row.length; z++) {
          row[z] = (float) random.nextDouble(-1, 1);
        }
      }
      results.add(result("random", truth.lds(scores), 0));
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "truth",
        "%d subsets of %d examples, %d queries, one training a subset: no noise ceiling can be told"
            .formatted(kept.length, kept[0].length, truth.queries()));
    facts.put(
        "datamodel", "a ridge regression fitted on half of the subsets, scored on the others");
    return new Report(
        Suite.IMPORTED.id(),
        experiment.seeds(),
        facts,
        results,
        Map.of("lds", Plot.bars("Linear datamodelling score, imported truth", "lds", results)));
  }

  /** What a linear model of the subsets themselves reaches: how linear, and how noisy, truth is. */
  private static Report.Result datamodel(boolean[][] kept, float[][] losses) {
    long begin = System.nanoTime();
    int half = kept.length / 2;
    float[][] scores =
        Datamodel.fit(java.util.Arrays.copyOf(kept, half), java.util.Arrays.copyOf(losses, half));
    Subsets others =
        new Subsets(
            java.util.Arrays.copyOfRange(kept, half, kept.length),
            new float[][][] {java.util.Arrays.copyOfRange(losses, half, losses.length)});
    return result("datamodel", others.lds(scores), (System.nanoTime() - begin) / 1e9);
  }

  private static Report.Result result(String method, Estimate lds, double seconds) {
    return new Report.Result(
        method, "lds", lds.value(), lds.low(), lds.high(), null, seconds, 0, 0, null);
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> named(file, ".npy")).sorted().toList();
    } catch (IOException e) {
      throw new EngineException.InvalidCorpus("cannot read the directory " + directory + ": " + e);
    }
  }

  private Path one(List<Path> files, String part) {
    return files.stream()
        .filter(file -> named(file, part))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException.InvalidCorpus(
                    directory
                        + " should hold a file named *"
                        + part
                        + "*.npy, with *masks*.npy and *losses*.npy or *margins*.npy"));
  }

  private static boolean named(Path file, String part) {
    return file.getFileName().toString().contains(part);
  }
}
