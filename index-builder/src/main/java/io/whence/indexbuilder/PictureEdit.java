package io.whence.indexbuilder;

import io.whence.engine.corpus.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** What is done to a picture to make a near copy of it. */
enum PictureEdit {
  /** A part with four fifths of each side or more. */
  CROP("cropped, 80 to 95 % of each side") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      return part(picture, 0.8, 0.95, random);
    }
  },
  /** A part with half of each side or more. */
  DEEP_CROP("cropped, 55 to 80 % of each side") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      return part(picture, 0.55, 0.8, random);
    }
  },
  /** One of the seven turns and reflections. */
  TURN("mirrored or turned") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      int way = random.nextInt(1, 8);
      boolean transposed = (way & 4) != 0;
      int width = transposed ? picture.height() : picture.width();
      int height = transposed ? picture.width() : picture.height();
      return drawn(
          width,
          height,
          (x, y, channel) -> {
            int across = (way & 1) != 0 ? width - 1 - x : x;
            int down = (way & 2) != 0 ? height - 1 - y : y;
            return transposed
                ? picture.channel(down, across, channel)
                : picture.channel(across, down, channel);
          });
    }
  },
  /** Black and white become two other colours, often the darker one for white. */
  RECOLOUR("recoloured, negatives among them") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      double[] black = new double[Picture.CHANNELS];
      double[] white = new double[Picture.CHANNELS];
      double apart;
      do {
        apart = 0;
        for (int channel = 0; channel < Picture.CHANNELS; channel++) {
          black[channel] = random.nextDouble();
          white[channel] = random.nextDouble();
          apart += (white[channel] - black[channel]) / Picture.CHANNELS;
        }
      } while (Math.abs(apart) < 0.3);
      return drawn(
          picture.width(),
          picture.height(),
          (x, y, channel) ->
              255 * black[channel]
                  + (white[channel] - black[channel]) * picture.channel(x, y, channel));
    }
  },
  /** A box with a pattern of its own over an eighth to a fifth of the picture. */
  OVERLAY("12 to 20 % covered by a patterned box") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      double share = random.nextDouble(0.12, 0.2);
      double stretch = random.nextDouble(0.5, 2);
      int width = bounded(picture.width() * Math.sqrt(share * stretch), picture.width());
      int height = bounded(picture.height() * Math.sqrt(share / stretch), picture.height());
      int left = random.nextInt(picture.width() - width + 1);
      int top = random.nextInt(picture.height() - height + 1);
      int[] colours = {random.nextInt(256), random.nextInt(256)};
      int cell = Math.max(1, width / 4);
      return drawn(
          picture.width(),
          picture.height(),
          (x, y, channel) ->
              x >= left && x < left + width && y >= top && y < top + height
                  ? colours[((x - left) / cell + (y - top) / cell) % 2]
                  : picture.channel(x, y, channel));
    }
  },
  /** Each value moved on its own. */
  NOISE("noise, standard deviation 0.1") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      return noisy(picture, 0.1, random);
    }
  },
  /** Drawn at another size. */
  RESIZE("resized, 60 to 200 %") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      double scale = random.nextDouble(0.6, 2);
      int width = (int) Math.max(1, Math.round(picture.width() * scale));
      int height = (int) Math.max(1, Math.round(picture.height() * scale));
      BufferedImage sized = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      var graphics = sized.createGraphics();
      graphics.setRenderingHint(
          java.awt.RenderingHints.KEY_INTERPOLATION,
          java.awt.RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(image(picture), 0, 0, width, height, null);
      graphics.dispose();
      return drawn(
          width, height, (x, y, channel) -> sized.getRGB(x, y) >> (16 - 8 * channel) & 255);
    }
  },
  /** Saved as JPEG. */
  JPEG("saved as JPEG, quality 0.4") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
      ImageWriteParam settings = writer.getDefaultWriteParam();
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionQuality(0.4f);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
        writer.setOutput(out);
        writer.write(null, new IIOImage(image(picture), null, null), settings);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        writer.dispose();
      }
      return Picture.read(bytes.toByteArray(), "a JPEG");
    }
  },
  /** A part of a larger picture. */
  FRAME("in a larger picture, 60 to 85 % of each side") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      int width = (int) Math.round(picture.width() / random.nextDouble(0.6, 0.85));
      int height = (int) Math.round(picture.height() / random.nextDouble(0.6, 0.85));
      int left = random.nextInt(width - picture.width() + 1);
      int top = random.nextInt(height - picture.height() + 1);
      int[] colour = {random.nextInt(256), random.nextInt(256), random.nextInt(256)};
      return drawn(
          width,
          height,
          (x, y, channel) -> {
            int across = x - left;
            int down = y - top;
            return across >= 0 && across < picture.width() && down >= 0 && down < picture.height()
                ? picture.channel(across, down, channel)
                : colour[channel];
          });
    }
  },
  /** Several at once. */
  ALL("cropped, mirrored, recoloured and noisy at once") {
    @Override
    Picture of(Picture picture, SplittableRandom random) {
      return noisy(RECOLOUR.of(TURN.of(CROP.of(picture, random), random), random), 0.05, random);
    }
  };

  private final String what;

  PictureEdit(String what) {
    this.what = what;
  }

  /** {@return what people read} */
  String what() {
    return what;
  }

  /** {@return a copy of a picture, with this done to it} */
  abstract Picture of(Picture picture, SplittableRandom random);

  /** A value for each channel of each pixel. */
  @FunctionalInterface
  interface Values {
    double at(int x, int y, int channel);
  }

  static Picture drawn(int width, int height, Values values) {
    byte[] drawn = new byte[Picture.CHANNELS * width * height];
    for (int i = 0; i < drawn.length; i++) {
      int pixel = i / Picture.CHANNELS;
      double value = values.at(pixel % width, pixel / width, i % Picture.CHANNELS);
      drawn[i] = (byte) Math.clamp(Math.round(value), 0, 255);
    }
    return Picture.ofColours(width, height, drawn);
  }

  private static Picture part(Picture picture, double least, double most, SplittableRandom random) {
    int width = bounded(picture.width() * random.nextDouble(least, most), picture.width());
    int height = bounded(picture.height() * random.nextDouble(least, most), picture.height());
    int left = random.nextInt(picture.width() - width + 1);
    int top = random.nextInt(picture.height() - height + 1);
    return drawn(width, height, (x, y, channel) -> picture.channel(left + x, top + y, channel));
  }

  private static Picture noisy(Picture picture, double deviation, SplittableRandom random) {
    return drawn(
        picture.width(),
        picture.height(),
        (x, y, channel) ->
            picture.channel(x, y, channel) + 255 * deviation * random.nextGaussian());
  }

  private static int bounded(double wanted, int most) {
    return Math.clamp(Math.round(wanted), 1, most);
  }

  static BufferedImage image(Picture picture) {
    BufferedImage image =
        new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        image.setRGB(x, y, picture.colour(x, y));
      }
    }
    return image;
  }
}
