package io.whence.engine.influence;

import java.util.ArrayList;
import java.util.List;

/** Cosines of sketches whitened by the mixed Fisher of training and queries. */
final class TrackStar implements Scorer {
  private final Gradients training;
  private final LayerProjection projection;
  private final double mix;

  TrackStar(Gradients training, LayerProjection projection, double mix) {
    this.training = training;
    this.projection = projection;
    this.mix = mix;
  }

  @Override
  public float[][] scores(Gradients queries) {
    List<float[]> z = projection.sketch(training, Target.LOSS);
    List<float[]> q = projection.sketch(queries, Target.LOSS);
    List<float[]> whiteZ = new ArrayList<>();
    List<float[]> whiteQ = new ArrayList<>();
    for (int l = 0; l < z.size(); l++) {
      int size = projection.size(l);
      double[] mixed = Products.moments(z.get(l), size, training.size());
      double[] ofQueries = Products.moments(q.get(l), size, queries.size());
      for (int i = 0; i < mixed.length; i++) {
        mixed[i] = (1 - mix) * mixed[i] + mix * ofQueries[i];
      }
      Spectrum spectrum = Spectrum.of(mixed);
      double lambda = Math.max(0.1 * spectrum.mean(), Float.MIN_NORMAL);
      whiteZ.add(whitened(spectrum, z.get(l), size, lambda));
      whiteQ.add(whitened(spectrum, q.get(l), size, lambda));
    }
    int width = projection.size();
    return Products.of(
        unit(joined(whiteQ, queries.size(), width), width),
        unit(joined(whiteZ, training.size(), width), width),
        width);
  }

  private static float[] whitened(Spectrum spectrum, float[] rows, int size, double lambda) {
    float[] white = new float[rows.length];
    for (int at = 0; at < rows.length; at += size) {
      float[] block = java.util.Arrays.copyOfRange(rows, at, at + size);
      System.arraycopy(spectrum.whiten(block, lambda), 0, white, at, size);
    }
    return white;
  }

  private static float[] joined(List<float[]> layers, int rows, int width) {
    float[] joined = new float[rows * width];
    int at = 0;
    for (float[] layer : layers) {
      int size = layer.length / rows;
      for (int i = 0; i < rows; i++) {
        System.arraycopy(layer, i * size, joined, i * width + at, size);
      }
      at += size;
    }
    return joined;
  }

  static float[] unit(float[] rows, int width) {
    for (int at = 0; at < rows.length; at += width) {
      double square = 0;
      for (int j = at; j < at + width; j++) {
        square += (double) rows[j] * rows[j];
      }
      // A gradient of zero has no direction.
      double scale = square > 0 ? 1 / Math.sqrt(square) : 0;
      for (int j = at; j < at + width; j++) {
        rows[j] *= (float) scale;
      }
    }
    return rows;
  }
}
