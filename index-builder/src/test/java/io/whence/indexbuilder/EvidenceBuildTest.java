package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.attribution.Passages;
import io.whence.engine.attribution.PassagesJson;
import io.whence.engine.attribution.SharedPassage;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.TraceJson;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.WordTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Indexes of forty real poems without a model. */
class EvidenceBuildTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");

  /** Two shards. */
  private static final BuildSettings SETTINGS =
      new BuildSettings(16, 20261124, 30, 2, 12, 7, 0, "cpu", 2);

  @TempDir static Path shared;
  private static Path corpus;
  private static Path index;

  @TempDir Path directory;

  @BeforeAll
  static void buildOnce() throws IOException {
    corpus = shared.resolve("forty.jsonl");
    try (Stream<String> lines = Files.lines(ROOT.resolve("data/poems-gutenberg/poems.jsonl"))) {
      Files.write(corpus, lines.limit(40).toList());
    }
    index = shared.resolve("index");
    build(index, false);
  }

  private static BuildSummary build(Path out, boolean anew) {
    return new EvidenceBuild(List.of(corpus), out, anew, SETTINGS, Progress.SILENT).run();
  }

  @Test
  void a_passage_is_traced_to_its_work_without_a_model() {
    try (Tracer tracer = Tracer.open(index)) {
      for (int number : new int[] {0, 7, 21, 39}) {
        Work work = tracer.works().get(number);

        Trace trace = tracer.trace(work.text().substring(60, 200), Exclusions.LISTED);

        assertThat(trace.sources().get(0).works().get(0).work().id()).isEqualTo(work.id());
        assertThat(trace.sources().get(0).words()).isPositive();
      }
    }
    assertThat(IndexManifest.read(index).shards()).hasSizeGreaterThan(1);
  }

  @Test
  void the_same_corpus_gives_the_same_traces() {
    Path again = directory.resolve("index");
    build(again, false);

    assertThat(again.resolve("passages.bin")).hasSameBinaryContentAs(index.resolve("passages.bin"));
    try (Tracer one = Tracer.open(index);
        Tracer other = Tracer.open(again)) {
      String output = one.works().get(3).text();
      assertThat(spans(other.trace(output, Exclusions.LISTED)))
          .isEqualTo(spans(one.trace(output, Exclusions.LISTED)));
    }
  }

  @Test
  void a_passage_that_stands_in_several_works_is_given_once_with_the_earliest() throws IOException {
    List<Work> poems = Corpus.read(List.of(corpus)).works();
    Work poem = poems.get(5);
    WordTokens words = WordTokens.of(poem.text());
    String quotation = poem.text().substring(words.start(10), words.end(39));
    Path file = directory.resolve("editions.jsonl");
    List<Work> works = new ArrayList<>(poems);
    works.add(
        dated(
            "anthology",
            1901,
            poems.get(7).text() + "\n\n" + poem.text() + "\n\n" + poems.get(8).text()));
    works.add(dated("first", 1799, poem.text() + "\n\n" + poems.get(9).text()));
    works.add(dated("review", null, quoting("critic", quotation)));
    Files.write(file, works.stream().map(Work::toJsonLine).toList());
    Path out = directory.resolve("editions");
    new EvidenceBuild(List.of(file), out, false, SETTINGS, Progress.SILENT).run();

    try (Tracer tracer = Tracer.open(out)) {
      List<SharedPassage> passages =
          tracer.trace("He wrote: " + poem.text(), Exclusions.LISTED).passages();

      assertThat(passages).hasSize(1);
      SharedPassage passage = passages.get(0);
      assertThat(passage.words()).isEqualTo(words.size());
      assertThat(passage.places())
          .extracting(place -> place.work().title())
          .startsWith("first")
          .endsWith("review")
          .contains("anthology", poem.title());
      assertThat(passage.earliest()).isNotNull().extracting(Work::title).isEqualTo("first");
      assertThat(tracer.trace(quotation, Exclusions.LISTED).passages())
          .singleElement()
          .satisfies(quoted -> assertThat(quoted.places()).hasSize(4));
    }
  }

  @Test
  void a_shared_passage_says_how_many_works_of_the_index_have_it() throws IOException {
    Path out = quoting(directory);

    try (Tracer tracer = Tracer.open(out)) {
      Work poem = tracer.works().get(5);
      Passages passages = tracer.passages();
      Passages.Passage quoted = passages.page(tracer.number(new WorkId("letter")), 2, -1, 9).get(0);
      SharedPassage passage =
          tracer.trace("He wrote: " + quotation(poem), Exclusions.LISTED).passages().get(0);

      assertThat(quoted.words()).isEqualTo(29);
      assertThat(quoted.works()).isEqualTo(4);
      assertThat(quoted.earliest()).isNotNull().extracting(Work::title).isEqualTo("essay");
      assertThat(passages.places(quoted.number(), 0, 9))
          .extracting(place -> place.work().title(), PassagesJson::text)
          .containsExactly(
              tuple(poem.title(), quotation(poem)),
              tuple("review", quotation(poem)),
              tuple("essay", quotation(poem)),
              tuple("letter", quotation(poem)));
      assertThat(passage.known()).isEqualTo(new SharedPassage.Known(quoted, 29));
      assertThat(TraceJson.write(tracer.trace(quotation(poem), Exclusions.LISTED)))
          .contains(
              "\"inIndex\":{\"passage\":"
                  + quoted.number()
                  + ",\"words\":29,\"common\":29,\"works\":4,\"places\":4}");
    }
  }

  @Test
  void passages_are_paged_through_and_each_says_where_it_stands() throws IOException {
    Path out = quoting(directory);

    try (Tracer tracer = Tracer.open(out)) {
      JsonObject page = json(PassagesJson.page(tracer, "letter", 2, -1, 1));
      JsonObject passage = page.getAsJsonArray("passages").get(0).getAsJsonObject();
      int number = passage.get("passage").getAsInt();
      JsonObject first = json(PassagesJson.one(tracer, number, 0, 3));
      JsonObject rest = json(PassagesJson.one(tracer, number, first.get("next").getAsInt(), 3));

      assertThat(page.get("next").isJsonNull()).isTrue();
      assertThat(titles(passage)).startsWith("letter").hasSize(4);
      assertThat(passage.get("text").getAsString()).isEqualTo(quotation(tracer.works().get(5)));
      assertThat(titles(first)).containsExactly(tracer.works().get(5).title(), "review", "essay");
      assertThat(titles(rest)).containsExactly("letter");
      assertThat(rest.get("next").isJsonNull()).isTrue();
      assertThatThrownBy(() -> PassagesJson.page(tracer, "nobody", 2, -1, 1))
          .isInstanceOf(EngineException.InvalidQuery.class)
          .hasMessage("the index quoting has no work nobody; ids are the corpus's");
      assertThatThrownBy(() -> PassagesJson.one(tracer, 99, 0, 1))
          .isInstanceOf(EngineException.InvalidQuery.class)
          .hasMessage(
              "the index quoting has "
                  + tracer.passages().size()
                  + " passages, numbered from 0; there is no passage 99");
    }
  }

  @Test
  void an_index_of_before_has_no_passages_and_says_so_and_traces_as_it_did() throws IOException {
    Path out = quoting(directory);
    Files.delete(out.resolve("passages.bin"));
    JsonObject manifest = json(Files.readString(out.resolve(IndexManifest.FILE)));
    manifest.getAsJsonObject("files").remove("passages.bin");
    Files.writeString(out.resolve(IndexManifest.FILE), manifest.toString());

    try (Tracer tracer = Tracer.open(out)) {
      SharedPassage passage =
          tracer.trace(quotation(tracer.works().get(5)), Exclusions.LISTED).passages().get(0);

      assertThat(passage.places()).hasSize(4);
      assertThat(passage.known()).isNull();
      assertThatThrownBy(tracer::passages)
          .isInstanceOf(EngineException.InvalidQuery.class)
          .hasMessage(
              "the index quoting was built before passages were looked for and has none; build it"
                  + " again to have them");
    }
  }

  /** An index of the forty poems and three works that quote one of them. */
  private static Path quoting(Path directory) throws IOException {
    List<Work> works = new ArrayList<>(Corpus.read(List.of(corpus)).works());
    String quotation = quotation(works.get(5));
    works.add(dated("review", null, quoting("critic", quotation)));
    works.add(dated("essay", 1799, quoting("verses", quotation)));
    works.add(dated("letter", 1901, quoting("dear", quotation)));
    Path file = directory.resolve("quoting.jsonl");
    Files.write(file, works.stream().map(Work::toJsonLine).toList());
    Path out = directory.resolve("quoting");
    new EvidenceBuild(List.of(file), out, false, SETTINGS, Progress.SILENT).run();
    return out;
  }

  /** With so many words of its own that it is no copy of whoever quotes the same. */
  private static String quoting(String own, String quotation) {
    return quotation
        + " "
        + IntStream.range(0, 60).mapToObj(i -> own + i).collect(Collectors.joining(" "));
  }

  private static String quotation(Work poem) {
    WordTokens words = WordTokens.of(poem.text());
    return poem.text().substring(words.start(10), words.end(38));
  }

  private static JsonObject json(String document) {
    return JsonParser.parseString(document).getAsJsonObject();
  }

  private static List<String> titles(JsonObject passage) {
    return passage.getAsJsonArray("found").asList().stream()
        .map(place -> place.getAsJsonObject().get("title").getAsString())
        .toList();
  }

  private static Work dated(String title, @Nullable Integer year, String text) {
    return new Work(
        new WorkId(title),
        title,
        null,
        null,
        null,
        year,
        null,
        null,
        Modality.TEXT,
        null,
        null,
        text);
  }

  /** What follows the index, whose manifest says when it was built. */
  private static String spans(Trace trace) {
    String json = TraceJson.write(trace);
    return json.substring(json.indexOf("\"sources\""), json.indexOf("\"negativeCertificate\""));
  }

  @Test
  void it_is_whole_and_no_index_to_attribute_with() {
    assertThat(IndexManifest.read(index).damage(index)).isEmpty();
    assertThatThrownBy(() -> Attributor.open(index, "cpu"))
        .isInstanceOf(EngineException.IndexMismatch.class)
        .hasMessage(
            "the index at "
                + index
                + " was built with --no-sketches, for evidence alone; use whence trace, or build it"
                + " again with a model");
  }

  @Test
  void an_unfinished_build_is_thrown_away_only_when_asked() throws IOException {
    Path out = directory.resolve("index");
    Path unfinished = Files.createDirectories(directory.resolve("index.building/lucene"));

    assertThatThrownBy(() -> build(out, false))
        .isInstanceOf(EngineException.CannotWrite.class)
        .hasMessage(
            "an unfinished build lies at "
                + unfinished.getParent()
                + "; make it anew with --resume, or delete it");
    assertThat(build(out, true).manifest().counts().works()).isEqualTo(40);
  }
}
