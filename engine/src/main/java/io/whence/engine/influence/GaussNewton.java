package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Products of the Gauss-Newton matrix of a classifier with vectors: {@code H v = (1/n) sum_z J_z'
 * (diag(p) - p p') J_z v}, J the Jacobian of the logits (Schraudolph, 2002). For logistic
 * regression H is the Hessian. Nothing of size p x p is formed.
 */
final class GaussNewton implements AutoCloseable {
  private final List<Gradients.Layer> layers;
  private final int classes;
  private final int n;
  private final List<float[]> a;
  private final List<float[]> d;
  private final float[] p;
  private final NDManager manager;
  private final List<NDArray> inputs = new ArrayList<>();
  private final List<NDArray> inputsTurned = new ArrayList<>();
  private final List<NDArray> jacobians = new ArrayList<>();
  private final List<NDArray> jacobiansTurned = new ArrayList<>();
  private final NDArray probabilities;
  private final NDArray share;

  private GaussNewton(
      List<Gradients.Layer> layers,
      int classes,
      int n,
      List<float[]> a,
      List<float[]> d,
      float[] p) {
    this.layers = layers;
    this.classes = classes;
    this.n = n;
    this.a = a;
    this.d = d;
    this.p = p;
    manager = Torch.newManager("cpu");
    for (int l = 0; l < layers.size(); l++) {
      NDArray input = Torch.owned(manager, a.get(l), n, layers.get(l).in());
      NDArray jacobian = Torch.owned(manager, d.get(l), n, classes, layers.get(l).out());
      inputs.add(input);
      inputsTurned.add(input.transpose());
      jacobians.add(jacobian);
      jacobiansTurned.add(jacobian.transpose(0, 2, 1));
    }
    float[] turned = new float[p.length];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < classes; c++) {
        turned[c * n + i] = p[i * classes + c];
      }
    }
    probabilities = Torch.owned(manager, turned, 1, classes, n);
    share = Torch.constant(manager, 1.0 / n);
  }

  /**
   * {@return the matrix of a classifier's training examples; the caller closes it}
   *
   * @throws IllegalArgumentException when the model is no classifier
   */
  static GaussNewton of(Gradients training) {
    int classes = training.classes();
    if (classes == 0) {
      throw new IllegalArgumentException(
          "the exact Gauss-Newton matrix needs a classifier; use EK-FAC for a language model");
    }
    int n = training.size();
    List<Gradients.Layer> layers = training.layers();
    List<float[]> a = new ArrayList<>();
    List<float[]> d = new ArrayList<>();
    for (Gradients.Layer layer : layers) {
      a.add(new float[n * layer.in()]);
      d.add(new float[n * classes * layer.out()]);
    }
    for (int c = 0; c < classes; c++) {
      int label = c;
      training.each(
          new Target.Logit(label),
          batch -> {
            for (int l = 0; l < layers.size(); l++) {
              int in = layers.get(l).in();
              int out = layers.get(l).out();
              float[] rows = Torch.floats(batch.input(l));
              System.arraycopy(rows, 0, a.get(l), batch.first() * in, rows.length);
              float[] deltas = Torch.floats(batch.delta(l));
              for (int i = 0; i < batch.size(); i++) {
                int at = ((batch.first() + i) * classes + label) * out;
                System.arraycopy(deltas, i * out, d.get(l), at, out);
              }
            }
          });
    }
    return new GaussNewton(layers, classes, n, a, d, training.probabilities());
  }

  /** {@return the matrix of some of the examples alone; the caller closes it} */
  GaussNewton of(int[] examples) {
    List<float[]> inputsOf = new ArrayList<>();
    List<float[]> jacobiansOf = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      inputsOf.add(rows(a.get(l), layers.get(l).in(), examples));
      jacobiansOf.add(rows(d.get(l), classes * layers.get(l).out(), examples));
    }
    return new GaussNewton(
        layers, classes, examples.length, inputsOf, jacobiansOf, rows(p, classes, examples));
  }

  private static float[] rows(float[] all, int width, int[] numbers) {
    float[] chosen = new float[numbers.length * width];
    for (int i = 0; i < numbers.length; i++) {
      System.arraycopy(all, numbers[i] * width, chosen, i * width, width);
    }
    return chosen;
  }

  /** {@return over how many examples the matrix is a mean} */
  int examples() {
    return n;
  }

  /** {@return the order of the matrix} */
  int order() {
    return layers.stream().mapToInt(Gradients.Layer::size).sum();
  }

  /**
   * {@return H v for each of q vectors}
   *
   * @param vectors {@code [q * p]}, layer after layer in each, a layer row-major {@code [out, in]}
   */
  float[] times(float[] vectors, int q) {
    return Torch.onAllCores(
        () -> {
          try (NDManager scope = manager.newSubManager()) {
            return times(scope, vectors, q);
          }
        });
  }

  private float[] times(NDManager scope, float[] vectors, int q) {
    int order = order();
    int last = layers.size() - 1;
    NDArray change = null;
    int from = 0;
    for (int l = 0; l <= last; l++) {
      int in = layers.get(l).in();
      int out = layers.get(l).out();
      float[] block = new float[q * in * out];
      for (int i = 0; i < q; i++) {
        System.arraycopy(vectors, i * order + from, block, i * in * out, in * out);
      }
      NDArray moved =
          Torch.owned(scope, block, (long) q * out, in)
              .matMul(inputsTurned.get(l))
              .reshape(q, out, n);
      // The last layer's outputs are the logits: its Jacobian is 1.
      NDArray part =
          l == last
              ? moved
              : moved.transpose(2, 0, 1).matMul(jacobiansTurned.get(l)).transpose(1, 2, 0);
      change = change == null ? part : change.add(part);
      from += in * out;
    }
    // [q, classes, n] throughout.
    NDArray weighted = java.util.Objects.requireNonNull(change).mul(probabilities);
    NDArray curved = weighted.sub(weighted.sum(new int[] {1}, true).mul(probabilities)).mul(share);
    NDArray byExample = last > 0 ? curved.transpose(2, 0, 1) : curved;
    float[] products = new float[vectors.length];
    from = 0;
    for (int l = 0; l <= last; l++) {
      int in = layers.get(l).in();
      int out = layers.get(l).out();
      NDArray back = l == last ? curved : byExample.matMul(jacobians.get(l)).transpose(1, 2, 0);
      float[] block = Torch.floats(back.reshape((long) q * out, n).matMul(inputs.get(l)));
      for (int i = 0; i < q; i++) {
        System.arraycopy(block, i * in * out, products, i * order + from, in * out);
      }
      from += in * out;
    }
    return products;
  }

  @Override
  public void close() {
    manager.close();
  }
}
