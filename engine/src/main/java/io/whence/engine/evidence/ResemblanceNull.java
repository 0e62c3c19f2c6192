package io.whence.engine.evidence;

import java.util.List;

/**
 * How near in meaning outputs that owe nothing to a corpus come to it: the null distribution that
 * makes a cosine a percentile.
 *
 * @param outputs how many were tried
 * @param words length of each
 * @param seed they were drawn from
 * @param nearest of each, the cosine with the nearest instance of a work that it is not from,
 *     ascending
 */
public record ResemblanceNull(int outputs, int words, long seed, List<Double> nearest) {
  /** Sorts; rejects more or fewer cosines than outputs. */
  public ResemblanceNull {
    nearest = nearest.stream().sorted().toList();
    if (outputs < 1 || nearest.size() != outputs) {
      throw new IllegalArgumentException(
          "a null of resemblance has at least 1 output and a cosine for each; got "
              + outputs
              + " and "
              + nearest.size());
    }
  }

  /**
   * {@return how many in 100 outputs of so many passages, all unrelated to the corpus, would have
   * no passage that comes as near; the asker's is counted in, so it is below 100}
   *
   * @param passages at least 1, taken as independent (&Scaron;id&aacute;k)
   */
  public double percentile(double cosine, int passages) {
    int below = 0;
    int above = nearest.size();
    while (below < above) {
      int middle = (below + above) >>> 1;
      if (nearest.get(middle) < cosine) {
        below = middle + 1;
      } else {
        above = middle;
      }
    }
    return 100 * StrictMath.pow(below / (1.0 + outputs), passages);
  }
}
