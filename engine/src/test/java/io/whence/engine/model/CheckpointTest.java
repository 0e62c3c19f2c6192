package io.whence.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint computes what its files say, and refuses files that say something else. */
class CheckpointTest {
  @TempDir Path directory;

  @ParameterizedTest(name = "activation {0}")
  @ValueSource(strings = {"gelu", "gelu_new"})
  void logits_agree_with_an_independent_implementation_of_gpt2(String activation) {
    TinyCheckpoint.write(directory, 5, activation);
    int[] ids = {0, 17, 200, 3, 45, 120, 7, 7, 19};

    try (Checkpoint checkpoint = Checkpoint.open(directory, "cpu")) {
      float[][] logits = checkpoint.logits(ids);

      double[][] expected = new NaiveGpt2(directory, checkpoint.config()).logits(ids);
      for (int i = 0; i < ids.length; i++) {
        for (int token = 0; token < expected[i].length; token++) {
          assertThat((double) logits[i][token]).isCloseTo(expected[i][token], within(1e-4));
        }
      }
    }
  }

  /** {@code logits.py} beside the file made it; only every eighth token's logits are in it. */
  @Test
  void the_demo_checkpoint_has_the_tokens_and_logits_of_hugging_face_transformers()
      throws Exception {
    Path root = Path.of("").toAbsolutePath().resolveSibling("");
    Path golden =
        Path.of(
            Objects.requireNonNull(CheckpointTest.class.getResource("logits.safetensors")).toURI());
    float[] ids = tensor(golden, "ids");
    float[] expected = tensor(golden, "logits");
    try (Checkpoint checkpoint = Checkpoint.open(root.resolve("models/poems-gpt"), "cpu")) {
      Corpus poems = Corpus.read(List.of(root.resolve("data/poems-gutenberg/poems.jsonl")));
      String ozymandias =
          poems.works().stream()
              .filter(work -> work.id().value().equals("percy-bysshe-shelley/4800-67"))
              .map(Work::text)
              .findFirst()
              .orElseThrow();
      int[] tokens = Arrays.copyOf(checkpoint.tokenizer().encode(ozymandias).ids(), ids.length);

      float[][] logits = checkpoint.logits(tokens);

      for (int i = 0; i < tokens.length; i++) {
        assertThat(tokens[i]).isEqualTo((int) ids[i]);
      }
      int columns = expected.length / ids.length;
      int step = checkpoint.config().vocabulary() / columns;
      double furthest = 0;
      for (int i = 0; i < expected.length; i++) {
        double apart = Math.abs(logits[i / columns][i % columns * step] - (double) expected[i]);
        furthest = Math.max(furthest, apart);
      }
      assertThat(furthest).isLessThan(1e-4);
    }
  }

  private static float[] tensor(Path file, String name) {
    return Objects.requireNonNull(Safetensors.read(file).get(name)).values();
  }

  @Test
  void a_windows_loss_does_not_depend_on_its_batch() {
    TinyCheckpoint.write(directory, 5);
    try (Checkpoint checkpoint = Checkpoint.open(directory, "cpu")) {
      List<TokenWindow> windows = TinyCheckpoint.windows(20, 250, 16, 1);

      double[] together = checkpoint.losses(windows);

      for (int i = 0; i < windows.size(); i++) {
        assertThat(checkpoint.losses(List.of(windows.get(i)))[0])
            .isCloseTo(together[i], within(1e-5 * together[i]));
      }
    }
  }

  @Test
  void writes_the_same_text_from_the_same_seed() {
    TinyCheckpoint.write(directory, 5);
    try (Checkpoint checkpoint = Checkpoint.open(directory, "cpu")) {
      List<String> three = checkpoint.write(3, 20, 1, 9);

      assertThat(checkpoint.write(3, 20, 1, 9)).isEqualTo(three);
      assertThat(checkpoint.write(1, 20, 1, 10)).containsExactly(three.get(1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors", "tokenizer.json"})
  void a_missing_file_is_named(String file) throws IOException {
    TinyCheckpoint.write(directory, 5);
    Files.delete(directory.resolve(file));

    assertThatThrownBy(() -> Checkpoint.open(directory, "cpu"))
        .isInstanceOf(EngineException.InvalidCheckpoint.class)
        .hasMessageStartingWith("no " + file + " in " + directory);
  }

  @Test
  void weights_of_another_shape_are_named_with_both_shapes() throws IOException {
    TinyCheckpoint.write(directory, 5);
    String config = Files.readString(directory.resolve("config.json"));
    Files.writeString(
        directory.resolve("config.json"), config.replace("\"n_embd\": 16", "\"n_embd\": 32"));

    assertThatThrownBy(() -> Checkpoint.open(directory, "cpu"))
        .isInstanceOf(EngineException.InvalidCheckpoint.class)
        .hasMessageContaining("transformer.wte.weight of shape [")
        .hasMessageContaining(", 32]; it holds [");
  }

  /** GPT-2's forward pass written down from the paper's equations, in double precision. */
  private static final class NaiveGpt2 {
    private final Map<String, Safetensors.Tensor> weights;
    private final GptConfig config;

    NaiveGpt2(Path directory, GptConfig config) {
      this.weights = Safetensors.read(directory.resolve("model.safetensors"));
      this.config = config;
    }

    double[][] logits(int[] ids) {
      int width = config.width();
      double[][] x = new double[ids.length][width];
      for (int t = 0; t < ids.length; t++) {
        for (int j = 0; j < width; j++) {
          x[t][j] = w("wte.weight")[ids[t] * width + j] + w("wpe.weight")[t * width + j];
        }
      }
      for (int block = 0; block < config.layers(); block++) {
        String name = "h." + block + ".";
        add(
            x,
            conv(name + "attn.c_proj", attend(conv(name + "attn.c_attn", norm(name + "ln_1", x)))));
        add(
            x,
            conv(name + "mlp.c_proj", activate(conv(name + "mlp.c_fc", norm(name + "ln_2", x)))));
      }
      double[][] last = norm("ln_f", x);
      double[][] logits = new double[ids.length][config.vocabulary()];
      for (int t = 0; t < ids.length; t++) {
        for (int token = 0; token < config.vocabulary(); token++) {
          for (int j = 0; j < width; j++) {
            logits[t][token] += last[t][j] * w("wte.weight")[token * width + j];
          }
        }
      }
      return logits;
    }

    private float[] w(String name) {
      return Objects.requireNonNull(weights.get("transformer." + name)).values();
    }

    private double[][] conv(String name, double[][] x) {
      float[] bias = w(name + ".bias");
      float[] weight = w(name + ".weight");
      double[][] y = new double[x.length][bias.length];
      for (int t = 0; t < x.length; t++) {
        for (int o = 0; o < bias.length; o++) {
          y[t][o] = bias[o];
          for (int i = 0; i < x[t].length; i++) {
            y[t][o] += x[t][i] * weight[i * bias.length + o];
          }
        }
      }
      return y;
    }

    private double[][] norm(String name, double[][] x) {
      double[][] y = new double[x.length][];
      for (int t = 0; t < x.length; t++) {
        double mean = java.util.Arrays.stream(x[t]).average().orElseThrow();
        double variance =
            java.util.Arrays.stream(x[t]).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        y[t] = new double[x[t].length];
        for (int j = 0; j < y[t].length; j++) {
          y[t][j] =
              (x[t][j] - mean) / Math.sqrt(variance + config.epsilon()) * w(name + ".weight")[j]
                  + w(name + ".bias")[j];
        }
      }
      return y;
    }

    private double[][] attend(double[][] joint) {
      int width = config.width();
      int head = width / config.heads();
      double[][] mixed = new double[joint.length][width];
      for (int h = 0; h < config.heads(); h++) {
        for (int t = 0; t < joint.length; t++) {
          double[] weight = new double[t + 1];
          double total = 0;
          for (int s = 0; s <= t; s++) {
            double dot = 0;
            for (int j = 0; j < head; j++) {
              dot += joint[t][h * head + j] * joint[s][width + h * head + j];
            }
            weight[s] = Math.exp(dot / Math.sqrt(head));
            total += weight[s];
          }
          for (int s = 0; s <= t; s++) {
            for (int j = 0; j < head; j++) {
              mixed[t][h * head + j] += weight[s] / total * joint[s][2 * width + h * head + j];
            }
          }
        }
      }
      return mixed;
    }

    private double[][] activate(double[][] x) {
      for (double[] row : x) {
        for (int j = 0; j < row.length; j++) {
          double v = row[j];
          row[j] =
              config.activation().equals("gelu")
                  ? v * (1 + erf(v / Math.sqrt(2))) / 2
                  : v / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
        }
      }
      return x;
    }

    /** The error function by its series, which converges everywhere. */
    private static double erf(double x) {
      if (Math.abs(x) > 5) {
        return Math.signum(x);
      }
      double term = x;
      double sum = x;
      for (int n = 1; n < 200; n++) {
        term *= -x * x / n;
        sum += term / (2 * n + 1);
      }
      return 2 / Math.sqrt(Math.PI) * sum;
    }

    private static void add(double[][] x, double[][] y) {
      for (int t = 0; t < x.length; t++) {
        for (int j = 0; j < x[t].length; j++) {
          x[t][j] += y[t][j];
        }
      }
    }
  }
}
