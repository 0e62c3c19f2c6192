package io.whence.engine.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A language model as it stood when its training ended: it gives losses, text and, through {@link
 * #losses(NDManager, List, LinearTap)}, gradients.
 *
 * <p>A directory in the Hugging Face GPT-2 layout: {@code config.json}, {@code model.safetensors}
 * (float32, float16 or bfloat16; computed in float32), {@code tokenizer.json}, and where the model
 * was trained here {@code training.json}. Safe for several platform threads.
 */
public final class Checkpoint implements AutoCloseable {
  private static final String PREFIX = "transformer.";
  private static final String WEIGHTS = "model.safetensors";

  /** The files a checkpoint consists of; the last may be missing. */
  public static final List<String> FILES =
      List.of("config.json", WEIGHTS, "tokenizer.json", "training.json");

  private final String sha256;
  private final GptConfig config;
  private final Tokenizer tokenizer;
  private final @Nullable TrainingRecord training;
  private final NDManager manager;
  private final Gpt gpt;

  private Checkpoint(
      String sha256,
      GptConfig config,
      Tokenizer tokenizer,
      @Nullable TrainingRecord training,
      NDManager manager,
      Gpt gpt) {
    this.sha256 = sha256;
    this.config = config;
    this.tokenizer = tokenizer;
    this.training = training;
    this.manager = manager;
    this.gpt = gpt;
  }

  /**
   * {@return the checkpoint in {@code directory}, ready on a device; the caller closes it}
   *
   * @param device {@code cpu} or {@code cuda}
   * @throws EngineException.InvalidCheckpoint when a file is missing or does not fit the layout
   * @throws EngineException.NoDevice when there is no such device here
   */
  public static Checkpoint open(Path directory, String device) {
    for (String file : FILES.subList(0, 3)) {
      if (!Files.isRegularFile(directory.resolve(file))) {
        throw new EngineException.InvalidCheckpoint(
            "no "
                + file
                + " in "
                + directory
                + "; a checkpoint has config.json, "
                + WEIGHTS
                + " and tokenizer.json");
      }
    }
    GptConfig config = GptConfig.read(directory.resolve("config.json"));
    Map<String, float[]> values = read(config, directory.resolve(WEIGHTS));
    TrainingRecord training = TrainingRecord.readIfPresent(directory.resolve("training.json"));
    String sha256 = sha256(directory);
    Tokenizer tokenizer = Tokenizer.open(directory.resolve("tokenizer.json"));
    NDManager manager = Torch.newManager(device);
    try {
      if (tokenizer.vocabularySize() > config.vocabulary()) {
        throw new EngineException.InvalidCheckpoint(
            "the tokenizer in "
                + directory
                + " has "
                + tokenizer.vocabularySize()
                + " tokens, the model only "
                + config.vocabulary());
      }
      Gpt gpt = new Gpt(config, values, manager);
      return new Checkpoint(sha256, config, tokenizer, training, manager, gpt);
    } catch (RuntimeException e) {
      manager.close();
      tokenizer.close();
      throw e;
    }
  }

  private static Map<String, float[]> read(GptConfig config, Path file) {
    Map<String, Safetensors.Tensor> stored = Safetensors.read(file);
    Map<String, float[]> values = new LinkedHashMap<>();
    Gpt.shapes(
        config,
        (name, shape) -> {
          Safetensors.Tensor tensor = stored.get(PREFIX + name);
          if (tensor == null) {
            tensor = stored.get(name);
          }
          boolean transposed = transposed(name);
          long[] wanted = transposed ? new long[] {shape[1], shape[0]} : shape;
          if (tensor == null || !java.util.Arrays.equals(tensor.shape(), wanted)) {
            throw new EngineException.InvalidCheckpoint(
                file
                    + " should hold "
                    + PREFIX
                    + name
                    + " of shape "
                    + java.util.Arrays.toString(wanted)
                    + "; it holds "
                    + (tensor == null ? "none" : java.util.Arrays.toString(tensor.shape())));
          }
          values.put(name, transposed ? transpose(tensor.values(), wanted) : tensor.values());
        });
    return values;
  }

  /** Writes a checkpoint's three model files, the weights in half precision. */
  static void write(Path directory, GptConfig config, Map<String, float[]> values, Path tokenizer)
      throws IOException {
    Files.createDirectories(directory);
    Map<String, Safetensors.Tensor> stored = new LinkedHashMap<>();
    Gpt.shapes(
        config,
        (name, shape) -> {
          float[] data = requireNonNull(values.get(name));
          stored.put(
              PREFIX + name,
              transposed(name)
                  ? new Safetensors.Tensor(new long[] {shape[1], shape[0]}, transpose(data, shape))
                  : new Safetensors.Tensor(shape, data));
        });
    Safetensors.writeHalf(directory.resolve(WEIGHTS), stored);
    config.write(directory.resolve("config.json"));
    Path own = directory.resolve("tokenizer.json");
    if (!own.equals(tokenizer)) {
      Files.copy(tokenizer, own, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** GPT-2 files store linear weights {@code [in, out]}, the model holds {@code [out, in]}. */
  private static boolean transposed(String name) {
    return name.startsWith("h.") && name.endsWith(".weight") && !name.contains(".ln_");
  }

  private static float[] transpose(float[] values, long[] shape) {
    int rows = (int) shape[0];
    int columns = (int) shape[1];
    float[] turned = new float[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        turned[j * rows + i] = values[i * columns + j];
      }
    }
    return turned;
  }

  private static String sha256(Path directory) {
    try {
      return new io.whence.engine.Sha256()
          .add(directory.resolve("config.json"))
          .add(directory.resolve(WEIGHTS))
          .hex();
    } catch (IOException e) {
      throw new EngineException.InvalidCheckpoint("cannot read the files in " + directory, e);
    }
  }

  /** {@return SHA-256 over the bytes of {@code config.json}, then {@code model.safetensors}} */
  public String sha256() {
    return sha256;
  }

  /** {@return the shape of the model} */
  public GptConfig config() {
    return config;
  }

  /** {@return the tokenizer it was trained with} */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** {@return how it was trained, where that is recorded} */
  public Optional<TrainingRecord> training() {
    return Optional.ofNullable(training);
  }

  /** {@return a copy of every parameter by name, linear weights {@code [out, in]}} */
  Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    gpt.parameters().forEach((name, array) -> values.put(name, Torch.floats(array)));
    return values;
  }

  /** {@return a copy of the embedding table, {@code [vocabulary, width]}} */
  public float[] embeddingTable() {
    return Torch.floats(requireNonNull(gpt.parameters().get("wte.weight")));
  }

  /** {@return native memory for one batch; the caller closes it} */
  public NDManager newBatch() {
    return manager.newSubManager();
  }

  /**
   * {@return the loss of every predicted token in nats, shape {@code [n * t, 1]}, t the longest
   * window; 0 for tokens that do not count and for padding}
   *
   * @param batch where the results live
   * @param windows n windows, each of at most {@code config().context()} inputs
   * @param tap sees every linear layer
   */
  public NDArray losses(NDManager batch, List<TokenWindow> windows, LinearTap tap) {
    return gpt.losses(batch, new TokenWindow.Padded(windows), tap);
  }

  /**
   * {@return as {@link #losses(NDManager, List, LinearTap)}, but of tokens drawn from the model's
   * own prediction, from a seed}
   */
  public NDArray sampledLosses(
      NDManager batch, List<TokenWindow> windows, long seed, LinearTap tap) {
    return gpt.sampledLosses(
        batch, new TokenWindow.Padded(windows), new SplittableRandom(seed), tap);
  }

  /** {@return log(p / (1 - p)) of every token in place of its loss} */
  public NDArray margins(NDManager batch, List<TokenWindow> windows, LinearTap tap) {
    return gpt.margins(batch, new TokenWindow.Padded(windows), tap);
  }

  /**
   * {@return the summed loss of each window's scored tokens, in nats}
   *
   * @param windows each of at most {@code config().context()} inputs
   */
  public double[] losses(List<TokenWindow> windows) {
    return Torch.withoutGradients(
        () -> {
          try (NDManager batch = newBatch()) {
            return rowSums(Torch.floats(losses(batch, windows, LinearTap.NONE)), windows.size());
          }
        });
  }

  /** {@return the sum of each of {@code rows} equal parts of {@code values}} */
  public static double[] rowSums(float[] values, int rows) {
    double[] sums = new double[rows];
    int columns = values.length / rows;
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < columns; j++) {
        sums[row] += values[row * columns + j];
      }
    }
    return sums;
  }

  /**
   * {@return the logits after each token, {@code [ids.length][vocabulary]}}
   *
   * @param ids at most {@code config().context()} tokens
   */
  public float[][] logits(int[] ids) {
    return Torch.withoutGradients(
        () -> {
          try (NDManager batch = newBatch()) {
            float[] all =
                Torch.floats(
                    gpt.logits(
                        batch,
                        java.util.Arrays.stream(ids).asLongStream().toArray(),
                        1,
                        ids.length,
                        LinearTap.NONE));
            float[][] rows = new float[ids.length][];
            for (int i = 0; i < ids.length; i++) {
              rows[i] =
                  java.util.Arrays.copyOfRange(
                      all, i * config.vocabulary(), (i + 1) * config.vocabulary());
            }
            return rows;
          }
        });
  }

  /**
   * {@return texts the model writes when given nothing}
   *
   * @param count how many texts
   * @param tokens length of each
   * @param temperature above 0; 1 samples from the model as it is
   * @param seed of the choices; text i depends on the seed and on i alone
   */
  public List<String> write(int count, int tokens, double temperature, long seed) {
    SplittableRandom[] choices = new SplittableRandom[count];
    int[][] texts = new int[count][tokens + 1];
    for (int i = 0; i < count; i++) {
      choices[i] = new SplittableRandom(seed + i);
      texts[i][0] = tokenizer.endOfText();
    }
    for (int length = 1; length <= tokens; length++) {
      float[][] next = nextLogits(texts, length);
      for (int i = 0; i < count; i++) {
        texts[i][length] = choose(next[i], temperature, choices[i].nextDouble());
      }
    }
    List<String> written = new ArrayList<>();
    for (int[] text : texts) {
      written.add(tokenizer.decode(java.util.Arrays.copyOfRange(text, 1, text.length)));
    }
    return written;
  }

  private float[][] nextLogits(int[][] texts, int length) {
    int columns = Math.min(length, config.context());
    long[] ids = new long[texts.length * columns];
    for (int i = 0; i < texts.length; i++) {
      for (int j = 0; j < columns; j++) {
        ids[i * columns + j] = texts[i][length - columns + j];
      }
    }
    return Torch.withoutGradients(
        () -> {
          try (NDManager batch = newBatch()) {
            NDArray logits = gpt.logits(batch, ids, texts.length, columns, LinearTap.NONE);
            NDArray last =
                logits
                    .reshape(texts.length, columns, config.vocabulary())
                    .get(new ai.djl.ndarray.index.NDIndex(":, " + (columns - 1)));
            float[] flat = Torch.floats(last);
            float[][] rows = new float[texts.length][];
            for (int i = 0; i < rows.length; i++) {
              rows[i] =
                  java.util.Arrays.copyOfRange(
                      flat, i * config.vocabulary(), (i + 1) * config.vocabulary());
            }
            return rows;
          }
        });
  }

  /** The token at which the cumulated probability passes {@code u}; never end-of-text. */
  private int choose(float[] logits, double temperature, double u) {
    int end = tokenizer.endOfText();
    double most = Double.NEGATIVE_INFINITY;
    for (int token = 0; token < logits.length; token++) {
      if (token != end) {
        most = Math.max(most, logits[token]);
      }
    }
    double[] weights = new double[logits.length];
    double total = 0;
    for (int token = 0; token < logits.length; token++) {
      if (token != end) {
        weights[token] = StrictMath.exp((logits[token] - most) / temperature);
        total += weights[token];
      }
    }
    double sum = 0;
    int last = end;
    for (int token = 0; token < logits.length; token++) {
      if (weights[token] > 0) {
        sum += weights[token];
        last = token;
        if (sum > u * total) {
          return token;
        }
      }
    }
    return last;
  }

  /** Frees the model's native memory and its tokenizer. */
  @Override
  public void close() {
    gpt.close();
    tokenizer.close();
  }
}
