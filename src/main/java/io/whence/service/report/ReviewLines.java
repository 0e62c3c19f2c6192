package io.whence.service.report;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/** What stands in the page of a review, ready to print, as {@code report/review.html} names it. */
final class ReviewLines {
  private ReviewLines() {}

  /** The page; texts that are not there are empty. */
  @RegisterForReflection
  record Page(
      String id,
      String createdAt,
      String index,
      String prompt,
      String output,
      List<Beside> works,
      String reviewer,
      String person,
      String own,
      String given,
      List<Opinion> others,
      String counted,
      int waiting,
      String next,
      String refused,
      List<Choice> choices,
      String reason) {}

  /** A work beside an output, for a reviewer; the passage is empty where it is not at hand. */
  @RegisterForReflection
  record Beside(
      int rank,
      String title,
      String author,
      String licence,
      String shared,
      String deltaLoss,
      String passage) {}

  /** What another reviewer holds. */
  @RegisterForReflection
  record Opinion(String who, String label, String at, String reason) {}

  /** A label to choose; the key is a digit. */
  @RegisterForReflection
  record Choice(int key, String id, String name, String means, String range, boolean chosen) {}
}
