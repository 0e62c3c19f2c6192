package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * TRAK's features of one model (Park et al., 2023): margin gradients under one dense random
 * projection of all layers together, of signs. The costly part, whatever the damping. Immutable.
 */
public final class Trak {
  private final List<Gradients.Layer> layers;
  private final int k;
  private final long seed;
  private final float[] features;
  private final Spectrum spectrum;

  private Trak(
      List<Gradients.Layer> layers, int k, long seed, float[] features, Spectrum spectrum) {
    this.layers = layers;
    this.k = k;
    this.seed = seed;
    this.features = features;
    this.spectrum = spectrum;
  }

  /**
   * {@return the features of the training side}
   *
   * @param k width of the projection
   */
  public static Trak fit(Gradients training, int k, long seed) {
    float[] features = features(training, training.layers(), k, seed);
    return new Trak(
        training.layers(), k, seed, features, Spectrum.of(Products.moments(features, k, 1)));
  }

  /** The projected margin gradients, {@code [n * k]}. */
  private static float[] features(
      Gradients gradients, List<Gradients.Layer> layers, int k, long seed) {
    float[] features = new float[gradients.size() * k];
    Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            SplittableRandom seeds = new SplittableRandom(seed);
            List<NDArray> signs = new ArrayList<>();
            for (Gradients.Layer layer : layers) {
              float[] values = signs(seeds.nextLong(), layer.size() * k, 1 / Math.sqrt(k));
              signs.add(Torch.owned(scope, values, layer.size(), k));
            }
            gradients.each(
                Target.MARGIN,
                batch -> {
                  NDArray sum = null;
                  for (int l = 0; l < layers.size(); l++) {
                    NDArray part = batch.flat(l).matMul(signs.get(l));
                    sum = sum == null ? part : sum.add(part);
                  }
                  float[] rows = Torch.floats(java.util.Objects.requireNonNull(sum));
                  System.arraycopy(rows, 0, features, batch.first() * k, rows.length);
                });
            return true;
          }
        });
    return features;
  }

  private static float[] signs(long seed, int count, double size) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] signs = new float[count];
    long bits = 0;
    for (int i = 0; i < count; i++) {
      bits = i % 64 == 0 ? random.nextLong() : bits >>> 1;
      signs[i] = (float) ((bits & 1) == 0 ? -size : size);
    }
    return signs;
  }

  /**
   * {@return the kernel {@code phi_q (Phi' Phi + damping)^-1 phi_z}} {@link Ensemble#ofMargins}
   * turns kernels of several models into scores, up to a scale of the models' own: no nats.
   *
   * @param share damping in units of the kernel's mean eigenvalue
   */
  public Scorer damped(double share) {
    Filter filter = new Filter.OfMean(share);
    return queries -> {
      float[] sides = features(queries, layers, k, seed);
      for (int q = 0; q < queries.size(); q++) {
        float[] block = java.util.Arrays.copyOfRange(sides, q * k, (q + 1) * k);
        System.arraycopy(spectrum.apply(block, filter), 0, sides, q * k, k);
      }
      return Products.of(sides, features, k);
    };
  }
}
