package io.whence.engine.corpus;

import io.whence.engine.EngineException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An idx file of unsigned bytes, gzipped or not (LeCun's format, big-endian).
 *
 * @param dimensions the slowest first
 * @param bytes all of them
 */
record Idx(
    @SuppressWarnings("ArrayRecordComponent") int[] dimensions,
    @SuppressWarnings("ArrayRecordComponent") byte[] bytes) {
  /** Most numbers one file may hold: 1 GiB of floats. */
  private static final long MOST = 1L << 28;

  private static final Pattern PICTURES = Pattern.compile(".*(idx3-ubyte|\\.idx3?)(\\.gz)?");

  /** {@return whether a file's name is that of an idx file of pictures} */
  static boolean isNamedPictures(Path file) {
    return PICTURES.matcher(file.getFileName().toString().toLowerCase(Locale.ROOT)).matches();
  }

  /**
   * {@return the file of labels that lies beside one of pictures, named as that of MNIST is: {@code
   * labels-idx1} for {@code images-idx3}, gzipped or not}
   */
  static Optional<Path> labelsBeside(Path pictures) {
    String name = pictures.getFileName().toString();
    String labels = name.replace("images", "labels").replace("idx3", "idx1");
    return Stream.of(
            labels, labels.endsWith(".gz") ? labels.replaceFirst("\\.gz$", "") : labels + ".gz")
        .filter(other -> name.contains("images"))
        .map(pictures::resolveSibling)
        .filter(Files::isRegularFile)
        .findFirst();
  }

  static Idx read(Path file) {
    try (DataInputStream in = new DataInputStream(LabelledExamples.open(file))) {
      int magic = in.readInt();
      int rank = magic & 0xff;
      if ((magic & 0xffffff00) != 0x800 || rank < 1 || rank > 4) {
        throw new EngineException.InvalidCorpus(
            file + " is no idx file of unsigned bytes: it begins with " + magic);
      }
      int[] dimensions = new int[rank];
      long size = 1;
      for (int i = 0; i < rank; i++) {
        dimensions[i] = in.readInt();
        size *= Math.max(0, dimensions[i]);
        if (dimensions[i] < 1 || size > MOST) {
          throw new EngineException.InvalidCorpus(
              file + " says that it holds an array of shape " + Arrays.toString(dimensions));
        }
      }
      // Grows with what is there, not with what the header says.
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length < size) {
        throw new EngineException.InvalidCorpus(
            file + " should hold " + size + " numbers and ends after " + bytes.length);
      }
      if (in.read() >= 0) {
        throw new EngineException.InvalidCorpus(
            file + " should hold " + size + " numbers by its header, and goes on after them");
      }
      return new Idx(dimensions, bytes);
    } catch (EOFException e) {
      throw new EngineException.InvalidCorpus(file + " is cut short; fetch it again");
    } catch (IOException e) {
      throw new EngineException.InvalidCorpus("cannot read " + file + ": " + e);
    }
  }

  /** {@return a file of grey pictures, {@code (n, rows, columns)}} */
  static Idx readPictures(Path file) {
    Idx all = read(file);
    if (all.dimensions.length != 3) {
      throw new EngineException.InvalidCorpus(
          file
              + " should hold pictures, rows and columns; it holds an array of shape "
              + Arrays.toString(all.dimensions));
    }
    if ((long) all.dimensions[1] * all.dimensions[2] > Picture.MOST_PIXELS) {
      throw new EngineException.InvalidCorpus(
          file
              + " holds pictures of "
              + all.dimensions[2]
              + " x "
              + all.dimensions[1]
              + " pixels; at most "
              + Picture.MOST_PIXELS
              + " are read");
    }
    return all;
  }

  /** {@return the labels of {@code n} examples} */
  static Idx readLabels(Path file, int n, Path examples) {
    Idx labels = read(file);
    if (labels.dimensions.length != 1 || labels.size() != n) {
      throw new EngineException.InvalidCorpus(
          file
              + " should hold the classes of the "
              + n
              + " examples of "
              + examples
              + "; it holds an array of shape "
              + Arrays.toString(labels.dimensions));
    }
    return labels;
  }

  /** {@return how many pictures or labels there are} */
  int size() {
    return dimensions[0];
  }

  /** {@return a picture of a file of pictures} */
  Picture picture(int number) {
    int size = dimensions[1] * dimensions[2];
    return Picture.ofGrey(
        dimensions[2],
        dimensions[1],
        Arrays.copyOfRange(bytes, number * size, (number + 1) * size));
  }

  /** {@return a label of a file of labels, 0 to 255} */
  int label(int number) {
    return Byte.toUnsignedInt(bytes[number]);
  }
}
