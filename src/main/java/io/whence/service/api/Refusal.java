package io.whence.service.api;

import java.util.List;

/** A request that is refused before the engine sees it. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ProblemType type;
  private final String detail;
  private final transient List<Problem.Violation> violations;

  Refusal(ProblemType type, String detail) {
    this(type, detail, List.of());
  }

  Refusal(ProblemType type, String detail, List<Problem.Violation> violations) {
    super(detail);
    this.type = type;
    this.detail = detail;
    this.violations = List.copyOf(violations);
  }

  ProblemType type() {
    return type;
  }

  String detail() {
    return detail;
  }

  List<Problem.Violation> violations() {
    return violations;
  }
}
