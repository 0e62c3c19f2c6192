package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.attribution.Attribution;
import io.whence.engine.attribution.AttributionJson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.Fidelity;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.fidelity.Experiment;
import io.whence.engine.fidelity.LeaveOut;
import io.whence.engine.fidelity.Report;
import io.whence.engine.fidelity.Suite;
import io.whence.engine.model.Trainer;
import io.whence.engine.model.TrainingSettings;
import io.whence.engine.risk.UseFacts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index of a model small enough to train again tells how far its nats can be trusted. */
class LeaveOutTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");
  private static final TrainingSettings TRAINING =
      new TrainingSettings(300, 32, 16, 1, 2, 2, 1024, 3e-3, 0.1, 30, 2, 3, "cpu");
  private static final BuildSettings SETTINGS =
      new BuildSettings(4, 20261124, 1000, 2, 12, 7, 4, "cpu", 2);

  @TempDir Path directory;
  private Path corpus;
  private Path model;
  private Path out;

  @BeforeEach
  void train() throws IOException {
    List<String> lines = Files.readAllLines(ROOT.resolve("data/poems-gutenberg/poems.jsonl"));
    corpus = directory.resolve("corpus.jsonl");
    // A few poems of each of eight authors.
    Files.write(
        corpus,
        java.util.stream.IntStream.range(0, 160)
            .filter(i -> i % 4 == 0)
            .mapToObj(lines::get)
            .toList());
    model = directory.resolve("model");
    out = directory.resolve("index");
    new Trainer(TRAINING, Progress.SILENT)
        .train(Corpus.read(List.of(corpus)), model, "./whence train");
  }

  private BuildSummary build(boolean resume, BuildSettings settings, Progress progress) {
    return new IndexBuild(model, List.of(corpus), out, resume, settings, progress).run();
  }

  @Test
  void a_build_that_leaves_rights_holders_out_says_what_retraining_said() {
    LeaveOut measured =
        Objects.requireNonNull(build(false, SETTINGS, Progress.SILENT).fidelity().leaveOut());

    assertThat(measured.groups()).isEqualTo(4);
    assertThat(measured.queries()).isGreaterThanOrEqualTo(LeaveOut.FEWEST_QUERIES);
    assertThat(measured.coverage().value()).isBetween(0.0, 1.0);
    assertThat(Objects.requireNonNull(measured.ownCoverage()).value()).isBetween(0.0, 1.0);
    assertThat(Objects.requireNonNull(measured.widening())).isPositive();
    assertThat(Objects.requireNonNull(measured.widenedCoverage()).value())
        .isBetween(0.0, 1.0)
        .isGreaterThanOrEqualTo(measured.widening() >= 1 ? measured.ownCoverage().value() : 0.0);
    assertThat(measured.spearman().value()).isBetween(-1.0, 1.0);
    assertThat(Double.isFinite(measured.factor())).isTrue();
    try (Attributor attributor = Attributor.open(out, "cpu")) {
      Fidelity told = attributor.fidelity();
      assertThat(told.leaveOut()).isEqualTo(measured);
      Attribution answer = answer(attributor);
      assertThat(answer.limits())
          .anyMatch(limit -> limit.contains("training this model again without each of 4 rights"))
          .anyMatch(limit -> limit.contains(" times as wide they held "));
      byte[] json = AttributionJson.write(answer, "an-id", Instant.EPOCH);
      assertThat(
              AnswerTable.of(
                  JsonParser.parseString(new String(json, StandardCharsets.UTF_8))
                      .getAsJsonObject()))
          .contains("of what training again without each of 4 rights holders did");
      assertThat(told.notMeasured())
          .noneMatch(missing -> missing.contains("deltaLoss"))
          .anyMatch(missing -> missing.contains("one seed"));
    }
    assertThat(out.resolve("truth")).doesNotExist();
  }

  @Test
  void a_build_killed_between_trainings_goes_on_with_those_done_and_measures_the_same() {
    Progress killer =
        (at, done, total, unit, note) -> {
          if (at.equals("holders-3") && done == 2) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> build(false, SETTINGS, killer)).hasMessage("killed");
    int[] first = {-1};
    Progress watch =
        (at, done, total, unit, note) -> {
          if (at.equals("holders-3") && first[0] < 0) {
            first[0] = (int) done;
          }
        };

    LeaveOut resumed = build(true, SETTINGS, watch).fidelity().leaveOut();

    assertThat(first[0]).isGreaterThanOrEqualTo(2);
    out = directory.resolve("again");
    assertThat(resumed).isEqualTo(build(false, SETTINGS, Progress.SILENT).fidelity().leaveOut());
  }

  @Test
  void truth_that_comes_with_the_checkpoint_measures_an_index_that_trains_nothing()
      throws IOException {
    BuildSettings plain = SETTINGS.leavingOut(0);
    assertThat(build(false, plain, Progress.SILENT).fidelity().leaveOut()).isNull();
    out = directory.resolve("trained");
    LeaveOut trained = build(false, SETTINGS, Progress.SILENT).fidelity().leaveOut();
    ship(TRAINING.seed());
    out = directory.resolve("untrained");
    Progress untrained =
        (at, done, total, unit, note) -> {
          if (unit.equals("trainings")) {
            throw new IllegalStateException("trains");
          }
        };

    LeaveOut known = build(false, plain, untrained).fidelity().leaveOut();

    assertThat(known).isEqualTo(trained);
  }

  @Test
  void truth_of_other_seeds_that_comes_with_the_checkpoint_tells_chance_from_error()
      throws IOException {
    BuildSettings plain = SETTINGS.leavingOut(0);
    ship(TRAINING.seed(), 1L);

    Fidelity fidelity = build(false, plain, Progress.SILENT).fidelity();

    LeaveOut measured = Objects.requireNonNull(fidelity.leaveOut());
    assertThat(measured.seed()).isEqualTo(TRAINING.seed());
    assertThat(measured.otherSeeds()).containsExactly(1L);
    assertThat(measured.ceiling()).isBetween(0.0, 1.0);
    assertThat(measured.explicable()).isBetween(0.0, 1.0);
    assertThat(fidelity.notMeasured()).isEmpty();
    try (Attributor attributor = Attributor.open(out, "cpu")) {
      assertThat(answer(attributor).limits())
          .anyMatch(limit -> limit.contains("on average over 2 trainings each"));
    }
    Report suite =
        new Experiment(
                Suite.POEMS_HOLDERS, List.of("random"), List.of(TRAINING.seed(), 1L), 4, corpus)
            .run(bench());
    assertThat(suite.results().stream().filter(result -> result.metric().equals("group_spearman")))
        .singleElement()
        .satisfies(random -> assertThat(random.ceiling()).isEqualTo(measured.ceiling()));
  }

  private static Attribution answer(Attributor attributor) {
    return attributor.attribute(
        new AttributionRequest(
            "The rose is red",
            null,
            3,
            false,
            false,
            AttributionRequest.DEFAULT_METHODS,
            UseFacts.NONE));
  }

  private Suite.Bench bench() {
    return new Suite.Bench(directory, directory.resolve("truth"), model, "cpu", 2, Progress.SILENT);
  }

  /** Trains without rights holders, as a suite does, and puts what it keeps beside the model. */
  private void ship(Long... seeds) throws IOException {
    Path truth = directory.resolve("truth");
    new Experiment(Suite.POEMS_HOLDERS, List.of("random"), List.of(seeds), 4, corpus).run(bench());
    Files.move(truth, model.resolve("ground-truth"));
  }

  @Test
  void what_an_index_measured_before_there_were_other_seeds_is_read() throws IOException {
    String estimate = "{\"value\": 0.5, \"low\": 0.4, \"high\": 0.6}";
    Files.writeString(
        directory.resolve("fidelity.json"),
        """
        {"candidateRecall": null, "tailPatch": null, "notMeasured": [], "leaveOut":
          {"groups": 6, "queries": 91, "seed": 3, "factor": 1.5, "slope": E, "r2": E, "spearman": E,
           "coverage": E, "ownCoverage": E}}
        """
            .replace("E", estimate));

    LeaveOut read = Objects.requireNonNull(Fidelity.read(directory).leaveOut());

    assertThat(read.seed()).isEqualTo(3);
    assertThat(read.otherSeeds()).isEmpty();
    assertThat(read.ceiling()).isNull();
    assertThat(read.widening()).isNull();
    assertThat(read.spearman().value()).isEqualTo(0.5);
  }

  @Test
  void too_few_rights_holders_to_rank_are_refused_before_anything_is_built() {
    assertThatThrownBy(() -> BuildSettings.on("cpu").leavingOut(3))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("--leave-out is 0, or from 4 to 1000 rights holders; got 3");
  }
}
