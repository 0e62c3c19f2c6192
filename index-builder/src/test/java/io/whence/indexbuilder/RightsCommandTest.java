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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RightsCommandTest {
  @TempDir Path directory;

  private record Run(int code, String out, String err) {}

  private static Run run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
      int code = Main.run(arguments);
      return new Run(
          code, printed.toString(StandardCharsets.UTF_8), said.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private String file(String text) throws IOException {
    return Files.writeString(directory.resolve("statement"), text).toString();
  }

  @Test
  void a_statement_is_read_in_one_line() throws IOException {
    Run run =
        run(
            "rights",
            file("User-agent: *\nDisallow: /private"),
            "--form",
            "robots",
            "--path",
            "/private/a");

    assertThat(run)
        .isEqualTo(new Run(0, "reserved: Disallow: /private" + System.lineSeparator(), ""));
  }

  @Test
  void a_statement_is_read_as_json() throws IOException {
    Run run = run("rights", file("train-ai=y"), "--form", "aipref", "--json");

    JsonObject read = JsonParser.parseString(run.out()).getAsJsonObject();
    assertThat(read.get("verdict").getAsString()).isEqualTo("allowed");
    assertThat(read.get("sha256").getAsString()).hasSize(64);
  }

  @Test
  void what_is_no_statement_is_refused_in_one_line() throws IOException {
    assertThat(run("rights", file("x"), "--form", "ads"))
        .isEqualTo(
            new Run(
                2,
                "",
                "whence: there is no form ads; use one of spdx, rsl, robots, aipref, tdmrep, tdmrepPage,"
                    + " cawg"
                    + System.lineSeparator()));
    assertThat(run("rights", directory.resolve("none").toString(), "--form", "rsl").code())
        .isEqualTo(2);
  }
}
