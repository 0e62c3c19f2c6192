package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** The gradients of a classifier: one position an example, back-propagation by hand. */
final class NetworkGradients implements Gradients {
  /** Numbers of a layer's gradients that one batch may hold, so that memory stays bounded. */
  private static final long ROOM = 1L << 26;

  private final SoftmaxNetwork network;
  private final LabelledExamples examples;
  private final List<Layer> layers = new ArrayList<>();

  NetworkGradients(SoftmaxNetwork network, LabelledExamples examples) {
    this.network = network;
    this.examples = examples;
    int[] widths = network.widths();
    for (int l = 0; l + 1 < widths.length; l++) {
      layers.add(new Layer("layer" + l, widths[l] + 1, widths[l + 1]));
    }
  }

  @Override
  public List<Layer> layers() {
    return List.copyOf(layers);
  }

  @Override
  public int size() {
    return examples.size();
  }

  @Override
  public long positions() {
    return examples.size();
  }

  @Override
  public int classes() {
    return examples.classes();
  }

  @Override
  public float[] probabilities() {
    float[] all = new float[examples.size() * examples.classes()];
    network.eachLogits(
        examples,
        (example, logits) -> {
          double[] p = probabilities(logits, 0, logits.length);
          for (int c = 0; c < p.length; c++) {
            all[example * p.length + c] = (float) p[c];
          }
        });
    return all;
  }

  private int slice() {
    int largest = layers.stream().mapToInt(Layer::size).max().orElseThrow();
    return (int) Math.max(1, Math.min(1024, ROOM / largest));
  }

  @Override
  public void each(Target target, Consumer<Batch> body) {
    int slice = slice();
    for (int from = 0; from < examples.size(); from += slice) {
      int first = from;
      int to = Math.min(from + slice, examples.size());
      Torch.onAllCores(
          () -> {
            try (NDManager scope = Torch.newManager("cpu")) {
              SoftmaxNetwork.Pass pass = network.forward(scope, examples, first, to);
              float[] at = atLogits(target, Torch.floats(pass.logits()), first, to - first);
              NDArray delta = Torch.owned(scope, at, to - first, examples.classes());
              body.accept(
                  new Batch(
                      scope,
                      first,
                      to - first,
                      pass.inputs().stream().map(input -> input.expandDims(1)).toList(),
                      network.backward(scope, pass, delta).stream()
                          .map(array -> array.expandDims(1))
                          .toList()));
              return true;
            }
          });
    }
  }

  /** The target's gradient at the logits, {@code [rows * classes]}. */
  private float[] atLogits(Target target, float[] logits, int first, int rows) {
    int classes = examples.classes();
    float[] at = new float[logits.length];
    for (int i = 0; i < rows; i++) {
      double[] p = probabilities(logits, i * classes, classes);
      int label = examples.label(first + i);
      switch (target) {
        case Target.Loss loss -> lossAt(p, label, at, i * classes);
        case Target.SampledLoss(long seed) ->
            lossAt(p, drawn(p, seed + first + i), at, i * classes);
        case Target.Margin margin -> {
          // log(p/(1-p)) = z_label - log of the others' exponentials summed.
          double others = 0;
          for (int c = 0; c < classes; c++) {
            others += c == label ? 0 : p[c];
          }
          for (int c = 0; c < classes; c++) {
            at[i * classes + c] =
                c == label ? 1 : (float) (-p[c] / Math.max(others, Double.MIN_NORMAL));
          }
        }
        case Target.Logit(int wanted) -> at[i * classes + wanted] = 1;
      }
    }
    return at;
  }

  private static void lossAt(double[] p, int label, float[] at, int offset) {
    for (int c = 0; c < p.length; c++) {
      at[offset + c] = (float) (p[c] - (c == label ? 1 : 0));
    }
  }

  private static int drawn(double[] p, long seed) {
    double u = new SplittableRandom(seed).nextDouble();
    for (int c = 0; c < p.length; c++) {
      u -= p[c];
      if (u < 0) {
        return c;
      }
    }
    return p.length - 1;
  }

  private static double[] probabilities(float[] logits, int offset, int classes) {
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      most = Math.max(most, logits[offset + c]);
    }
    double[] p = new double[classes];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      p[c] = Math.exp(logits[offset + c] - most);
      sum += p[c];
    }
    for (int c = 0; c < classes; c++) {
      p[c] /= sum;
    }
    return p;
  }

  @Override
  public double[] residuals() {
    return Arrays.stream(losses()).map(loss -> -Math.expm1(-loss)).toArray();
  }

  @Override
  public double[] losses() {
    return network.losses(examples);
  }
}
