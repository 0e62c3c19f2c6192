package io.whence.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.corpus.Picture;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model of the user's is run as it is, or refused in one sentence. */
class PictureEmbedderTest {
  private static final String PLAIN =
      "{\"side\":32,\"mean\":[0,0,0],\"standardDeviation\":[1,1,1]}";

  @TempDir Path directory;

  private Path model(byte[] bytes, String input) throws IOException {
    Path file = Files.write(directory.resolve("model.bin"), bytes);
    Files.writeString(directory.resolve("model.bin.json"), input);
    return file;
  }

  private static Picture noise(int width, int height, long seed) {
    byte[] values = new byte[3 * width * height];
    new SplittableRandom(seed).nextBytes(values);
    return Picture.ofColours(width, height, values);
  }

  /** Means of 4 x 4 tiles of a picture whose sides are multiples of four, of norm 1. */
  private static float[] tiles(Picture picture) {
    float[] tiles = new float[48];
    double squares = 0;
    int across = picture.width() / 4;
    int down = picture.height() / 4;
    for (int i = 0; i < tiles.length; i++) {
      double sum = 0;
      for (int pixel = 0; pixel < across * down; pixel++) {
        sum +=
            picture.channel(
                i % 4 * across + pixel % across, i / 4 % 4 * down + pixel / across, i / 16);
      }
      tiles[i] = (float) (sum / (across * down) / 255);
      squares += (double) tiles[i] * tiles[i];
    }
    for (int i = 0; i < tiles.length; i++) {
      tiles[i] /= (float) Math.sqrt(squares);
    }
    return tiles;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ONNX", "TorchScript"})
  void an_embedding_is_what_the_model_says_of_norm_1(String format) throws IOException {
    byte[] bytes = format.equals("ONNX") ? TestImageModel.tiles(32) : TestImageModel.torchScript();
    Path file = model(bytes, PLAIN);

    try (PictureEmbedder embedder = PictureEmbedder.open(file)) {
      Picture picture = noise(32, 32, 3);

      assertThat(embedder.dimension()).isEqualTo(48);
      assertThat(embedder.sha256()).isEqualTo(Sha256.of(bytes));
      assertThat(embedder.embed(picture)).containsExactly(tiles(picture), within(1e-6f));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ONNX", "TorchScript"})
  void an_embedding_depends_on_no_other_and_on_no_number_of_threads(String format)
      throws IOException {
    Path file =
        model(
            format.equals("ONNX") ? TestImageModel.filters(32) : TestImageModel.torchScript(),
            PLAIN);

    try (PictureEmbedder embedder = PictureEmbedder.open(file);
        PictureEmbedder again = PictureEmbedder.open(file)) {
      List<float[]> on3 = embedder.embed(40, i -> noise(20 + i, 50 - i, i), 3);

      for (int i = 39; i >= 0; i--) {
        assertThat(again.embed(noise(20 + i, 50 - i, i))).isEqualTo(on3.get(i));
      }
    }
  }

  @Test
  void a_copy_is_the_model_with_all_that_was_assumed() throws IOException {
    Path file = Files.write(directory.resolve("m.onnx"), TestImageModel.filters(224));
    Path copy = directory.resolve("copy");

    try (PictureEmbedder embedder = PictureEmbedder.open(file)) {
      embedder.copyTo(copy);
      assertThat(directory.resolve("copy.json"))
          .hasContent(
              """
              {"side":224,"mean":[0.485,0.456,0.406],"standardDeviation":[0.229,0.224,0.225],\
              "channels":"RGB"}
              """);
      try (PictureEmbedder other = PictureEmbedder.open(copy)) {
        Picture picture = noise(70, 40, 1);
        assertThat(other.embed(picture)).isEqualTo(embedder.embed(picture));
      }
      Files.write(file, TestImageModel.tiles(224));
      assertThatThrownBy(() -> embedder.copyTo(directory.resolve("late")))
          .isInstanceOf(EngineException.InvalidCheckpoint.class)
          .hasMessage(
              "the image model " + file + " was changed while the index was built; build it again");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          two outputs   | gives 2 outputs; export it with one, the embedding, float32 of shape (1, d)
          whole numbers | gives int64 of shape (1, 16); export it with one output, the embedding, float32 of shape (1, d), d from 2 to 65536
          no row        | gives float32 of shape (1, 16, 4, 4); export it with one output, the embedding, float32 of shape (1, d), d from 2 to 65536
          not a number  | gives NaN for a picture; check the mean and the standard deviation in model.bin.json, or the export
          constant      | gives the same for two pictures of noise; an embedding tells them apart
          """)
  void what_gives_no_embedding_is_refused(String how, String reason) throws IOException {
    Path file = model(TestImageModel.bad(how, 32), PLAIN);

    assertThatThrownBy(() -> PictureEmbedder.open(file))
        .isInstanceOf(EngineException.InvalidCheckpoint.class)
        .hasMessage("the image model " + file + " " + reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two inputs", "batch of 8", "another side"})
  void what_takes_no_picture_is_refused_with_the_engines_reason(String how) throws IOException {
    byte[] bytes =
        how.equals("another side") ? TestImageModel.filters(64) : TestImageModel.bad(how, 32);
    Path file = model(bytes, PLAIN);

    assertThatThrownBy(() -> PictureEmbedder.open(file))
        .isInstanceOf(EngineException.InvalidCheckpoint.class)
        .hasMessageStartingWith(
            "the image model "
                + file
                + " does not take one picture, float32 of shape (1, 3, 32, 32): ")
        .hasMessageEndingWith("; state its side in model.bin.json, or export it for one picture")
        .hasMessageNotContaining("\n");
  }

  @Test
  void a_pickled_checkpoint_is_refused_by_its_form() throws IOException {
    for (byte[] bytes :
        List.of(
            TestImageModel.pickled(),
            "\u0080\u0002cos\nsystem\n".getBytes(StandardCharsets.ISO_8859_1))) {
      Path file = model(bytes, PLAIN);

      assertThatThrownBy(() -> PictureEmbedder.open(file))
          .isInstanceOf(EngineException.InvalidCheckpoint.class)
          .hasMessage(
              "the image model "
                  + file
                  + " is a pickled PyTorch checkpoint, which is Python code and is not opened;"
                  + " export the model with torch.jit.script, torch.jit.trace or torch.onnx");
    }
  }

  @Test
  void what_is_no_model_is_refused() throws IOException {
    byte[] onnx = TestImageModel.filters(32);
    byte[] script = TestImageModel.torchScript();
    for (byte[] bytes :
        List.of(
            "words".getBytes(StandardCharsets.UTF_8),
            new byte[0],
            Arrays.copyOf(onnx, onnx.length / 2),
            Arrays.copyOf(script, script.length / 2))) {
      Path file = model(bytes, PLAIN);

      assertThatThrownBy(() -> PictureEmbedder.open(file))
          .isInstanceOf(EngineException.InvalidCheckpoint.class)
          .hasMessageStartingWith("the image model " + file + " ")
          .hasMessageNotContaining("\n");
    }
    Path nowhere = directory.resolve("nowhere");
    assertThatThrownBy(() -> PictureEmbedder.open(nowhere))
        .hasMessage("no file " + nowhere + "; an image model is a file, ONNX or TorchScript");
    Path large = directory.resolve("large");
    try (RandomAccessFile out = new RandomAccessFile(large.toFile(), "rw")) {
      out.setLength(PictureEmbedder.MOST_BYTES + 1);
    }
    assertThatThrownBy(() -> PictureEmbedder.open(large))
        .hasMessage(
            large
                + " has 1073741825 bytes; a model of at most 1073741824 is taken, because the index"
                + " keeps a copy");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"side":7}                        | side is a whole number from 8 to 1024; got 7.0
          {"side":32.5}                     | side is a whole number from 8 to 1024; got 32.5
          {"side":"large"}                  | side is no finite number: "large"
          {"mean":[1,2]}                    | mean is three numbers, of red, green and blue; got [1,2]
          {"standardDeviation":[1,0,1]}     | standardDeviation is above 0; got [1.0, 0.0, 1.0]
          {"channels":"GRB"}                | channels is RGB or BGR; got "GRB"
          {"std":[1,1,1]}                   | std is not known; use side, mean, standardDeviation and channels
          """)
  void what_stands_beside_a_model_is_refused_by_its_field(String input, String reason)
      throws IOException {
    Path file = model(TestImageModel.tiles(32), input);

    assertThatThrownBy(() -> PictureEmbedder.open(file))
        .isInstanceOf(EngineException.InvalidCheckpoint.class)
        .hasMessage(file + ".json: " + reason);
  }

  @Test
  void what_stands_beside_a_model_is_json() throws IOException {
    for (String input : List.of("[1]", "{", "{\"side\":32}" + " ".repeat(1 << 16))) {
      Path file = model(TestImageModel.tiles(32), input);

      assertThatThrownBy(() -> PictureEmbedder.open(file))
          .isInstanceOf(EngineException.InvalidCheckpoint.class)
          .hasMessageStartingWith(file + ".json is no JSON ");
    }
  }

  @Test
  void a_picture_is_normalised_by_channel_in_the_order_the_model_takes() {
    Picture pixel = Picture.ofColours(1, 1, new byte[] {(byte) 255, 51, 0});
    PictureInput rgb = new PictureInput(8, List.of(0.5, 0.1, 0.25), List.of(0.5, 0.2, 0.25), "RGB");
    PictureInput bgr = new PictureInput(8, rgb.mean(), rgb.standardDeviation(), "BGR");

    assertThat(channels(rgb.of(pixel))).containsExactly(new float[] {1, 0.5f, -1}, within(1e-6f));
    assertThat(channels(bgr.of(pixel))).containsExactly(new float[] {-1, 0.5f, 1}, within(1e-6f));
  }

  /** Each channel, which is of one value. */
  private static float[] channels(float[] input) {
    float[] channels = new float[3];
    for (int i = 0; i < input.length; i++) {
      channels[i / 64] = input[i];
      assertThat(input[i]).isEqualTo(input[i / 64 * 64]);
    }
    return channels;
  }

  /** Pillow's {@code Image.resize((8, 8), BILINEAR)} of a ramp, worked out by its definition. */
  @Test
  void a_picture_is_resized_bilinearly_and_antialiased() {
    PictureInput input = new PictureInput(8, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), "RGB");
    byte[] ramp = new byte[16];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) (10 * i);
    }

    float[] reduced = input.of(Picture.ofGrey(16, 1, ramp));
    float[] enlarged = input.of(Picture.ofGrey(4, 1, new byte[] {0, 40, 80, 120}));

    // Weights 1, 3, 3, 1 of eighths; at an edge the first is missing.
    assertThat(255 * reduced[0]).isEqualTo((3 * 0 + 3 * 10 + 20) / 7f, within(1e-4f));
    assertThat(255 * reduced[3]).isEqualTo((50 + 3 * 60 + 3 * 70 + 80) / 8f, within(1e-4f));
    // A quarter and three quarters between two pixels; nothing lies beyond the first.
    assertThat(255 * enlarged[0]).isZero();
    assertThat(255 * enlarged[1]).isEqualTo(10, within(1e-4f));
    assertThat(255 * enlarged[2]).isEqualTo(30, within(1e-4f));
  }
}
