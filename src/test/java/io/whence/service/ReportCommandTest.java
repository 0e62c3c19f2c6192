package io.whence.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
  @TempDir Path directory;
  private Path answer = Path.of("");

  @BeforeEach
  void anAnswer() throws IOException {
    answer = directory.resolve("answer.json");
    try (InputStream in = ReportCommandTest.class.getResourceAsStream("/report/nothing.json")) {
      Files.write(answer, Objects.requireNonNull(in).readAllBytes());
    }
  }

  @Test
  void writes_a_page_or_a_pdf_by_the_name_of_the_file() throws Exception {
    Path page = directory.resolve("report.html");
    Path pdf = directory.resolve("report.PDF");

    assertThat(ReportCommand.run("report", answer.toString(), "--out", page.toString())).isZero();
    assertThat(ReportCommand.run("report", "--out", pdf.toString(), answer.toString())).isZero();

    assertThat(Files.readString(page)).contains("no log was asked", "Annex A. Error rates");
    assertThat(new String(Files.readAllBytes(pdf), StandardCharsets.ISO_8859_1))
        .startsWith("%PDF-1.");
    try (var files = Files.list(directory)) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void refuses_in_one_line_what_makes_no_report() throws IOException {
    String out = directory.resolve("r.pdf").toString();
    Files.writeString(directory.resolve("poem.txt"), "the rose is red");
    Files.writeString(directory.resolve("half.json"), "{\"id\": \"x\"}");

    assertThatThrownBy(() -> ReportCommand.run("report"))
        .hasMessage("report needs a file with an answer; see whence report --help");
    assertThatThrownBy(() -> ReportCommand.run("report", answer.toString()))
        .hasMessage("--out names a file that ends in .pdf or .html; got none");
    assertThatThrownBy(() -> ReportCommand.run("report", answer.toString(), "--out", "a.doc"))
        .hasMessage("--out names a file that ends in .pdf or .html; got a.doc");
    assertThatThrownBy(() -> ReportCommand.run("report", "--fast"))
        .hasMessage("report does not take --fast; see whence report --help");
    assertThatThrownBy(() -> ReportCommand.run("report", "none.json", "--out", out))
        .hasMessage("none.json is no file; name one with an answer as JSON");
    assertThatThrownBy(
            () ->
                ReportCommand.run("report", directory.resolve("poem.txt").toString(), "--out", out))
        .hasMessageContaining("poem.txt: the record is not JSON: ");
    assertThatThrownBy(
            () ->
                ReportCommand.run(
                    "report", directory.resolve("half.json").toString(), "--out", out))
        .hasMessageEndingWith(
            "half.json: the record has no field createdAt; give an attribution as it was answered");
    assertThatThrownBy(
            () ->
                ReportCommand.run(
                    "report",
                    answer.toString(),
                    "--out",
                    directory.resolve("no/such/place.pdf").toString()))
        .hasMessageContaining("place.pdf cannot be written: ");
  }
}
