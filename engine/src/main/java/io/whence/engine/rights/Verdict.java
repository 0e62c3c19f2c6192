package io.whence.engine.rights;

/** What is stated of training a generative model on a source, from the least to the most strict. */
public enum Verdict {
  /** Nothing is said of it. */
  UNSTATED("unstated"),
  /** It is allowed. */
  ALLOWED("allowed"),
  /** It is allowed on terms: payment, attribution, a licence to be obtained. */
  CONDITIONAL("conditional"),
  /** It is not allowed: prohibited, or the right is reserved. */
  RESERVED("reserved");

  private final String id;

  Verdict(String id) {
    this.id = id;
  }

  /** {@return its name in answers} */
  public String id() {
    return id;
  }

  /** {@return the stricter of two: where sources disagree, the stricter binds} */
  public Verdict and(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
