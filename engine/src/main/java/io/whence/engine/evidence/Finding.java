package io.whence.engine.evidence;

import org.jspecify.annotations.Nullable;

/**
 * A match with what it is worth.
 *
 * @param significance how often chance would give it
 * @param excludedBy name of the rule that sets it aside as common property; null where none does
 */
public record Finding(Evidence match, Significance significance, @Nullable String excludedBy) {
  /** {@return whether the match is evidence: rare, beyond chance, and not set aside} */
  public boolean counts() {
    return excludedBy == null && match.rare() && significance.significant();
  }
}
