package io.whence.engine.evidence;

import io.whence.engine.evidence.Evidence.NearVerbatimMatch;
import io.whence.engine.evidence.Evidence.RenamedMatch;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How far evidence carries, and what may be said of it. The engine reaches {@link #E0} and {@link
 * #E1}; the others stand here so that no sentence claims them.
 */
public enum Tier {
  /** Similarity or influence alone. */
  E0("resembles", "derived from"),
  /** A rare exact or near-exact run of words. */
  E1("matches", "was trained on"),
  /** Calibrated membership inference, with its false-positive rate. */
  E2("scores like training members", "proves training"),
  /** A rank test on a canary or watermark. */
  E3("training on the marked copy", ""),
  /** The text came out of the model without standing in the prompt. */
  E4("can emit", "stores a file"),
  /** Proof that the work was in the training set, and its measured effect on the output. */
  E5("was in the training set", "caused infringement");

  /** What only a higher tier makes true, though a lower one's row forbids it. */
  private static final Map<String, Tier> FROM = Map.of("was trained on", E5);

  private final String permitted;
  private final String forbidden;

  Tier(String permitted, String forbidden) {
    this.permitted = permitted;
    this.forbidden = forbidden;
  }

  /** {@return the words that this tier is the first to permit} */
  public String permitted() {
    return permitted;
  }

  /** {@return the tier that {@code matches} reach} */
  public static Tier of(List<Finding> matches) {
    return matches.stream().anyMatch(Finding::counts) ? E1 : E0;
  }

  /**
   * {@return the sentence that may be printed beside a work of this tier}
   *
   * @param matches all of the work's; this tier is theirs
   */
  public String wording(List<Finding> matches) {
    if (this != of(matches)) {
      throw new IllegalArgumentException(
          "these matches are of tier " + of(matches) + "; asked for were the words of " + this);
    }
    Optional<Evidence> most =
        matches.stream()
            .filter(finding -> finding.counts() || this == E0)
            .map(Finding::match)
            .max(Comparator.comparingInt(Evidence::equalWords));
    if (most.isEmpty()) {
      return "the output resembles this work; no run of words that they share was found";
    }
    return switch (most.get()) {
      case VerbatimMatch match when this == E0 ->
          "the output resembles this work; the longest run of words they share, "
              + match.equalWords()
              + ", is a common phrase";
      case NearVerbatimMatch match when this == E0 ->
          "the output resembles this work; the "
              + match.equalWords()
              + " words they share in one passage, with edits, would meet by chance";
      case RenamedMatch match when this == E0 ->
          "the output resembles this work; the longest run of code that they share but for names, "
              + match.outputTokens().length()
              + " tokens, is common in such code";
      case RenamedMatch match ->
          "the output matches "
              + match.outputTokens().length()
              + " tokens of this work's code in one run, with names, numbers or texts replaced; expected"
              + " by chance less than once in 10^"
              + (-1 - (int) Math.floor(match.log10ExpectedByChance()))
              + " corpora of this size, if code went on as it does there";
      case VerbatimMatch match ->
          "the output matches "
              + match.equalWords()
              + " words of this work in one run"
              + less(match);
      case NearVerbatimMatch match ->
          "the output matches "
              + match.equalWords()
              + " words of this work in one passage, with edits between them"
              + less(match);
    };
  }

  private static String less(Evidence match) {
    return "; expected by chance less than once in 10^"
        + (-1 - (int) Math.floor(match.log10ExpectedByChance()))
        + " corpora of this size, if words fell independently";
  }

  /**
   * {@return the words in {@code sentence} that claim more than this tier carries; a report with
   * any must not be published}
   */
  public List<String> overstatements(String sentence) {
    String lower = sentence.toLowerCase(Locale.ROOT);
    Stream<String> ofHigherTiers =
        Arrays.stream(values()).filter(tier -> tier.compareTo(this) > 0).map(Tier::permitted);
    Stream<String> forbiddenHere =
        Arrays.stream(values())
            .map(tier -> tier.forbidden)
            .filter(words -> !words.isEmpty())
            .filter(words -> !FROM.containsKey(words) || FROM.get(words).compareTo(this) > 0);
    return Stream.concat(ofHigherTiers, forbiddenHere).filter(lower::contains).toList();
  }
}
