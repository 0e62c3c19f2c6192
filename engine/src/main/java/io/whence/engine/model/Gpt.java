package io.whence.engine.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/**
 * A decoder-only transformer with its parameters in native memory: GPT-2's block (layer norm first,
 * learned positions, output matrix tied to the embedding), without dropout.
 *
 * <p>Linear weights are held {@code [out, in]}, transposed from the {@code [in, out]} that GPT-2
 * files store, because PyTorch's fused product with a bias wants them so.
 *
 * <p>What no gradient needs is added to in place, a product's result above all: at these sizes a
 * fresh array costs as much as the sum in it. PyTorch refuses where a gradient would need it.
 */
final class Gpt implements AutoCloseable {
  private static final float MASKED = Float.NEGATIVE_INFINITY;

  private final GptConfig config;
  private final NDManager manager;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();
  private final NDArray positions;
  private final NDArray causal;
  private final NDArray scale;
  private final NDArray half;
  private final NDArray one;
  private final NDArray cubic;
  private final NDArray tanhScale;

  /**
   * Takes the parameters over.
   *
   * @param initial name to values, linear weights already {@code [out, in]}; see {@link #shapes}
   */
  Gpt(GptConfig config, Map<String, float[]> initial, NDManager manager) {
    this.config = config;
    this.manager = manager;
    shapes(
        config,
        (name, shape) ->
            parameters.put(name, Torch.owned(manager, requireNonNull(initial.get(name)), shape)));
    int context = config.context();
    long[] order = new long[context];
    float[] mask = new float[context * context];
    for (int i = 0; i < context; i++) {
      order[i] = i;
      for (int j = i + 1; j < context; j++) {
        mask[i * context + j] = MASKED;
      }
    }
    positions = Torch.owned(manager, order, context);
    causal = Torch.owned(manager, mask, context, context);
    scale = Torch.constant(manager, 1 / Math.sqrt(config.width() / (double) config.heads()));
    half = Torch.constant(manager, 0.5);
    one = Torch.constant(manager, 1);
    cubic = Torch.constant(manager, 0.044715);
    tanhScale = Torch.constant(manager, Math.sqrt(2 / Math.PI));
  }

  /** Names every parameter and its shape, in a fixed order; linear weights {@code [out, in]}. */
  static void shapes(GptConfig config, BiConsumer<String, long[]> each) {
    long width = config.width();
    each.accept("wte.weight", new long[] {config.vocabulary(), width});
    each.accept("wpe.weight", new long[] {config.context(), width});
    for (int block = 0; block < config.layers(); block++) {
      String name = "h." + block + ".";
      norm(name + "ln_1", width, each);
      linear(name + "attn.c_attn", width, 3 * width, each);
      linear(name + "attn.c_proj", width, width, each);
      norm(name + "ln_2", width, each);
      linear(name + "mlp.c_fc", width, 4 * width, each);
      linear(name + "mlp.c_proj", 4 * width, width, each);
    }
    norm("ln_f", width, each);
  }

  private static void norm(String name, long width, BiConsumer<String, long[]> each) {
    each.accept(name + ".weight", new long[] {width});
    each.accept(name + ".bias", new long[] {width});
  }

  private static void linear(String name, long in, long out, BiConsumer<String, long[]> each) {
    each.accept(name + ".weight", new long[] {out, in});
    each.accept(name + ".bias", new long[] {out});
  }

  Map<String, NDArray> parameters() {
    return parameters;
  }

  /**
   * {@return the loss of every token in nats, {@code [rows * columns, 1]}, 0 where it does not
   * count}
   */
  NDArray losses(NDManager batch, TokenWindow.Padded windows, LinearTap tap) {
    NDArray logits = logits(batch, windows.inputs, windows.rows, windows.columns, tap);
    return losses(batch, logits, windows.targets).mul(weights(batch, windows));
  }

  /** The same with each target drawn from the model's own prediction. */
  NDArray sampledLosses(
      NDManager batch, TokenWindow.Padded windows, SplittableRandom random, LinearTap tap) {
    NDArray logits = logits(batch, windows.inputs, windows.rows, windows.columns, tap);
    float[] values = Torch.floats(logits);
    int vocabulary = config.vocabulary();
    long[] drawn = new long[windows.targets.length];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = drawn(values, i * vocabulary, vocabulary, random.nextDouble());
    }
    return losses(batch, logits, drawn).mul(weights(batch, windows));
  }

  /** {@return log(p / (1 - p)) of every token, {@code [rows * columns, 1]}, 0 where none counts} */
  NDArray margins(NDManager batch, TokenWindow.Padded windows, LinearTap tap) {
    NDArray logits = logits(batch, windows.inputs, windows.rows, windows.columns, tap);
    NDArray log = losses(batch, logits, windows.targets).neg();
    // A token that is certain has no finite margin: hold p a rounding away from 1.
    NDArray others = log.exp().neg().add(one).add(Torch.constant(batch, 1e-6));
    return log.sub(others.log()).mul(weights(batch, windows));
  }

  private static NDArray losses(NDManager batch, NDArray logits, long[] targets) {
    NDArray wanted = Torch.owned(batch, targets, targets.length, 1);
    return logits.logSoftmax(-1).gather(wanted, 1).neg();
  }

  private static NDArray weights(NDManager batch, TokenWindow.Padded windows) {
    return Torch.owned(batch, windows.weights, windows.weights.length, 1);
  }

  private static int drawn(float[] logits, int from, int count, double uniform) {
    double most = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      most = Math.max(most, logits[i]);
    }
    double total = 0;
    for (int i = from; i < from + count; i++) {
      total += Math.exp(logits[i] - most);
    }
    double left = uniform * total;
    for (int i = from; i < from + count; i++) {
      left -= Math.exp(logits[i] - most);
      if (left < 0) {
        return i - from;
      }
    }
    return count - 1;
  }

  /** {@return the logits of the next token after each, {@code [rows * columns, vocabulary]}} */
  NDArray logits(NDManager batch, long[] ids, int rows, int columns, LinearTap tap) {
    NDArray tokens = Torch.owned(batch, ids, rows, columns);
    NDArray order = slice(batch, positions, ":" + columns);
    NDArray mask = slice(batch, causal, ":" + columns + ", :" + columns);
    NDArray rowsOf = Torch.embedding(tokens, weight("wte"));
    rowsOf = tap.embedding(rowsOf.reshape((long) rows * columns, config.width()));
    NDArray x = rowsOf.reshape(rows, columns, config.width());
    x = x.addi(Torch.embedding(order, weight("wpe")));
    x = x.reshape((long) rows * columns, config.width());
    for (int block = 0; block < config.layers(); block++) {
      String name = "h." + block + ".";
      NDArray normal = normalised(name + "ln_1", x);
      x = attention(name, 4 * block, normal, mask, rows, columns, tap).addi(x);
      x = perceptron(name, 4 * block + 2, normalised(name + "ln_2", x), tap).addi(x);
    }
    NDArray last = normalised("ln_f", x);
    return tap.head(last, Torch.linear(last, weight("wte")));
  }

  /** A slice belongs to the batch, not to the long-lived manager of what it was cut from. */
  private static NDArray slice(NDManager batch, NDArray array, String range) {
    return array.get(batch, new NDIndex(range));
  }

  private NDArray attention(
      String name, int layer, NDArray x, NDArray mask, int rows, int columns, LinearTap tap) {
    int heads = config.heads();
    long headWidth = config.width() / heads;
    // Split, not three views: the gradients come back side by side, not as a sum of three.
    NDList joint = linear(name + "attn.c_attn", layer, x, tap).split(3, 1);
    Shape perHead = new Shape(rows, columns, heads, headWidth);
    NDArray query = joint.get(0).reshape(perHead).transpose(0, 2, 1, 3).mul(scale);
    NDArray key = joint.get(1).reshape(perHead).transpose(0, 2, 3, 1);
    NDArray value = joint.get(2).reshape(perHead).transpose(0, 2, 1, 3);
    NDArray weights = query.matMul(key).addi(mask).softmax(-1);
    NDArray mixed =
        weights.matMul(value).transpose(0, 2, 1, 3).reshape((long) rows * columns, config.width());
    return linear(name + "attn.c_proj", layer + 1, mixed, tap);
  }

  private NDArray perceptron(String name, int layer, NDArray x, LinearTap tap) {
    NDArray inner = activation(linear(name + "mlp.c_fc", layer, x, tap));
    return linear(name + "mlp.c_proj", layer + 1, inner, tap);
  }

  private NDArray activation(NDArray x) {
    if (config.activation().equals("gelu")) {
      return Torch.gelu(x);
    }
    NDArray cube = x.mul(x).mul(x).mul(cubic);
    return x.mul(x.add(cube).mul(tanhScale).tanh().add(one)).mul(half);
  }

  private NDArray linear(String name, int layer, NDArray x, LinearTap tap) {
    return tap.tap(layer, x, Torch.linear(x, weight(name), bias(name)));
  }

  private NDArray normalised(String name, NDArray x) {
    return Torch.layerNorm(x, weight(name), bias(name), config.epsilon());
  }

  private NDArray weight(String name) {
    return requireNonNull(parameters.get(name + ".weight"));
  }

  private NDArray bias(String name) {
    return requireNonNull(parameters.get(name + ".bias"));
  }

  /** Frees the parameters. */
  @Override
  public void close() {
    manager.close();
  }

  /** {@return how many numbers a shape holds} */
  static int size(long[] shape) {
    return Math.toIntExact(new Shape(shape).size());
  }
}
