package io.whence.engine.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a method's error is itself right. */
class FidelityTest {
  @TempDir Path directory;

  @Test
  void queries_of_a_class_nobody_trained_on_and_tables_too_small_are_refused(@TempDir Path data)
      throws IOException {
    Files.writeString(data.resolve("train.csv"), "1,0\n2,1\n".repeat(10));
    Path queries = Files.writeString(data.resolve("test.csv"), "1,0\n3,2\n");
    assertThatThrownBy(() -> Suite.Splits.read(data))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage(
            data
                + ": queries have the class 2, and training examples none above 1; train on every"
                + " class that is asked for");

    Files.delete(queries);
    Files.writeString(data.resolve("train.csv"), "1,0\n2,1\n".repeat(5));
    assertThatThrownBy(() -> Suite.Splits.read(data))
        .hasMessage(
            data + " holds 8 training examples and 2 queries; at least 20 and 1 are needed");
  }

  @Test
  void ranks_share_ties_and_ignore_scale() {
    assertThat(Correlation.ranks(new double[] {3, 1, 3, 0})).containsExactly(2.5, 1, 2.5, 0);
    assertThat(Correlation.spearman(new double[] {1, 2, 3, 4}, new double[] {1, 10, 100, 1000}))
        .isEqualTo(1, within(1e-12));
    assertThat(Correlation.spearman(new double[] {1, 2, 3}, new double[] {3, 2, 1}))
        .isEqualTo(-1, within(1e-12));
    assertThat(Correlation.spearman(new double[] {1, 1, 1}, new double[] {3, 2, 1})).isNaN();
  }

  @Test
  void the_area_under_the_curve_is_the_chance_that_a_positive_scores_above_a_negative() {
    double[] scores = {0.9, 0.4, 0.5, 0.1};

    assertThat(Correlation.auc(scores, new boolean[] {true, true, false, false})).isEqualTo(0.75);
    assertThat(Correlation.auc(scores, new boolean[] {true, false, true, false})).isEqualTo(1);
  }

  /** Losses that are a sum of the examples' effects, and noise of a size. */
  private static Subsets additive(double noise, int runs) {
    SplittableRandom random = new SplittableRandom(4);
    boolean[][] kept = Subsets.halves(60, 40, 9);
    float[][] effects = effects();
    float[][][] losses = new float[runs][kept.length][effects.length];
    for (int run = 0; run < runs; run++) {
      for (int s = 0; s < kept.length; s++) {
        for (int q = 0; q < effects.length; q++) {
          double loss = 5 + noise * random.nextDouble(-1, 1);
          for (int z = 0; z < 40; z++) {
            loss -= kept[s][z] ? effects[q][z] : 0;
          }
          losses[run][s][q] = (float) loss;
        }
      }
    }
    return new Subsets(kept, losses);
  }

  private static float[][] effects() {
    SplittableRandom random = new SplittableRandom(3);
    float[][] effects = new float[20][40];
    for (float[] row : effects) {
      for (int z = 0; z < row.length; z++) {
        row[z] = (float) random.nextDouble(-1, 1);
      }
    }
    return effects;
  }

  @Test
  void true_effects_score_one_their_negation_minus_one_and_the_sign_is_that_of_proponents() {
    Subsets truth = additive(0, 1);
    float[][] effects = effects();
    float[][] negated = new float[effects.length][];
    for (int q = 0; q < effects.length; q++) {
      negated[q] = effects[q].clone();
      for (int z = 0; z < negated[q].length; z++) {
        negated[q][z] *= -1;
      }
    }

    assertThat(truth.lds(effects).value()).isGreaterThan(0.999);
    assertThat(truth.lds(negated).value()).isLessThan(-0.999);
  }

  @Test
  void the_ceiling_is_what_the_true_effects_reach_in_the_noise() {
    Subsets noisy = additive(6, 2);

    double reached = noisy.lds(effects()).value();

    assertThat(noisy.ceiling()).isCloseTo(reached, within(0.06));
    assertThat(additive(6, 1).ceiling()).isNaN();
    assertThat(Subsets.ceiling(0.511, 2)).isCloseTo(0.82, within(0.005));
  }

  @Test
  void intervals_hold_the_value_and_narrow_with_more_queries() {
    Estimate estimate = additive(6, 1).lds(effects());

    assertThat(estimate.low()).isLessThan(estimate.value());
    assertThat(estimate.high()).isGreaterThan(estimate.value());
  }

  @Test
  void too_few_subsets_and_diverged_trainings_are_refused_with_the_remedy() {
    assertThatThrownBy(() -> new Subsets(Subsets.halves(4, 10, 1), new float[1][4][2]))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "the linear datamodelling score needs 8 subsets or more; got 4, so train on more");
    float[][][] losses = new float[1][8][2];
    losses[0][3][1] = Float.NaN;
    assertThatThrownBy(() -> new Subsets(Subsets.halves(8, 10, 1), losses))
        .hasMessageContaining("NaN")
        .hasMessageContaining("lower its learning rate");
  }

  @Test
  void calibration_finds_the_slope_and_nine_in_ten_lie_within_reach() {
    SplittableRandom random = new SplittableRandom(8);
    double[][] predicted = new double[40][50];
    double[][] measured = new double[40][50];
    double[] scales = new double[40];
    for (int q = 0; q < 40; q++) {
      scales[q] = 1 + q;
      for (int r = 0; r < 50; r++) {
        predicted[q][r] = scales[q] * random.nextDouble(-1, 1);
        measured[q][r] = 2.5 * predicted[q][r] + 0.3 * scales[q] * random.nextDouble(-1, 1);
      }
    }

    Calibration calibration = Calibration.fit(predicted, measured, scales);

    assertThat(calibration.slope()).isCloseTo(2.5, within(0.05));
    assertThat(calibration.slope(predicted, measured).value()).isCloseTo(1, within(1e-9));
    assertThat(calibration.coverage(predicted, measured, scales).value())
        .isCloseTo(0.9, within(0.01));
    assertThat(calibration.r2(predicted, measured).value()).isGreaterThan(0.98);
  }

  @Test
  void intervals_that_are_too_narrow_are_told_by_how_much() {
    SplittableRandom random = new SplittableRandom(11);
    double[][] predicted = new double[60][30];
    double[][] measured = new double[60][30];
    double[][] halves = new double[60][30];
    for (int q = 0; q < 60; q++) {
      for (int r = 0; r < 30; r++) {
        predicted[q][r] = random.nextGaussian();
        double spread = 1 + random.nextDouble();
        measured[q][r] = predicted[q][r] + spread * random.nextGaussian();
        // 1.645 standard deviations hold nine in ten; these are a third of that.
        halves[q][r] = 1.645 * spread / 3;
      }
    }

    assertThat(Calibration.widening(predicted, measured, halves)).isCloseTo(3, within(0.15));
    assertThat(Calibration.widening(predicted, measured, new double[60][30])).isNaN();
  }

  @Test
  void a_killed_run_of_trainings_goes_on_where_it_stopped() {
    AtomicInteger trained = new AtomicInteger();
    Retrainings first = new Retrainings(directory, 1, Progress.SILENT);
    assertThatThrownBy(
            () ->
                first.run(
                    "halves",
                    5,
                    (i, within) -> {
                      if (i == 3) {
                        return killed();
                      }
                      trained.incrementAndGet();
                      return new float[] {i, 2 * i};
                    }))
        .hasMessageContaining("killed");
    int before = trained.get();
    trained.set(0);

    float[][] rows =
        new Retrainings(directory, 2, Progress.SILENT)
            .run(
                "halves",
                5,
                (i, within) -> {
                  trained.incrementAndGet();
                  return new float[] {i, 2 * i};
                });

    // The training behind the one that was killed may have ended too; none is done twice.
    assertThat(before).isBetween(3, 4);
    assertThat(trained).hasValue(5 - before);
    for (int i = 0; i < 5; i++) {
      assertThat(rows[i]).containsExactly(i, 2 * i);
    }
    float[][] again =
        new Retrainings(directory, 1, Progress.SILENT)
            .run("halves", 5, (i, within) -> new float[] {-1, -1});
    assertThat(again).isDeepEqualTo(rows);
  }

  @Test
  void fewer_trainings_than_are_kept_are_their_first_and_leave_the_others_alone() {
    Retrainings retrainings = new Retrainings(directory, 1, Progress.SILENT);
    float[][] rows = retrainings.run("halves", 5, (i, within) -> new float[] {i, 2 * i});

    float[][] fewer = retrainings.run("halves", 2, (i, within) -> new float[] {-1, -1});
    float[][] none = retrainings.run("halves", 0, (i, within) -> new float[] {-1, -1});

    assertThat(fewer).isDeepEqualTo(Arrays.copyOf(rows, 2));
    assertThat(none).isEmpty();
    assertThat(retrainings.run("halves", 5, (i, within) -> new float[] {-1, -1}))
        .isDeepEqualTo(rows);
    retrainings.run("others", 0, (i, within) -> new float[] {-1, -1});
    assertThat(directory.resolve("others.npy")).doesNotExist();
  }

  @Test
  void more_trainings_than_are_kept_begin_with_those() {
    Retrainings retrainings = new Retrainings(directory, 1, Progress.SILENT);
    retrainings.run("halves", 2, (i, within) -> new float[] {i, 2 * i});
    List<Integer> trained = new ArrayList<>();

    float[][] rows =
        retrainings.run(
            "halves",
            4,
            (i, within) -> {
              trained.add(i);
              return new float[] {i, 2 * i};
            });

    assertThat(trained).containsExactly(2, 3);
    assertThat(rows).isDeepEqualTo(new float[][] {{0, 0}, {1, 2}, {2, 4}, {3, 6}});
    assertThat(retrainings.run("halves", 4, (i, within) -> new float[] {-1, -1}))
        .isDeepEqualTo(rows);
  }

  @Test
  void trainings_that_were_made_elsewhere_are_gone_on_from_and_left_alone() throws Exception {
    Path shipped = directory.resolve("shipped");
    Npy.write(shipped.resolve("halves.npy"), new float[][] {{5}, {6}});
    Path store = directory.resolve("store");
    Retrainings retrainings = new Retrainings(store, shipped, 1, 1, Progress.SILENT);

    float[][] first = retrainings.run("halves", 2, (i, within) -> new float[] {i});

    assertThat(first).isDeepEqualTo(new float[][] {{5}, {6}});
    assertThat(store).doesNotExist();
    assertThat(retrainings.run("halves", 3, (i, within) -> new float[] {i}))
        .isDeepEqualTo(new float[][] {{5}, {6}, {2}});
    assertThat(Npy.read(shipped.resolve("halves.npy"))).isDeepEqualTo(first);
    assertThat(Npy.read(store.resolve("halves.npy"))).hasNumberOfRows(3);
  }

  @Test
  void trainings_that_were_made_elsewhere_for_other_queries_are_refused() throws Exception {
    Path shipped = directory.resolve("shipped");
    Npy.write(shipped.resolve("halves.npy"), new float[][] {{5, 6, 7}});
    Retrainings retrainings =
        new Retrainings(directory.resolve("store"), shipped, 2, 1, Progress.SILENT);

    assertThatThrownBy(() -> retrainings.run("halves", 1, (i, within) -> new float[] {0, 0}))
        .isInstanceOf(EngineException.InvalidCheckpoint.class)
        .hasMessage(
            shipped.resolve("halves.npy")
                + " holds losses of 3 works where 2 were never trained on; delete it");
  }

  @Test
  void other_seeds_of_a_truth_are_those_with_as_many_rights_holders() throws Exception {
    for (long seed : new long[] {3, 1, -7, 5}) {
      Npy.write(
          directory.resolve(CheckpointTruth.onEverything(seed) + ".npy"), new float[][] {{0}});
      Npy.write(
          directory.resolve(CheckpointTruth.withoutHolders(seed) + ".npy"),
          seed == 5 ? new float[][] {{1}} : new float[][] {{1}, {2}});
    }
    CheckpointTruth truth = new CheckpointTruth(directory, 3);

    assertThat(truth.otherSeeds(2)).containsExactly(-7L, 1L);
    assertThat(truth.otherSeeds(1)).containsExactly(-7L, 1L, 5L);
    assertThat(new CheckpointTruth(directory.resolve("none"), 3).otherSeeds(1)).isEmpty();
  }

  @Test
  void seeds_tell_what_chance_leaves_a_prediction() {
    SplittableRandom random = new SplittableRandom(7);
    int removed = 40;
    int queries = 200;
    double[][] signal = new double[removed][queries];
    double[][][] runs = new double[2][removed][queries];
    for (int r = 0; r < removed; r++) {
      for (int q = 0; q < queries; q++) {
        signal[r][q] = random.nextGaussian();
        for (double[][] run : runs) {
          // Chance of the same size as what there is to predict.
          run[r][q] = signal[r][q] + random.nextGaussian();
        }
      }
    }
    Removals removals = new Removals(runs);
    double[][] predicted = new Removals(new double[][][] {signal}).byQuery();

    // The mean of two runs is the signal and half the square of one run's chance.
    assertThat(removals.explicable()).isCloseTo(2.0 / 3, within(0.02));
    assertThat(removals.explicable())
        .isCloseTo(Calibration.AS_IT_IS.r2(predicted, removals.byQuery()).value(), within(0.02));
    assertThat(removals.ceiling())
        .isCloseTo(removals.spearman(predicted).value(), within(0.02))
        .isCloseTo(Math.sqrt(2.0 / 3), within(0.03));
    assertThat(new Removals(new double[][][] {runs[0]}).explicable()).isNaN();
    assertThat(removals.of(new int[] {3}).byQuery())
        .isDeepEqualTo(new double[][] {removals.byQuery()[3]});
  }

  @Test
  void what_a_killed_run_knew_beyond_the_trainings_asked_for_is_kept() {
    Retrainings retrainings = new Retrainings(directory, 1, Progress.SILENT);
    List<Integer> trained = new ArrayList<>();
    Retrainings.Job job =
        (i, within) -> {
          trained.add(i);
          return new float[] {i};
        };
    assertThatThrownBy(
            () ->
                retrainings.run("halves", 5, (i, within) -> i < 3 ? job.row(i, within) : killed()))
        .hasMessageContaining("killed");

    retrainings.run("halves", 1, job);
    retrainings.run("halves", 5, job);

    assertThat(trained).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void how_far_a_training_has_come_stands_beside_how_many_are_done() {
    List<String> seen = new ArrayList<>();
    Retrainings retrainings =
        new Retrainings(
            directory,
            1,
            (stage, done, total, unit, note) ->
                seen.add("%s %d/%d %s %s".formatted(stage, done, total, unit, note)));

    retrainings.run(
        "halves",
        2,
        (i, within) -> {
          within.report("training", 1500, 2000, "steps", "");
          return new float[] {i};
        });

    assertThat(seen)
        .contains(
            "halves 0/2 trainings training 1: 1,500 of 2,000 steps",
            "halves 1/2 trainings training 2: 1,500 of 2,000 steps",
            "halves 2/2 trainings ");
  }

  private static float[] killed() {
    throw new IllegalStateException("killed");
  }

  @Test
  void numpy_arrays_go_out_and_come_back_and_others_are_refused() throws Exception {
    Path file = directory.resolve("a.npy");
    Npy.write(file, new float[][] {{1, 2.5f}, {-3, 0}});

    assertThat(Npy.read(file)).isDeepEqualTo(new float[][] {{1, 2.5f}, {-3, 0}});
    assertThat(Files.size(file) % 64).isEqualTo(16);

    Files.writeString(file, "not an array");
    assertThatThrownBy(() -> Npy.read(file)).hasMessage(file + " is no .npy file");
  }

  @Test
  void imported_truth_scores_imported_scores_and_a_datamodel_of_its_own() throws Exception {
    Subsets truth = additive(1, 1);
    float[][] masks = new float[truth.kept().length][40];
    for (int s = 0; s < masks.length; s++) {
      for (int z = 0; z < 40; z++) {
        masks[s][z] = truth.kept()[s][z] ? 1 : 0;
      }
    }
    Npy.write(directory.resolve("masks.npy"), masks);
    Npy.write(directory.resolve("losses.npy"), truth.losses()[0]);
    Npy.write(directory.resolve("scores-effects.npy"), effects());
    Experiment experiment = new Experiment(Suite.IMPORTED, List.of(), List.of(1L), null, directory);

    Report report =
        experiment.run(new Suite.Bench(directory, directory, directory, "cpu", 1, Progress.SILENT));

    assertThat(report.results())
        .extracting(Report.Result::method)
        .containsExactly("effects", "datamodel", "random");
    assertThat(report.results().get(0).value()).isGreaterThan(0.9);
    assertThat(report.results().get(1).value()).isGreaterThan(0.3);
    assertThat(Math.abs(report.results().get(2).value())).isLessThan(0.2);
  }

  @Test
  void an_experiment_names_what_it_cannot_do() {
    assertThatThrownBy(
            () -> new Experiment(Suite.CONVEX_DIGITS, List.of("ekfac"), List.of(1L), null, null))
        .hasMessageStartingWith(
            "method ekfac is not in suite convex-digits; use some of exactInfluence,");
    assertThatThrownBy(() -> new Experiment(Suite.MNIST_LR, List.of(), List.of(1L), 8, null))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "suite mnist-lr leaves no rights holders out, so it takes no number of them; poems-lm and"
                + " poems-holders do");
    assertThatThrownBy(() -> new Experiment(Suite.POEMS_LM, List.of(), List.of(1L), 3, null))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("rights holders to leave out are 4 to 1000; got 3");
    assertThat(new Experiment(Suite.POEMS_LM, List.of(), List.of(1L), null, null).rightsHolders())
        .isEqualTo(30);
    assertThatThrownBy(() -> new Experiment(Suite.MNIST_LR, List.of(), List.of(1L, 1L), null, null))
        .hasMessage("seeds are 1 to 32 different numbers; got [1, 1]");
  }

  @Test
  void every_method_of_a_suite_is_in_the_catalogue() {
    List<String> known =
        java.util.Arrays.stream(io.whence.engine.influence.InfluenceMethod.values())
            .map(io.whence.engine.influence.InfluenceMethod::id)
            .toList();

    for (Suite suite : Suite.values()) {
      assertThat(known)
          .containsAll(
              suite.methods().stream()
                  .filter(method -> !List.of("parameterShift", "datamodel").contains(method))
                  .toList());
    }
  }

  @Test
  void a_report_is_json_with_every_field_and_pictures_that_are_well_formed() throws Exception {
    Report report =
        new Report(
            "mnist-lr",
            List.of(1L, 2L),
            Map.of("data", "<5,000 digits>"),
            List.of(
                new Report.Result("ekfac", "lds", 0.5, 0.4, 0.6, Double.NaN, 1.5, 1000, 1, null)),
            Map.of());

    assertThat(report.toJson())
        .contains("\"suite\": \"mnist-lr\"", "\"value\": 0.5", "\"ceiling\": null");
    assertThat(report.csv().lines().toList().get(1))
        .isEqualTo("mnist-lr,ekfac,lds,0.500000,0.400000,0.600000,,1.50000,1000,1,");
    for (Plot plot :
        List.of(
            Plot.bars("a < b", "lds", report.results()),
            new Plot.Scatter("s", "x", "y", new double[] {0, 1e-5}, new double[] {-1e-5, 1}),
            new Plot.Curve("c", "x", "y", new double[] {0.1, 1}, new double[] {0.2, 0.4}, 1))) {
      javax.xml.parsers.DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(
              new java.io.ByteArrayInputStream(
                  plot.svg().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
  }
}
