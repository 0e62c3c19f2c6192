package io.whence.engine.review;

import io.whence.engine.EngineException;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How far an output transforms the works it is nearest to, on the scale by which the decided cases
 * are coded: 0 to .1 no, .2 to .3 marginal, .5 mixed, .6 to .8 yes, .9 to 1 highly. In the order of
 * the scale.
 */
public enum Label {
  /** It serves the same purpose with no new expression. */
  NO(1, "no", 0, 0.05, 0.1),
  /** It changes little. */
  MARGINAL(2, "marginal", 0.2, 0.25, 0.3),
  /** Partly so; as wide as the widest of the others, for nobody judges to a point. */
  MIXED(3, "mixed", 0.4, 0.5, 0.6),
  /** It has a further purpose or a different character. */
  YES(4, "yes", 0.6, 0.7, 0.8),
  /** It comments on the work, or serves another purpose altogether. */
  HIGHLY(5, "highly", 0.9, 0.95, 1);

  private final int step;
  private final String id;
  private final double low;
  private final double value;
  private final double high;

  Label(int step, String id, double low, double value, double high) {
    this.step = step;
    this.id = id;
    this.low = low;
    this.value = value;
    this.high = high;
  }

  /**
   * {@return the label of a name}
   *
   * @throws EngineException.InvalidQuery when there is none
   */
  public static Label of(String id) {
    return Arrays.stream(values())
        .filter(label -> label.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException.InvalidQuery(
                    "transformative is one of "
                        + Arrays.stream(values()).map(Label::id).collect(Collectors.joining(", "))
                        + "; got "
                        + (id.length() <= 64 ? id : id.substring(0, 64) + "...")));
  }

  /** {@return its place on the scale, from 1} */
  public int step() {
    return step;
  }

  /** {@return its name in requests and answers} */
  public String id() {
    return id;
  }

  /** {@return the least transformativeness it stands for, 0 to 1} */
  public double low() {
    return low;
  }

  /** {@return the middle of what it stands for, 0 to 1} */
  public double value() {
    return value;
  }

  /** {@return the most it stands for, 0 to 1} */
  public double high() {
    return high;
  }
}
