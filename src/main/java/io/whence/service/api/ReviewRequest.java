package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.review.Label;
import io.whence.service.jobs.Reviews;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is sent of reviews; any field may be missing until it is checked. */
final class ReviewRequest {
  private ReviewRequest() {}

  /** {@code POST /v1/reviewers}. */
  @RegisterForReflection
  record ReviewerRequest(@Nullable String name, @Nullable String role) {
    /** A person who can be registered. */
    record Person(String name, String role) {}

    /**
     * {@return the person}
     *
     * @throws Refusal naming the fields that are wrong
     */
    Person checked() {
      Violations wrong = new Violations();
      Person person = new Person(wrong.text("name", name), wrong.text("role", role));
      wrong.refuse();
      return person;
    }
  }

  /** {@code POST /v1/reviews}. */
  @RegisterForReflection
  record LabelRequest(
      @Nullable String attribution,
      @Nullable String reviewer,
      @Nullable String transformative,
      @Nullable String reason,
      @Nullable String corrects) {
    /** A review that can be kept, once its attribution and its reviewer are found. */
    record Labelled(
        String attribution, String reviewer, Label label, String reason, @Nullable UUID corrects) {}

    /** {@return the same of a reviewer} */
    LabelRequest by(@Nullable String person) {
      return new LabelRequest(attribution, person, transformative, reason, corrects);
    }

    /**
     * {@return the review}
     *
     * @throws Refusal naming the fields that are wrong
     */
    Labelled checked() {
      Violations wrong = new Violations();
      String output = wrong.text("attribution", attribution);
      String person = wrong.text("reviewer", reviewer);
      Label label = wrong.of("transformative", () -> Label.of(String.valueOf(transformative)));
      String why = wrong.text("reason", reason, Reviews.LONGEST_REASON);
      UUID earlier = null;
      if (corrects != null) {
        earlier = PathId.of(corrects).orElse(null);
        if (earlier == null) {
          wrong.add("corrects", "corrects is the id of a review; got " + PathId.shown(corrects));
        }
      }
      wrong.refuse();
      return new Labelled(output, person, Objects.requireNonNull(label), why, earlier);
    }
  }

  /**
   * {@return the seed in a request}
   *
   * @throws Refusal when it is no whole number
   */
  static long seed(@Nullable String seed) {
    if (seed == null) {
      return 1;
    }
    try {
      return Long.parseLong(seed);
    } catch (NumberFormatException e) {
      String detail = "seed is a whole number; got " + PathId.shown(seed);
      throw new Refusal(
          ProblemType.INVALID_QUERY,
          detail,
          java.util.List.of(new Problem.Violation("seed", detail)));
    }
  }
}
