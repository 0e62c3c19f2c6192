package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guarantee on a few thousand runs; {@code whence evaluate evidence} plants a million. */
class PlantedRunsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");
  private static final int RUNS = 3000;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void no_run_of_random_unicode_is_missed(long seed) {
    assertNothingMissed(PlantedRuns.inUnicode(RUNS, seed));
  }

  @Test
  void no_run_of_code_is_missed() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("index-builder/src/main"))) {
      List<Path> sources = files.filter(f -> f.toString().endsWith(".java")).sorted().toList();
      List<String> texts = new java.util.ArrayList<>();
      for (Path source : sources) {
        texts.add(Files.readString(source));
      }
      assertNothingMissed(PlantedRuns.in(texts, RUNS, 1));
    }
  }

  @Test
  void no_run_of_a_poem_is_missed() throws IOException {
    try (Stream<String> lines = Files.lines(ROOT.resolve("data/poems-gutenberg/poems.jsonl"))) {
      List<String> poems =
          lines
              .limit(300)
              .map(line -> JsonParser.parseString(line).getAsJsonObject().get("text").getAsString())
              .toList();
      assertNothingMissed(PlantedRuns.in(poems, RUNS, 1));
    }
  }

  @Test
  void the_same_seed_plants_the_same_runs() {
    assertThat(PlantedRuns.inUnicode(500, 3)).isEqualTo(PlantedRuns.inUnicode(500, 3));
    assertThat(PlantedRuns.inUnicode(500, 3)).isNotEqualTo(PlantedRuns.inUnicode(500, 4));
  }

  private static void assertNothingMissed(PlantedRuns runs) {
    assertThat(runs.planted()).isGreaterThan(RUNS * 9 / 10);
    assertThat(runs.violations()).isZero();
    assertThat(runs.wrong()).isZero();
    assertThat(runs.reported()).isGreaterThanOrEqualTo(runs.planted());
  }
}
