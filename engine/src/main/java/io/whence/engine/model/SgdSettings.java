package io.whence.engine.model;

/**
 * How a {@link SoftmaxNetwork} is trained: plain stochastic gradient descent on the mean loss of a
 * batch.
 *
 * @param hidden widths of the hidden layers, none for logistic regression
 * @param rate eta, the learning rate of every step
 * @param momentum mu of {@code v = mu v + g, w = w - eta v}, 0 up to 1
 * @param batch examples in a batch; the last of an epoch may be smaller
 * @param epochs passes over the examples
 * @param dropout share of hidden units that a step leaves out, the others scaled up
 */
public record SgdSettings(
    java.util.List<Integer> hidden,
    double rate,
    double momentum,
    int batch,
    int epochs,
    double dropout) {
  /** Rejects a run that cannot be. */
  public SgdSettings {
    hidden = java.util.List.copyOf(hidden);
    if (!(rate > 0) || momentum < 0 || momentum >= 1 || batch < 1 || epochs < 1) {
      throw new IllegalArgumentException(
          "rate > 0, 0 <= momentum < 1, batch >= 1, epochs >= 1; got " + rate + ", " + momentum);
    }
    if (dropout < 0 || dropout >= 1) {
      throw new IllegalArgumentException("0 <= dropout < 1; got " + dropout);
    }
  }

  /** {@return how many steps training on {@code n} examples takes} */
  public int steps(int n) {
    return epochs * ((n + batch - 1) / batch);
  }

  /**
   * {@return how far training on {@code n} examples goes: steps times eta / (1 - mu), the size of a
   * step once momentum is up}
   */
  public double horizon(int n) {
    return steps(n) * rate / (1 - momentum);
  }
}
