package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RiskCommandTest {
  private static final String CASES = "../data/fair-use-cases/cases.csv";

  @TempDir Path directory;

  private record Ended(int code, String output, String errors) {}

  @BeforeAll
  static void stands_at_the_root() {
    System.setProperty("whence.root", "..");
  }

  @AfterAll
  static void leaves() {
    System.clearProperty("whence.root");
  }

  private static Ended run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      int code = Main.run(arguments);
      return new Ended(
          code, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @Test
  void fit_writes_the_model_that_is_served() throws IOException {
    Path out = directory.resolve("model.json");

    Ended ended = run("risk", "fit", "--out", out.toString());

    assertThat(ended.code()).isZero();
    assertThat(out)
        .hasSameBinaryContentAs(
            Path.of("../engine/src/main/resources/io/whence/engine/risk/fu-us-v1.json"));
  }

  @Test
  void validate_prints_one_document_with_exactly_its_fields() {
    Ended ended = run("risk", "validate", CASES, "--mask-judged", "--json");

    JsonObject document = JsonParser.parseString(ended.output()).getAsJsonObject();
    assertThat(ended.code()).isZero();
    assertThat(ended.errors()).isEmpty();
    assertThat(document.keySet()).containsExactly("auc", "low", "high", "ece", "cases");
    assertThat(document.get("auc").getAsDouble()).isBetween(.8, .83);
    assertThat(document.getAsJsonArray("cases").get(0).getAsJsonObject().keySet())
        .containsExactly("id", "point", "low", "high", "band");
  }

  @Test
  void validate_prints_figures_bars_and_limits_for_people() {
    Ended ended = run("risk", "validate", CASES);

    assertThat(ended.code()).isZero();
    assertThat(ended.output())
        .contains("served weights, all inputs")
        .contains("each dispute left out, judged masked")
        .contains("fitted before 2012, from then, all inputs")
        .contains("0 violations in 100,000 pairs, seed 1")
        .contains("Not legal advice.")
        .doesNotContain("NOT met");
  }

  @Test
  void validate_names_bad_rows_and_refuses_what_it_cannot_score() throws IOException {
    Path table = directory.resolve("further.csv");
    String header = Files.readAllLines(Path.of(CASES)).get(0);
    Files.writeString(table, header + "\nX1,short\n");

    Ended ended = run("risk", "validate", table.toString(), "--json");

    assertThat(ended)
        .isEqualTo(
            new Ended(
                2,
                "",
                "whence: "
                    + table
                    + " holds no case; the first row was rejected: 2 fields, and the header has 29"
                    + System.lineSeparator()));
    assertThat(run("risk", "validate", "nowhere.csv").errors())
        .isEqualTo(
            "whence: no file nowhere.csv; name a table of decided cases (CSV)"
                + System.lineSeparator());
  }
}
