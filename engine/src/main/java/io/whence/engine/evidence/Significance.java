package io.whence.engine.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often chance would give a match as rare as this one.
 *
 * @param model P(Poisson(E) &ge; 1), where E is the match's expected number by chance
 * @param holm the same after Holm's correction over every place of the output that was tested
 * @param control share of the control corpus's outputs with a match at least as rare for their
 *     length, this one counted in; null where the index has no control corpus
 */
public record Significance(double model, double holm, @Nullable Double control) {
  /** A match with a greater p-value than this may be chance. */
  public static final double LEVEL = 0.01;

  /** {@return the larger of the corrected model's p-value and the control corpus's} */
  public double pValue() {
    return control == null ? holm : Math.max(holm, control);
  }

  /** {@return whether chance can be left out of account at {@link #LEVEL}} */
  public boolean significant() {
    return pValue() < LEVEL;
  }

  /**
   * {@return the significance of each of an output's matches, in order}
   *
   * <p>Every place of the output is tested twice, for a run and for an edited passage. The places
   * where nothing was found are tests, too: matches are kept because they match, and correcting for
   * these alone would forget all the others.
   *
   * @param matches of the output with all works
   * @param outputWords words of the output
   */
  public static List<Significance> of(
      List<? extends Evidence> matches, int outputWords, @Nullable ControlCorpus control) {
    long tests = Math.max(tests(outputWords), matches.size());
    Integer[] order = new Integer[matches.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> matches.get(i).log10ExpectedByChance()));
    double[] holm = new double[order.length];
    double least = 0;
    for (int i = 0; i < order.length; i++) {
      least = Math.max(least, Math.min(1, (tests - i) * model(matches.get(order[i]))));
      holm[order[i]] = least;
    }
    List<Significance> significances = new ArrayList<>();
    for (int i = 0; i < order.length; i++) {
      significances.add(
          new Significance(
              model(matches.get(i)),
              holm[i],
              control == null ? null : control.pValue(rarity(matches.get(i), outputWords))));
    }
    return List.copyOf(significances);
  }

  private static double model(Evidence match) {
    return -Math.expm1(-StrictMath.pow(10, match.log10ExpectedByChance()));
  }

  private static long tests(int outputWords) {
    return 2L * Math.max(1, outputWords - VerbatimMatcher.TEXT.shortest() + 1);
  }

  /** {@return the negative log10 of how many such matches an output of that length would have} */
  static double rarity(Evidence match, int outputWords) {
    return -match.log10ExpectedByChance() - StrictMath.log10((double) tests(outputWords));
  }
}
