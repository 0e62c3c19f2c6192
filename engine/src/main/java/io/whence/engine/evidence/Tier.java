package io.whence.engine.evidence;

import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** How far evidence carries, and what may be said of it. Only what the engine can reach stands here. */
public enum Tier {
  /** Similarity or influence alone. */
  E0,
  /** A rare exact run of words. */
  E1;

  /** {@return the tier that {@code matches} reach} */
  public static Tier of(List<VerbatimMatch> matches) {
    return matches.stream().anyMatch(VerbatimMatch::rare) ? E1 : E0;
  }

  /**
   * {@return the sentence that may be printed beside a work at this tier} E1 may say "matches", with
   * the chance of it; neither may say "derived from" or "was trained on".
   *
   * @param matches the work's, among them a rare one at E1
   */
  public String wording(List<VerbatimMatch> matches) {
    return switch (this) {
      case E0 -> "the output resembles this work";
      case E1 -> {
        VerbatimMatch longest =
            matches.stream()
                .filter(VerbatimMatch::rare)
                .max(Comparator.comparingInt(match -> match.outputWords().length()))
                .orElseThrow();
        yield String.format(
            Locale.ROOT,
            "the output matches %d words of this work in one run; expected by chance less than 10^%d"
                + " times in a corpus of this size, if words fell independently",
            longest.outputWords().length(),
            (int) Math.ceil(longest.log10ExpectedByChance()));
      }
    };
  }
}
