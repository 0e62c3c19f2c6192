package io.whence.service.api;

import io.whence.engine.EngineException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a request, so that all of it is said at once. */
final class Violations {
  private static final int MOST = 20;
  private static final int LONGEST = 1_000;

  private final List<Problem.Violation> found = new ArrayList<>();

  /** One field's rule, which the engine knows. */
  @FunctionalInterface
  interface Rule<T> {
    T apply();
  }

  void add(String field, String detail) {
    found.add(new Problem.Violation(field, detail));
  }

  /** {@return what a rule of the engine gives; null where it refuses, which is noted} */
  <T> @Nullable T of(String field, Rule<T> rule) {
    try {
      return rule.apply();
    } catch (EngineException.InvalidQuery e) {
      add(field, e.detail());
      return null;
    }
  }

  /** {@return a text that must be there; empty where it is not, which is noted} */
  String text(String field, @Nullable String value) {
    if (value == null || value.isBlank()) {
      add(field, field + " is missing");
      return "";
    }
    return bounded(field, value);
  }

  /** {@return a text that may be left out} */
  @Nullable String optional(String field, @Nullable String value) {
    return value == null ? null : bounded(field, value);
  }

  private String bounded(String field, String value) {
    if (value.length() > LONGEST || value.indexOf('\0') >= 0) {
      add(field, field + " has at most " + LONGEST + " characters and no zero character");
      return "";
    }
    return value;
  }

  /** {@return a whole number in a range; the least where it is none, which is noted} */
  long number(String field, @Nullable BigInteger value, long least, long most, long otherwise) {
    if (value == null) {
      return otherwise;
    }
    if (value.bitLength() > 63 || value.longValue() < least || value.longValue() > most) {
      add(field, field + " is between " + least + " and " + most);
      return least;
    }
    return value.longValue();
  }

  /** Refuses the request where anything is wrong. */
  void refuse() {
    if (!found.isEmpty()) {
      List<Problem.Violation> shown = found.subList(0, Math.min(MOST, found.size()));
      throw new Refusal(
          ProblemType.INVALID_QUERY,
          String.join("; ", shown.stream().map(Problem.Violation::detail).toList())
              + (found.size() > MOST ? "; and " + (found.size() - MOST) + " more" : ""),
          shown);
    }
  }
}
