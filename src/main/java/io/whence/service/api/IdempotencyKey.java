package io.whence.service.api;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code Idempotency-Key} of a request: asking again with it changes nothing. */
final class IdempotencyKey {
  static final String HEADER = "Idempotency-Key";

  /** Printable ASCII, so that keys sort alike wherever they are sorted. */
  static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,200}");

  private IdempotencyKey() {}

  /**
   * {@return the key as it was sent; null for none}
   *
   * @throws Refusal when it is no key
   */
  static @Nullable String checked(@Nullable String header) {
    if (header != null && !FORM.matcher(header).matches()) {
      String detail = HEADER + " has 1 to 200 characters of printable ASCII without spaces";
      throw new Refusal(
          ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation(HEADER, detail)));
    }
    return header;
  }
}
