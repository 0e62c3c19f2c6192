package io.whence.indexbuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.Sha256;
import io.whence.engine.attribution.ImageTrace;
import io.whence.engine.attribution.ImageTraceJson;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.Tier;
import io.whence.engine.model.TestImageModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index of an idx file's pictures, embedded by a model that stands in for a trained one. */
class ImageModelTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");
  private static final int ICONS = 120;
  private static final int SIDE = 32;

  @TempDir static Path shared;
  private static List<Picture> icons;
  private static Path corpus;
  private static Path model;
  private static Path index;

  @BeforeAll
  static void buildOnce() throws IOException {
    icons =
        Picture.readIdx(ROOT.resolve("data/game-icons/icons32-images-idx3-ubyte.gz"))
            .subList(1000, 1000 + ICONS);
    corpus = Files.write(shared.resolve("icons.idx"), idx(icons));
    model = Files.write(shared.resolve("tiles.onnx"), TestImageModel.tiles(SIDE));
    Files.writeString(shared.resolve("tiles.onnx.json"), "{\"side\":32}");
    index = shared.resolve("index");
    build(corpus, model, index);
  }

  private static byte[] idx(List<Picture> pictures) {
    ByteBuffer idx = ByteBuffer.allocate(16 + pictures.size() * SIDE * SIDE);
    idx.putInt(0x803).putInt(pictures.size()).putInt(SIDE).putInt(SIDE);
    for (Picture picture : pictures) {
      for (int i = 0; i < SIDE * SIDE; i++) {
        idx.put((byte) picture.channel(i % SIDE, i / SIDE, 0));
      }
    }
    return idx.array();
  }

  private static BuildSummary build(Path from, @Nullable Path with, Path to) {
    return new EvidenceBuild(
            List.of(from), with, to, false, BuildSettings.on("cpu"), Progress.SILENT)
        .run();
  }

  private static JsonObject json(ImageTrace trace) {
    return JsonParser.parseString(ImageTraceJson.write(trace)).getAsJsonObject();
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
  void the_index_keeps_the_model_and_is_the_same_when_built_again() throws IOException {
    IndexManifest manifest = IndexManifest.read(index);
    assertThat(manifest.damage(index)).isEmpty();
    assertThat(manifest.files().get("image-model/model"))
        .isEqualTo(new IndexManifest.FileSum(Files.size(model), Sha256.of(model)));
    assertThat(manifest.files().get("images/shard-0000.f32"))
        .extracting(IndexManifest.FileSum::bytes)
        .isEqualTo(4L * 48 * ICONS);
    assertThat(manifest.files()).containsKeys("image-model/model.json", "control-embeddings.json");

    Path again = shared.resolve("again");
    build(corpus, model, again);
    assertThat(sums(again)).isEqualTo(sums(index));
  }

  /** All but the manifest, which says when, and Lucene's segments, which have ids of their own. */
  private static Map<String, IndexManifest.FileSum> sums(Path of) {
    Map<String, IndexManifest.FileSum> sums = new TreeMap<>(IndexManifest.read(of).files());
    sums.keySet().removeIf(name -> name.startsWith("lucene/"));
    return sums;
  }

  @Test
  void a_copy_is_given_with_its_cosine_and_what_that_is_worth() throws IOException {
    try (Tracer tracer = Tracer.open(index)) {
      JsonObject trace = json(tracer.traceImage(icons.get(7).png(), "seven.png"));

      JsonObject span = trace.getAsJsonArray("spans").get(0).getAsJsonObject();
      assertThat(span.get("work").getAsString()).isEqualTo("icons.idx/7");
      assertThat(span.get("kind").getAsString()).isEqualTo("exact");
      assertThat(span.get("cosine").getAsDouble()).isEqualTo(1, within(1e-6));
      assertThat(span.get("percentile").getAsDouble()).isGreaterThan(99);
      JsonObject embedding = trace.getAsJsonObject("embedding");
      assertThat(embedding.get("model").getAsString()).isEqualTo(Sha256.of(model));
      assertThat(embedding.get("unrelatedImages").getAsInt()).isEqualTo(ICONS);
    }
  }

  @Test
  void a_work_that_is_near_but_no_copy_by_its_pixels_is_named_as_similar() throws IOException {
    Picture output = shuffled(icons.get(7));
    try (Tracer tracer = Tracer.open(index)) {
      ImageTrace trace = tracer.traceImage(output.png(), "shuffled.png");

      JsonArray similar = json(trace).getAsJsonObject("embedding").getAsJsonArray("similar");
      assertThat(similar).hasSize(1);
      JsonObject work = similar.get(0).getAsJsonObject();
      assertThat(work.get("id").getAsString()).isEqualTo("icons.idx/7");
      assertThat(work.get("cosine").getAsDouble()).isEqualTo(1, within(1e-6));
      assertThat(work.get("percentile").getAsDouble()).isEqualTo(100.0 * 120 / 121, within(1e-9));
      assertThat(work.get("tier").getAsString()).isEqualTo("E0");
      String wording = work.get("wording").getAsString();
      assertThat(wording)
          .isEqualTo(
              "the output resembles this work: by its embedding it is nearer than 99.2 in 100"
                  + " images of the index are to any that is no copy of theirs (cosine 1.000);"
                  + " their pixels show no copy beyond chance");
      assertThat(Tier.E0.overstatements(wording)).isEmpty();
      for (JsonElement span : json(trace).getAsJsonArray("spans")) {
        assertThat(span.getAsJsonObject().get("counts").getAsBoolean()).isFalse();
      }
      assertThat(ImageTraceTable.of(trace))
          .contains("similar by embedding, not shown to be copies:")
          .contains("    icons.idx/7: cosine 1.000 (percentile 99.2), licence not known");
      assertThat(ImageExhibit.of(trace, output.png(), "shuffled.png", tracer::image))
          .contains("E0: " + wording)
          .contains("cosine 1.000, nearer than 99.2 in 100 unrelated images")
          .contains("by the model of SHA-256 " + Sha256.of(model));
    }
  }

  @Test
  void without_a_model_nothing_is_said_of_embeddings() throws IOException {
    Path few = Files.write(shared.resolve("few.idx"), idx(icons.subList(0, 8)));
    Path plain = shared.resolve("plain");
    build(few, null, plain);

    try (Tracer tracer = Tracer.open(plain)) {
      JsonObject trace = json(tracer.traceImage(icons.get(3).png(), "three.png"));

      JsonObject span = trace.getAsJsonArray("spans").get(0).getAsJsonObject();
      assertThat(span.get("work").getAsString()).isEqualTo("few.idx/3");
      assertThat(span.get("cosine").isJsonNull()).isTrue();
      assertThat(trace.get("embedding").isJsonNull()).isTrue();
    }
  }

  @Test
  void torchscript_embeds_as_onnx_does() throws IOException {
    Path few = Files.write(shared.resolve("few.idx"), idx(icons.subList(0, 8)));
    Path script = Files.write(shared.resolve("tiles.pt"), TestImageModel.torchScript());
    Files.writeString(shared.resolve("tiles.pt.json"), "{\"side\":32}");
    build(few, script, shared.resolve("scripted"));
    build(few, model, shared.resolve("onnx"));

    float[] one = embeddings(shared.resolve("scripted"));
    assertThat(one).hasSize(8 * 48);
    assertThat(one).containsExactly(embeddings(shared.resolve("onnx")), within(1e-6f));
  }

  private static float[] embeddings(Path of) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(of.resolve("images/shard-0000.f32")))
            .order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  @Test
  void a_bad_model_or_one_without_images_is_refused_before_anything_is_written()
      throws IOException {
    Path pickled = Files.write(shared.resolve("bad.pt"), TestImageModel.pickled());
    assertThatThrownBy(() -> build(corpus, pickled, shared.resolve("refused")))
        .isInstanceOf(EngineException.InvalidCheckpoint.class);

    Path verse = Files.writeString(shared.resolve("v.jsonl"), "{\"id\":\"v\",\"text\":\"words\"}");
    assertThatThrownBy(() -> build(verse, model, shared.resolve("refused")))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage("no work of [" + verse + "] is an image; leave --image-model out");

    assertThat(shared.resolve("refused")).doesNotExist();
    assertThat(shared.resolve("refused.building")).doesNotExist();
  }
}
