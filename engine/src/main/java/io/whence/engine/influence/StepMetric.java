package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The metric in which an adaptive optimizer measures a step: Adam divides each weight's step by the
 * root of its second moment v, so that in the coordinates {@code w sqrt(v)^1/2} its steps are those
 * of plain gradient descent, and everything that is known of that holds there.
 *
 * <p>A layer's {@code sqrt(v)} is taken as the product of one factor for each output and one for
 * each input, as Shazeer and Stern's Adafactor does ("Adafactor: adaptive learning rates with
 * sublinear memory cost", 2018, section 3): second moments of gradients at outputs, and of inputs,
 * hardly depend on each other, and a Kronecker-factored curvature stays one. Its shape is that of
 * the second moments of the examples' gradients, its size is what the training record tells.
 * Immutable.
 */
public final class StepMetric {
  /** Least share of the mean that a factor may have: what training never moved has no metric. */
  private static final double FLOOR = 1e-3;

  private final List<float[]> in;
  private final List<float[]> out;

  private StepMetric(List<float[]> in, List<float[]> out) {
    this.in = in;
    this.out = out;
  }

  /**
   * {@return the metric of a run, from one pass over its gradients}
   *
   * @param roots for layers by name the mean root of Adam's second moment over their weights, at
   *     least one; a layer that is missing has the others' relation to its gradients
   */
  public static StepMetric fit(Gradients training, Map<String, Double> roots) {
    List<Gradients.Layer> layers = training.layers();
    return Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            List<NDArray> moments = new ArrayList<>();
            for (Gradients.Layer layer : layers) {
              moments.add(scope.zeros(new Shape(layer.out(), layer.in())));
            }
            training.each(
                Target.LOSS,
                batch -> {
                  for (int l = 0; l < layers.size(); l++) {
                    NDArray gradient = batch.gradient(l);
                    moments.get(l).addi(gradient.mul(gradient).sum(new int[] {0}));
                  }
                });
            return of(layers, moments, training.size(), roots);
          }
        });
  }

  private static StepMetric of(
      List<Gradients.Layer> layers, List<NDArray> moments, int n, Map<String, Double> roots) {
    List<double[]> rows = new ArrayList<>();
    List<double[]> columns = new ArrayList<>();
    double[] means = new double[layers.size()];
    double logRatio = 0;
    int known = 0;
    for (int l = 0; l < layers.size(); l++) {
      rows.add(rootsOf(moments.get(l).sum(new int[] {1})));
      columns.add(rootsOf(moments.get(l).sum(new int[] {0})));
      double total = 0;
      for (double row : rows.get(l)) {
        total += row * row;
      }
      // Of sqrt(r_i c_j / total), over all weights of the layer.
      means[l] = mean(rows.get(l)) * mean(columns.get(l)) / Math.sqrt(total * n);
      Double root = roots.get(layers.get(l).name());
      if (root != null && root > 0 && means[l] > 0) {
        logRatio += Math.log(root / means[l]);
        known++;
      }
    }
    if (known == 0) {
      throw new IllegalArgumentException("the record tells the second moment of no layer");
    }
    double ratio = Math.exp(logRatio / known);
    List<float[]> in = new ArrayList<>();
    List<float[]> out = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      Double root = roots.get(layers.get(l).name());
      double size = root != null && root > 0 ? root : ratio * means[l];
      in.add(scales(columns.get(l), 1));
      out.add(scales(rows.get(l), size));
    }
    return new StepMetric(List.copyOf(in), List.copyOf(out));
  }

  private static double[] rootsOf(NDArray sums) {
    float[] values = Torch.floats(sums);
    double[] roots = new double[values.length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(values[i]);
    }
    return roots;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** What gradients are multiplied by: (size x root / mean root)^-1/2. */
  private static float[] scales(double[] roots, double size) {
    double mean = mean(roots);
    float[] scales = new float[roots.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) (1 / Math.sqrt(size * Math.max(roots[i] / mean, FLOOR)));
    }
    return scales;
  }

  /** {@return the factors of a layer's inputs, {@code [in]}} */
  NDArray in(NDManager scope, int layer) {
    return Torch.owned(scope, in.get(layer), in.get(layer).length);
  }

  /** {@return the factors of a layer's outputs, {@code [out]}} */
  NDArray out(NDManager scope, int layer) {
    return Torch.owned(scope, out.get(layer), out.get(layer).length);
  }

  /** {@return the factors of a layer's weights, flat, {@code [out * in]}} */
  NDArray weights(NDManager scope, int layer) {
    return out(scope, layer)
        .reshape(-1, 1)
        .mul(in(scope, layer).reshape(1, -1))
        .reshape(1, (long) out.get(layer).length * in.get(layer).length);
  }
}
