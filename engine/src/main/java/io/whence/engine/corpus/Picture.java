package io.whence.engine.corpus;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A still image: three channels of 8 bits, by rows from the top left. What is transparent lies on
 * white. Immutable.
 */
public final class Picture {
  /** An image with more pixels is refused before it is decoded: a decoded pixel takes 7 bytes. */
  public static final int MOST_PIXELS = 1 << 24;

  /** An image file with more bytes is refused. */
  public static final int MOST_BYTES = 10 << 20;

  /** Values of a pixel: red, green, blue. */
  public static final int CHANNELS = 3;

  private static final long PNG = 0x89504E470D0A1A0AL;
  private static final int ANIMATION = 0x6163544C;
  private static final int DATA = 0x49444154;

  private final int width;
  private final int height;
  private final byte[] values;

  private Picture(int width, int height, byte[] values) {
    this.width = width;
    this.height = height;
    this.values = values;
  }

  /**
   * {@return a picture of grey pixels}
   *
   * @param grey 0 to 255, by rows, {@code (height, width)}; copied
   */
  public static Picture ofGrey(int width, int height, byte[] grey) {
    byte[] values = new byte[CHANNELS * grey.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = grey[i / CHANNELS];
    }
    return ofColours(width, height, values);
  }

  /**
   * {@return a picture of coloured pixels}
   *
   * @param values red, green and blue of each, 0 to 255, {@code (height, width, 3)}; copied
   */
  public static Picture ofColours(int width, int height, byte[] values) {
    if (width < 1 || height < 1 || (long) CHANNELS * width * height != values.length) {
      throw new IllegalArgumentException(
          "a picture of " + width + " x " + height + " cannot have " + values.length + " values");
    }
    return new Picture(width, height, values.clone());
  }

  /**
   * {@return the grey pictures of an idx file, which may be gzipped}
   *
   * @throws EngineException.InvalidCorpus when it is no idx file of pictures
   */
  public static List<Picture> readIdx(Path file) {
    Idx all = Idx.readPictures(file);
    return IntStream.range(0, all.size()).mapToObj(all::picture).toList();
  }

  /**
   * {@return the picture in a file that Java reads: PNG, JPEG, GIF, BMP}
   *
   * @param name of the file, for people
   * @throws EngineException.InvalidQuery when it is none of these, animated, cut short, or too
   *     large; nothing is decoded before its size is known
   */
  public static Picture read(byte[] file, String name) {
    if (file.length > MOST_BYTES) {
      throw refused(
          name,
          "has more than "
              + MOST_BYTES
              + " bytes, the most that are read; make it smaller, or save it as PNG or JPEG");
    }
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw refused(name, "is no image that is read here; convert it to PNG or JPEG");
      }
      ImageReader reader = readers.next();
      try {
        return read(reader, in, file, name);
      } finally {
        reader.dispose();
      }
    } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw refused(name, "is cut short or damaged: " + e.getMessage());
    }
  }

  private static Picture read(ImageReader reader, ImageInputStream in, byte[] file, String name)
      throws IOException {
    // Metadata can be compressed a thousandfold, too; none of it is needed.
    reader.setInput(in, false, true);
    long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
    if (pixels > MOST_PIXELS) {
      throw refused(
          name,
          "has "
              + reader.getWidth(0)
              + " x "
              + reader.getHeight(0)
              + " pixels; at most "
              + MOST_PIXELS
              + " are decoded, so make it smaller");
    }
    boolean many = reader.getFormatName().equalsIgnoreCase("gif") && reader.getNumImages(true) > 1;
    if (isAnimatedPng(file) || many) {
      throw refused(name, "is animated; give one of its images");
    }
    // A JPEG that ends early is filled with grey, with no more than a warning.
    boolean[] complained = new boolean[1];
    reader.addIIOReadWarningListener((source, warning) -> complained[0] = true);
    BufferedImage image = reader.read(0);
    if (complained[0]) {
      throw refused(name, "is cut short or damaged; the decoder complains of it");
    }
    return of(image);
  }

  /** An animated PNG says so in a chunk before its first image, which Java's reader skips. */
  private static boolean isAnimatedPng(byte[] file) {
    ByteBuffer chunks = ByteBuffer.wrap(file);
    if (chunks.remaining() < Long.BYTES || chunks.getLong() != PNG) {
      return false;
    }
    while (chunks.remaining() >= 2 * Integer.BYTES) {
      int length = chunks.getInt();
      int type = chunks.getInt();
      if (type == ANIMATION) {
        return true;
      }
      // The chunk's check sum follows it.
      if (type == DATA || length < 0 || length > chunks.remaining() - Integer.BYTES) {
        return false;
      }
      chunks.position(chunks.position() + length + Integer.BYTES);
    }
    return false;
  }

  /**
   * {@return whether a file begins as one of the formats that are read, whatever its name} It can
   * be damaged all the same.
   */
  public static boolean isImage(byte[] file) {
    String head = new String(file, 0, Math.min(file.length, 8), StandardCharsets.ISO_8859_1);
    return head.startsWith("\u0089PNG")
        || head.startsWith("\u00ff\u00d8\u00ff")
        || head.startsWith("GIF8")
        || (head.startsWith("BM") && file.length > 26 && file[6] == 0 && file[7] == 0);
  }

  private static EngineException.InvalidQuery refused(String name, String reason) {
    return new EngineException.InvalidQuery("the image " + name + " " + reason);
  }

  private static Picture of(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    BufferedImage opaque = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = opaque.createGraphics();
    graphics.drawImage(image, 0, 0, Color.WHITE, null);
    graphics.dispose();
    byte[] values = new byte[CHANNELS * width * height];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      opaque.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int at = CHANNELS * (y * width + x);
        values[at] = (byte) (row[x] >> 16);
        values[at + 1] = (byte) (row[x] >> 8);
        values[at + 2] = (byte) row[x];
      }
    }
    return new Picture(width, height, values);
  }

  /** {@return the picture as a PNG file} */
  public byte[] png() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, colour(x, y));
      }
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.toByteArray();
  }

  /** {@return how many pixels a row has} */
  public int width() {
    return width;
  }

  /** {@return how many rows there are} */
  public int height() {
    return height;
  }

  /** {@return red, green and blue of a pixel, 0 to 255 each, as {@code 0xRRGGBB}} */
  public int colour(int x, int y) {
    int at = CHANNELS * (y * width + x);
    return (values[at] & 255) << 16 | (values[at + 1] & 255) << 8 | (values[at + 2] & 255);
  }

  /** {@return red (0), green (1) or blue (2) of a pixel, 0 to 255} */
  public int channel(int x, int y, int channel) {
    return values[CHANNELS * (y * width + x) + channel] & 255;
  }

  /** {@return SHA-256 over width, height and every value: equal for the very same pixels} */
  public String sha256() {
    return new Sha256().add(width + " x " + height + "\n").add(values).hex();
  }

  /** {@return the brightness of a pixel (luma of ITU-R BT.601), 0 to 1} */
  public double grey(int x, int y) {
    int at = CHANNELS * (y * width + x);
    return (0.299 * (values[at] & 255)
            + 0.587 * (values[at + 1] & 255)
            + 0.114 * (values[at + 2] & 255))
        / 255;
  }

  /**
   * {@return the normalised Euclidean distance {@code sqrt(sum (a - b)^2 / d)} over all {@code d}
   * values of pixels and channels, each 0 to 1} (Carlini et al., Extracting Training Data from
   * Diffusion Models, USENIX Security 2023, section 4.1)
   *
   * @param other of the same size
   */
  public double l2(Picture other) {
    return l2(other, 1);
  }

  /**
   * {@return the largest {@link #l2(Picture)} of two corresponding tiles} Two images with much
   * empty space are near each other as a whole, but not in every tile (ibid., section 4.2).
   *
   * @param other of the same size
   * @param tiles on each side, 1 to the pixels of the shorter side; the tiles cover the image
   */
  public double l2(Picture other, int tiles) {
    if (width != other.width || height != other.height) {
      throw new IllegalArgumentException(
          "l2 needs pictures of one size; got "
              + width
              + " x "
              + height
              + " and "
              + other.width
              + " x "
              + other.height);
    }
    if (tiles < 1 || tiles > Math.min(width, height)) {
      throw new IllegalArgumentException(
          "a side has 1 to " + Math.min(width, height) + " tiles; got " + tiles);
    }
    double most = 0;
    for (int row = 0; row < tiles; row++) {
      for (int column = 0; column < tiles; column++) {
        most =
            Math.max(
                most,
                meanSquare(
                    other,
                    column * width / tiles,
                    row * height / tiles,
                    (column + 1) * width / tiles,
                    (row + 1) * height / tiles));
      }
    }
    return Math.sqrt(most);
  }

  private double meanSquare(Picture other, int left, int top, int right, int bottom) {
    long sum = 0;
    for (int y = top; y < bottom; y++) {
      for (int i = CHANNELS * (y * width + left); i < CHANNELS * (y * width + right); i++) {
        int difference = (values[i] & 255) - (other.values[i] & 255);
        sum += (long) difference * difference;
      }
    }
    return sum / (255.0 * 255.0) / ((double) CHANNELS * (right - left) * (bottom - top));
  }
}
