package io.whence.service.api;

import io.whence.engine.EngineException;
import io.whence.engine.statement.DeclaredUse;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a request, so that all of it is said at once. */
final class Violations {
  private static final int MOST = 20;
  private static final int LONGEST = 1_000;
  private static final Pattern SUM = Pattern.compile("[0-9a-f]{64}");
  private static final BigDecimal LARGEST_WEIGHT =
      BigDecimal.valueOf(DeclaredUse.LARGEST_WEIGHT / DeclaredUse.UNIT_WEIGHT);

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
    return text(field, value, LONGEST);
  }

  /** {@return a text of at most {@code longest} characters that must be there} */
  String text(String field, @Nullable String value, int longest) {
    if (value == null || value.isBlank()) {
      add(field, field + " is missing");
      return "";
    }
    return bounded(field, value, longest);
  }

  /** {@return a text that may be left out} */
  @Nullable String optional(String field, @Nullable String value) {
    return value == null ? null : bounded(field, value, LONGEST);
  }

  private String bounded(String field, String value, int longest) {
    if (value.length() > longest
        || value.indexOf('\0') >= 0
        || !StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      add(
          field,
          field
              + " has at most "
              + longest
              + " characters, no zero character and no half of a surrogate pair");
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

  /** {@return a SHA-256 sum that must be there; empty where it is not, which is noted} */
  String sha256(String field, @Nullable String value) {
    if (value == null || !SUM.matcher(value).matches()) {
      add(field, field + " is a SHA-256 sum: 64 hexadecimal digits in lower case");
      return "";
    }
    return value;
  }

  /** {@return a weight that must be there, in millionths; the least where it is none} */
  long weight(String field, @Nullable BigDecimal value) {
    if (value == null
        || value.signum() <= 0
        || value.compareTo(LARGEST_WEIGHT) > 0
        || value.stripTrailingZeros().scale() > 6) {
      add(
          field,
          field
              + " is a number above 0 and at most "
              + LARGEST_WEIGHT
              + ", with at most 6 decimals");
      return 1;
    }
    return value.movePointRight(6).longValueExact();
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
