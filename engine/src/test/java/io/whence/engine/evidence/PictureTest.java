package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.corpus.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureTest {
  private static Picture random(int width, int height, SplittableRandom random) {
    byte[] values = new byte[3 * width * height];
    random.nextBytes(values);
    return Picture.ofColours(width, height, values);
  }

  private static byte[] file(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  private static BufferedImage noise(int side) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, random.nextInt(1 << 24));
    }
    return image;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void l2_is_its_definition(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Picture one = random(7, 5, random);
    Picture other = random(7, 5, random);

    double sum = 0;
    for (int i = 0; i < 35; i++) {
      for (int shift = 0; shift <= 16; shift += 8) {
        double a = (one.colour(i % 7, i / 7) >> shift & 255) / 255.0;
        double b = (other.colour(i % 7, i / 7) >> shift & 255) / 255.0;
        sum += (a - b) * (a - b);
      }
    }
    assertThat(one.l2(other)).isCloseTo(Math.sqrt(sum / 105), within(1e-12));
    assertThat(one.l2(one)).isZero();
  }

  @Test
  void of_tiles_the_one_that_differs_most_counts() {
    byte[] black = new byte[16];
    byte[] corner = new byte[16];
    corner[15] = (byte) 255;
    Picture one = Picture.ofGrey(4, 4, black);
    Picture other = Picture.ofGrey(4, 4, corner);

    assertThat(one.l2(other)).isCloseTo(0.25, within(1e-12));
    assertThat(one.l2(other, 2)).isCloseTo(0.5, within(1e-12));
    assertThat(one.l2(other, 4)).isCloseTo(1, within(1e-12));
  }

  @Test
  void pictures_of_two_sizes_have_no_distance() {
    SplittableRandom random = new SplittableRandom(1);
    assertThatThrownBy(() -> random(2, 3, random).l2(random(3, 2, random)))
        .hasMessage("l2 needs pictures of one size; got 2 x 3 and 3 x 2");
  }

  @Test
  void a_file_is_read_as_it_was_drawn_and_what_is_transparent_is_white() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xFF102030);

    Picture picture = Picture.read(file(image, "png"), "a.png");

    assertThat(picture.colour(0, 0)).isEqualTo(0x102030);
    assertThat(picture.colour(1, 0)).isEqualTo(0xFFFFFF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif"})
  void an_image_cut_short_is_refused(String format) throws IOException {
    byte[] whole = file(noise(64), format);
    byte[] cut = Arrays.copyOf(whole, whole.length / 2);

    assertThatThrownBy(() -> Picture.read(cut, "cut"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessageStartingWith("the image cut is cut short or damaged");
  }

  @Test
  void an_animated_image_is_refused() throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.prepareWriteSequence(null);
      writer.writeToSequence(new IIOImage(noise(8), null, null), null);
      writer.writeToSequence(new IIOImage(noise(8), null, null), null);
      writer.endWriteSequence();
    }

    assertThatThrownBy(() -> Picture.read(out.toByteArray(), "a.gif"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("the image a.gif is animated; give one of its images");
  }

  @Test
  void an_animated_png_is_refused_however_late_it_says_so() throws IOException {
    byte[] still = file(noise(8), "png");
    ByteBuffer out = ByteBuffer.allocate(still.length + 20_012 + 20);
    out.put(still, 0, 33);
    chunk(out, "tEXt", new byte[20_000]);
    chunk(out, "acTL", new byte[] {0, 0, 0, 2, 0, 0, 0, 0});
    out.put(still, 33, still.length - 33);

    assertThatThrownBy(() -> Picture.read(out.array(), "a.png"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("the image a.png is animated; give one of its images");
  }

  private static void chunk(ByteBuffer out, String type, byte[] data) {
    byte[] name = type.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(data);
    out.putInt(data.length).put(name).put(data).putInt((int) sum.getValue());
  }

  @Test
  void a_file_of_more_than_ten_megabytes_is_refused() {
    assertThatThrownBy(() -> Picture.read(new byte[(10 << 20) + 1], "large.bmp"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "the image large.bmp has more than 10485760 bytes, the most that are read; make it"
                + " smaller, or save it as PNG or JPEG");
  }

  @Test
  void the_nearest_works_are_those_of_every_distance() {
    SplittableRandom random = new SplittableRandom(6);
    List<Picture> works = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      byte[] grey = new byte[100];
      Arrays.fill(grey, (byte) random.nextInt(100, 156));
      grey[random.nextInt(100)] = 0;
      works.add(Picture.ofGrey(10, 10, grey));
    }
    Picture output = works.get(60);

    Extraction measured = Extraction.of(output, works);

    double[] all = works.stream().mapToDouble(output::l2).sorted().toArray();
    assertThat(measured.l2()).isEqualTo(all[0]);
    assertThat(measured.compared()).isEqualTo(120);
    for (double delta : new double[] {0, 0.03, 0.1, 0.15}) {
      assertThat(measured.eidetic(delta))
          .isEqualTo((int) Arrays.stream(all).filter(l2 -> l2 <= delta).count());
    }
  }

  @Test
  void a_decompression_bomb_is_refused_before_it_is_decoded() {
    assertThatThrownBy(() -> Picture.read(header(50_000, 50_000), "bomb.png"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "the image bomb.png has 50000 x 50000 pixels; at most 16777216 are decoded, so make it"
                + " smaller");
  }

  /** The head of a PNG file that claims to be so large, and no data. */
  private static byte[] header(int width, int height) {
    ByteBuffer chunk = ByteBuffer.allocate(17);
    chunk.put("IHDR".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    chunk.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
    CRC32 sum = new CRC32();
    sum.update(chunk.array());
    return ByteBuffer.allocate(8 + 4 + 17 + 4)
        .putLong(0x89504E470D0A1A0AL)
        .putInt(13)
        .put(chunk.array())
        .putInt((int) sum.getValue())
        .array();
  }

  @Test
  void what_is_no_image_is_refused() {
    assertThatThrownBy(
            () -> Picture.read("words".getBytes(java.nio.charset.StandardCharsets.UTF_8), "a.txt"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("the image a.txt is no image that is read here; convert it to PNG or JPEG");
  }

  @ParameterizedTest(name = "{0} copies")
  @ValueSource(ints = {1, 2, 10, 100})
  void works_within_delta_are_counted_exactly(int copies) {
    SplittableRandom random = new SplittableRandom(copies);
    List<Picture> works = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      works.add(random(8, 8, random));
    }
    Picture output = works.get(17);
    for (int i = 1; i < copies; i++) {
      works.add(random.nextInt(works.size()), output);
    }

    assertThat(Extraction.of(output, works).eidetic(0.1)).isEqualTo(copies);
    assertThat(Extraction.of(output, works).extracted(0)).isTrue();
  }

  @Test
  void what_is_near_stands_out_only_among_works_that_are_not() {
    SplittableRandom random = new SplittableRandom(9);
    List<Picture> works = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      works.add(random(8, 8, random));
    }

    assertThat(Extraction.of(works.get(3), works).standsOut()).isTrue();
    assertThat(Extraction.of(random(8, 8, random), works).standsOut()).isFalse();
  }

  @Test
  void hashes_withstand_scaling_and_contrast_and_tell_pictures_apart() {
    byte[] small = new byte[256];
    byte[] large = new byte[1024];
    for (int i = 0; i < 1024; i++) {
      int x = i % 32 / 2;
      int y = i / 64;
      int value = (x * 7 + y * y * 3) % 97;
      small[y * 16 + x] = (byte) value;
      large[i] = (byte) (2 * value + 30);
    }
    PerceptualHash hash = PerceptualHash.of(Picture.ofGrey(16, 16, small));

    assertThat(hash.distance(PerceptualHash.of(Picture.ofGrey(32, 32, large)))).isZero();
    assertThat(hash.distance(PerceptualHash.of(random(16, 16, new SplittableRandom(2)))))
        .isGreaterThan(10);
  }
}
