package io.whence.engine.attribution;

import java.util.Arrays;

/**
 * What chance gives a work: the influence up to which it cannot be told from a work that the model
 * never saw. It grows with the length of the work's gradient, as the influence of unseen works does
 * (Hammoudeh and Lowd, 2022, divide influence by it): were it the same for all, long works would be
 * credited with nothing but their length, and short ones hardly ever.
 *
 * @param perLength nats for each unit of length of the work's gradient, at least 0
 * @param rule how that was found, for people
 */
record InfluenceNull(double perLength, String rule) {
  /** Fewer unseen works than this have no 95th percentile. */
  static final int FEWEST_UNSEEN = 20;

  private static final double LEVEL = 0.95;

  /** The 95th percentile of the standard normal law. */
  private static final double NORMAL_95 = 1.6448536269514722;

  /** {@return influence over length, 0 for a work without a gradient} */
  static double ratio(double influence, double length) {
    return length > 0 ? influence / length : 0;
  }

  /**
   * {@return the null of works that the model never saw} Of works as unseen as these, one in twenty
   * at most is above it: it is the smallest that so many of them do not exceed as would be 95 in
   * 100 if one more were counted in (Vovk et al., 2005).
   *
   * @param ratios of each work, at least {@link #FEWEST_UNSEEN}
   */
  static InfluenceNull ofUnseen(double[] ratios) {
    double[] sorted = ratios.clone();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(LEVEL * (sorted.length + 1));
    return new InfluenceNull(
        Math.max(0, sorted[rank - 1]),
        "influence over the length of the gradient, number "
            + rank
            + " of "
            + sorted.length
            + " works the model never saw, times the work's own length");
  }

  /**
   * {@return the null where no works are known to be unseen: the 95th percentile of a normal law
   * with the median and the median deviation of works of any kind, 0 for fewer than three}
   */
  static InfluenceNull ofSample(double[] ratios) {
    double[] sorted = ratios.clone();
    Arrays.sort(sorted);
    double threshold = 0;
    if (sorted.length >= 3) {
      double median = sorted[sorted.length / 2];
      double[] deviations = Arrays.stream(sorted).map(x -> Math.abs(x - median)).sorted().toArray();
      threshold = median + NORMAL_95 * 1.4826 * deviations[deviations.length / 2];
    }
    return new InfluenceNull(
        Math.max(0, threshold),
        "influence over the length of the gradient, median + 1.645 x 1.4826 x median absolute"
            + " deviation of "
            + sorted.length
            + " works, as no works are known to be unseen, times the work's own length");
  }

  /** {@return the null of a work, nats} */
  double of(double length) {
    return perLength * length;
  }
}
