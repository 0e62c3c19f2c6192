package io.whence.engine.influence;

/**
 * The influence methods an index can answer with. All are of the form {@code (1/N) g_q' A g_z} with
 * N the tokens trained on and g summed gradients, and differ in A. Sign: positive is a proponent,
 * whose removal raises the output's loss. Unit: nats of the output's summed loss.
 */
public enum InfluenceMethod {
  /** A = 1/(m + lambda), layer by layer, m the mean eigenvalue of F: no direction is special. */
  GRADIENT_DOT(
      "gradientDot",
      "Gradient dot product",
      "Pruthi et al., Estimating training data influence by tracing gradient descent, NeurIPS 2020"
          + " (TracIn, its last checkpoint)",
      "one backward pass for the output, one product of length k for an instance",
      "the sketch store: 4k bytes an instance",
      "a checkpoint; its training record for the damping"),
  /** A = (F + lambda)^-1, F the empirical Fisher of a layer's sketches. */
  SKETCHED_FISHER(
      "sketchedFisher",
      "Sketched inverse-curvature influence (LoGRA)",
      "Choe et al., What is your data worth to GPT?, 2024; Koh and Liang, ICML 2017",
      "one backward pass for the output, one solve in each layer's sketch, one product of length k"
          + " for an instance",
      "the sketch store: 4k bytes an instance, and a matrix of the sketch's size for each layer",
      "a checkpoint; its training record for the damping");

  private final String id;
  private final String title;
  private final String paper;
  private final String cost;
  private final String memory;
  private final String needs;

  InfluenceMethod(String id, String title, String paper, String cost, String memory, String needs) {
    this.id = id;
    this.title = title;
    this.paper = paper;
    this.cost = cost;
    this.memory = memory;
    this.needs = needs;
  }

  /** {@return its name in requests and answers} */
  public String id() {
    return id;
  }

  /** {@return its published name} */
  public String title() {
    return title;
  }

  /** {@return where it was published} */
  public String paper() {
    return paper;
  }

  /** {@return what a query costs} */
  public String cost() {
    return cost;
  }

  /** {@return what it keeps} */
  public String memory() {
    return memory;
  }

  /** {@return what must be there} */
  public String needs() {
    return needs;
  }
}
