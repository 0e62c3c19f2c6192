package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.Progress;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.TraceJson;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.Exclusions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index of the project's own sources and three more, without a model. */
class CodeTraceTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");

  private static final String HEAP =
      """
      /* Copyright (c) 1999 Example Heaps Inc.
         SPDX-License-Identifier: MIT */
      class Heap {
        private int[] items = new int[16];
        private int size;
        void push(int item) {
          if (size == items.length) { items = java.util.Arrays.copyOf(items, size * 2); }
          int at = size++;
          while (at > 0 && items[(at - 1) / 2] > item) {
            items[at] = items[(at - 1) / 2];
            at = (at - 1) / 2;
          }
          items[at] = item;
        }
      }
      """;

  private static final String PYTHON =
      """
      def median(values):
          ordered = sorted(values)
          middle = len(ordered) // 2
          if len(ordered) % 2 == 0:
              return (ordered[middle - 1] + ordered[middle]) / 2
          return ordered[middle]
      """;

  private static final String UNDECLARED =
      """
      // SPDX-License-Identifier: MPL-2.0
      class Ring {
        private final long[] seen = new long[64];
        private int next;
        boolean add(long mark) {
          for (long one : seen) { if (one == mark) { return false; } }
          seen[next] = mark;
          next = (next + 1) % seen.length;
          return true;
        }
      }
      """;

  private static final String CUT_SHORT = "class Cut { String s = \"never ends; void f() { g(1";

  @TempDir static Path shared;
  private static Tracer tracer;

  @BeforeAll
  static void build() throws IOException {
    Path three =
        Files.write(
            shared.resolve("three.jsonl"),
            List.of(
                work("heap", "GPL-3.0-only", "java", HEAP).toJsonLine(),
                work("stats/median.py", "BSD-3-Clause", null, PYTHON).toJsonLine(),
                work("undeclared", null, "java", UNDECLARED).toJsonLine(),
                work("cut", null, "java", CUT_SHORT).toJsonLine()));
    Path index = shared.resolve("index");
    new EvidenceBuild(
            List.of(ROOT.resolve("engine/src/main/java/io/whence/engine/evidence"), three),
            index,
            false,
            BuildSettings.on("cpu"),
            Progress.SILENT)
        .run();
    tracer = Tracer.open(index);
  }

  private static Work work(
      String id, @Nullable String licence, @Nullable String language, String text) {
    return new Work(
        new WorkId(id),
        id,
        null,
        id,
        licence,
        null,
        null,
        language,
        Modality.CODE,
        null,
        null,
        text);
  }

  @AfterAll
  static void close() {
    tracer.close();
  }

  private static JsonObject trace(String output, @Nullable CodeLanguage language) {
    return JsonParser.parseString(
            TraceJson.write(tracer.trace(output, language, Exclusions.LISTED)))
        .getAsJsonObject();
  }

  private static JsonObject first(JsonObject trace, String kind) {
    return StreamSupport.stream(trace.getAsJsonArray("spans").spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .filter(span -> span.get("kind").getAsString().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static String renamed() {
    return HEAP.substring(HEAP.indexOf("  void push"))
        .replace("items", "tree")
        .replace("item", "key")
        .replace("size", "n")
        .replace("at", "i");
  }

  @Test
  void renamed_code_is_traced_to_its_work_with_characters_on_both_sides() {
    String output = "// jane@example.org\n" + renamed();

    JsonObject trace = trace(output, CodeLanguage.JAVA);

    JsonObject span = first(trace, "renamed");
    assertThat(span.get("work").getAsString()).isEqualTo("heap");
    assertThat(span.get("licence").getAsString()).isEqualTo("GPL-3.0-only");
    assertThat(span.get("counts").getAsBoolean()).isTrue();
    assertThat(output.substring(span.get("start").getAsInt(), span.get("end").getAsInt()))
        .startsWith("void push(int key)");
    assertThat(HEAP.substring(span.get("workStart").getAsInt(), span.get("workEnd").getAsInt()))
        .startsWith("void push(int item)");
    assertThat(
            trace.getAsJsonArray("sources").get(0).getAsJsonObject().get("cluster").getAsString())
        .isEqualTo("heap");
  }

  @Test
  void where_the_corpus_states_no_licence_a_span_has_that_of_the_sources_head() {
    JsonObject trace =
        trace(UNDECLARED.substring(UNDECLARED.indexOf("class Ring")), CodeLanguage.JAVA);

    assertThat(first(trace, "verbatim").get("work").getAsString()).isEqualTo("undeclared");
    assertThat(first(trace, "verbatim").get("licence").getAsString()).isEqualTo("MPL-2.0");
  }

  @Test
  void rights_that_conflict_or_were_lost_are_listed() {
    JsonObject code =
        trace("// jane@example.org\n" + renamed(), CodeLanguage.JAVA).getAsJsonObject("code");

    JsonObject source = code.getAsJsonArray("sources").get(0).getAsJsonObject();
    assertThat(source.get("headerLicence").getAsString()).isEqualTo("MIT");
    assertThat(source.get("licenceConflict").getAsBoolean()).isTrue();
    assertThat(
            source.getAsJsonArray("lostNotices").get(0).getAsJsonObject().get("text").getAsString())
        .isEqualTo("Copyright (c) 1999 Example Heaps Inc.");
    assertThat(code.getAsJsonArray("licenceConflicts").get(0).getAsString())
        .isEqualTo("heap is declared GPL-3.0-only, and the head of its source says MIT");
    assertThat(
            code.getAsJsonArray("personalData").get(0).getAsJsonObject().get("text").getAsString())
        .isEqualTo("jane@example.org");
  }

  @Test
  void code_is_recognised_by_its_looks_and_compared_with_works_in_its_language_alone() {
    String output = PYTHON.replace("ordered", "xs").replace("middle", "m").replace("values", "ys");

    JsonObject trace = trace(output, null);

    assertThat(trace.getAsJsonObject("code").get("language").getAsString()).isEqualTo("python");
    assertThat(first(trace, "renamed").get("work").getAsString()).isEqualTo("stats/median.py");
    assertThat(
            trace(output, CodeLanguage.JAVA)
                .getAsJsonObject("code")
                .getAsJsonArray("sources")
                .toString())
        .doesNotContain("median.py");
  }

  @Test
  void prose_is_not_compared_as_code() {
    assertThat(trace("It is the east, and Juliet is the sun.", null).get("code").isJsonNull())
        .isTrue();
  }

  @Test
  void a_source_cut_short_is_compared_as_far_as_it_reads_and_said_to_be_faulty() {
    JsonObject code = trace(CUT_SHORT, CodeLanguage.JAVA).getAsJsonObject("code");

    assertThat(code.getAsJsonArray("faults").get(0).getAsJsonObject().toString())
        .isEqualTo("{\"line\":1,\"reason\":\"the text in quotes has no end\"}");
    assertThat(first(trace(CUT_SHORT, CodeLanguage.JAVA), "verbatim").get("work").getAsString())
        .isEqualTo("cut");
  }

  @Test
  void the_projects_own_source_is_its_own_only_source_that_counts() throws IOException {
    String source =
        Files.readString(
            ROOT.resolve("engine/src/main/java/io/whence/engine/evidence/RunAutomaton.java"));

    JsonObject trace = trace(source, CodeLanguage.JAVA);

    assertThat(
            trace.getAsJsonArray("sources").get(0).getAsJsonObject().get("cluster").getAsString())
        .isEqualTo("RunAutomaton.java");
  }
}
