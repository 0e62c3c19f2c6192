package io.whence.service.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many entries a page has, and other whole numbers of a query. */
final class Limit {
  private Limit() {}

  /**
   * {@return the number in a request}
   *
   * @throws Refusal when it is none between 1 and {@code largest}
   */
  static int of(@Nullable String limit, int usual, int largest) {
    return of("limit", limit, usual, 1, largest);
  }

  /**
   * {@return the number in a request}
   *
   * @throws Refusal when it is none between {@code smallest} and {@code largest}
   */
  static int of(String name, @Nullable String value, int usual, int smallest, int largest) {
    if (value == null) {
      return usual;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= smallest && number <= largest) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number out of range.
    }
    String detail =
        name + " is between " + smallest + " and " + largest + "; got " + PathId.shown(value);
    throw new Refusal(
        ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation(name, detail)));
  }
}
