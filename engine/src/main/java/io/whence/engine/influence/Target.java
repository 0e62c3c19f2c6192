package io.whence.engine.influence;

/** The scalar of an example whose gradient is taken. */
public sealed interface Target {
  /** The loss of the example's own label or tokens, nats. */
  record Loss() implements Target {}

  /**
   * The loss of a label drawn from the model's own prediction: its second moments are the true
   * Fisher information (Kunstner et al., "Limitations of the empirical Fisher approximation",
   * 2019).
   *
   * @param seed of the draws; example i depends on the seed and on i alone
   */
  record SampledLoss(long seed) implements Target {}

  /**
   * log(p / (1 - p)) of the example's own label: TRAK's model output (Park et al., 2023, section
   * 3.2), whose gradient does not vanish where the example is fitted.
   */
  record Margin() implements Target {}

  /** The logit of one class. */
  record Logit(int label) implements Target {}

  /** The loss. */
  Target LOSS = new Loss();

  /** The margin. */
  Target MARGIN = new Margin();
}
