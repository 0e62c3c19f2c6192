package io.whence.service.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many entries a page has. */
final class Limit {
  private Limit() {}

  /**
   * {@return the number in a request}
   *
   * @throws Refusal when it is none between 1 and {@code largest}
   */
  static int of(@Nullable String limit, int usual, int largest) {
    if (limit == null) {
      return usual;
    }
    try {
      int most = Integer.parseInt(limit);
      if (most >= 1 && most <= largest) {
        return most;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number out of range.
    }
    String detail = "limit is between 1 and " + largest + "; got " + PathId.shown(limit);
    throw new Refusal(
        ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation("limit", detail)));
  }
}
