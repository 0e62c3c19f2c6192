package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.attribution.ImageTrace;
import io.whence.engine.attribution.ImageTraceJson;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.Exclusions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index of real icons beside a text, and what is traced to it. */
class ImageBuildTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");
  private static final int ICONS = 12;

  @TempDir static Path shared;
  private static List<Picture> icons;
  private static Path corpus;
  private static Path index;
  private static BuildSummary built;

  @BeforeAll
  static void buildOnce() throws IOException {
    List<Picture> all =
        Picture.readIdx(ROOT.resolve("data/game-icons/icons32-images-idx3-ubyte.gz"));
    icons = all.subList(300, 300 + 10 * ICONS);
    corpus = Files.createDirectories(shared.resolve("corpus"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < ICONS; i++) {
      Files.write(corpus.resolve(i + ".png"), png(icon(i)));
      lines.append(
          """
          {"id":"icon-%d","path":"%d.png","modality":"image","licence":"CC-BY-3.0","year":%d}
          """
              .formatted(i, i, 2020 - i));
    }
    Files.write(corpus.resolve("again.png"), png(icon(3)));
    Files.writeString(corpus.resolve("works.jsonl"), lines);
    Files.writeString(corpus.resolve("broken.png"), "no image");
    Files.writeString(
        corpus.resolve("verse.txt"),
        "The curfew tolls the knell of parting day, the lowing herd wind slowly o'er the lea");
    index = shared.resolve("index");
    built = build(corpus, index);
  }

  private static Picture icon(int number) {
    return icons.get(10 * number);
  }

  private static byte[] png(Picture picture) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(PictureEdit.image(picture), "png", out);
    return out.toByteArray();
  }

  private static BuildSummary build(Path from, Path to) {
    return new EvidenceBuild(List.of(from), to, false, BuildSettings.on("cpu"), Progress.SILENT)
        .run();
  }

  private static Picture part(Picture icon) {
    return PictureEdit.drawn(24, 22, (x, y, channel) -> icon.channel(x + 4, y + 6, channel));
  }

  @Test
  void every_image_is_a_work_or_a_rejection() {
    assertThat(built.manifest().counts().works()).isEqualTo(ICONS + 2);
    assertThat(built.rejections()).hasSize(1);
    assertThat(built.rejections().get(0).reason()).startsWith("the image broken.png is no image");
    assertThat(built.manifest().damage(index)).isEmpty();
  }

  @Test
  void a_part_is_traced_with_its_place_its_rights_and_its_chance() throws IOException {
    try (Tracer tracer = Tracer.open(index)) {
      JsonObject trace = json(tracer.traceImage(png(part(icon(7))), "part.png"));

      JsonObject span = trace.getAsJsonArray("spans").get(0).getAsJsonObject();
      assertThat(span.get("work").getAsString()).isEqualTo("icon-7");
      assertThat(span.get("kind").getAsString()).isEqualTo("transformed");
      assertThat(span.getAsJsonArray("changes").get(0).getAsString()).isEqualTo("cropped");
      assertThat(span.get("workRegion"))
          .isEqualTo(JsonParser.parseString("{left:4,top:6,width:24,height:22}"));
      assertThat(span.get("outputRegion"))
          .isEqualTo(JsonParser.parseString("{left:0,top:0,width:24,height:22}"));
      assertThat(span.get("l2").getAsDouble()).isZero();
      assertThat(span.get("licence").getAsString()).isEqualTo("CC-BY-3.0");
      assertThat(span.get("pValue").getAsDouble()).isBetween(1 / 202.0, 1.0);
      assertThat(trace.get("extraction").isJsonNull()).isTrue();
    }
  }

  @Test
  void copies_are_one_source_of_which_the_earliest_is_marked_and_each_is_counted()
      throws IOException {
    try (Tracer tracer = Tracer.open(index)) {
      JsonObject trace = json(tracer.traceImage(png(icon(3)), "three.png"));

      JsonObject source = trace.getAsJsonArray("sources").get(0).getAsJsonObject();
      assertThat(source.get("copies").getAsInt()).isEqualTo(2);
      assertThat(source.get("earliest").getAsString()).isEqualTo("icon-3");
      JsonArray spans = trace.getAsJsonArray("spans");
      assertThat(List.of(work(spans, 0), work(spans, 1)))
          .containsExactlyInAnyOrder("icon-3", "again.png");
      JsonObject within =
          trace.getAsJsonObject("extraction").getAsJsonArray("within").get(0).getAsJsonObject();
      assertThat(within.get("delta").getAsDouble()).isZero();
      assertThat(within.get("works").getAsInt()).isEqualTo(2);
    }
  }

  private static String work(JsonArray spans, int number) {
    assertThat(spans.get(number).getAsJsonObject().get("kind").getAsString()).isEqualTo("exact");
    return spans.get(number).getAsJsonObject().get("work").getAsString();
  }

  private static JsonObject json(ImageTrace trace) {
    return JsonParser.parseString(ImageTraceJson.write(trace)).getAsJsonObject();
  }

  @Test
  void the_texts_beside_the_images_are_traced_as_ever() {
    try (Tracer tracer = Tracer.open(index)) {
      var trace =
          tracer.trace("he wrote: the curfew tolls the knell of parting day", Exclusions.LISTED);

      assertThat(trace.sources()).hasSize(1);
      assertThat(trace.sources().get(0).cluster()).isEqualTo("verse.txt");
      assertThat(tracer.texts()).isEqualTo(1);
    }
  }

  @Test
  void the_same_images_give_the_same_files() throws IOException {
    Path again = shared.resolve("again");
    build(corpus, again);

    assertThat(sums(again)).isEqualTo(sums(index));
  }

  /** All but the manifest, which says when, and Lucene's segments, which have ids of their own. */
  private static Map<String, IndexManifest.FileSum> sums(Path of) {
    Map<String, IndexManifest.FileSum> sums = new TreeMap<>(IndexManifest.read(of).files());
    sums.keySet().removeIf(name -> name.startsWith("lucene/"));
    assertThat(sums).containsKeys("images/shard-0000.bin", "images/shard-0000.looks");
    return sums;
  }

  @Test
  void an_index_of_images_alone_answers_for_images_alone() throws IOException {
    Path pictures = Files.createDirectories(shared.resolve("pictures"));
    Files.write(pictures.resolve("a.png"), png(icon(1)));
    Files.write(pictures.resolve("b.png"), png(icon(2)));
    Path out = shared.resolve("images-alone");
    build(pictures, out);

    try (Tracer tracer = Tracer.open(out)) {
      assertThat(tracer.traceImage(png(icon(2)), "two.png").sources().get(0).cluster())
          .isEqualTo("b.png");
      assertThatThrownBy(() -> tracer.trace("some words", Exclusions.LISTED))
          .isInstanceOf(EngineException.InvalidQuery.class)
          .hasMessage(
              "the index images-alone holds images alone; give the file of an image, or another"
                  + " index");
    }
  }

  @Test
  void an_exhibit_draws_both_regions_and_shows_both_images() throws IOException {
    try (Tracer tracer = Tracer.open(index)) {
      byte[] output = png(part(icon(7)));

      String page =
          ImageExhibit.of(tracer.traceImage(output, "a<b>.png"), output, "a<b>.png", tracer::image);

      assertThat(page)
          .contains("a&lt;b&gt;.png")
          .doesNotContain("<b>", "<script")
          .contains("<rect class=\"match\" x=\"0\" y=\"0\" width=\"24\" height=\"22\"/>")
          .contains("<rect class=\"match\" x=\"4\" y=\"6\" width=\"24\" height=\"22\"/>")
          .contains("data:image/png;base64,");
    }
  }
}
