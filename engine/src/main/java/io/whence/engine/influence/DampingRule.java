package io.whence.engine.influence;

import java.util.Locale;

/**
 * Which curvature, gradient and damping fit a training run: no oracle is asked, only the run
 * itself.
 *
 * <p>A run that stopped before it fitted its examples leaves directions unmoved in proportion to
 * its length, so the filter of that length is right and the loss's own gradient tells all. A run
 * that fits every example leaves gradients and curvature of the loss that have collapsed; there the
 * margin keeps its slope, lambda belongs near the mean eigenvalue, and only other models show an
 * example's leverage (both regimes are measured in docs/benchmarks.md).
 *
 * @param interpolating whether the run fits its examples
 * @param target whose gradients
 * @param filter in place of the inverse curvature
 * @param models how many models are needed
 * @param says the rule and what it picked, for people
 */
public record DampingRule(
    boolean interpolating, Target target, Filter filter, int models, String says) {
  /** Training accuracy from which a run is taken to fit its examples. */
  static final double FITTED = 0.995;

  /**
   * {@return the rule for a run}
   *
   * @param trainAccuracy share of its own examples that the model gets right, 0 to 1
   * @param horizon eta T / (1 - momentum) of the training whose effect is predicted
   */
  public static DampingRule of(double trainAccuracy, double horizon) {
    if (trainAccuracy < FITTED) {
      return new DampingRule(
          false,
          Target.LOSS,
          new Filter.Unrolled(horizon),
          1,
          String.format(
              Locale.ROOT,
              "training accuracy %.4f < %.3f: not interpolating; loss gradients, filter (1 -"
                  + " exp(-h sigma)) / sigma with h = eta T / (1 - mu) = %.4g of the training record"
                  + " (about lambda = %.4g)",
              trainAccuracy,
              FITTED,
              horizon,
              1 / horizon));
    }
    return new DampingRule(
        true,
        Target.MARGIN,
        new Filter.OfMean(1),
        10,
        String.format(
            Locale.ROOT,
            "training accuracy %.4f >= %.3f: interpolating; margin gradients, lambda = each layer's"
                + " mean eigenvalue, 10 models trained on other halves, residuals averaged apart",
            trainAccuracy,
            FITTED));
  }
}
