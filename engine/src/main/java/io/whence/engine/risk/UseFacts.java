package io.whence.engine.risk;

import io.whence.engine.EngineException;
import org.jspecify.annotations.Nullable;

/**
 * What the requester states about a use; what is left out counts as unknown, never as 0.
 *
 * @param jurisdiction ISO country code; {@code US} where none is given
 * @param purpose one of {@link Purpose}'s names, such as {@code parody} or {@code search}
 * @param commercial 0 non-profit, .25 to .5 indirect gain, 1 revenue
 * @param creative how creative the work is, 0 fact to 1 fiction
 * @param unpublished 1 when the work was never published
 * @param transformative what the use adds or changes, as a named person judged it
 * @param marketHarm what it takes from the work's markets, as a named person judged it
 */
public record UseFacts(
    @Nullable String jurisdiction,
    @Nullable String purpose,
    @Nullable Double commercial,
    @Nullable Double creative,
    @Nullable Double unpublished,
    @Nullable Judgement transformative,
    @Nullable Judgement marketHarm) {
  /** Nothing stated. */
  public static final UseFacts NONE = new UseFacts(null, null, null, null, null, null, null);

  /**
   * A judged input: worth nothing without who judged and why.
   *
   * @param value 0 to 1
   * @param assertedBy who judged
   * @param reason why
   */
  public record Judgement(double value, String assertedBy, String reason) {
    /** Rejects a value out of range, and a judgement nobody answers for. */
    public Judgement {
      unit("a judged value", value);
      if (assertedBy.isBlank() || reason.isBlank()) {
        throw new EngineException.InvalidQuery(
            "a judged input (transformative, marketHarm) names who asserts it and gives the"
                + " reason; assertedBy or reason is blank");
      }
    }
  }

  /** Rejects values out of range and purposes that are none. */
  public UseFacts {
    unit("use.commercial", commercial);
    unit("use.creative", creative);
    unit("use.unpublished", unpublished);
    if (purpose != null) {
      Purpose.named(purpose);
    }
  }

  private static void unit(String name, @Nullable Double value) {
    if (value != null && !(value >= 0 && value <= 1)) {
      throw new EngineException.InvalidQuery(name + " is between 0 and 1; got " + value);
    }
  }
}
