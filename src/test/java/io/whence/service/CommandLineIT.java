package io.whence.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code whence} script with what was packaged, as a process of its own. */
class CommandLineIT {
  private static final Path ROOT = TestHome.root();
  private static final long MOST_MINUTES = 5;

  @TempDir static Path shared;
  @TempDir Path temporary;

  @BeforeAll
  static void buildIndex() throws IOException {
    TestHome.buildIndex(shared);
  }

  /** What a process said and how it ended. */
  private record Ended(int code, String output, List<String> errors) {}

  @Test
  void an_answer_as_json_is_all_there_is_on_standard_output() throws Exception {
    Ended ended =
        run(
            whence("attribute")
                + " --json --text 'the rose is red' --index "
                + shared.resolve("indexes/poems"));

    assertThat(ended.code()).isZero();
    assertThat(ended.errors()).isEmpty();
    assertThat(JsonParser.parseString(ended.output()).getAsJsonObject().get("attributions"))
        .isNotNull();
  }

  @Test
  void a_disk_that_takes_no_more_is_named_and_the_build_goes_on_when_there_is_room()
      throws Exception {
    Path index = temporary.resolve("index");

    // Smaller than the model, which is copied first: 4 MiB, in blocks of 512 bytes.
    Ended full = run("ulimit -f 8192 && " + build(index, ""));

    assertThat(full.code()).isEqualTo(2);
    assertThat(full.output()).isEmpty();
    assertThat(refusal(full))
        .containsExactly(
            "whence: cannot write to "
                + index
                + ".building: File too large; make room and go on with --resume, nothing was"
                + " published");
    assertThat(index).doesNotExist();
    assertThat(run(build(index, "--resume")).code()).isZero();
    assertThat(run(whence("index verify ") + index).code()).isZero();
  }

  @Test
  void a_build_that_was_killed_is_no_index_and_resumes_to_the_same_sketches() throws Exception {
    Path index = temporary.resolve("index");
    Path building = temporary.resolve("index.building");
    Process killed = start("exec " + build(index, ""));
    while (killed.isAlive() && !Files.exists(building.resolve("sketches"))) {
      Thread.sleep(10);
    }

    killed.destroyForcibly().waitFor();

    Ended early = run(whence("index verify ") + building);
    assertThat(early.code()).isEqualTo(2);
    assertThat(refusal(early)).hasSize(1).first().asString().startsWith("whence: no index at ");
    assertThat(run(build(index, "--resume")).code()).isZero();
    for (String name : List.of("shard-0000.f32", "shard-0000.rows", "directions.safetensors")) {
      Path sketches = Path.of("sketches", name);
      assertThat(index.resolve(sketches))
          .hasSameBinaryContentAs(shared.resolve("indexes/poems").resolve(sketches));
    }
  }

  private static String whence(String command) {
    return ROOT.resolve("whence") + " " + command;
  }

  private static String build(Path index, String option) {
    return whence("index build")
        + " --model "
        + ROOT.resolve("models/poems-gpt")
        + " --corpus "
        + shared.resolve("poems.jsonl")
        + " --out "
        + index
        + " "
        + option;
  }

  /** Without the progress that stood there before. */
  private static List<String> refusal(Ended ended) {
    return ended.errors().stream().filter(line -> line.startsWith("whence: ")).toList();
  }

  private Process start(String command) throws IOException {
    return new ProcessBuilder("sh", "-c", command)
        .redirectOutput(temporary.resolve("output").toFile())
        .redirectError(temporary.resolve("errors").toFile())
        .start();
  }

  private Ended run(String command) throws Exception {
    Process process = start(command);
    assertThat(process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)).isTrue();
    // The virtual machine itself remarks on the vector module.
    return new Ended(
        process.exitValue(),
        Files.readString(temporary.resolve("output")),
        Files.readAllLines(temporary.resolve("errors")).stream()
            .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
            .toList());
  }
}
