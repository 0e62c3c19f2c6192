package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import io.whence.engine.model.Torch;

/** Cosines of what the last layer reads. */
final class RepresentationSimilarity implements Scorer {
  private final Gradients training;

  RepresentationSimilarity(Gradients training) {
    this.training = training;
  }

  @Override
  public float[][] scores(Gradients queries) {
    int width = training.layers().get(training.layers().size() - 1).in();
    return Products.of(read(queries, width), read(training, width), width);
  }

  private static float[] read(Gradients gradients, int width) {
    int last = gradients.layers().size() - 1;
    float[] rows = new float[gradients.size() * width];
    gradients.each(
        Target.LOSS,
        batch -> {
          NDArray mean = batch.input(last).mean(new int[] {1});
          float[] values = Torch.floats(mean);
          System.arraycopy(values, 0, rows, batch.first() * width, values.length);
        });
    return TrackStar.unit(rows, width);
  }
}
