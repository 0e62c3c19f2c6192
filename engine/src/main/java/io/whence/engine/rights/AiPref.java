package io.whence.engine.rights;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Preferences of the IETF's AI Preferences drafts (attach-05, vocab), a structured-field dictionary
 * such as {@code train-ai=n, search=y}. The drafts may still change; {@code bots}, which an earlier
 * one had for all automated processing, counts where {@code train-ai} is not stated.
 */
final class AiPref {
  private AiPref() {}

  static Reading read(String text) {
    Boolean train = training(text, "y", "n", "train-ai", "bots");
    return Reading.of(
        Form.AIPREF,
        text,
        verdict(train),
        train == null ? "no preference for train-ai" : "Content-Usage: " + text.strip(),
        null);
  }

  static Verdict verdict(@Nullable Boolean allowed) {
    if (allowed == null) {
      return Verdict.UNSTATED;
    }
    return allowed ? Verdict.ALLOWED : Verdict.RESERVED;
  }

  /**
   * {@return what a dictionary says of training; null where it says nothing}
   *
   * @param names in the order in which they count; of one that is stated twice the last counts
   */
  static @Nullable Boolean training(String dictionary, String yes, String no, String... names) {
    for (String name : names) {
      Boolean found = null;
      for (String member : dictionary.split(",", -1)) {
        String bare = member.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
        if (bare.equals(name + "=" + yes)) {
          found = true;
        } else if (bare.equals(name + "=" + no)) {
          found = false;
        }
      }
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
