package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.TokenWindow;
import java.util.List;
import java.util.function.Consumer;

/**
 * The gradients of one model's scalar for each of n examples, at its linear layers.
 *
 * <p>Gradients come as the factors that back-propagation leaves: for a layer and an example the
 * gradient is {@code G = sum over positions of delta input'}, {@code [out, in]}. Nothing is kept;
 * each pass computes them anew, batch by batch, on the calling platform thread.
 */
public interface Gradients {
  /**
   * One linear layer.
   *
   * @param in width of its input, a bias counted as one more
   * @param out width of its output
   * @param vocabulary whether an output is a token: gradients of different tokens hardly move
   *     together, and there are too many of them to seek directions among
   */
  record Layer(String name, int in, int out, boolean vocabulary) {
    /** A layer whose outputs are no tokens. */
    Layer(String name, int in, int out) {
      this(name, in, out, false);
    }

    /** {@return how many weights it has} */
    public int size() {
      return Math.multiplyExact(in, out);
    }
  }

  /** {@return the layers, in a fixed order} */
  List<Layer> layers();

  /** {@return n} */
  int size();

  /** {@return over how many positions the examples' losses are summed: n for a classifier} */
  long positions();

  /** {@return how many classes there are, 0 for a language model} */
  int classes();

  /** {@return the probability of each class for each example, {@code [n * classes]}} */
  float[] probabilities();

  /**
   * Computes gradients of {@code target}, in ascending order of the examples.
   *
   * @param body takes each batch; what is in it is freed afterwards
   */
  void each(Target target, Consumer<Batch> body);

  /** {@return 1 - p of each example's own label, p averaged over its positions} */
  double[] residuals();

  /** {@return the loss of each example, nats} */
  double[] losses();

  /** {@return these gradients in the coordinates of a metric, in which its steps are plain ones} */
  default Gradients in(StepMetric metric) {
    return new ScaledGradients(this, metric);
  }

  /** {@return how many weights all layers have} */
  default long parameters() {
    return layers().stream().mapToLong(Layer::size).sum();
  }

  /** {@return the gradients of a classifier for examples} */
  static Gradients of(SoftmaxNetwork network, LabelledExamples examples) {
    return new NetworkGradients(network, examples);
  }

  /**
   * {@return the gradients of a language model for windows, a bias counted as one more input} First
   * the embedding table with both its uses, then the linear layers; positions and norms are left
   * out. Windows of similar length should stand together: a batch is padded to its longest.
   */
  static Gradients of(Checkpoint checkpoint, List<TokenWindow> windows) {
    return new WindowGradients(checkpoint, windows.stream().map(List::of).toList());
  }

  /** {@return the same for texts of one window or more: an example is the sum over its windows} */
  static Gradients ofTexts(Checkpoint checkpoint, List<List<TokenWindow>> texts) {
    return new WindowGradients(checkpoint, texts);
  }

  /** Gradients of a few consecutive examples. */
  final class Batch {
    private final NDManager manager;
    private final int first;
    private final int size;
    private final List<NDArray> inputs;
    private final List<NDArray> deltas;

    /**
     * Holds the factors.
     *
     * @param manager where everything computed from them lives
     * @param first number of the first example
     * @param size how many
     * @param inputs for each layer {@code [size, t, in]}
     * @param deltas for each layer {@code [size, t, out]}
     */
    Batch(NDManager manager, int first, int size, List<NDArray> inputs, List<NDArray> deltas) {
      this.manager = manager;
      this.first = first;
      this.size = size;
      this.inputs = inputs;
      this.deltas = deltas;
    }

    NDManager manager() {
      return manager;
    }

    /** {@return the number of the first example} */
    public int first() {
      return first;
    }

    /** {@return how many examples there are} */
    public int size() {
      return size;
    }

    /** {@return the input of a layer at every position, {@code [size, t, in]}} */
    NDArray input(int layer) {
      return inputs.get(layer);
    }

    /** {@return the gradient at a layer's output at every position, {@code [size, t, out]}} */
    NDArray delta(int layer) {
      return deltas.get(layer);
    }

    /** {@return the gradient of a layer's weights, {@code [size, out, in]}} */
    NDArray gradient(int layer) {
      return delta(layer).transpose(0, 2, 1).matMul(input(layer));
    }

    /** {@return the gradient of a layer's weights, flat, {@code [size, out * in]}} */
    NDArray flat(int layer) {
      return gradient(layer).reshape(size, -1);
    }
  }
}
