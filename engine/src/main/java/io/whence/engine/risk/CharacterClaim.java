package io.whence.engine.risk;

import io.whence.engine.EngineException;
import io.whence.engine.WorkId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether an image shows a character that is protected by itself, as it is stated: the three parts
 * of the test of DC Comics v. Towle. Nothing measures it, so it is worth what those who state it
 * are.
 *
 * @param work whose character it is
 * @param physicalAndConceptual whether it has physical as well as conceptual qualities; null where
 *     nobody says
 * @param delineated whether it is sufficiently delineated to be recognised as the same wherever it
 *     appears; null where nobody says
 * @param distinctive whether it is especially distinctive and has unique elements of expression;
 *     null where nobody says
 */
public record CharacterClaim(
    WorkId work,
    @Nullable Part physicalAndConceptual,
    @Nullable Part delineated,
    @Nullable Part distinctive) {
  /** Id of the decision in the law pack. */
  static final String AUTHORITY = "dc-comics-v-towle";

  /**
   * What one person holds of one part.
   *
   * @param holds whether the part is met
   * @param assertedBy who judged, at most {@value UseFacts#LONGEST_NAME} characters
   * @param reason why, at most {@value UseFacts#LONGEST_REASON} characters
   * @param assertedAt when, an ISO 8601 date or time with its offset; null where that is not said
   */
  public record Part(boolean holds, String assertedBy, String reason, @Nullable String assertedAt) {
    /** Rejects a part that nobody answers for. */
    public Part {
      UseFacts.checkAsserted("a part of use.image.character", assertedBy, reason, assertedAt);
    }

    /**
     * {@return the part in a request's fields}
     *
     * @param name of the part, for the message
     * @throws EngineException.InvalidQuery when a field is missing or out of range
     */
    public static Part of(
        String name,
        @Nullable Boolean holds,
        @Nullable String assertedBy,
        @Nullable String reason,
        @Nullable String assertedAt) {
      if (holds == null || assertedBy == null || reason == null) {
        throw new EngineException.InvalidQuery(
            name
                + " needs holds, assertedBy and reason; "
                + (holds == null ? "holds" : assertedBy == null ? "assertedBy" : "reason")
                + " is missing");
      }
      return new Part(holds, assertedBy, reason, assertedAt);
    }
  }

  /** {@return whether all three parts are stated to be met} */
  public boolean met() {
    return parts().values().stream().allMatch(part -> part != null && part.holds());
  }

  /** {@return who holds what, and what nobody states, one sentence without its end} */
  public String statement() {
    List<String> said = new ArrayList<>();
    parts()
        .forEach(
            (name, part) ->
                said.add(
                    part == null
                        ? name + ": not stated"
                        : name
                            + (part.holds() ? ": met, by " : ": not met, by ")
                            + part.assertedBy()));
    return (met()
            ? "a character of the work is stated to be shown, which nothing measured: "
            : "no character is taken to be shown: all three parts have to be stated and met: ")
        + String.join("; ", said)
        + " (DC Comics v. Towle, "
        + LawPack.US.sourceMark(AUTHORITY)
        + ")";
  }

  private Map<String, @Nullable Part> parts() {
    Map<String, @Nullable Part> parts = new LinkedHashMap<>();
    parts.put("physical as well as conceptual qualities", physicalAndConceptual);
    parts.put("sufficiently delineated and recognisable", delineated);
    parts.put("especially distinctive with unique elements of expression", distinctive);
    return parts;
  }
}
