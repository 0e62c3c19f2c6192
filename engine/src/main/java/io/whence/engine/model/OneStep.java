package io.whence.engine.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as one more training step on one example would leave it: the tail-patch test of influence
 * (Chang et al., "Scalable influence and fact tracing", 2024, section 4.2).
 *
 * <p>The step is one that training would have taken next: its last rate, its clipping, and in each
 * linear layer Adam's metric, by the mean root of the second moment that the training record keeps.
 * Other parameters stay. Not safe for several threads.
 */
public final class OneStep implements AutoCloseable {
  private final Map<String, float[]> values;
  private final Map<String, Double> rates = new LinkedHashMap<>();
  private final double clip;
  private final NDManager manager;
  private final Gpt replica;

  /** Prepares steps of a checkpoint with the metric its training record tells. */
  public OneStep(Checkpoint checkpoint, TrainingRecord record) {
    values = checkpoint.values();
    clip = record.optimizer().clip();
    record
        .rootSecondMoment()
        .forEach(
            (layer, root) -> {
              if (root > 0) {
                rates.put(layer + ".weight", record.optimizer().finalRate() / root);
              }
            });
    manager = checkpoint.newBatch();
    replica = new Gpt(checkpoint.config(), values, manager);
    replica.parameters().values().forEach(Torch::requireGradient);
  }

  /**
   * {@return the summed loss of each query's windows after one step on {@code example}, nats}
   *
   * @param queries each the windows of one output
   */
  public double[] losses(TokenWindow example, List<List<TokenWindow>> queries) {
    Map<String, float[]> stepped = Torch.withGradients(() -> stepped(example));
    return Torch.withoutGradients(
        () -> {
          stepped.forEach((name, moved) -> Torch.overwrite(parameter(name), moved));
          try {
            return losses(queries);
          } finally {
            stepped
                .keySet()
                .forEach(
                    name -> Torch.overwrite(parameter(name), requireNonNull(values.get(name))));
          }
        });
  }

  /** {@return the summed loss of each query's windows as the model is, nats} */
  public double[] lossesBefore(List<List<TokenWindow>> queries) {
    return Torch.withoutGradients(() -> losses(queries));
  }

  private double[] losses(List<List<TokenWindow>> queries) {
    double[] losses = new double[queries.size()];
    for (int q = 0; q < losses.length; q++) {
      try (NDManager batch = manager.newSubManager()) {
        TokenWindow.Padded padded = new TokenWindow.Padded(queries.get(q));
        float[] each = Torch.floats(replica.losses(batch, padded, LinearTap.NONE));
        for (float loss : each) {
          losses[q] += loss;
        }
      }
    }
    return losses;
  }

  private Map<String, float[]> stepped(TokenWindow example) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    double square = 0;
    try (NDManager batch = manager.newSubManager()) {
      TokenWindow.Padded padded = new TokenWindow.Padded(List.of(example));
      NDArray loss = replica.losses(batch, padded, LinearTap.NONE).sum();
      Torch.backward(loss, batch);
      for (Map.Entry<String, NDArray> parameter : replica.parameters().entrySet()) {
        float[] gradient = Torch.gradient(parameter.getValue());
        Torch.zeroGradient(parameter.getValue());
        for (float value : gradient) {
          square += (double) value * value;
        }
        gradients.put(parameter.getKey(), gradient);
      }
    }
    double norm = Math.sqrt(square) / example.scored();
    double scale = Math.min(1, clip / norm) / example.scored();
    Map<String, float[]> stepped = new LinkedHashMap<>();
    rates.forEach(
        (name, rate) -> {
          float[] moved = requireNonNull(values.get(name)).clone();
          float[] gradient = requireNonNull(gradients.get(name));
          for (int i = 0; i < moved.length; i++) {
            moved[i] -= (float) (rate * scale * gradient[i]);
          }
          stepped.put(name, moved);
        });
    return stepped;
  }

  private NDArray parameter(String name) {
    return requireNonNull(replica.parameters().get(name));
  }

  @Override
  public void close() {
    replica.close();
  }
}
