package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Gradients in the coordinates of a metric: inputs and output gradients, each times its factor. */
record ScaledGradients(Gradients plain, StepMetric metric) implements Gradients {
  @Override
  public List<Layer> layers() {
    return plain.layers();
  }

  @Override
  public int size() {
    return plain.size();
  }

  @Override
  public long positions() {
    return plain.positions();
  }

  @Override
  public int classes() {
    return plain.classes();
  }

  @Override
  public float[] probabilities() {
    return plain.probabilities();
  }

  @Override
  public double[] residuals() {
    return plain.residuals();
  }

  @Override
  public double[] losses() {
    return plain.losses();
  }

  @Override
  public void each(Target target, Consumer<Batch> body) {
    plain.each(
        target,
        batch -> {
          List<NDArray> inputs = new ArrayList<>();
          List<NDArray> deltas = new ArrayList<>();
          for (int l = 0; l < layers().size(); l++) {
            inputs.add(batch.input(l).mul(metric.in(batch.manager(), l)));
            deltas.add(batch.delta(l).mul(metric.out(batch.manager(), l)));
          }
          body.accept(new Batch(batch.manager(), batch.first(), batch.size(), inputs, deltas));
        });
  }
}
