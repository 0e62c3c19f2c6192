package io.whence.engine.risk;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One coded ruling on US fair use.
 *
 * @param id of the row
 * @param name of the case, with the use in brackets where a ruling is split by use
 * @param group ties the rows of one dispute
 * @param outcome as decided
 * @param usable whether it may be fitted on and scored: decided, final or a preliminary injunction,
 *     not vacated
 * @param purpose of the use; null where not known
 * @param known inputs of the model by term, 0 to 1; one that is not there is not known
 * @param source where the coding came from
 */
record DecidedCase(
    String id,
    String name,
    String group,
    String court,
    int year,
    String citation,
    Outcome outcome,
    boolean usable,
    @Nullable String purpose,
    Map<String, Double> known,
    String source) {

  /** How a court decided. */
  enum Outcome {
    FAIR("fair"),
    NOT_FAIR("not_fair"),
    MIXED("mixed"),
    UNDECIDED("undecided");

    private final String id;

    Outcome(String id) {
      this.id = id;
    }

    String id() {
      return id;
    }

    static @Nullable Outcome of(String id) {
      for (Outcome outcome : values()) {
        if (outcome.id.equals(id)) {
          return outcome;
        }
      }
      return null;
    }
  }

  boolean notFair() {
    return outcome == Outcome.NOT_FAIR;
  }

  /** {@return whether the coding was made from memory and not checked against the opinion} */
  boolean fromMemory() {
    return source.contains("memory");
  }
}
