package io.whence.engine.model;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.corpus.Picture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;

/**
 * Embeds pictures by a model that the user brings, such as one for copy detection (SSCD; Pizzi et
 * al., CVPR 2022): ONNX, or TorchScript, which takes float32 of shape {@code (1, 3, side, side)}
 * and gives float32 of shape {@code (1, d)}. How a picture becomes the one may stand beside the
 * model, in its name with {@code .json}; the other is made norm 1.
 *
 * <p>A picture is embedded alone, on one thread, so that its embedding depends neither on others
 * nor on how many threads share the work. Safe for several threads.
 */
public final class PictureEmbedder implements AutoCloseable {
  /** A larger model is refused: every index has a copy. */
  public static final long MOST_BYTES = 1L << 30;

  private static final String ONNX = "OnnxRuntime";
  private static final String TORCH = "PyTorch";
  private static final int MOST_DIMENSIONS = 1 << 16;
  private static final int PROBE_SIDE = 64;
  private static final int MOST_REASON = 240;

  private final Path file;
  private final String sha256;
  private final PictureInput input;
  private final String engine;
  private final Model model;
  private final int dimension;

  private PictureEmbedder(Path file, byte[] bytes) {
    this.file = file;
    sha256 = Sha256.of(bytes);
    input = PictureInput.read(beside(file));
    engine = engine(bytes);
    model = load(bytes);
    try {
      dimension = probed();
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * {@return the embedder of a model, which was tried on two pictures; the caller closes it}
   *
   * @throws EngineException.InvalidCheckpoint when it is no model, or not one as said above. A
   *     checkpoint that is pickled Python is refused by its form, without being unpickled
   */
  public static PictureEmbedder open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new EngineException.InvalidCheckpoint(
          "no file " + file + "; an image model is a file, ONNX or TorchScript");
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new EngineException.InvalidCheckpoint(
            file
                + " has "
                + Files.size(file)
                + " bytes; a model of at most "
                + MOST_BYTES
                + " is taken, because the index keeps a copy");
      }
      return new PictureEmbedder(file, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new EngineException.InvalidCheckpoint("cannot read " + file + ": " + e, e);
    }
  }

  private static Path beside(Path file) {
    return file.resolveSibling(file.getFileName() + ".json");
  }

  /** By how the file begins: a model has no one suffix. */
  private String engine(byte[] bytes) {
    String head = new String(bytes, 0, Math.min(4, bytes.length), StandardCharsets.ISO_8859_1);
    if (head.startsWith("\u0080")) {
      throw pickled();
    }
    if (!head.equals("PK\u0003\u0004")) {
      return ONNX;
    }
    List<String> names = new ArrayList<>();
    try (ZipFile zip =
        ZipFile.builder().setSeekableByteChannel(new SeekableInMemoryByteChannel(bytes)).get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        // All lies in one directory, whose name is free.
        names.add(entry.getName().replaceFirst("^[^/]*/", ""));
      }
    } catch (IOException e) {
      throw refused("is a damaged archive: " + e.getMessage());
    }
    if (names.contains("constants.pkl") && names.stream().anyMatch(n -> n.startsWith("code/"))) {
      return TORCH;
    }
    throw names.contains("data.pkl") ? pickled() : refused("is an archive without a model");
  }

  private EngineException.InvalidCheckpoint pickled() {
    return refused(
        "is a pickled PyTorch checkpoint, which is Python code and is not opened; export the model"
            + " with torch.jit.script, torch.jit.trace or torch.onnx");
  }

  private EngineException.InvalidCheckpoint refused(String what) {
    return new EngineException.InvalidCheckpoint("the image model " + file + " " + what);
  }

  private Model load(byte[] bytes) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // DJL looks its engines up through the context class loader, which in a server is not ours.
    thread.setContextClassLoader(PictureEmbedder.class.getClassLoader());
    Model loaded = Model.newInstance("pictures", Device.cpu(), engine);
    try {
      // From memory: weights that lie in files beside an ONNX model would not be in the index.
      loaded.load(
          new ByteArrayInputStream(bytes),
          Map.of("intraOpNumThreads", "1", "interOpNumThreads", "1"));
      return loaded;
    } catch (IOException | MalformedModelException | RuntimeException e) {
      loaded.close();
      throw refused(
          "cannot be loaded as "
              + (engine.equals(ONNX) ? "ONNX" : "TorchScript")
              + ": "
              + reason(e)
              + "; export it again, as one file");
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The innermost message in one line; PyTorch's ends in its stack, which is cut. */
  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String line = String.valueOf(cause.getMessage()).replaceAll("\\s+", " ").strip();
    return line.length() > MOST_REASON ? line.substring(0, MOST_REASON) + "..." : line;
  }

  /** {@return how many numbers an embedding has} */
  private int probed() {
    float[] one = values(noise(1));
    float[] other = values(noise(2));
    if (Arrays.equals(one, other)) {
      throw refused("gives the same for two pictures of noise; an embedding tells them apart");
    }
    return one.length;
  }

  private static Picture noise(long seed) {
    byte[] values = new byte[Picture.CHANNELS * PROBE_SIDE * PROBE_SIDE];
    new SplittableRandom(seed).nextBytes(values);
    return Picture.ofColours(PROBE_SIDE, PROBE_SIDE, values);
  }

  /** What the model gives for a picture. */
  private float[] values(Picture picture) {
    Callable<float[]> body = () -> run(picture);
    try {
      return engine.equals(TORCH) ? Torch.scripted(body) : body.call();
    } catch (EngineException e) {
      throw e;
    } catch (Exception e) {
      throw refused(
          String.format(
              Locale.ROOT,
              "does not take one picture, float32 of shape (1, 3, %d, %d): %s; state its side in"
                  + " %s, or export it for one picture",
              input.side(),
              input.side(),
              reason(e),
              beside(file).getFileName()));
    }
  }

  private float[] run(Picture picture) {
    try (NDManager scope = model.getNDManager().newSubManager()) {
      NDArray array =
          scope.create(
              input.of(picture), new Shape(1, Picture.CHANNELS, input.side(), input.side()));
      NDList outputs =
          model.getBlock().forward(new ParameterStore(scope, false), new NDList(array), false);
      if (outputs.size() != 1) {
        throw refused(
            "gives "
                + outputs.size()
                + " outputs; export it with one, the embedding, float32 of shape (1, d)");
      }
      NDArray output = outputs.get(0);
      Shape shape = output.getShape();
      if (output.getDataType() != DataType.FLOAT32 || !isRow(shape)) {
        throw refused(
            "gives "
                + output.getDataType().name().toLowerCase(Locale.ROOT)
                + " of shape "
                + shape
                + "; export it with one output, the embedding, float32 of shape (1, d), d from 2 to "
                + MOST_DIMENSIONS);
      }
      float[] values = output.toFloatArray();
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw refused(
              "gives "
                  + value
                  + " for a picture; check the mean and the standard deviation in "
                  + beside(file).getFileName()
                  + ", or the export");
        }
      }
      return values;
    }
  }

  private static boolean isRow(Shape shape) {
    return shape.dimension() == 2
        && shape.get(0) == 1
        && shape.get(1) >= 2
        && shape.get(1) <= MOST_DIMENSIONS;
  }

  /** {@return SHA-256 of the model's file} */
  public String sha256() {
    return sha256;
  }

  /** {@return d, how many numbers an embedding has} */
  public int dimension() {
    return dimension;
  }

  /**
   * {@return the embedding of a picture, of norm 1, shape {@code (d)}; zeros where the model gives
   * nothing but zeros}
   *
   * @throws EngineException.InvalidCheckpoint when the model gives what is no finite number
   */
  public float[] embed(Picture picture) {
    float[] values = values(picture);
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    double norm = Math.sqrt(squares);
    for (int i = 0; i < values.length && norm > 0; i++) {
      values[i] = (float) (values[i] / norm);
    }
    return values;
  }

  /**
   * {@return the embeddings of pictures, in their order}
   *
   * @param pictures how many there are
   * @param picture makes each by its number, on any of the threads
   * @param threads how many platform threads share the work, at least 1; the result does not depend
   *     on it
   */
  public List<float[]> embed(int pictures, IntFunction<Picture> picture, int threads) {
    List<Callable<float[]>> tasks = new ArrayList<>();
    for (int i = 0; i < pictures; i++) {
      int number = i;
      tasks.add(() -> embed(picture.apply(number)));
    }
    List<float[]> embeddings = new ArrayList<>();
    // Left only when every thread is done: what is interrupted still reads the model for a while.
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<float[]> future : pool.invokeAll(tasks)) {
        embeddings.add(future.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("embedding was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof EngineException refusal) {
        throw refusal;
      }
      throw new IllegalStateException("embedding failed: " + e.getCause(), e);
    }
    return embeddings;
  }

  /**
   * Copies the model to a file, and all that stands or is assumed beside it.
   *
   * @throws EngineException.InvalidCheckpoint when the model was changed since it was opened
   */
  public void copyTo(Path copy) throws IOException {
    Files.copy(file, copy);
    Files.writeString(beside(copy), input.toJson());
    if (!Sha256.of(copy).equals(sha256)) {
      throw refused("was changed while the index was built; build it again");
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
