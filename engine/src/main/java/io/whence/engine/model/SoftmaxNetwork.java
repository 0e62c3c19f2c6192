package io.whence.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.whence.engine.corpus.LabelledExamples;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A classifier of linear layers with ReLU between them and a softmax at the end; without hidden
 * layers, multinomial logistic regression.
 *
 * <p>Weights are held {@code [out, in + 1]} a layer, the bias in the last column, in float32.
 * Immutable; safe for several platform threads.
 */
public final class SoftmaxNetwork {
  private final int[] widths;
  private final List<float[]> weights;

  private SoftmaxNetwork(int[] widths, List<float[]> weights) {
    this.widths = widths;
    this.weights = weights;
  }

  /** U(-1/sqrt(in), 1/sqrt(in)) for weights and biases, PyTorch's default for linear layers. */
  private static SoftmaxNetwork initial(int[] widths, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> weights = new ArrayList<>();
    for (int l = 0; l + 1 < widths.length; l++) {
      double bound = 1 / Math.sqrt(widths[l]);
      float[] layer = new float[widths[l + 1] * (widths[l] + 1)];
      for (int i = 0; i < layer.length; i++) {
        layer[i] = (float) ((2 * random.nextDouble() - 1) * bound);
      }
      weights.add(layer);
    }
    return new SoftmaxNetwork(widths, weights);
  }

  /**
   * Which examples a training run sees, and how: what ground truth varies.
   *
   * @param order the examples in the order of an unshuffled pass; what is not in it is left out
   * @param zeroWeight an example of {@code order} that keeps its place in its batch and has no
   *     weight there, or -1
   * @param shuffle whether each pass has an order of its own, drawn from the seed
   */
  public record Diet(
      @SuppressWarnings("ArrayRecordComponent") int[] order, int zeroWeight, boolean shuffle) {
    /** {@return all of {@code n} examples} */
    public static Diet all(int n, boolean shuffle) {
      return new Diet(IntStream.range(0, n).toArray(), -1, shuffle);
    }

    /** {@return all of {@code n} examples in order but one, later ones moving up} */
    public static Diet without(int n, int example) {
      return new Diet(IntStream.range(0, n).filter(i -> i != example).toArray(), -1, false);
    }

    /** {@return all of {@code n} examples in order, one without weight} */
    public static Diet withoutWeight(int n, int example) {
      return new Diet(IntStream.range(0, n).toArray(), example, false);
    }
  }

  /** Told a network as training has made it so far; called after every epoch. */
  @FunctionalInterface
  public interface Milestones {
    /** Takes the network after {@code epoch} passes. */
    void reached(int epoch, SoftmaxNetwork network);
  }

  /**
   * {@return a network trained on examples}
   *
   * @param seed of initial weights, order and dropout
   */
  public static SoftmaxNetwork train(
      LabelledExamples examples, SgdSettings settings, Diet diet, long seed) {
    return train(examples, settings, diet, seed, (epoch, network) -> {});
  }

  /** {@return a network trained on examples; {@code milestones} sees it after every epoch} */
  public static SoftmaxNetwork train(
      LabelledExamples examples,
      SgdSettings settings,
      Diet diet,
      long seed,
      Milestones milestones) {
    int[] widths = new int[settings.hidden().size() + 2];
    widths[0] = examples.width();
    for (int i = 0; i < settings.hidden().size(); i++) {
      widths[i + 1] = settings.hidden().get(i);
    }
    widths[widths.length - 1] = examples.classes();
    return Torch.withoutGradients(
        () -> {
          try (NDManager manager = Torch.newManager("cpu")) {
            return new Run(manager, initial(widths, seed), examples, settings, diet, seed)
                .train(milestones);
          }
        });
  }

  /**
   * {@return networks without hidden layers, one for each diet, trained side by side}
   *
   * <p>Diets that walk the same order, such as all of leave-one-out, share nearly every row of
   * every batch: the rows are read once, and one product serves all networks. What a network
   * becomes is what {@link #train} makes of its diet, up to the rounding of float32.
   *
   * @param diets unshuffled, of equally many steps
   */
  public static List<SoftmaxNetwork> trainTogether(
      LabelledExamples examples, SgdSettings settings, List<Diet> diets, long seed) {
    if (!settings.hidden().isEmpty() || diets.stream().anyMatch(Diet::shuffle)) {
      throw new IllegalArgumentException("only unshuffled logistic regressions train together");
    }
    return Torch.withoutGradients(
        () -> {
          try (NDManager manager = Torch.newManager("cpu")) {
            return together(manager, examples, settings, diets, seed);
          }
        });
  }

  private static List<SoftmaxNetwork> together(
      NDManager manager,
      LabelledExamples examples,
      SgdSettings settings,
      List<Diet> diets,
      long seed) {
    int classes = examples.classes();
    int in = examples.width() + 1;
    int models = diets.size();
    int[] widths = {examples.width(), classes};
    float[] start = initial(widths, seed).weights.get(0);
    // [in, models * classes]: a column a class of a model.
    float[] columns = new float[in * models * classes];
    for (int j = 0; j < in; j++) {
      for (int m = 0; m < models; m++) {
        for (int c = 0; c < classes; c++) {
          columns[(j * models + m) * classes + c] = start[c * in + j];
        }
      }
    }
    NDArray weights = Torch.owned(manager, columns, in, (long) models * classes);
    NDArray velocity = weights.zerosLike();
    NDArray rate = Torch.constant(manager, settings.rate());
    NDArray momentum = Torch.constant(manager, settings.momentum());
    int longest = diets.stream().mapToInt(diet -> diet.order().length).max().orElseThrow();
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      for (int from = 0; from < longest; from += settings.batch()) {
        TreeMap<Integer, float[]> rows = new TreeMap<>();
        for (int m = 0; m < models; m++) {
          int[] order = diets.get(m).order();
          int to = Math.min(from + settings.batch(), order.length);
          for (int i = from; i < to; i++) {
            rows.computeIfAbsent(order[i], key -> new float[models])[m] =
                order[i] == diets.get(m).zeroWeight() ? 0 : 1f / (to - from);
          }
        }
        int count = rows.size();
        float[] x = new float[count * in];
        float[] target = new float[count * classes];
        float[] share = new float[count * models];
        int row = 0;
        for (java.util.Map.Entry<Integer, float[]> entry : rows.entrySet()) {
          examples.copy(entry.getKey(), x, row * in);
          x[(row + 1) * in - 1] = 1;
          target[row * classes + examples.label(entry.getKey())] = 1;
          System.arraycopy(entry.getValue(), 0, share, row * models, models);
          row++;
        }
        try (NDManager scope = manager.newSubManager()) {
          NDArray input = Torch.owned(scope, x, count, in);
          NDArray delta =
              input
                  .matMul(weights)
                  .reshape(count, models, classes)
                  .softmax(-1)
                  .sub(Torch.owned(scope, target, count, 1, classes))
                  .mul(Torch.owned(scope, share, count, models, 1))
                  .reshape(count, (long) models * classes);
          velocity.muli(momentum).addi(input.transpose().matMul(delta).mul(rate));
          weights.subi(velocity);
        }
      }
    }
    float[] all = Torch.floats(weights);
    List<SoftmaxNetwork> networks = new ArrayList<>();
    for (int m = 0; m < models; m++) {
      float[] own = new float[in * classes];
      for (int j = 0; j < in; j++) {
        for (int c = 0; c < classes; c++) {
          own[c * in + j] = all[(j * models + m) * classes + c];
        }
      }
      networks.add(new SoftmaxNetwork(widths, List.of(own)));
    }
    return networks;
  }

  /** One training run, its weights in native memory. */
  private static final class Run {
    private final NDManager manager;
    private final int[] widths;
    private final LabelledExamples examples;
    private final SgdSettings settings;
    private final Diet diet;
    private final Random order;
    private final SplittableRandom dropped;
    private final List<NDArray> weights = new ArrayList<>();
    private final List<NDArray> velocities = new ArrayList<>();
    private final NDArray rate;
    private final NDArray momentum;

    Run(
        NDManager manager,
        SoftmaxNetwork start,
        LabelledExamples examples,
        SgdSettings settings,
        Diet diet,
        long seed) {
      this.manager = manager;
      this.widths = start.widths;
      this.examples = examples;
      this.settings = settings;
      this.diet = diet;
      this.order = new Random(seed);
      this.dropped = new SplittableRandom(seed + 1);
      for (int l = 0; l < start.weights.size(); l++) {
        weights.add(Torch.owned(manager, start.weights.get(l), widths[l + 1], widths[l] + 1));
        velocities.add(manager.zeros(new Shape(widths[l + 1], widths[l] + 1)));
      }
      rate = Torch.constant(manager, settings.rate());
      momentum = Torch.constant(manager, settings.momentum());
    }

    SoftmaxNetwork train(Milestones milestones) {
      List<Integer> pass = new ArrayList<>();
      for (int example : diet.order()) {
        pass.add(example);
      }
      for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
        if (diet.shuffle()) {
          Collections.shuffle(pass, order);
        }
        for (int from = 0; from < pass.size(); from += settings.batch()) {
          step(pass.subList(from, Math.min(from + settings.batch(), pass.size())));
        }
        milestones.reached(epoch, now());
      }
      return now();
    }

    private SoftmaxNetwork now() {
      return new SoftmaxNetwork(widths, weights.stream().map(Torch::floats).toList());
    }

    private void step(List<Integer> batch) {
      int rows = batch.size();
      int classes = examples.classes();
      float[] x = new float[rows * (examples.width() + 1)];
      float[] target = new float[rows * classes];
      float[] scale = new float[rows];
      for (int i = 0; i < rows; i++) {
        int example = batch.get(i);
        examples.copy(example, x, i * (examples.width() + 1));
        x[(i + 1) * (examples.width() + 1) - 1] = 1;
        target[i * classes + examples.label(example)] = 1;
        scale[i] = example == diet.zeroWeight() ? 0 : 1f / rows;
      }
      try (NDManager scope = manager.newSubManager()) {
        List<NDArray> inputs = new ArrayList<>();
        List<NDArray> gates = new ArrayList<>();
        NDArray input = Torch.owned(scope, x, rows, examples.width() + 1);
        NDArray out = input;
        for (int l = 0; l < weights.size(); l++) {
          inputs.add(input);
          out = Torch.linear(input, weights.get(l));
          if (l + 1 < weights.size()) {
            NDArray active = Torch.relu(out);
            NDArray gate = active.sign();
            if (settings.dropout() > 0) {
              gate = gate.mul(kept(scope, rows, widths[l + 1]));
              active = active.mul(gate);
            }
            gates.add(gate);
            input = withOnes(scope, active, rows);
          }
        }
        NDArray delta =
            out.softmax(-1)
                .sub(Torch.owned(scope, target, rows, classes))
                .mul(Torch.owned(scope, scale, rows, 1));
        for (int l = weights.size() - 1; l >= 0; l--) {
          NDArray gradient = delta.transpose().matMul(inputs.get(l));
          if (l > 0) {
            delta = Torch.withoutLastColumn(scope, delta.matMul(weights.get(l)));
            delta = delta.mul(gates.get(l - 1));
          }
          // The velocity carries the rate, so that every product belongs to this batch.
          velocities.get(l).muli(momentum).addi(gradient.mul(rate));
          weights.get(l).subi(velocities.get(l));
        }
      }
    }

    private NDArray kept(NDManager scope, int rows, int width) {
      float[] mask = new float[rows * width];
      float up = (float) (1 / (1 - settings.dropout()));
      for (int i = 0; i < mask.length; i++) {
        mask[i] = dropped.nextDouble() < settings.dropout() ? 0 : up;
      }
      return Torch.owned(scope, mask, rows, width);
    }
  }

  private static NDArray withOnes(NDManager scope, NDArray array, int rows) {
    return array.concat(scope.ones(new Shape(rows, 1)), 1);
  }

  /** {@return the layers, first to last: their widths with the bias counted among the inputs} */
  public int[] widths() {
    return widths.clone();
  }

  /** {@return the weights of a layer, {@code [out, in + 1]} row-major} */
  public float[] weights(int layer) {
    return weights.get(layer).clone();
  }

  /**
   * What a forward pass leaves: the input of each layer {@code [rows, in + 1]}, the bias's 1 in the
   * last column, and the logits {@code [rows, classes]}.
   */
  public record Pass(List<NDArray> inputs, NDArray logits) {}

  /** {@return a forward pass over examples {@code from} to {@code to}, in {@code scope}} */
  public Pass forward(NDManager scope, LabelledExamples examples, int from, int to) {
    int rows = to - from;
    float[] x = new float[rows * (examples.width() + 1)];
    for (int i = 0; i < rows; i++) {
      examples.copy(from + i, x, i * (examples.width() + 1));
      x[(i + 1) * (examples.width() + 1) - 1] = 1;
    }
    List<NDArray> inputs = new ArrayList<>();
    NDArray input = Torch.owned(scope, x, rows, examples.width() + 1);
    NDArray out = input;
    for (int l = 0; l < weights.size(); l++) {
      inputs.add(input);
      out = Torch.linear(input, weight(scope, l));
      if (l + 1 < weights.size()) {
        input = withOnes(scope, Torch.relu(out), rows);
      }
    }
    return new Pass(List.copyOf(inputs), out);
  }

  /**
   * {@return for each layer the gradient at its output, {@code [rows, out]}, of a scalar whose
   * gradient at the logits is {@code delta}, {@code [rows, classes]}}
   */
  public List<NDArray> backward(NDManager scope, Pass pass, NDArray delta) {
    List<NDArray> deltas = new ArrayList<>();
    deltas.add(delta);
    NDArray at = delta;
    for (int l = weights.size() - 1; l > 0; l--) {
      NDArray active = Torch.withoutLastColumn(scope, pass.inputs().get(l));
      at = Torch.withoutLastColumn(scope, at.matMul(weight(scope, l))).mul(active.sign());
      deltas.add(0, at);
    }
    return List.copyOf(deltas);
  }

  private NDArray weight(NDManager scope, int layer) {
    return Torch.owned(scope, weights.get(layer), widths[layer + 1], widths[layer] + 1);
  }

  /** {@return the loss of every example in nats} */
  public double[] losses(LabelledExamples examples) {
    double[] losses = new double[examples.size()];
    eachLogits(
        examples,
        (example, logits) -> losses[example] = logSum(logits) - logits[examples.label(example)]);
    return losses;
  }

  /** {@return the share of examples whose likeliest class is their own} */
  public double accuracy(LabelledExamples examples) {
    int[] right = new int[1];
    eachLogits(
        examples,
        (example, logits) -> {
          int best = 0;
          for (int c = 1; c < logits.length; c++) {
            best = logits[c] > logits[best] ? c : best;
          }
          right[0] += best == examples.label(example) ? 1 : 0;
        });
    return right[0] / (double) examples.size();
  }

  /** Told the logits of every example, in order. */
  @FunctionalInterface
  public interface LogitsReader {
    /** Takes the logits of one example, {@code [classes]}. */
    void read(int example, float[] logits);
  }

  /** Computes the logits of every example. */
  public void eachLogits(LabelledExamples examples, LogitsReader reader) {
    int slice = 1024;
    for (int from = 0; from < examples.size(); from += slice) {
      int first = from;
      int to = Math.min(from + slice, examples.size());
      float[] all =
          Torch.withoutGradients(
              () -> {
                try (NDManager scope = Torch.newManager("cpu")) {
                  return Torch.floats(forward(scope, examples, first, to).logits());
                }
              });
      int classes = examples.classes();
      for (int i = 0; i < to - first; i++) {
        reader.read(first + i, java.util.Arrays.copyOfRange(all, i * classes, (i + 1) * classes));
      }
    }
  }

  /** {@return log of the sum of exponentials} */
  static double logSum(float[] logits) {
    double most = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      most = Math.max(most, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - most);
    }
    return most + Math.log(sum);
  }
}
