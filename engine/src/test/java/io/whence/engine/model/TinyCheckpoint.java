package io.whence.engine.model;

import io.whence.engine.SeededNormal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A real checkpoint, too small to be good at anything: two layers, width 16, weights from a seed.
 */
public final class TinyCheckpoint {
  public static final List<String> TEXTS =
      List.of(
          "The sea is calm tonight. The tide is full, the moon lies fair upon the straits.",
          "Tyger Tyger, burning bright, in the forests of the night.",
          "Shall I compare thee to a summer's day? Thou art more lovely and more temperate.");

  private TinyCheckpoint() {}

  /** Writes it into a directory. */
  public static Path write(Path directory, long seed) {
    return write(directory, seed, "gelu");
  }

  static Path write(Path directory, long seed, String activation) {
    try {
      java.nio.file.Files.createDirectories(directory);
      Path tokenizer = directory.resolve("tokenizer.json");
      BpeTrainer.train(TEXTS, 300, tokenizer);
      GptConfig config = new GptConfig(300, 16, 16, 2, 2, 1e-5, activation);
      try (Tokenizer opened = Tokenizer.open(tokenizer)) {
        config = new GptConfig(opened.vocabularySize(), 16, 16, 2, 2, 1e-5, activation);
      }
      Checkpoint.write(directory, config, values(config, seed), tokenizer);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, float[]> values(GptConfig config, long seed) {
    SeededNormal normal = new SeededNormal(seed);
    Map<String, float[]> values = new LinkedHashMap<>();
    Gpt.shapes(
        config,
        (name, shape) -> {
          float[] value = normal.floats(Gpt.size(shape), 0.3);
          if (name.contains("ln_") && name.endsWith(".weight")) {
            for (int i = 0; i < value.length; i++) {
              value[i] += 1;
            }
          }
          values.put(name, value);
        });
    return values;
  }

  /** Windows of random tokens and lengths. */
  public static List<TokenWindow> windows(int count, int vocabulary, int longest, long seed) {
    java.util.SplittableRandom random = new java.util.SplittableRandom(seed);
    return java.util.stream.IntStream.range(0, count)
        .mapToObj(
            i -> {
              int length = random.nextInt(2, longest + 2);
              return new TokenWindow(
                  random.ints(length, 0, vocabulary).toArray(), random.nextInt(1, length));
            })
        .toList();
  }

  /** The gradient of one window's summed loss at every weight, by plain backward. */
  public static Map<String, float[]> gradients(Path directory, TokenWindow window) {
    try (Checkpoint checkpoint = Checkpoint.open(directory, "cpu")) {
      return gradients(
          checkpoint.config(), stored(directory, checkpoint.config()), window, () -> {});
    }
  }

  static Map<String, float[]> stored(Path directory, GptConfig config) {
    Map<String, Safetensors.Tensor> tensors =
        Safetensors.read(directory.resolve("model.safetensors"));
    Map<String, float[]> values = new LinkedHashMap<>();
    Gpt.shapes(
        config,
        (name, shape) -> {
          Safetensors.Tensor tensor =
              java.util.Objects.requireNonNull(tensors.get("transformer." + name));
          float[] value = tensor.values();
          if (shape.length == 2 && name.startsWith("h.")) {
            float[] turned = new float[value.length];
            int out = (int) shape[0];
            int in = (int) shape[1];
            for (int i = 0; i < in; i++) {
              for (int o = 0; o < out; o++) {
                turned[o * in + i] = value[i * out + o];
              }
            }
            value = turned;
          }
          values.put(name, value);
        });
    return values;
  }

  static Map<String, float[]> gradients(
      GptConfig config, Map<String, float[]> values, TokenWindow window, Runnable before) {
    try (Gpt gpt = new Gpt(config, values, Torch.newManager("cpu"))) {
      gpt.parameters().values().forEach(Torch::requireGradient);
      return Torch.withGradients(
          () -> {
            try (var batch = Torch.newManager("cpu")) {
              var loss =
                  gpt.losses(batch, new TokenWindow.Padded(List.of(window)), LinearTap.NONE).sum();
              before.run();
              Torch.backward(loss, batch);
              Map<String, float[]> gradients = new LinkedHashMap<>();
              gpt.parameters()
                  .forEach((name, parameter) -> gradients.put(name, Torch.gradient(parameter)));
              return gradients;
            }
          });
    }
  }

  static double loss(GptConfig config, Map<String, float[]> values, TokenWindow window) {
    try (Gpt gpt = new Gpt(config, values, Torch.newManager("cpu"))) {
      return Torch.withoutGradients(
          () -> {
            try (var batch = Torch.newManager("cpu")) {
              float[] losses =
                  Torch.floats(
                      gpt.losses(batch, new TokenWindow.Padded(List.of(window)), LinearTap.NONE));
              return Checkpoint.rowSums(losses, 1)[0];
            }
          });
    }
  }
}
