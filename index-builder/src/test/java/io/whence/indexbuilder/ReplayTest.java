package io.whence.indexbuilder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.attribution.AttributionJson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.Replay;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.risk.Act;
import io.whence.engine.risk.UseFacts;
import io.whence.engine.risk.UseFacts.Judgement;
import io.whence.engine.risk.UseFacts.OtherAct;
import io.whence.engine.risk.UseFacts.SideFact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of answers of a real index, made again by an index that was opened anew. */
class ReplayTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");
  private static final String OUTPUT = "O Rose thou art sick, said the invisible worm at night";

  @TempDir static Path shared;
  private static Path index;
  private static Path another;

  @BeforeAll
  static void buildTwo() throws IOException {
    index = built("index", 24);
    another = built("another", 23);
  }

  private static Path built(String name, int works) throws IOException {
    Path corpus = shared.resolve(name + ".jsonl");
    try (Stream<String> lines = Files.lines(ROOT.resolve("data/poems-gutenberg/poems.jsonl"))) {
      Files.write(corpus, lines.limit(works).toList());
    }
    Path out = shared.resolve(name);
    new IndexBuild(
            ROOT.resolve("models/poems-gpt"),
            List.of(corpus),
            out,
            false,
            new BuildSettings(16, 20261124, 60, 2, 12, 7, 0, "cpu", 2),
            Progress.SILENT)
        .run();
    return out;
  }

  private static byte[] record(AttributionRequest request) {
    try (Attributor attributor = Attributor.open(index, "cpu")) {
      return AttributionJson.write(
          attributor.attribute(request), "an-id", Instant.parse("2026-03-01T12:00:00.123Z"));
    }
  }

  private static AttributionRequest plain() {
    return new AttributionRequest(
        OUTPUT, null, 10, false, false, AttributionRequest.DEFAULT_METHODS, UseFacts.NONE);
  }

  private static Replay replayed(byte[] record, Path index) {
    try (Attributor attributor = Attributor.open(index, "cpu")) {
      return Replay.of(record, attributor);
    }
  }

  @Test
  void an_answer_is_made_again_to_the_byte() {
    Replay replay = replayed(record(plain()), index);

    assertThat(replay.components()).isEmpty();
    assertThat(replay.fields()).isEmpty();
    assertThat(replay.equal()).isTrue();
  }

  @Test
  void everything_that_was_asked_stands_in_the_record() {
    List<InfluenceMethod> methods = new ArrayList<>(AttributionRequest.DEFAULT_METHODS);
    Collections.reverse(methods);
    UseFacts use =
        new UseFacts(
            "US",
            "parody",
            0.25,
            1.0 / 3,
            null,
            new Judgement(0.7, 0.1, 0.9, "A. Reader", "it mocks \"the rose\"", "2026-11-02"),
            null,
            null,
            null,
            new UseFacts.Market(0.5, null, 0.1),
            Map.of(
                Act.TRAINING_COPY, new OtherAct("parody", 1.0, 1.0, null, null),
                Act.ACQUISITION, new OtherAct(null, 0.5, null, null, null)),
            Set.of(SideFact.values()),
            "A. Publisher",
            new UseFacts.Declaration("B. Clerk", "2026-11-03T10:00:00Z"));

    Replay replay =
        replayed(
            record(new AttributionRequest(OUTPUT, "A poem", 3, true, true, methods, use, false)),
            index);

    assertThat(replay.equal()).as(replay.toString()).isTrue();
  }

  @Test
  void another_index_is_named_as_what_differs() {
    Replay replay = replayed(record(plain()), another);

    assertThat(replay.equal()).isFalse();
    assertThat(replay.components())
        .extracting(Replay.Difference::component)
        .containsExactly("corpus", "index");
    assertThat(replay.fields()).contains("attributions[0].influence.deltaLoss").hasSize(20);
  }

  @Test
  void a_component_that_was_another_then_is_named_with_both_values() {
    String record = new String(record(plain()), UTF_8);
    String java = Runtime.version().toString();

    Replay replay =
        replayed(
            record
                .replace("\"java\":\"" + java + "\",\"jvm\"", "\"java\":\"17\",\"jvm\"")
                .getBytes(UTF_8),
            index);

    assertThat(replay.components()).containsExactly(new Replay.Difference("java", "17", java));
    assertThat(replay.fields()).isEmpty();
  }

  @Test
  void a_changed_figure_is_named_by_its_place() {
    String record = new String(record(plain()), UTF_8);

    Replay replay =
        replayed(record.replaceFirst("\"rank\":1,", "\"rank\":9,").getBytes(UTF_8), index);

    assertThat(replay.components()).isEmpty();
    assertThat(replay.fields()).containsExactly("attributions[0].rank");
  }

  @Test
  void what_is_no_record_is_refused() {
    assertThatThrownBy(() -> Replay.indexOf("{\"id\": 1}".getBytes(UTF_8)))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "the record has no reproducibility: it is of a version that kept none, or no"
                + " attribution; attribute the output again");
    assertThatThrownBy(() -> Replay.indexOf("nonsense {".getBytes(UTF_8)))
        .hasMessage("the record is no JSON object");
  }
}
