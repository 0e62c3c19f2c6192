package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** TRAK's kernel over one dense random projection of all layers together, of signs. */
final class Trak implements Scorer {
  private final List<Gradients.Layer> layers;
  private final int k;
  private final long seed;
  private final float[] features;
  private final Spectrum spectrum;
  private final Filter filter;

  private Trak(
      List<Gradients.Layer> layers,
      int k,
      long seed,
      float[] features,
      Spectrum spectrum,
      Filter filter) {
    this.layers = layers;
    this.k = k;
    this.seed = seed;
    this.features = features;
    this.spectrum = spectrum;
    this.filter = filter;
  }

  static Trak fit(Gradients training, int k, double share, long seed) {
    float[] features = features(training, training.layers(), k, seed);
    Spectrum spectrum = Spectrum.of(Products.moments(features, k, 1));
    return new Trak(training.layers(), k, seed, features, spectrum, new Filter.OfMean(share));
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

  @Override
  public float[][] scores(Gradients queries) {
    float[] sides = features(queries, layers, k, seed);
    for (int q = 0; q < queries.size(); q++) {
      float[] block = java.util.Arrays.copyOfRange(sides, q * k, (q + 1) * k);
      System.arraycopy(spectrum.apply(block, filter), 0, sides, q * k, k);
    }
    return Products.of(sides, features, k);
  }
}
