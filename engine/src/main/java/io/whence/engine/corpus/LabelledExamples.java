package io.whence.engine.corpus;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Examples for a classifier: n rows of d features, each with a class.
 *
 * <p>Read from idx files (LeCun's format, big-endian, {@code ubyte}, images and labels apart) or
 * from CSV whose last column is the class; either may be gzipped. Immutable.
 */
public final class LabelledExamples {
  private final float[] features;
  private final int[] labels;
  private final int width;
  private final int classes;

  private LabelledExamples(float[] features, int[] labels, int width, int classes) {
    this.features = features;
    this.labels = labels;
    this.width = width;
    this.classes = classes;
  }

  /**
   * {@return the examples of an idx file of images with its labels; pixels 0 to 255}
   *
   * @throws EngineException.InvalidCorpus when either is no such file or they do not match
   */
  public static LabelledExamples readIdx(Path images, Path labels) {
    Idx pixels = Idx.read(images);
    int n = pixels.size();
    Idx classes = Idx.readLabels(labels, n, images);
    int width = pixels.bytes().length / Math.max(1, n);
    float[] features = new float[pixels.bytes().length];
    for (int i = 0; i < features.length; i++) {
      features[i] = Byte.toUnsignedInt(pixels.bytes()[i]);
    }
    int[] y = new int[n];
    for (int i = 0; i < n; i++) {
      y[i] = classes.label(i);
    }
    return checked(features, y, width, images);
  }

  /**
   * {@return the examples of a CSV file without header: numbers, the class last, counted from 0}
   *
   * @throws EngineException.InvalidCorpus when a line does not fit, by its number
   */
  public static LabelledExamples readCsv(Path file) {
    List<float[]> rows = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    String text;
    try (InputStream in = open(file)) {
      text = new String(in.readNBytes(Integer.MAX_VALUE - 8), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new EngineException.InvalidCorpus("cannot read " + file + ": " + e);
    }
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String[] cells = line.split(",", -1);
      float[] row = new float[cells.length - 1];
      try {
        for (int i = 0; i < row.length; i++) {
          row[i] = Float.parseFloat(cells[i].strip());
        }
        labels.add(classOf(cells[row.length].strip()));
      } catch (NumberFormatException e) {
        throw new EngineException.InvalidCorpus(
            file
                + ", line "
                + number
                + ": a cell is no number ("
                + e.getMessage()
                + "); a line has features and a class, counted from 0, without a header");
      }
      if (row.length == 0 || (!rows.isEmpty() && rows.get(0).length != row.length)) {
        throw new EngineException.InvalidCorpus(
            file
                + ", line "
                + number
                + ": "
                + cells.length
                + " cells; a line has features and a class, as many as the first");
      }
      rows.add(row);
    }
    if (rows.isEmpty()) {
      throw new EngineException.InvalidCorpus(file + " holds no examples");
    }
    int width = rows.get(0).length;
    float[] features = new float[rows.size() * width];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, features, i * width, width);
    }
    return checked(features, labels.stream().mapToInt(x -> x).toArray(), width, file);
  }

  private static int classOf(String cell) {
    float value = Float.parseFloat(cell);
    // Cast, 1.5 would be class 1 and NaN class 0.
    if (value != Math.rint(value)) {
      throw new NumberFormatException("class \"" + cell + "\" is no whole number");
    }
    return (int) value;
  }

  private static LabelledExamples checked(float[] features, int[] labels, int width, Path file) {
    for (float feature : features) {
      if (!Float.isFinite(feature)) {
        throw new EngineException.InvalidCorpus(file + " holds a feature that is no finite number");
      }
    }
    int most = Arrays.stream(labels).max().orElse(0);
    if (Arrays.stream(labels).min().orElse(0) < 0 || most > 999 || most < 1) {
      throw new EngineException.InvalidCorpus(
          file + " should have classes counted from 0, at least two and at most 1,000");
    }
    return new LabelledExamples(features, labels, width, most + 1);
  }

  static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
  }

  /** {@return these examples with every feature x as (x / scale - mean) / deviation} */
  public LabelledExamples normalised(double scale, double mean, double deviation) {
    float[] scaled = new float[features.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) ((features[i] / scale - mean) / deviation);
    }
    return new LabelledExamples(scaled, labels, width, classes);
  }

  /** {@return mean and standard deviation over all features of all examples} */
  public double[] moments() {
    double sum = 0;
    double squares = 0;
    for (float feature : features) {
      sum += feature;
      squares += (double) feature * feature;
    }
    double mean = sum / features.length;
    return new double[] {mean, Math.sqrt(Math.max(1e-12, squares / features.length - mean * mean))};
  }

  /** {@return the examples of these numbers, in their order} */
  public LabelledExamples of(int... numbers) {
    float[] chosen = new float[numbers.length * width];
    int[] y = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      System.arraycopy(features, numbers[i] * width, chosen, i * width, width);
      y[i] = labels[numbers[i]];
    }
    return new LabelledExamples(chosen, y, width, classes);
  }

  /** {@return the examples {@code from}, inclusive, {@code to}, exclusive} */
  public LabelledExamples range(int from, int to) {
    return of(java.util.stream.IntStream.range(from, to).toArray());
  }

  /** {@return these examples with other classes} */
  public LabelledExamples relabelled(int... y) {
    if (y.length != labels.length) {
      throw new IllegalArgumentException("one class an example; got " + y.length);
    }
    return new LabelledExamples(features, y.clone(), width, classes);
  }

  /** {@return n} */
  public int size() {
    return labels.length;
  }

  /** {@return d} */
  public int width() {
    return width;
  }

  /** {@return how many classes there are} */
  public int classes() {
    return classes;
  }

  /** {@return the class of an example} */
  public int label(int example) {
    return labels[example];
  }

  /** Copies the features of an example to {@code into}, from {@code at} on. */
  public void copy(int example, float[] into, int at) {
    System.arraycopy(features, example * width, into, at, width);
  }

  /** {@return SHA-256 over all features and classes} */
  public String sha256() {
    ByteBuffer bytes = ByteBuffer.allocate(4 * (features.length + labels.length));
    for (float feature : features) {
      bytes.putFloat(feature);
    }
    for (int label : labels) {
      bytes.putInt(label);
    }
    return Sha256.of(bytes.array());
  }
}
