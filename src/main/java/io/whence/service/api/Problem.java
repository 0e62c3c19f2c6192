package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.net.URI;
import java.util.List;

/**
 * A refusal as RFC 9457 has it.
 *
 * @param type the kind of problem, for programs
 * @param title the kind of problem, for people
 * @param status the HTTP status
 * @param detail one sentence about this request
 * @param instance the path that was asked for
 * @param violations the fields that are wrong; empty where the problem is none of a field
 */
@RegisterForReflection
record Problem(
    URI type,
    String title,
    int status,
    String detail,
    URI instance,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Violation> violations) {
  static final String MEDIA_TYPE = "application/problem+json";

  /**
   * One field that is wrong.
   *
   * @param field with dots, such as {@code output.text}
   * @param detail one sentence about it
   */
  @RegisterForReflection
  record Violation(String field, String detail) {}

  /** Copies the list. */
  Problem {
    violations = List.copyOf(violations);
  }

  static Problem of(ProblemType type, String detail, String path, List<Violation> violations) {
    return new Problem(type.uri(), type.title(), type.status(), detail, pathUri(path), violations);
  }

  /** A path as it came may hold what no URI may; then it is left out of the answer's name. */
  private static URI pathUri(String path) {
    try {
      return URI.create(path);
    } catch (IllegalArgumentException e) {
      return URI.create("/");
    }
  }
}
