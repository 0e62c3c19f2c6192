package io.whence.engine.model;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2) over
 * parameters in Java memory. Its second moment is what tells influence in which metric the run
 * measured a step.
 */
final class AdamW {
  private final Map<String, float[]> values;
  private final Map<String, float[]> first = new LinkedHashMap<>();
  private final Map<String, float[]> second = new LinkedHashMap<>();
  private int step;
  private double beta2;

  /** Updates {@code values} in place. */
  AdamW(Map<String, float[]> values) {
    this.values = values;
    values.forEach(
        (name, value) -> {
          first.put(name, new float[value.length]);
          second.put(name, new float[value.length]);
        });
  }

  /**
   * One step.
   *
   * @param sums summed gradients by name
   * @param weight what a sum is multiplied by to give the gradient of the mean loss
   * @param rate this step's learning rate
   */
  void update(
      Map<String, float[]> sums, double weight, TrainingRecord.Optimizer optimizer, double rate) {
    step++;
    beta2 = optimizer.beta2();
    double square = 0;
    for (float[] sum : sums.values()) {
      for (float value : sum) {
        square += (double) value * value;
      }
    }
    double norm = Math.sqrt(square) * weight;
    float scale = (float) (norm > optimizer.clip() ? weight * optimizer.clip() / norm : weight);
    float b1 = (float) optimizer.beta1();
    float b2 = (float) optimizer.beta2();
    double firstCorrection = 1 - StrictMath.pow(optimizer.beta1(), step);
    double secondCorrection = 1 - StrictMath.pow(optimizer.beta2(), step);
    float stepSize = (float) (rate / firstCorrection);
    float rootCorrection = (float) (1 / StrictMath.sqrt(secondCorrection));
    float epsilon = (float) optimizer.epsilon();
    values.forEach(
        (name, value) -> {
          float[] gradient = requireNonNull(sums.get(name));
          float[] m = requireNonNull(first.get(name));
          float[] v = requireNonNull(second.get(name));
          float keep = decays(name) ? (float) (1 - rate * optimizer.weightDecay()) : 1;
          for (int i = 0; i < value.length; i++) {
            float g = gradient[i] * scale;
            m[i] = b1 * m[i] + (1 - b1) * g;
            v[i] = b2 * v[i] + (1 - b2) * g * g;
            float root = (float) Math.sqrt(v[i]) * rootCorrection + epsilon;
            value[i] = keep * value[i] - stepSize * m[i] / root;
          }
        });
  }

  private static boolean decays(String name) {
    return name.startsWith("h.") && name.endsWith(".weight") && !name.contains(".ln_");
  }

  /** {@return the mean of the square root of the bias-corrected second moment of a parameter} */
  double rootSecondMoment(String name, int steps) {
    double correction = 1 - StrictMath.pow(beta2, steps);
    double sum = 0;
    float[] v = requireNonNull(second.get(name));
    for (float moment : v) {
      sum += Math.sqrt(moment / correction);
    }
    return sum / v.length;
  }
}
