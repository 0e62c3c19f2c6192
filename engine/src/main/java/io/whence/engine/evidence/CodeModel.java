package io.whence.engine.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How likely code is to go on in a way, by the code of a corpus: normalised tokens, each given the
 * two before it, smoothed by the shorter contexts (a hierarchical Dirichlet prior with one
 * observation's weight; MacKay and Peto, 1995). Code is far less varied than words that fall
 * independently.
 *
 * @param occurrences of a token, or a run from {@link #runs}, in the corpus
 * @param tokens how many the corpus has, at least 1
 */
public record CodeModel(ToLongFunction<String> occurrences, long tokens) {
  /** {@return every run of two and three tokens, joined by spaces: what is counted} */
  public static List<String> runs(WordTokens code) {
    List<String> runs = new ArrayList<>(2 * code.size());
    for (int i = 0; i < code.size(); i++) {
      if (i >= 1) {
        runs.add(code.word(i - 1) + " " + code.word(i));
      }
      if (i >= 2) {
        runs.add(code.word(i - 2) + " " + code.word(i - 1) + " " + code.word(i));
      }
    }
    return runs;
  }

  /**
   * {@return log10 of how often a run of tokens is expected in code as long as the corpus}
   *
   * @param code normalised tokens
   * @param start of the run
   * @param end past the run
   */
  double log10Expected(WordTokens code, int start, int end) {
    double sum = StrictMath.log10((double) tokens);
    for (int i = start; i < end; i++) {
      sum += StrictMath.log10(probability(code, start, i));
    }
    return sum;
  }

  private double probability(WordTokens code, int start, int i) {
    double p = (occurrences.applyAsLong(code.word(i)) + 0.5) / (tokens + 1.0);
    String context = "";
    for (int before = i - 1; before >= Math.max(start, i - 2); before--) {
      context = before == i - 1 ? code.word(before) : code.word(before) + " " + context;
      p =
          (occurrences.applyAsLong(context + " " + code.word(i)) + p)
              / (occurrences.applyAsLong(context) + 1.0);
    }
    return Math.min(1, p);
  }
}
