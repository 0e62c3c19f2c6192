package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.review.Agreement;
import io.whence.service.persistence.ReviewRecords.Kept;
import io.whence.service.persistence.ReviewRecords.Reviewer;
import io.whence.service.persistence.ReviewRecords.Waiting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is answered of reviews: pseudonyms, never names. */
final class ReviewResponse {
  private ReviewResponse() {}

  /** A reviewer, to whom alone the id is told. */
  @RegisterForReflection
  record ReviewerResponse(String id, String createdAt, String name, String role, String pseudonym) {
    static ReviewerResponse of(Reviewer reviewer) {
      return new ReviewerResponse(
          reviewer.id().toString(),
          reviewer.createdAt().toString(),
          reviewer.name(),
          reviewer.role(),
          reviewer.pseudonym());
    }
  }

  /** The closest work as the reviewer was shown it. */
  @RegisterForReflection
  record ClosestResponse(String work, @Nullable String title, @Nullable String passage) {}

  /** A label and what it stands for. */
  @RegisterForReflection
  record ReviewDescription(
      String id,
      String createdAt,
      String attribution,
      String reviewer,
      String role,
      int version,
      String transformative,
      double value,
      double low,
      double high,
      String reason,
      @Nullable ClosestResponse closest) {
    static ReviewDescription of(Kept review) {
      String work = review.work();
      return new ReviewDescription(
          review.id().toString(),
          review.createdAt().toString(),
          review.attribution().toString(),
          review.review().reviewer(),
          review.role(),
          review.version(),
          review.label().id(),
          review.label().value(),
          review.label().low(),
          review.label().high(),
          review.reason(),
          work == null ? null : new ClosestResponse(work, review.title(), review.passage()));
    }
  }

  /** The reviews of an output; none is shown to who has not labelled it. */
  @RegisterForReflection
  record ReviewPage(
      String attribution, int labels, boolean shown, List<ReviewDescription> reviews) {}

  /** An output that waits for a label. */
  @RegisterForReflection
  record WaitingResponse(String attribution, int labels, String page) {
    static WaitingResponse of(Waiting waiting, Reviewer reviewer) {
      return new WaitingResponse(
          waiting.attribution().toString(),
          waiting.labels(),
          ReviewPageResource.place(waiting.attribution(), reviewer));
    }
  }

  /** Outputs that wait for a label. */
  @RegisterForReflection
  record Queue(List<WaitingResponse> waiting) {}

  /** A coefficient of agreement. */
  @RegisterForReflection
  record FigureResponse(double value, @Nullable Double low, @Nullable Double high) {
    static @Nullable FigureResponse of(Agreement.@Nullable Figure figure) {
      return figure == null
          ? null
          : new FigureResponse(figure.value(), figure.low(), figure.high());
    }
  }

  /** How far reviewers agree. */
  @RegisterForReflection
  record AgreementResponse(
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String index,
      int outputs,
      int reviewers,
      int labels,
      @Nullable Double observedAgreement,
      @Nullable FigureResponse cohensKappa,
      @Nullable FigureResponse krippendorffsAlphaNominal,
      @Nullable FigureResponse krippendorffsAlphaOrdinal,
      long seed,
      int resamples,
      String note) {
    static AgreementResponse of(@Nullable String index, Agreement agreement) {
      return new AgreementResponse(
          index,
          agreement.units(),
          agreement.reviewers(),
          agreement.labels(),
          agreement.observed(),
          FigureResponse.of(agreement.cohensKappa()),
          FigureResponse.of(agreement.alphaNominal()),
          FigureResponse.of(agreement.alphaOrdinal()),
          agreement.seed(),
          agreement.resamples(),
          "Of outputs that two reviewers or more labelled, the latest label of each. Intervals are the"
              + " middle 95 % of resamples of the outputs. 1 is full agreement, 0 what chance would"
              + " give; agreement is not truth.");
    }
  }
}
