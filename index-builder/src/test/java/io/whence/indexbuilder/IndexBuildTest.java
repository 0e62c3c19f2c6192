package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.Sha256;
import io.whence.engine.attribution.Attribution;
import io.whence.engine.attribution.AttributionJson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.IndexLayout;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.TraceJson;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Work;
import io.whence.engine.credit.Share;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Tier;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.model.Safetensors;
import io.whence.engine.risk.UseFacts;
import io.whence.engine.screening.Policy;
import io.whence.engine.screening.Screening;
import io.whence.engine.screening.ScreeningJson;
import io.whence.engine.screening.Verdict;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Indexes of forty real poems with the real demo model: built, killed, damaged, asked. */
class IndexBuildTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");
  private static final Path MODEL = ROOT.resolve("models/poems-gpt");
  private static final int WORKS = 40;

  /** Two shards, and a measurement as small as it can be. */
  private static final BuildSettings SETTINGS =
      new BuildSettings(16, 20261124, 60, 2, 12, 7, 0, "cpu", 2);

  @TempDir static Path shared;
  private static Path corpus;
  private static Path index;
  private static List<Work> works;

  @TempDir Path directory;

  @BeforeAll
  static void buildOnce() throws IOException {
    corpus = shared.resolve("forty.jsonl");
    try (Stream<String> lines = Files.lines(ROOT.resolve("data/poems-gutenberg/poems.jsonl"))) {
      Files.write(corpus, lines.limit(WORKS).toList());
    }
    works = Corpus.read(List.of(corpus)).works();
    index = shared.resolve("index");
    build(corpus, index, false, Progress.SILENT);
  }

  private static BuildSummary build(Path corpus, Path out, boolean resume, Progress progress) {
    return new IndexBuild(MODEL, List.of(corpus), out, resume, SETTINGS, progress).run();
  }

  private static AttributionRequest request(String output, boolean exact) {
    return request(output, exact, AttributionRequest.DEFAULT_METHODS.get(0));
  }

  private static AttributionRequest request(String output, boolean exact, InfluenceMethod method) {
    return new AttributionRequest(output, null, 10, exact, exact, List.of(method), UseFacts.NONE);
  }

  private static String json(Attributor attributor, String output) {
    return new String(
        AttributionJson.write(attributor.attribute(request(output, false)), "same", Instant.EPOCH),
        StandardCharsets.UTF_8);
  }

  private static String passage(int work) {
    return works.get(work).text().substring(60, 200);
  }

  @Test
  void a_passage_is_traced_to_its_work_with_the_exact_span() {
    try (Attributor attributor = Attributor.open(index, "cpu")) {
      for (int work : new int[] {0, 7, 21, 39}) {
        String output = passage(work);

        Attribution answer = attributor.attribute(request(output, false));

        var first = answer.works().get(0);
        assertThat(first.work().id()).isEqualTo(works.get(work).id());
        assertThat(first.tier()).isEqualTo(Tier.E1);
        assertThat(first.evidence()).hasSize(1);
        var match = first.evidence().get(0).match();
        assertThat(
                first
                    .work()
                    .text()
                    .substring(match.workCharacters().start(), match.workCharacters().end()))
            .isEqualTo(match.workText());
        assertThat(
                output.substring(match.outputCharacters().start(), match.outputCharacters().end()))
            .isEqualTo(match.outputText());
        assertThat(match.outputText().length()).isGreaterThan(output.length() - 24);
        assertThat(first.instances()).hasSizeGreaterThan(0);
        assertThat(first.influence().low()).isLessThan(first.influence().high());
      }
    }
  }

  @Test
  void shares_and_the_unattributed_rest_sum_to_a_million() {
    try (Attributor attributor = Attributor.open(index, "cpu")) {
      Attribution answer = attributor.attribute(request(passage(3), false));

      int credited = answer.credits().stream().mapToInt(credit -> credit.share().ppm()).sum();
      assertThat(credited + answer.unattributedPpm()).isEqualTo(Share.WHOLE);
    }
  }

  static List<InfluenceMethod> methods() {
    return InfluenceMethod.OF_AN_INDEX;
  }

  @ParameterizedTest
  @MethodSource("methods")
  void candidates_score_as_the_exact_scan_does(InfluenceMethod method) {
    try (Attributor attributor = Attributor.open(index, "cpu")) {
      Attribution candidates = attributor.attribute(request(passage(5), false, method));
      Attribution exact = attributor.attribute(request(passage(5), true, method));

      assertThat(candidates.works().get(0).work()).isEqualTo(exact.works().get(0).work());
      assertThat(exact.works().get(0).work()).isEqualTo(works.get(5));
      candidates
          .works()
          .forEach(
              work ->
                  exact.works().stream()
                      .filter(other -> other.work().id().equals(work.work().id()))
                      .forEach(other -> assertThat(other.influence()).isEqualTo(work.influence())));
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void what_a_work_did_to_each_token_adds_up_to_what_it_did(InfluenceMethod method) {
    try (Attributor attributor = Attributor.open(index, "cpu")) {
      String output = passage(5);

      Attribution answer = attributor.attribute(request(output, true, method));

      assertThat(answer.works()).isNotEmpty();
      for (Attribution.RankedWork work : answer.works()) {
        if (work.membership().equals("heldOut")) {
          assertThat(work.tokens()).isEmpty();
          continue;
        }
        assertThat(work.tokens()).hasSize(answer.measurement().tokens());
        assertThat(work.tokens().get(0).characters().start()).isZero();
        assertThat(work.tokens().get(work.tokens().size() - 1).characters().end())
            .isEqualTo(output.length());
        double sum = work.tokens().stream().mapToDouble(token -> token.deltaLoss()).sum();
        double size = work.tokens().stream().mapToDouble(t -> Math.abs(t.deltaLoss())).sum();
        assertThat(sum).isCloseTo(work.influence().deltaLoss(), within(0.01 * size));
      }
    }
  }

  @Test
  void an_index_closed_in_the_middle_of_an_answer_lets_it_finish() throws Exception {
    Attributor attributor = Attributor.open(index, "cpu");
    var measured = new java.util.concurrent.CountDownLatch(1);
    var closed = new java.util.concurrent.CountDownLatch(1);

    try (var caller = java.util.concurrent.Executors.newSingleThreadExecutor()) {
      var answer =
          caller.submit(
              () ->
                  attributor.attribute(
                      request(passage(5), true),
                      (stage, nanos) -> {
                        measured.countDown();
                        try {
                          closed.await();
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                      }));
      measured.await();
      attributor.close();
      closed.countDown();

      assertThat(answer.get().works()).isNotEmpty();
    }
  }

  @Test
  void the_same_question_has_the_same_answer_to_the_byte() {
    try (Attributor attributor = Attributor.open(index, "cpu");
        Attributor again = Attributor.open(index, "cpu")) {
      assertThat(json(attributor, passage(9))).isEqualTo(json(attributor, passage(9)));
      assertThat(json(again, passage(9))).isEqualTo(json(attributor, passage(9)));
    }
  }

  @Test
  void two_builds_of_the_same_inputs_give_the_same_sketches_and_rankings() throws IOException {
    Path other = directory.resolve("index");

    build(corpus, other, false, Progress.SILENT);

    assertSameIndex(other);
  }

  @ParameterizedTest(name = "killed in {0}")
  @ValueSource(strings = {"sketch", "curvature", "lucene", "passages", "recall", "tail-patch"})
  void a_build_killed_anywhere_resumes_to_the_same_index(String stage) throws IOException {
    Path out = directory.resolve("index");
    Progress killer =
        (at, done, total, unit, note) -> {
          if (at.equals(stage) && done * 2 >= total) {
            throw new Killed();
          }
        };

    assertThatThrownBy(() -> build(corpus, out, false, killer)).isInstanceOf(Killed.class);

    assertThat(out).doesNotExist();
    Path unfinished = directory.resolve("index.building");
    assertThatThrownBy(() -> Attributor.open(unfinished, "cpu"))
        .isInstanceOf(EngineException.NoIndex.class);
    assertThatThrownBy(() -> build(corpus, out, false, Progress.SILENT))
        .isInstanceOf(EngineException.CannotWrite.class)
        .hasMessageContaining("go on with --resume");
    build(corpus, out, true, Progress.SILENT);
    assertSameIndex(out);
    assertThat(unfinished).doesNotExist();
  }

  /** What {@code kill -9} would do, as far as one JVM can play it. */
  private static final class Killed extends RuntimeException {}

  private static void assertSameIndex(Path other) {
    IndexManifest expected = IndexManifest.read(index);
    IndexManifest built = IndexManifest.read(other);
    assertThat(built.damage(other)).isEmpty();
    expected
        .files()
        .forEach(
            (name, sum) -> {
              // Lucene names its segments at random; everything else is the same to the byte.
              if (!name.startsWith("lucene/")) {
                assertThat(built.files()).as(name).containsEntry(name, sum);
              }
            });
    try (Attributor first = Attributor.open(index, "cpu");
        Attributor second = Attributor.open(other, "cpu")) {
      for (int work : new int[] {2, 30}) {
        String manifest = "\"(manifest|index)\":\"[0-9a-f]*\"";
        assertThat(json(second, passage(work)).replaceAll(manifest, ""))
            .isEqualTo(json(first, passage(work)).replaceAll(manifest, ""));
      }
    }
  }

  /** A build killed once everything is sketched. */
  private Path killedAfterSketching() {
    Progress killer =
        (at, done, total, unit, note) -> {
          if (at.equals("curvature")) {
            throw new Killed();
          }
        };
    Path out = directory.resolve("index");
    assertThatThrownBy(() -> build(corpus, out, false, killer)).isInstanceOf(Killed.class);
    return out;
  }

  @ParameterizedTest(name = "without {0}")
  @ValueSource(strings = {".f32", ".rows", ".losses"})
  void a_shard_whose_files_are_not_all_there_is_sketched_again(String missing) throws IOException {
    Path out = killedAfterSketching();
    Files.delete(directory.resolve("index.building/sketches/shard-0000" + missing));

    build(corpus, out, true, Progress.SILENT);

    assertSameIndex(out);
  }

  @Test
  void a_build_resumed_with_another_corpus_or_begun_by_another_version_is_refused()
      throws IOException {
    Path out = killedAfterSketching();
    Path fewer = directory.resolve("fewer.jsonl");
    Files.write(fewer, Files.readAllLines(corpus).subList(0, 30));

    assertThatThrownBy(() -> build(fewer, out, true, Progress.SILENT))
        .isInstanceOf(EngineException.CannotWrite.class)
        .hasMessageContaining("was begun by another version, or with another checkpoint, corpus");
    Path plan = directory.resolve("index.building/plan.txt");
    Files.writeString(plan, Files.readString(plan).replace("format 3\n", "format 2\n"));
    assertThatThrownBy(() -> build(corpus, out, true, Progress.SILENT))
        .isInstanceOf(EngineException.CannotWrite.class)
        .hasMessageContaining("delete it to start anew");
  }

  @Test
  void an_existing_index_is_never_written_over() {
    assertThatThrownBy(() -> build(corpus, index, true, Progress.SILENT))
        .isInstanceOf(EngineException.CannotWrite.class)
        .hasMessageContaining("exists; choose another --out");
  }

  @Test
  void a_flipped_byte_in_any_file_is_found_and_named() throws IOException {
    Path copy = copy();
    for (String name : IndexManifest.read(copy).files().keySet()) {
      Path file = copy.resolve(name);
      if (Files.size(file) == 0) {
        continue;
      }
      flip(file);

      assertThat(IndexManifest.read(copy).damage(copy))
          .hasSize(1)
          .first()
          .asString()
          .contains(name);

      flip(file);
    }
    assertThat(IndexManifest.read(copy).damage(copy)).isEmpty();
  }

  private static void flip(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long middle = bytes.length() / 2;
      bytes.seek(middle);
      int value = bytes.read();
      bytes.seek(middle);
      bytes.write(value ^ 1);
    }
  }

  @Test
  void a_cut_sketch_file_cannot_be_opened() throws IOException {
    Path copy = copy();
    Path sketches = new IndexLayout(copy).sketches("shard-0000");
    long size = Files.size(sketches);
    try (RandomAccessFile bytes = new RandomAccessFile(sketches.toFile(), "rw")) {
      bytes.setLength(size - 4);
    }

    assertThatThrownBy(() -> Attributor.open(copy, "cpu"))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessageContaining(
            "sketches/shard-0000.f32 should have " + size + " bytes and has " + (size - 4));
  }

  @Test
  void a_missing_model_file_is_named() throws IOException {
    Path copy = copy();
    Files.delete(copy.resolve("model/config.json"));

    assertThatThrownBy(() -> Attributor.open(copy, "cpu"))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessageContaining("model/config.json is missing");
  }

  @Test
  void an_index_with_another_checkpoint_in_it_is_refused_as_that() throws IOException {
    Path copy = copy();
    // Of the same size, one bit of one weight another.
    Path weights = copy.resolve("model/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    int last = bytes.length - 2;
    bytes[last] ^= 1;
    Files.write(weights, bytes);

    assertThatThrownBy(() -> Attributor.open(copy, "cpu"))
        .isInstanceOf(EngineException.IndexMismatch.class)
        .hasMessageContaining("was built with checkpoint");
  }

  @Test
  void an_index_with_a_checkpoint_of_another_size_in_it_is_refused_as_that() throws IOException {
    Path copy = copy();
    Path weights = copy.resolve("model/model.safetensors");
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>(Safetensors.read(weights));
    tensors.keySet().removeIf(name -> name.startsWith("transformer.h.3."));
    Safetensors.write(weights, tensors);
    Path config = copy.resolve("model/config.json");
    Files.writeString(config, Files.readString(config).replace("\"n_layer\": 4", "\"n_layer\": 3"));

    assertThatThrownBy(() -> Attributor.open(copy, "cpu"))
        .isInstanceOf(EngineException.IndexMismatch.class)
        .hasMessageContaining("was built with checkpoint");
  }

  @Test
  void a_cut_model_file_is_damage() throws IOException {
    Path copy = copy();
    Path weights = copy.resolve("model/model.safetensors");
    long size = Files.size(weights);
    try (RandomAccessFile bytes = new RandomAccessFile(weights.toFile(), "rw")) {
      bytes.setLength(size / 2);
    }

    assertThatThrownBy(() -> Attributor.open(copy, "cpu"))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessageContaining(
            "model/model.safetensors should have " + size + " bytes and has " + size / 2);
  }

  @Test
  void another_format_version_is_refused() throws IOException {
    Path copy = copy();
    Path manifest = copy.resolve(IndexManifest.FILE);
    Files.writeString(
        manifest,
        Files.readString(manifest).replace("\"formatVersion\": 3", "\"formatVersion\": 9"));

    assertThatThrownBy(() -> Attributor.open(copy, "cpu"))
        .isInstanceOf(EngineException.IndexMismatch.class)
        .hasMessageContaining("is of format version 9; this build reads version 3");
  }

  @Test
  void a_manifest_that_says_nothing_of_the_embedding_table_is_damaged() throws IOException {
    Path copy = copy();
    Path manifest = copy.resolve(IndexManifest.FILE);
    Files.writeString(manifest, Files.readString(manifest).replace("\"table\": {", "\"chair\": {"));

    assertThatThrownBy(() -> Attributor.open(copy, "cpu"))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessageContaining("fields are missing");
  }

  private Path copy() throws IOException {
    Path copy = directory.resolve("copy");
    try (Stream<Path> paths = Files.walk(index)) {
      for (Path path : paths.toList()) {
        Path target = copy.resolve(index.relativize(path).toString());
        Files.createDirectories(target.getParent());
        Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return copy;
  }

  @Test
  void exact_copies_share_one_credit() throws IOException {
    Path doubled = directory.resolve("doubled.jsonl");
    List<String> lines = Files.readAllLines(corpus).subList(0, 12);
    List<String> more = new java.util.ArrayList<>(lines);
    more.add(lines.get(4).replace("\"id\": \"", "\"id\": \"copy-of-"));
    Files.write(doubled, more);
    Path out = directory.resolve("index");
    build(doubled, out, false, Progress.SILENT);

    try (Attributor attributor = Attributor.open(out, "cpu")) {
      Attribution answer = attributor.attribute(request(passage(4), false));

      assertThat(answer.works().get(0).copies()).hasSize(1);
      assertThat(answer.works().get(1).copies()).hasSize(1);
      assertThat(answer.works().get(0).share().ppm() * (long) answer.works().get(1).share().ppm())
          .isZero();
    }
  }

  @ParameterizedTest(name = "{0} copies")
  @ValueSource(ints = {1, 5})
  void copies_whole_or_in_part_move_the_share_of_a_work_by_nothing(int copies) throws IOException {
    List<String> lines = Files.readAllLines(corpus).subList(0, 12);
    List<String> more = new java.util.ArrayList<>(lines);
    for (int i = 0; i < copies; i++) {
      more.add(lines.get(4).replace("\"id\": \"", "\"id\": \"copy-" + i + "-of-"));
      JsonObject part = JsonParser.parseString(lines.get(4)).getAsJsonObject();
      String text = part.get("text").getAsString();
      part.addProperty("id", "part-" + i);
      part.addProperty("text", text.substring(0, text.length() * 3 / 4));
      more.add(part.toString());
    }
    Path once = directory.resolve("once");
    Path often = directory.resolve("often");
    build(Files.write(directory.resolve("once.jsonl"), lines), once, false, Progress.SILENT);
    build(Files.write(directory.resolve("often.jsonl"), more), often, false, Progress.SILENT);

    try (Attributor alone = Attributor.open(once, "cpu");
        Attributor copied = Attributor.open(often, "cpu")) {
      Attribution before = alone.attribute(request(passage(4), false));
      Attribution after = copied.attribute(request(passage(4), false));

      assertThat(share(before, works.get(4)).ppm()).isPositive();
      assertThat(share(after, works.get(4))).isEqualTo(share(before, works.get(4)));
      assertThat(after.credits()).isEqualTo(before.credits());
      // Leaving out one copy of several does less: that is influence, not credit.
      assertThat(after.works().get(0).influence().deltaLoss())
          .isLessThan(before.works().get(0).influence().deltaLoss());
    }
  }

  private static Share share(Attribution answer, Work work) {
    return answer.works().stream()
        .filter(ranked -> ranked.work().id().equals(work.id()))
        .findFirst()
        .orElseThrow()
        .share();
  }

  @Test
  void an_edited_copy_shares_the_credit_and_the_earliest_copy_is_named() throws IOException {
    List<String> lines = new java.util.ArrayList<>(Files.readAllLines(corpus).subList(0, 12));
    JsonObject original = JsonParser.parseString(lines.get(4)).getAsJsonObject();
    JsonObject edited = original.deepCopy();
    original.addProperty("year", 1700);
    lines.set(4, original.toString());
    String[] words = original.get("text").getAsString().split("(?<=\\s)", -1);
    for (int i = 5; i < words.length; i += 10) {
      words[i] = "another ";
    }
    edited.addProperty("id", "edited");
    edited.addProperty("year", 1650);
    edited.addProperty("text", String.join("", words));
    lines.add(edited.toString());
    Path out = directory.resolve("index");
    build(Files.write(directory.resolve("edited.jsonl"), lines), out, false, Progress.SILENT);

    try (Attributor attributor = Attributor.open(out, "cpu")) {
      List<Attribution.RankedWork> answer =
          attributor.attribute(request(passage(4), true)).works().stream()
              .filter(work -> work.cluster().equals(works.get(4).id()))
              .toList();

      assertThat(answer)
          .extracting(work -> work.work().id().value())
          .containsExactly(works.get(4).id().value(), "edited");
      assertThat(answer).allSatisfy(work -> assertThat(work.copies()).hasSize(1));
      assertThat(answer).extracting(work -> String.valueOf(work.earliest())).containsOnly("edited");
      assertThat(answer.get(1).share()).isEqualTo(Share.NONE);
      assertThat(answer.get(1).evidence())
          .anyMatch(found -> found.match() instanceof Evidence.NearVerbatimMatch);
    }
  }

  @Test
  void a_trace_gives_spans_with_their_works_and_their_chance() {
    String output = "He said: " + passage(7) + " And that was all.";

    try (Tracer tracer = Tracer.open(index)) {
      Trace trace = tracer.trace(output, Exclusions.LISTED);

      assertThat(trace.negativeCertificate()).isNull();
      JsonObject json = JsonParser.parseString(TraceJson.write(trace)).getAsJsonObject();
      JsonObject span = json.getAsJsonArray("spans").get(0).getAsJsonObject();
      assertThat(span.get("work").getAsString()).isEqualTo(works.get(7).id().value());
      assertThat(span.get("cluster").getAsString()).isEqualTo(works.get(7).id().value());
      assertThat(span.get("licence").getAsString()).isEqualTo(works.get(7).licence());
      assertThat(span.get("kind").getAsString()).isEqualTo("verbatim");
      assertThat(span.get("pValue").getAsDouble()).isGreaterThan(0).isLessThan(0.01);
      assertThat(output.substring(span.get("start").getAsInt(), span.get("end").getAsInt()))
          .isEqualTo(span.get("outputText").getAsString());
      assertThat(
              works
                  .get(7)
                  .text()
                  .substring(span.get("workStart").getAsInt(), span.get("workEnd").getAsInt()))
          .isEqualTo(span.get("workText").getAsString());
    }
  }

  @Test
  void an_output_that_shares_no_run_is_certified_with_the_snapshot_of_the_index()
      throws IOException {
    try (Tracer tracer = Tracer.open(index)) {
      var certificate =
          tracer
              .trace(
                  "zinc futures settled two ticks lower in thin trading today", Exclusions.LISTED)
              .negativeCertificate();

      assertThat(java.util.Objects.requireNonNull(certificate).index())
          .isEqualTo(Sha256.of(index.resolve(IndexManifest.FILE)));
      assertThat(certificate.works()).isEqualTo(WORKS);
      assertThat(certificate.outputWords()).isEqualTo(10);
    }
  }

  private static Screening screen(String rule, String output) {
    String policy =
        "{\"format\": \"whence-policy\", \"version\": 1, \"name\": \"mine\", \"rules\": ["
            + rule
            + "]}";
    try (Tracer tracer = Tracer.open(index)) {
      return Policy.of(policy.getBytes(StandardCharsets.UTF_8), "mine.json")
          .screen(tracer, output, Exclusions.LISTED);
    }
  }

  @Test
  void a_long_run_is_blocked_with_its_work_and_its_place() {
    String rule =
        "{\"id\": \"run\", \"verdict\": \"block\", \"evidence\": \"verbatim\", \"words\": 16}";

    Screening screening = screen(rule, "He said: " + passage(7) + " And that was all.");

    assertThat(screening.verdict()).isEqualTo(Verdict.BLOCK);
    assertThat(screening.reasons())
        .singleElement()
        .satisfies(
            reason -> {
              assertThat(reason.work().id()).isEqualTo(works.get(7).id());
              assertThat(reason.sentence()).startsWith("the output matches ");
              assertThat(reason.findings().get(0).match().equalWords()).isGreaterThan(15);
            });
    JsonObject json =
        JsonParser.parseString(
                new String(
                    ScreeningJson.write(screening, "same", Instant.EPOCH), StandardCharsets.UTF_8))
            .getAsJsonObject();
    assertThat(json.get("verdict").getAsString()).isEqualTo("block");
    assertThat(json.get("negativeCertificate").isJsonNull()).isTrue();
  }

  @Test
  void a_work_in_the_public_domain_is_exempt_where_the_policy_says_so() {
    String rule =
        "{\"id\": \"run\", \"verdict\": \"block\", \"evidence\": \"verbatim\", \"words\": 16, \"exempt\":"
            + " [\"publicDomain\"]}";

    assertThat(screen(rule, passage(7)).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void the_greater_part_of_a_work_is_found_by_its_share() {
    String rule =
        "{\"id\": \"much\", \"verdict\": \"flag\", \"evidence\": \"nearVerbatim\", \"workShare\": 0.5}";
    String text = works.get(7).text();

    assertThat(screen(rule, text.substring(0, text.length() * 3 / 4)).verdict())
        .isEqualTo(Verdict.FLAG);
    assertThat(screen(rule, text.substring(0, text.length() / 4)).verdict())
        .isEqualTo(Verdict.ALLOW);
  }

  @Test
  void meaning_flags_and_does_not_claim_to_be_copying() {
    String rule =
        "{\"id\": \"meaning\", \"verdict\": \"flag\", \"evidence\": \"semantic\", \"percentile\": 99}";

    Screening own = screen(rule, passage(7));
    Screening other = screen(rule, "zinc futures settled two ticks lower in thin trading today");

    assertThat(own.verdict()).isEqualTo(Verdict.FLAG);
    assertThat(own.reasons().get(0).work().id()).isEqualTo(works.get(7).id());
    assertThat(own.reasons().get(0).findings()).isEmpty();
    assertThat(own.reasons().get(0).sentence()).contains("this is no sign of copying");
    assertThat(other.verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(other.trace().negativeCertificate()).isNotNull();
    assertThat(other.wouldMiss()).anyMatch(sentence -> sentence.contains("paraphrase"));
  }

  @Test
  void an_index_without_a_null_of_meaning_says_that_rules_on_it_were_not_tried()
      throws IOException {
    Path copy = copy();
    Files.delete(new IndexLayout(copy).resemblance());
    IndexManifest manifest = IndexManifest.read(copy);

    try (Tracer tracer = Tracer.ofUnpublished(copy, manifest)) {
      Screening screening = Policy.DEFAULT.screen(tracer, passage(7), Exclusions.LISTED);

      assertThat(screening.notTested())
          .containsExactly(
              "rules on meaning: the index has no embeddings, or was built before they were"
                  + " calibrated");
    }
  }

  @Test
  void malformed_lines_are_counted_and_kept_in_the_index() throws IOException {
    Path mixed = directory.resolve("mixed.jsonl");
    List<String> lines = new java.util.ArrayList<>(Files.readAllLines(corpus).subList(0, 12));
    lines.add(3, "{\"id\": \"no text\"}");
    lines.add("not json");
    Files.write(mixed, lines);
    Path out = directory.resolve("index");

    BuildSummary summary = build(mixed, out, false, Progress.SILENT);

    assertThat(summary.rejections()).hasSize(2);
    assertThat(summary.manifest().counts().rejected()).isEqualTo(2);
    assertThat(Files.readAllLines(out.resolve("rejected.jsonl")))
        .hasSize(2)
        .first()
        .asString()
        .contains("\"line\":4");
  }
}
