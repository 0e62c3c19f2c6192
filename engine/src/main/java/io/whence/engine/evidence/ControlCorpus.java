package io.whence.engine.evidence;

import java.util.Comparator;
import java.util.List;

/**
 * What outputs that owe nothing to a corpus have in common with it: the null distribution of how
 * rare the rarest match of an output is. It holds the idioms, formulae and quotations that a model
 * of independent words does not know of.
 *
 * @param outputs how many were tried
 * @param words length of each
 * @param seed they were drawn from
 * @param rarest of each output that has a match, how rare its rarest is for its length (log10),
 *     largest first
 */
public record ControlCorpus(int outputs, int words, long seed, List<Double> rarest) {
  /** Sorts; rejects more matches than outputs. */
  public ControlCorpus {
    rarest = rarest.stream().sorted(Comparator.reverseOrder()).toList();
    if (outputs < 1 || rarest.size() > outputs) {
      throw new IllegalArgumentException(
          "a control corpus has at least 1 output and a match for each at the most; got "
              + outputs
              + " and "
              + rarest.size());
    }
  }

  /**
   * {@return how rare the rarest of an output's matches is for its length; lower than any match
   * where there is none}
   */
  public static double rarest(List<? extends Evidence> matches, int outputWords) {
    return matches.stream()
        .mapToDouble(match -> Significance.rarity(match, outputWords))
        .max()
        .orElse(Double.NEGATIVE_INFINITY);
  }

  /** {@return the share of outputs with a match at least as rare, the asker's counted in} */
  double pValue(double rarity) {
    int below = 0;
    int above = rarest.size();
    while (below < above) {
      int middle = (below + above) >>> 1;
      if (rarest.get(middle) >= rarity) {
        below = middle + 1;
      } else {
        above = middle;
      }
    }
    return (1.0 + below) / (1.0 + outputs);
  }
}
