package io.whence.engine.rights;

import io.whence.engine.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * A statement as it was read.
 *
 * @param form it is in
 * @param sha256 of the text, which is to be kept with the time it was fetched
 * @param verdict what it says of training
 * @param ground the words that say so, or that none do
 * @param terms where the terms are, as it states; null where it names none
 */
public record Reading(
    Form form, String sha256, Verdict verdict, String ground, @Nullable String terms) {
  static Reading of(
      Form form, String text, Verdict verdict, String ground, @Nullable String terms) {
    return new Reading(form, Sha256.of(text), verdict, ground, terms);
  }
}
