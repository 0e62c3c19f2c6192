package io.whence.engine.evidence;

import java.util.Comparator;
import java.util.List;

/**
 * How well outputs that owe nothing to a corpus of pictures agree with it: of whole works and parts
 * cut from them, the best agreement with any other work that is no copy. Works that are alike make
 * it conservative. Of embeddings likewise: of whole works, the cosine with the nearest.
 *
 * @param outputs how many were tried
 * @param seed they were drawn from
 * @param best agreement or cosine of each output that found anything, largest first
 */
public record PictureNull(int outputs, long seed, List<Double> best) {
  /** Sorts; rejects more agreements than outputs. */
  public PictureNull {
    best = best.stream().sorted(Comparator.reverseOrder()).toList();
    if (outputs < 1 || best.size() > outputs) {
      throw new IllegalArgumentException(
          "a null of pictures has at least 1 output and an agreement for each at the most; got "
              + outputs
              + " and "
              + best.size());
    }
  }

  /**
   * {@return the share of outputs that agree with some work as well, the asker's counted in} As
   * each is held against all works, nothing is to be corrected for their number.
   */
  public double pValue(double agreement) {
    long as = best.stream().takeWhile(other -> other >= agreement).count();
    return (1.0 + as) / (1.0 + outputs);
  }
}
