package io.whence.engine.review;

import io.whence.engine.EngineException;
import io.whence.engine.risk.UseFacts.Judgement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What one person holds of one output.
 *
 * @param reviewer a pseudonym, the same in all reviews of the person
 * @param name of the person
 * @param role in which the person judges, as counsel or editor
 * @param label how far the output transforms what it is nearest to
 * @param reason why
 * @param at when it was given
 */
public record Review(
    String reviewer, String name, String role, Label label, String reason, Instant at) {
  private static final int MOST_NAMED = 10;
  private static final int LONGEST_REASON = 200;
  private static final int LONGEST_NAME = 60;
  private static final int LONGEST_WHO = 180;

  /** Rejects a label that nobody answers for. */
  public Review {
    if (name.isBlank() || role.isBlank() || reason.isBlank()) {
      throw new EngineException.InvalidQuery(
          "a review names the reviewer and the role, and gives the reason; one of them is blank");
    }
  }

  /**
   * {@return what reviews of one output say of its transformativeness, as an input of the risk} The
   * figure is the median of the labels' middles; the range reaches from the least to the most that
   * any of the labels stands for, so who contradicts the others widens it.
   *
   * @param reviews the latest of each reviewer, at least one, in any order
   */
  public static Judgement transformative(List<Review> reviews) {
    List<Review> sorted =
        reviews.stream()
            .sorted(Comparator.comparing(Review::at).thenComparing(Review::reviewer))
            .toList();
    double[] values =
        sorted.stream().mapToDouble(review -> review.label.value()).sorted().toArray();
    double low = sorted.stream().mapToDouble(review -> review.label.low()).min().orElseThrow();
    double high = sorted.stream().mapToDouble(review -> review.label.high()).max().orElseThrow();
    double median = (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
    return new Judgement(
        median,
        low,
        high,
        who(sorted),
        why(sorted, median, low, high),
        sorted.get(sorted.size() - 1).at.toString());
  }

  /** As many as fit where a name is expected; the reason has the others. */
  private static String who(List<Review> reviews) {
    int n = reviews.size();
    StringBuilder who = new StringBuilder(n == 1 ? "1 reviewer: " : n + " reviewers: ");
    for (int i = 0; i < n; i++) {
      String one =
          shortened(reviews.get(i).name, LONGEST_NAME)
              + " ("
              + shortened(reviews.get(i).role, LONGEST_NAME)
              + ")";
      if (i > 0 && who.length() + one.length() > LONGEST_WHO) {
        return who + " and " + (n - i) + " more";
      }
      who.append(i == 0 ? "" : ", ").append(one);
    }
    return who.toString();
  }

  private static String why(List<Review> reviews, double median, double low, double high) {
    int n = reviews.size();
    List<String> each = new ArrayList<>();
    for (Review review : reviews.subList(0, Math.min(n, MOST_NAMED))) {
      String reason = review.reason.replaceAll("\\s+", " ");
      each.add(
          shortened(review.name, LONGEST_NAME)
              + ", "
              + review.at
              + ", "
              + review.label.id()
              + ": "
              + shortened(reason, LONGEST_REASON));
    }
    boolean against = reviews.stream().anyMatch(review -> review.label.compareTo(Label.MIXED) < 0);
    boolean in = reviews.stream().anyMatch(review -> review.label.compareTo(Label.MIXED) > 0);
    return String.format(
            Locale.ROOT,
            "%s, median %.3f, spread %.2f to %.2f%s. ",
            n == 1 ? "1 review" : n + " reviews",
            median,
            low,
            high,
            against && in ? "; they contradict each other" : "")
        + String.join("; ", each)
        + (n > MOST_NAMED ? "; and " + (n - MOST_NAMED) + " more" : "");
  }

  /** {@return a text of at most so many characters, cut between them} */
  static String shortened(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return text.substring(0, end) + "...";
  }
}
