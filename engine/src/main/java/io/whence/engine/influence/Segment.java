package io.whence.engine.influence;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of a training run, as SOURCE sees it (Bae et al., 2024, section 3.2): one curvature and
 * one gradient of each example stand for all of its steps.
 *
 * @param training gradients at the end of the stretch
 * @param horizon the sum of the learning rates of its steps
 * @param metric of its steps; null for plain gradient descent
 */
public record Segment(Gradients training, double horizon, @Nullable StepMetric metric) {
  /** {@return its gradients in the coordinates of its steps} */
  Gradients stepped() {
    return metric == null ? training : training.in(metric);
  }
}
