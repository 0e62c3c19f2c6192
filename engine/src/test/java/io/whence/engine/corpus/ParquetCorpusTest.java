package io.whence.engine.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of Parquet files, as pyarrow writes them, are read as lines of JSON are. */
class ParquetCorpusTest {
  @TempDir Path directory;

  private static Path file(String name) throws URISyntaxException {
    URL place = Objects.requireNonNull(ParquetCorpusTest.class.getResource(name + ".parquet"));
    return Path.of(place.toURI());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy", "gzip", "zstd"})
  void a_row_is_a_work_or_a_rejection_with_its_number(String codec) throws URISyntaxException {
    Corpus corpus = Corpus.read(List.of(file(codec)));

    assertThat(corpus.works())
        .extracting(work -> work.id().value(), Work::title, Work::text, Work::year, Work::author)
        .containsExactly(
            tuple("a", "One", "The rose is red.\n", 1848, "Ann"),
            tuple("b", "b", "Die Wörter — 🌹", null, "Bob"));
    assertThat(corpus.rejections())
        .extracting(Rejection::line, Rejection::reason)
        .containsExactly(
            tuple(3L, "id is missing or blank"),
            tuple(4L, "the text of work d is blank"),
            tuple(5L, "id a was used before"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          columns | has no column id but [name, content]; rename one
          numbers | the column id is not of strings; write it as such
          lists   | the column text is not of strings; write it as such
          cut     | cannot be read as a Parquet file
          lz4     | write it anew, plain or with gzip, Snappy or Zstandard
          """)
  void a_file_that_cannot_be_read_is_refused_by_name(String name, String why)
      throws URISyntaxException {
    Path file = file(name);

    assertThatThrownBy(() -> Corpus.read(List.of(file)))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why);
  }

  @Test
  void a_string_that_is_not_utf8_costs_its_own_row_alone() throws URISyntaxException {
    Corpus corpus = Corpus.read(List.of(file("bytes")));

    assertThat(corpus.works()).extracting(Work::text).containsExactly("good");
    assertThat(corpus.rejections())
        .extracting(Rejection::line, Rejection::reason)
        .containsExactly(tuple(1L, "not valid UTF-8"));
  }

  @Test
  void in_a_directory_a_bad_file_is_rejected_and_the_others_are_read()
      throws IOException, URISyntaxException {
    Files.copy(file("snappy"), directory.resolve("good.PARQUET"));
    Files.copy(file("cut"), directory.resolve("bad.parquet"));

    Corpus corpus = Corpus.read(List.of(directory));

    assertThat(corpus.works()).hasSize(2);
    assertThat(corpus.rejections())
        .extracting(Rejection::file)
        .contains(directory.resolve("bad.parquet").toString());
  }
}
