package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.Trainer;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.model.TrainingSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How well predicted changes of loss are those of training again without groups: leave-group-out of
 * a language model, one training a group, but for those that come with the checkpoint.
 *
 * <p>A query in {@value #TUNING_SHARE} fits the factor and the width of the interval; the figures
 * are those of the others.
 *
 * @param groups how many were left out, one at a time
 * @param queries how many works, never trained on, were asked with
 * @param seed of the checkpoint's own training and of these
 * @param otherSeeds with which the checkpoint's truth was made too: the changes are the mean over
 *     all seeds; empty in an index from before there were any
 * @param factor true change = factor x predicted, fitted apart
 * @param slope of the true changes on factor x predicted; 1 is calibrated
 * @param r2 share of the true changes' square that factor x predicted explains
 * @param spearman over the groups, mean over the queries
 * @param ceiling the highest {@code spearman} that the chance of training leaves open (Spearman and
 *     Brown's reliability of the mean over the seeds); null with one seed, which tells no chance
 * @param explicable the highest {@code r2} that it leaves open; null with one seed
 * @param coverage of the 90 % intervals that calibration gives, 0 to 1
 * @param ownCoverage of the 90 % intervals that an answer gives with each influence, as they are;
 *     null in an index from before that was measured
 * @param widening how many times as wide those must be to hold nine in ten of the changes, fitted
 *     apart; null in an index from before that was measured
 * @param widenedCoverage of the intervals so widened
 */
public record LeaveOut(
    int groups,
    int queries,
    long seed,
    List<Long> otherSeeds,
    double factor,
    Estimate slope,
    Estimate r2,
    Estimate spearman,
    @Nullable Double ceiling,
    @Nullable Double explicable,
    Estimate coverage,
    @Nullable Estimate ownCoverage,
    @Nullable Double widening,
    @Nullable Estimate widenedCoverage) {
  static final int TUNING_SHARE = 3;

  /** Fewer groups than this rank nothing. */
  public static final int FEWEST_GROUPS = 4;

  /** Fewer queries than this leave none to report on. */
  public static final int FEWEST_QUERIES = 2 * TUNING_SHARE;

  /** Copies the list, which an older index lacks. */
  public LeaveOut {
    otherSeeds = List.copyOf(Objects.requireNonNullElse(otherSeeds, List.of()));
  }

  /**
   * What is left out, and what is asked.
   *
   * @param windows all that was trained on
   * @param groups of {@code windows}, by index; at least {@value LeaveOut#FEWEST_GROUPS}
   * @param queries the windows of each; at least {@value LeaveOut#FEWEST_QUERIES}
   */
  public record Task(
      List<TokenWindow> windows, List<BitSet> groups, List<List<TokenWindow>> queries) {
    /** Refuses what no figure could be made of. */
    public Task {
      if (groups.size() < FEWEST_GROUPS || queries.size() < FEWEST_QUERIES) {
        throw new EngineException.InvalidQuery(
            "leaving groups out needs "
                + FEWEST_GROUPS
                + " of them and "
                + FEWEST_QUERIES
                + " works that were never trained on; got "
                + groups.size()
                + " and "
                + queries.size());
      }
      windows = List.copyOf(windows);
      groups = List.copyOf(groups);
      queries = List.copyOf(queries);
    }
  }

  /**
   * {@return the measurement} One training on everything and one without each group, as the record
   * says; a killed one goes on from {@code store}. Trainings of other seeds that come with the
   * checkpoint are averaged with those of its own.
   *
   * @param predicted {@code [queries][groups]}, nats
   * @param halves half widths of the predictions' own intervals, of the same shape
   * @param store directory that keeps the trainings done
   * @param known trainings that come with the checkpoint, of the same groups and queries
   */
  public static LeaveOut measure(
      Checkpoint checkpoint,
      TrainingRecord record,
      String device,
      Task task,
      double[][] predicted,
      double[][] halves,
      Path store,
      CheckpointTruth known,
      Progress progress) {
    Retrainings retrainings =
        new Retrainings(store, known.directory(), predicted.length, 1, progress);
    int groups = task.groups().size();
    List<Long> otherSeeds = known.otherSeeds(groups);
    Training training =
        (seed, gone, within) -> losses(checkpoint, record, device, seed, task, gone, within);
    Removals removals =
        new Removals(
            Stream.concat(Stream.of(record.seed()), otherSeeds.stream())
                .map(seed -> changes(retrainings, task.groups(), seed, training))
                .toArray(double[][][]::new));
    int[] tuning =
        IntStream.range(0, predicted.length).filter(q -> q % TUNING_SHARE == 0).toArray();
    int[] reported =
        IntStream.range(0, predicted.length).filter(q -> q % TUNING_SHARE != 0).toArray();
    double[][] tuningPredicted = rows(predicted, tuning);
    double[][] tuningMeasured = removals.of(tuning).byQuery();
    Calibration calibration =
        Calibration.fit(tuningPredicted, tuningMeasured, Calibration.scales(tuningPredicted));
    double widening = Calibration.widening(tuningPredicted, tuningMeasured, rows(halves, tuning));
    double[][] reportedPredicted = rows(predicted, reported);
    double[][] reportedHalves = rows(halves, reported);
    Removals reportedRemovals = removals.of(reported);
    double[][] reportedMeasured = reportedRemovals.byQuery();
    return new LeaveOut(
        groups,
        predicted.length,
        record.seed(),
        otherSeeds,
        calibration.slope(),
        calibration.slope(reportedPredicted, reportedMeasured),
        calibration.r2(reportedPredicted, reportedMeasured),
        reportedRemovals.spearman(reportedPredicted),
        finite(reportedRemovals.ceiling()),
        finite(reportedRemovals.explicable()),
        calibration.coverage(
            reportedPredicted, reportedMeasured, Calibration.scales(reportedPredicted)),
        Calibration.AS_IT_IS.coverage(reportedPredicted, reportedMeasured, reportedHalves),
        finite(widening),
        Double.isNaN(widening)
            ? null
            : Calibration.AS_IT_IS.coverage(
                reportedPredicted, reportedMeasured, times(widening, reportedHalves)));
  }

  /** Trains once more, without some of the windows. */
  @FunctionalInterface
  private interface Training {
    /** {@return the summed loss of each query, nats} */
    float[] losses(long seed, BitSet gone, Progress within);
  }

  /** What training without each of the groups does, with one seed, {@code [groups][queries]}. */
  private static double[][] changes(
      Retrainings retrainings, List<BitSet> groups, long seed, Training training) {
    float[] whole =
        retrainings
            .run(
                CheckpointTruth.onEverything(seed),
                1,
                (i, within) -> training.losses(seed, new BitSet(), within))[0];
    return Removals.changes(
        whole,
        retrainings.run(
            CheckpointTruth.withoutHolders(seed),
            groups.size(),
            (g, within) -> training.losses(seed, groups.get(g), within)));
  }

  private static double[][] times(double factor, double[][] rows) {
    return Arrays.stream(rows)
        .map(row -> Arrays.stream(row).map(each -> factor * each).toArray())
        .toArray(double[][]::new);
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static double[][] rows(double[][] all, int[] chosen) {
    return IntStream.of(chosen).mapToObj(q -> all[q]).toArray(double[][]::new);
  }

  /** The summed loss of each query after training without a group. */
  private static float[] losses(
      Checkpoint checkpoint,
      TrainingRecord record,
      String device,
      long seed,
      Task task,
      BitSet gone,
      Progress progress) {
    List<TokenWindow> asked = task.queries().stream().flatMap(List::stream).toList();
    float[] each = losses(checkpoint, record, device, seed, task.windows(), gone, asked, progress);
    float[] losses = new float[task.queries().size()];
    int window = 0;
    for (int q = 0; q < losses.length; q++) {
      for (int i = 0; i < task.queries().get(q).size(); i++) {
        losses[q] += each[window++];
      }
    }
    return losses;
  }

  /** {@return the loss of each window after training as recorded without some, nats} */
  static float[] losses(
      Checkpoint checkpoint,
      TrainingRecord record,
      String device,
      long seed,
      List<TokenWindow> windows,
      BitSet gone,
      List<TokenWindow> asked,
      Progress progress) {
    TrainingSettings settings =
        TrainingSettings.of(checkpoint.config(), record, device)
            .with(record.epochs(), seed, device);
    double[] each =
        new Trainer(settings, progress).retrain(checkpoint.config(), windows, gone, asked);
    float[] losses = new float[each.length];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = (float) each[i];
    }
    return losses;
  }
}
