package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.TraceJson;
import io.whence.engine.attribution.TraceRisk;
import io.whence.engine.attribution.TraceRisk.RightHolder;
import io.whence.engine.attribution.TraceRisk.Slot;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.model.TestImageModel;
import io.whence.engine.risk.CopiedWork;
import io.whence.engine.risk.RiskAssessment;
import io.whence.engine.risk.RiskAssessment.Flag;
import io.whence.engine.risk.RiskAssessment.Origin;
import io.whence.engine.risk.RiskAssessment.Proposal;
import io.whence.engine.risk.RiskAssessment.Status;
import io.whence.engine.risk.Shared;
import io.whence.engine.risk.StatedUse;
import io.whence.engine.risk.UseFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The risk of what was traced in words, in code and in pixels, against real small indexes. */
class TraceRiskTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");
  private static final int ICONS = 120;
  private static final int SIDE = 32;
  private static final List<String> BANDS =
      List.of("Low", "Guarded", "Contested", "Elevated", "High");

  private static final String WORST =
      """
      {"purpose": "piracy", "commercial": 1, "creative": 1, "unpublished": 0,
       "transformative": {"value": 0, "assertedBy": "Counsel", "reason": "sold as it is"},
       "marketHarm": {"value": 1, "assertedBy": "Counsel", "reason": "it replaces the original"}%s}
      """;

  private static final String IMPORTS =
      """
      import java.util.ArrayDeque;
      import java.util.ArrayList;
      import java.util.Comparator;
      import java.util.LinkedHashMap;
      import java.util.PriorityQueue;
      import java.util.TreeMap;
      import java.util.concurrent.ConcurrentSkipListMap;
      import java.util.concurrent.atomic.AtomicReferenceArray;
      """;

  private static final String PUSH =
      """
        void push(int item) {
          if (size == items.length) { items = java.util.Arrays.copyOf(items, size * 2); }
          int at = size++;
          while (at > 0 && items[(at - 1) / 2] > item) {
            items[at] = items[(at - 1) / 2];
            at = (at - 1) / 2;
          }
          items[at] = item;
        }
      """;

  private static final String POP =
      """
        int pop() {
          int least = items[0];
          int last = items[--size];
          int at = 0;
          for (int child = 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && items[child + 1] < items[child]) { child++; }
            if (items[child] >= last) { break; }
            items[at] = items[child];
            at = child;
          }
          items[at] = last;
          return least;
        }
      """;

  private static final String HEAP =
      "/* Copyright (c) 1999 Example Heaps Inc. */\n"
          + IMPORTS
          + "class Heap {\n  private int[] items = new int[16];\n  private int size;\n"
          + PUSH
          + POP
          + "}\n";

  private static final String VERSE =
      "the curfew tolls the knell of parting day the lowing herd wind slowly oer the lea the"
          + " ploughman homeward plods his weary way and leaves the world to darkness and to me";

  @TempDir static Path shared;
  private static List<Picture> icons;
  private static Path wordsIndex;
  private static Tracer words;
  private static Tracer pictures;

  @BeforeAll
  static void build() throws IOException {
    Path texts = Files.createDirectories(shared.resolve("texts"));
    Files.writeString(texts.resolve("Heap.java"), HEAP);
    wordsIndex = shared.resolve("words");
    new EvidenceBuild(
            List.of(ROOT.resolve("engine/src/main/java/io/whence/engine/credit"), texts),
            wordsIndex,
            false,
            BuildSettings.on("cpu"),
            Progress.SILENT)
        .run();
    words = Tracer.open(wordsIndex);

    icons =
        Picture.readIdx(ROOT.resolve("data/game-icons/icons32-images-idx3-ubyte.gz"))
            .subList(1000, 1000 + ICONS);
    Path drawn = Files.createDirectories(shared.resolve("drawn"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < ICONS; i++) {
      Files.write(drawn.resolve(i + ".png"), icons.get(i).png());
      lines.append(
          """
          {"id":"icon-%d","path":"%d.png","modality":"image","author":"Artist %d","rightsHolder":"House %d"}
          """
              .formatted(i, i, i, i));
    }
    Files.writeString(drawn.resolve("works.jsonl"), lines);
    Files.writeString(drawn.resolve("verse.txt"), VERSE);
    Path model = Files.write(shared.resolve("tiles.onnx"), TestImageModel.tiles(SIDE));
    Files.writeString(shared.resolve("tiles.onnx.json"), "{\"side\":32}");
    Path index = shared.resolve("pictures");
    new EvidenceBuild(List.of(drawn), model, index, false, BuildSettings.on("cpu"), Progress.SILENT)
        .run();
    pictures = Tracer.open(index);
  }

  @AfterAll
  static void close() {
    words.close();
    pictures.close();
  }

  private static UseFacts use(String json) {
    return StatedUse.read(json.getBytes(StandardCharsets.UTF_8), "use.json");
  }

  private static UseFacts worst() {
    return use(WORST.formatted(""));
  }

  private static TraceRisk ofText(String output, UseFacts use) {
    return pictures.risk(pictures.trace(output, Exclusions.LISTED), use);
  }

  private static TraceRisk ofCode(String output, UseFacts use) {
    return words.risk(words.trace(output, CodeLanguage.JAVA, Exclusions.LISTED), use);
  }

  private static TraceRisk ofImage(Picture output, UseFacts use) {
    return pictures.risk(pictures.traceImage(output.png(), "output.png"), use);
  }

  private static CopiedWork work(TraceRisk risk, String id) {
    return risk.works().stream()
        .filter(work -> work.work().equals(new WorkId(id)))
        .findFirst()
        .orElseThrow();
  }

  /** No band, which nothing that is scored is below, is lowest. */
  private static int band(TraceRisk risk) {
    String band = risk.assessment().band();
    return band == null ? -1 : BANDS.indexOf(band);
  }

  private static String gate(TraceRisk risk, int number) {
    return risk.assessment().gates().get(number).evidence();
  }

  @Test
  void words_are_measured_as_an_attribution_measures_them() {
    TraceRisk risk = ofText("as they say: " + VERSE.substring(0, VERSE.length() / 2), worst());

    CopiedWork verse = work(risk, "verse.txt");
    assertThat(verse.shared()).isInstanceOf(Shared.Words.class);
    assertThat(verse.amountOfWork()).isCloseTo(0.5, within(0.03));
    assertThat(risk.assessment().status()).isEqualTo(Status.SCORED);
    assertThat(risk.assessment().band()).isEqualTo("High");
    assertThat(risk.rightHolders()).isEmpty();
  }

  @Test
  void what_shares_nothing_has_no_score() {
    RiskAssessment risk = ofText("quarterly depreciation of semiconductors", worst()).assessment();

    assertThat(risk.status()).isEqualTo(Status.NOT_APPLICABLE);
    assertThat(risk.reason()).startsWith("no copying in fact found: no run of words is shared");
  }

  @Test
  void code_counts_as_far_as_filtering_leaves_it_with_the_raw_amounts_beside() {
    TraceRisk risk = ofCode(IMPORTS + "class Other {\n" + PUSH + "}\n", UseFacts.NONE);

    CopiedWork heap = work(risk, "Heap.java");
    Shared.Code code = (Shared.Code) heap.shared();
    assertThat(code.setAside()).containsExactly("import");
    int imports = IMPORTS.strip().length();
    double ofImports = imports / (double) HEAP.length();
    assertThat(code.rawAmountOfWork() - heap.amountOfWork()).isPositive();
    assertThat(code.rawAmountOfWork())
        .isCloseTo(
            ofImports + heap.amountOfWork() * (HEAP.length() - imports) / HEAP.length(),
            within(0.02));
    assertThat(code.likeness()).isNotNull();
    assertThat(risk.assessment().factors().get(2).inputs())
        .extracting(RiskAssessment.Input::name)
        .containsSequence("rawAmount", "literalSimilarity", "structuralSimilarity");
  }

  @Test
  void code_that_shares_nothing_but_imports_shares_nothing_protected() {
    TraceRisk risk =
        ofCode(IMPORTS + "enum Colour { RED, GREEN, BLUE, CYAN, MAGENTA, YELLOW }\n", worst());

    CopiedWork heap = work(risk, "Heap.java");
    assertThat(heap.amountOfWork()).isZero();
    assertThat(((Shared.Code) heap.shared()).rawAmountOfWork()).isGreaterThan(0.1);
    assertThat(risk.assessment().status()).isEqualTo(Status.NOT_APPLICABLE);
    assertThat(risk.assessment().reason())
        .isEqualTo(
            "no protected expression found after abstraction, filtration and comparison, which set"
                + " aside import: what is left of the shared code is common");
  }

  @Test
  void how_creative_code_is_stays_a_proposal_until_somebody_states_it() {
    TraceRisk open = ofCode(PUSH, UseFacts.NONE);
    TraceRisk stated = ofCode(PUSH, use("{\"creative\": 0.2, \"assertedBy\": \"Counsel\"}"));

    assertThat(open.assessment().proposals())
        .extracting(Proposal::input, Proposal::value)
        .containsExactly(tuple("creative", 0.25));
    assertThat(open.assessment().needs()).isNotEmpty();
    assertThat(open.assessment().missingFacts())
        .extracting(RiskAssessment.MissingFact::input)
        .contains("creative");
    assertThat(stated.assessment().proposals()).isEmpty();
    assertThat(stated.assessment().authorities())
        .extracting(RiskAssessment.Authority::id, RiskAssessment.Authority::sourceMark)
        .contains(tuple("computer-associates-v-altai", "unverified"));
  }

  @Test
  void lost_notices_and_persons_in_code_are_flagged() {
    TraceRisk risk = ofCode("// jane@example.org\n" + PUSH + POP, worst());

    assertThat(risk.assessment().flags())
        .extracting(Flag::id, Flag::origin)
        .containsExactly(
            tuple("publicity", Origin.MEASURED), tuple("noticeRemoval", Origin.MEASURED));
  }

  @Test
  void one_more_copied_method_never_lowers_the_risk() {
    List<TraceRisk> more =
        List.of(
            ofCode("class A { }", worst()),
            ofCode(IMPORTS, worst()),
            ofCode(IMPORTS + PUSH, worst()),
            ofCode(IMPORTS + PUSH + POP, worst()),
            ofCode(HEAP, worst()));

    assertThat(more.stream().map(TraceRiskTest::band).toList()).isSorted();
    assertThat(more.subList(2, 5).stream().map(risk -> risk.assessment().point()).toList())
        .isSorted();
  }

  @Test
  void a_copied_picture_is_an_instance_copy_of_its_whole_area() {
    TraceRisk risk = ofImage(icons.get(7), worst());

    CopiedWork seven = work(risk, "icon-7");
    assertThat(seven.shared().beyondChance()).isTrue();
    assertThat(seven.amountOfWork()).isEqualTo(1);
    assertThat(seven.amountOfOutput()).isEqualTo(1);
    assertThat(risk.assessment().band()).isEqualTo("High");
    assertThat(gate(risk, 3)).contains("matches this work in every pixel", "tier E1");
    assertThat(gate(risk, 4)).isEqualTo("100.0 % of the work's area");
    assertThat(risk.rightHolders())
        .contains(
            new RightHolder(Slot.ORIGINAL_IMAGE, "House 7", new WorkId("icon-7"), Origin.MEASURED));
  }

  @Test
  void what_covers_a_copy_is_no_part_of_the_amount() {
    Picture icon = icons.get(7);
    Picture covered =
        PictureEdit.drawn(
            SIDE, SIDE, (x, y, channel) -> x < 9 && y < 9 ? 128 : icon.channel(x, y, channel));

    CopiedWork seven = work(ofImage(covered, worst()), "icon-7");

    assertThat(seven.shared().beyondChance()).isTrue();
    assertThat(seven.amountOfWork()).isBetween(0.5, 0.99);
  }

  @Test
  void a_larger_region_of_a_picture_never_lowers_the_risk() {
    Picture icon = icons.get(7);
    List<TraceRisk> more = new ArrayList<>();
    for (int side : new int[] {16, 20, 24, 28, SIDE}) {
      more.add(
          ofImage(
              PictureEdit.drawn(side, side, (x, y, channel) -> icon.channel(x, y, channel)),
              worst()));
    }

    assertThat(more.stream().map(TraceRiskTest::band).toList()).isSorted();
    assertThat(band(more.get(4))).isEqualTo(4);
  }

  @Test
  void a_second_copied_picture_in_the_output_never_lowers_the_risk() {
    Picture left = icons.get(7);
    Picture right = icons.get(31);
    TraceRisk one =
        ofImage(
            PictureEdit.drawn(2 * SIDE, SIDE, (x, y, c) -> x < SIDE ? left.channel(x, y, c) : 255),
            worst());
    TraceRisk both =
        ofImage(
            PictureEdit.drawn(
                2 * SIDE,
                SIDE,
                (x, y, c) -> x < SIDE ? left.channel(x, y, c) : right.channel(x - SIDE, y, c)),
            worst());

    assertThat(work(one, "icon-7").amountOfOutput()).isCloseTo(0.5, within(0.05));
    assertThat(band(both)).isGreaterThanOrEqualTo(band(one));
  }

  /** The pixels of each tile in another order: the model takes it for the icon itself. */
  private static Picture shuffled(Picture icon) {
    int tile = SIDE / 4;
    List<Integer> order = new ArrayList<>(IntStream.range(0, tile * tile).boxed().toList());
    Collections.shuffle(order, new Random(9));
    return PictureEdit.drawn(
        SIDE,
        SIDE,
        (x, y, channel) -> {
          int from = order.get(y % tile * tile + x % tile);
          return icon.channel(
              x / tile * tile + from % tile, y / tile * tile + from / tile, channel);
        });
  }

  @Test
  void style_alone_is_never_above_guarded_and_is_said_to_be_no_copying() {
    TraceRisk risk = ofImage(shuffled(icons.get(7)), worst());

    assertThat(work(risk, "icon-7").shared()).isInstanceOf(Shared.Style.class);
    assertThat(risk.assessment().bandCap()).isEqualTo("Guarded");
    assertThat(risk.assessment().band()).isEqualTo("Guarded");
    assertThat(risk.assessment().disclaimers()).endsWith("Style similarity is not copying.");
    assertThat(risk.rightHolders())
        .containsExactly(
            new RightHolder(
                Slot.ARTIST_OF_STYLE, "Artist 7", new WorkId("icon-7"), Origin.MEASURED));
  }

  private static String character(String work, String... parts) {
    StringBuilder json = new StringBuilder(", \"image\": {\"character\": {\"work\": \"" + work);
    json.append('"');
    for (String part : parts) {
      json.append(
          ", \"%s\": {\"holds\": true, \"assertedBy\": \"Dr. %s\", \"reason\": \"seen\"}"
              .formatted(part, part));
    }
    return json + "}}";
  }

  @Test
  void a_character_is_assessed_where_all_three_parts_are_stated_and_named() {
    UseFacts stated =
        use(
            WORST.formatted(
                character("icon-7", "physicalAndConceptual", "delineated", "distinctive")));

    TraceRisk risk = ofImage(shuffled(icons.get(7)), stated);

    assertThat(risk.assessment().bandCap()).isNull();
    assertThat(band(risk)).isGreaterThan(BANDS.indexOf("Guarded"));
    assertThat(gate(risk, 2))
        .startsWith("a character of the work is stated to be shown, which nothing measured: ")
        .contains("Dr. physicalAndConceptual", "Dr. delineated", "Dr. distinctive", "unverified");
    assertThat(risk.assessment().missingFacts())
        .extracting(RiskAssessment.MissingFact::input)
        .containsExactly("amount");
    assertThat(risk.assessment().authorities())
        .extracting(RiskAssessment.Authority::id)
        .contains("dc-comics-v-towle");
    assertThat(risk.assessment().disclaimers()).doesNotContain("Style similarity is not copying.");
  }

  @Test
  void a_character_with_a_part_missing_changes_nothing_and_says_which() {
    UseFacts stated =
        use(WORST.formatted(character("icon-7", "physicalAndConceptual", "delineated")));

    TraceRisk near = ofImage(shuffled(icons.get(7)), stated);

    assertThat(near.assessment().bandCap()).isEqualTo("Guarded");
    assertThat(gate(near, 2))
        .contains("especially distinctive with unique elements of expression: not stated");
  }

  @Test
  void a_character_may_be_of_a_work_of_which_nothing_else_is_found() {
    UseFacts all =
        use(
            WORST.formatted(
                character("icon-40", "physicalAndConceptual", "delineated", "distinctive")));
    UseFacts two = use(WORST.formatted(character("icon-40", "delineated", "distinctive")));
    Picture blank = PictureEdit.drawn(SIDE, SIDE, (x, y, channel) -> x < 3 ? 0 : 255);

    assertThat(ofForty(blank, all)).isEqualTo("High");
    assertThat(ofForty(blank, two))
        .startsWith("no protected expression found: ")
        .contains("physical as well as conceptual qualities: not stated");
    assertThatThrownBy(() -> ofImage(blank, use(WORST.formatted(character("nobody")))))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("the index pictures has no work nobody; ids are the corpus's");
  }

  /** The band of the fortieth icon in an output, or why it has none. */
  private static String ofForty(Picture output, UseFacts use) {
    return ofImage(output, use).assessment().all().stream()
        .filter(one -> one.work().equals(new WorkId("icon-40")))
        .map(one -> one.band() == null ? one.reason() : one.band())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void persons_marks_and_artists_are_stated_and_raise_flags_beside_the_score() {
    UseFacts stated =
        use(
            WORST.formatted(
                ", \"image\": {\"artistOfStyle\": \"A. Painter\", \"persons\": [\"B. Player\"],"
                    + " \"marks\": [\"Wing\"]}"));

    TraceRisk risk = ofImage(icons.get(7), stated);

    assertThat(risk.assessment().flags())
        .extracting(Flag::id, Flag::text, Flag::origin)
        .containsExactly(
            tuple("publicity", "the output is stated to show \"B. Player\"", Origin.DECLARED),
            tuple("trademark", "the output is stated to show the mark \"Wing\"", Origin.DECLARED));
    assertThat(risk.assessment().point())
        .isEqualTo(ofImage(icons.get(7), worst()).assessment().point());
    assertThat(risk.rightHolders())
        .extracting(RightHolder::slot, RightHolder::name, RightHolder::origin)
        .endsWith(
            tuple(Slot.ARTIST_OF_STYLE, "A. Painter", Origin.DECLARED),
            tuple(Slot.PERSON, "B. Player", Origin.DECLARED),
            tuple(Slot.MARK, "Wing", Origin.DECLARED));
  }

  private static String printed(String... arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.run(arguments)).isZero();
      return out.toString(StandardCharsets.UTF_8);
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void the_command_gives_the_risk_of_a_use_and_without_one_what_it_always_gave()
      throws IOException {
    Path file = Files.writeString(shared.resolve("Output.java"), PUSH);
    Path facts = Files.writeString(shared.resolve("use.json"), WORST.formatted(""));
    Trace trace = words.trace(PUSH, CodeLanguage.JAVA, Exclusions.LISTED);
    String[] plain = {
      "trace", "--index", wordsIndex.toString(), "--file", file.toString(), "--json"
    };
    String[] asked = {
      "trace",
      "--index",
      wordsIndex.toString(),
      "--file",
      file.toString(),
      "--use",
      facts.toString(),
      "--json"
    };

    JsonObject answer = JsonParser.parseString(printed(asked)).getAsJsonObject();
    JsonElement risk = answer.remove("risk");

    assertThat(printed(plain)).isEqualTo(TraceJson.write(trace) + System.lineSeparator());
    assertThat(answer).isEqualTo(JsonParser.parseString(TraceJson.write(trace)));
    assertThat(risk.getAsJsonObject().get("status").getAsString()).isEqualTo("scored");
    assertThat(
            risk.getAsJsonObject()
                .getAsJsonArray("works")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("code")
                .get("literal")
                .getAsDouble())
        .isPositive();
    assertThat(
            printed(
                "trace",
                "--index",
                wordsIndex.toString(),
                "--file",
                file.toString(),
                "--use",
                facts.toString()))
        .contains("risk      High", "flag      noticeRemoval", "after filtering (")
        .contains("Litigated cases are not a random sample.");
  }
}
