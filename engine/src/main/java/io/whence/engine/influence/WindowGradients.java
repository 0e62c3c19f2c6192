package io.whence.engine.influence;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.GptConfig;
import io.whence.engine.model.LinearTap;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a language model, an example a text in windows: a leaf of zeros added to each
 * linear layer's output collects the gradient there, at every position.
 *
 * <p>The embedding table is read twice, by the tokens that go in and for the logits, so that its
 * gradient has two sums, and stands here as a layer of twice as many positions: {@code sum_t
 * delta_t h_t' + sum_t e_t b_t'}, h what the head reads, delta the gradient at its logits, e the
 * token that goes in (one of the vocabulary is 1) and b the gradient at its row.
 */
final class WindowGradients implements Gradients {
  /** Padded tokens in a batch, and numbers of a layer's gradients that one may hold. */
  private static final int TOKENS = 1024;

  private static final long ROOM = 1L << 24;

  private static final String TABLE = "wte";

  private final Checkpoint checkpoint;
  private final List<List<TokenWindow>> texts;
  private final List<Layer> layers = new ArrayList<>();

  WindowGradients(Checkpoint checkpoint, List<List<TokenWindow>> texts) {
    this.checkpoint = checkpoint;
    this.texts = texts.stream().map(List::copyOf).toList();
    layers.add(
        new Layer(TABLE, checkpoint.config().width(), checkpoint.config().vocabulary(), true));
    for (GptConfig.LinearLayer layer : checkpoint.config().linearLayers()) {
      layers.add(new Layer(layer.name(), layer.in() + 1, layer.out()));
    }
  }

  @Override
  public List<Layer> layers() {
    return List.copyOf(layers);
  }

  @Override
  public int size() {
    return texts.size();
  }

  @Override
  public long positions() {
    return texts.stream().flatMap(List::stream).mapToLong(TokenWindow::scored).sum();
  }

  @Override
  public int classes() {
    return 0;
  }

  @Override
  public float[] probabilities() {
    throw new IllegalArgumentException(
        "a language model has no few classes; use a method that needs none, such as EK-FAC");
  }

  @Override
  public void each(Target target, Consumer<Batch> body) {
    int largest = layers.stream().mapToInt(Layer::size).max().orElseThrow();
    int most = (int) Math.max(1, ROOM / largest);
    for (int from = 0; from < texts.size(); ) {
      int to = from + 1;
      int longest = longest(texts.get(from));
      // A text of several windows is a batch of its own.
      while (to < texts.size()
          && to - from < most
          && texts.get(from).size() == 1
          && texts.get(to).size() == 1) {
        int next = Math.max(longest, longest(texts.get(to)));
        if ((to + 1 - from) * next > TOKENS) {
          break;
        }
        longest = next;
        to++;
      }
      batch(target, from, to, body);
      from = to;
    }
  }

  private static int longest(List<TokenWindow> windows) {
    return windows.stream().mapToInt(TokenWindow::inputs).max().orElseThrow();
  }

  private void batch(Target target, int from, int to, Consumer<Batch> body) {
    try (NDManager scope = checkpoint.newBatch()) {
      int size = to - from;
      Taps taps = new Taps(scope, layers.size() - 1);
      List<TokenWindow> part = texts.subList(from, to).stream().flatMap(List::stream).toList();
      Torch.withGradients(
          () -> {
            NDArray scalars =
                switch (target) {
                  case Target.Loss loss -> checkpoint.losses(scope, part, taps);
                  case Target.SampledLoss(long seed) ->
                      checkpoint.sampledLosses(scope, part, seed + from, taps);
                  case Target.Margin margin -> checkpoint.margins(scope, part, taps);
                  case Target.Logit logit ->
                      throw new IllegalArgumentException("a language model has no few classes");
                };
            Torch.backward(scalars.sum(), scope);
            return true;
          });
      Torch.onAllCores(
          () -> {
            List<NDArray> a = new ArrayList<>();
            List<NDArray> d = new ArrayList<>();
            int longest = longest(part);
            int positions = part.size() / size * longest;
            NDArray read = Torch.owned(scope, read(part, longest), size, positions, 1);
            int width = layers.get(0).in();
            int vocabulary = layers.get(0).out();
            // Both uses of the table, one after the other along the positions.
            NDArray heads = requireNonNull(taps.last).reshape(size, positions, width).mul(read);
            float[] rows = Torch.gradient(requireNonNull(taps.rows));
            a.add(heads.concat(Torch.owned(scope, rows, size, positions, width), 1));
            float[] logits = Torch.gradient(requireNonNull(taps.logits));
            d.add(
                Torch.owned(scope, logits, size, positions, vocabulary)
                    .concat(
                        Torch.owned(
                            scope, tokens(part, longest, vocabulary), size, positions, vocabulary),
                        1));
            for (int l = 1; l < layers.size(); l++) {
              NDArray input = taps.inputs[l - 1].reshape(size, positions, layers.get(l).in() - 1);
              a.add(input.mul(read).concat(read, 2));
              float[] gradient = Torch.gradient(taps.leaves[l - 1]);
              d.add(Torch.owned(scope, gradient, size, positions, layers.get(l).out()));
            }
            body.accept(new Batch(scope, from, size, a, d));
            return true;
          });
    }
  }

  /** What passes by in a forward pass, and the leaves that collect gradients. */
  private static final class Taps implements LinearTap {
    private final NDManager scope;
    private final NDArray[] inputs;
    private final NDArray[] leaves;
    private @Nullable NDArray rows;
    private @Nullable NDArray last;
    private @Nullable NDArray logits;

    Taps(NDManager scope, int layers) {
      this.scope = scope;
      inputs = new NDArray[layers];
      leaves = new NDArray[layers];
    }

    @Override
    public NDArray tap(int layer, NDArray input, NDArray output) {
      inputs[layer] = input.stopGradient();
      leaves[layer] = Torch.leaf(scope, output.getShape().getShape());
      return output.addi(leaves[layer]);
    }

    @Override
    public NDArray embedding(NDArray output) {
      NDArray leaf = Torch.leaf(scope, output.getShape().getShape());
      rows = leaf;
      return output.addi(leaf);
    }

    @Override
    public NDArray head(NDArray input, NDArray output) {
      last = input.stopGradient();
      NDArray leaf = Torch.leaf(scope, output.getShape().getShape());
      logits = leaf;
      return output.addi(leaf);
    }
  }

  /** 1 at the token that goes in at each position, {@code [windows * longest * vocabulary]}. */
  private static float[] tokens(List<TokenWindow> part, int longest, int vocabulary) {
    float[] tokens = new float[Math.multiplyExact(part.size() * longest, vocabulary)];
    for (int i = 0; i < part.size(); i++) {
      for (int t = 0; t < part.get(i).inputs(); t++) {
        tokens[(i * longest + t) * vocabulary + part.get(i).input(t)] = 1;
      }
    }
    return tokens;
  }

  /** 1 where a window has a token, 0 where it is padded: what is not read is in no moment. */
  private static float[] read(List<TokenWindow> part, int longest) {
    float[] read = new float[part.size() * longest];
    for (int i = 0; i < part.size(); i++) {
      java.util.Arrays.fill(read, i * longest, i * longest + part.get(i).inputs(), 1);
    }
    return read;
  }

  @Override
  public double[] residuals() {
    double[] losses = losses();
    double[] residuals = new double[losses.length];
    for (int i = 0; i < residuals.length; i++) {
      int scored = texts.get(i).stream().mapToInt(TokenWindow::scored).sum();
      residuals[i] = -Math.expm1(-losses[i] / scored);
    }
    return residuals;
  }

  @Override
  public double[] losses() {
    double[] losses = new double[texts.size()];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = java.util.Arrays.stream(checkpoint.losses(texts.get(i))).sum();
    }
    return losses;
  }
}
