package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The stochastic Neumann series {@code x = x + s M (g - (H_batch + lambda) x)}, a random batch a
 * step. Plain (M = 1, begun at s g) it is LiSSA; with M and the start from EK-FAC it is ASTRA,
 * whose zero steps are EK-FAC itself.
 */
final class NeumannSeries extends Iterative {
  private final double lambda;
  private final @Nullable Eigenbasis eigenbasis;
  private final int depth;
  private final int batch;
  private final long seed;

  NeumannSeries(
      Gradients training,
      double lambda,
      @Nullable Eigenbasis eigenbasis,
      int depth,
      int batch,
      long seed) {
    super(training);
    this.lambda = lambda;
    this.eigenbasis = eigenbasis;
    this.depth = depth;
    this.batch = batch;
    this.seed = seed;
  }

  @Override
  float[] solve(GaussNewton matrix, float[] gradients, int q) {
    SplittableRandom random = new SplittableRandom(seed);
    double step = eigenbasis == null ? 1 / (largest(matrix) + lambda) : 0.5;
    float[] x = eigenbasis == null ? scaled(gradients, step) : preconditioned(gradients, q);
    for (int i = 0; i < depth; i++) {
      int[] drawn = random.ints(batch, 0, matrix.examples()).toArray();
      try (GaussNewton part = matrix.of(drawn)) {
        float[] product = part.times(x, q);
        float[] residual = new float[x.length];
        for (int j = 0; j < x.length; j++) {
          residual[j] = (float) (gradients[j] - product[j] - lambda * x[j]);
        }
        float[] move = eigenbasis == null ? residual : preconditioned(residual, q);
        // Later steps are shorter, so that the noise of the batches averages out.
        double weight = step / (1 + i / (double) Math.max(1, depth / 4));
        for (int j = 0; j < x.length; j++) {
          x[j] += (float) (weight * move[j]);
        }
      }
    }
    return x;
  }

  /** The largest eigenvalue, by a few power iterations. */
  private double largest(GaussNewton matrix) {
    int p = matrix.order();
    float[] vector = new io.whence.engine.SeededNormal(seed).floats(p, 1 / Math.sqrt(p));
    double value = 1;
    for (int i = 0; i < 20; i++) {
      float[] next = matrix.times(vector, 1);
      value = Math.sqrt(dot(next, next, 0, p));
      vector = scaled(next, 1 / value);
    }
    // A batch's largest eigenvalue is above the mean's.
    return 2 * value;
  }

  private static float[] scaled(float[] values, double factor) {
    float[] scaled = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = (float) (values[i] * factor);
    }
    return scaled;
  }

  private float[] preconditioned(float[] vectors, int q) {
    Eigenbasis basis = java.util.Objects.requireNonNull(eigenbasis);
    return Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            int p = vectors.length / q;
            List<NDArray> layers = new ArrayList<>();
            int at = 0;
            for (Gradients.Layer layer : training.layers()) {
              float[] block = new float[q * layer.size()];
              for (int i = 0; i < q; i++) {
                System.arraycopy(vectors, i * p + at, block, i * layer.size(), layer.size());
              }
              layers.add(Torch.owned(scope, block, q, layer.size()));
              at += layer.size();
            }
            List<NDArray> applied =
                basis.apply(scope, layers, Eigenbasis.Values.CORRECTED, new Filter.Damped(lambda));
            float[] joined = new float[vectors.length];
            at = 0;
            for (NDArray layer : applied) {
              float[] block = Torch.floats(layer);
              int size = block.length / q;
              for (int i = 0; i < q; i++) {
                System.arraycopy(block, i * size, joined, i * p + at, size);
              }
              at += size;
            }
            return joined;
          }
        });
  }
}
