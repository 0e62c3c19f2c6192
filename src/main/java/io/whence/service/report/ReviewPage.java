package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.qute.RawString;
import io.quarkus.qute.Template;
import io.whence.engine.review.ClosestWork;
import io.whence.engine.review.Label;
import io.whence.engine.review.Review;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An output beside its closest works, with a form to label it. The page works without its script,
 * which only lets keys choose; it loads nothing from anywhere.
 */
public final class ReviewPage {
  private static final String STYLE = Style.resource("/report/review.css");
  private static final String SCRIPT = Style.resource("/report/review.js");

  /** Lets the page have its own style and script, and send its form back to where it is from. */
  public static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; style-src 'sha256-"
          + AttributionReport.base64Sum(STYLE)
          + "'; script-src 'sha256-"
          + AttributionReport.base64Sum(SCRIPT)
          + "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final Template TEMPLATE = AttributionReport.template("/report/review.html");

  private final ReviewLines.Page page;

  private ReviewPage(ReviewLines.Page page) {
    this.page = page;
  }

  /** Who looks at the page. */
  public record Person(String id, String name, String role) {}

  /** The label that the person has given. */
  public record Given(String id, int version, Review review) {}

  /** Why a form was not taken, and what it held. */
  public record Refused(String detail, String transformative, String reason) {}

  /**
   * {@return the page}
   *
   * @param answer the record of the output
   * @param person null where nobody has said who looks
   * @param own null where the person has not labelled the output
   * @param others what others hold of it; empty before the person has labelled it
   * @param labels by how many others
   * @param waiting how many outputs wait for the person
   * @param next where the next of them is
   * @param refused null where nothing was
   */
  public static ReviewPage of(
      byte[] answer,
      List<ClosestWork> closest,
      @Nullable Person person,
      @Nullable Given own,
      List<Review> others,
      int labels,
      int waiting,
      String next,
      @Nullable Refused refused) {
    JsonNode record;
    try {
      record = MAPPER.readTree(answer);
    } catch (IOException e) {
      throw new UncheckedIOException("a stored record is not JSON", e);
    }
    String chosen =
        refused != null ? refused.transformative() : own == null ? "" : own.review().label().id();
    return new ReviewPage(
        new ReviewLines.Page(
            record.path("id").asText(),
            record.path("createdAt").asText(),
            record.path("index").path("id").asText(),
            record.path("output").path("prompt").asText(""),
            record.path("output").path("text").asText(),
            closest.stream().map(ReviewPage::work).toList(),
            person == null ? "" : person.id(),
            person == null ? "" : person.name() + ", " + person.role(),
            own == null ? "" : own.id(),
            own == null ? "" : given(own),
            others.stream().map(ReviewPage::other).toList(),
            counted(labels),
            waiting,
            next,
            refused == null ? "" : refused.detail(),
            java.util.Arrays.stream(Label.values())
                .map(label -> choice(label, label.id().equals(chosen)))
                .toList(),
            refused != null ? refused.reason() : own == null ? "" : own.review().reason()));
  }

  /** {@return the page as HTML} */
  public String render() {
    return TEMPLATE
        .data("page", page, "style", new RawString(STYLE), "script", new RawString(SCRIPT))
        .render();
  }

  private static ReviewLines.Beside work(ClosestWork work) {
    return new ReviewLines.Beside(
        work.rank(),
        work.title(),
        work.author(),
        work.licence(),
        work.sharedWords() == 0
            ? "no run of words is shared; the training example with the most influence"
            : work.sharedWords() + " words shared in this passage",
        String.format(Locale.ROOT, "%+.4f", work.deltaLoss()),
        work.passage() == null ? "" : work.passage());
  }

  private static String given(Given own) {
    return "You labelled this output “"
        + words(own.review().label())
        + "” on "
        + MINUTE.format(own.review().at())
        + (own.version() > 1 ? ", in version " + own.version() : "")
        + ".";
  }

  private static ReviewLines.Opinion other(Review review) {
    return new ReviewLines.Opinion(
        review.reviewer() + ", " + review.role(),
        words(review.label()),
        MINUTE.format(review.at()),
        review.reason());
  }

  private static String counted(int labels) {
    return switch (labels) {
      case 0 -> "Nobody else has labelled it yet.";
      case 1 -> "One other reviewer has labelled it.";
      default -> labels + " other reviewers have labelled it.";
    };
  }

  private static ReviewLines.Choice choice(Label label, boolean chosen) {
    return new ReviewLines.Choice(
        label.step(),
        label.id(),
        words(label),
        switch (label) {
          case NO -> "the same purpose, no new expression";
          case MARGINAL -> "little is changed";
          case MIXED -> "partly so";
          case YES -> "a further purpose or a different character";
          case HIGHLY -> "comments on the work, or serves another purpose altogether";
        },
        String.format(Locale.ROOT, "%.1f to %.1f", label.low(), label.high()),
        chosen);
  }

  private static String words(Label label) {
    return switch (label) {
      case NO -> "not transformative";
      case MARGINAL -> "marginally transformative";
      case MIXED -> "mixed";
      case YES -> "transformative";
      case HIGHLY -> "highly transformative";
    };
  }
}
