package io.whence.engine.influence;

/**
 * An estimated change of an output's loss, in nats.
 *
 * @param deltaLoss positive: the loss would rise without the instance or group
 * @param standardError by which parts of the projection differ: in the blocks of the layers that of
 *     the random directions alone, in the embedding table made so much larger that the interval
 *     held training again where it was measured ({@link SketchedInfluence})
 */
public record Influence(double deltaLoss, double standardError) {
  /** Half width of a 90 % interval in standard errors from four parts: Student's t, 3 degrees. */
  static final double NINETY_PERCENT = 2.3533634348018264;

  /** {@return the lower end of the 90 % interval} */
  public double low() {
    return deltaLoss - NINETY_PERCENT * standardError;
  }

  /** {@return the upper end of the 90 % interval} */
  public double high() {
    return deltaLoss + NINETY_PERCENT * standardError;
  }
}
