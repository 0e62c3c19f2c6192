package io.whence.service.api;

import io.whence.engine.Sha256;
import io.whence.engine.review.ReviewedOutput;
import io.whence.service.api.ReviewResponse.AgreementResponse;
import io.whence.service.api.ReviewResponse.Queue;
import io.whence.service.api.ReviewResponse.ReviewDescription;
import io.whence.service.api.ReviewResponse.ReviewPage;
import io.whence.service.api.ReviewResponse.WaitingResponse;
import io.whence.service.audit.SealedLog;
import io.whence.service.jobs.Attributions;
import io.whence.service.jobs.Reviews;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.ReviewRecords.Kept;
import io.whence.service.persistence.ReviewRecords.Reviewer;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** Labels of outputs: given, read, counted, handed out as pairs. */
@RolesAllowed("reader")
@Path("/v1/reviews")
public class ReviewsResource {
  private final Reviews reviews;
  private final Attributions attributions;
  private final SealedLog log;
  private final BoundReviewer bound;

  ReviewsResource(Reviews reviews, Attributions attributions, SealedLog log, BoundReviewer bound) {
    this.reviews = reviews;
    this.attributions = attributions;
    this.log = log;
    this.bound = bound;
  }

  /** {@return the new review; it is on disk and in the log} */
  @RolesAllowed("reviewer")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<ReviewDescription> label(byte @Nullable [] body) {
    ReviewRequest.LabelRequest request = RequestReader.read(body, ReviewRequest.LabelRequest.class);
    ReviewRequest.LabelRequest.Labelled asked = request.by(bound.or(request.reviewer())).checked();
    Kept review =
        reviews.label(
            answer(attributions, asked.attribution()),
            reviewer(reviews, asked.reviewer()),
            asked.label(),
            asked.reason(),
            asked.corrects());
    return ResponseBuilder.<ReviewDescription>create(201)
        .location(URI.create("/v1/reviews/" + review.id()))
        .entity(ReviewDescription.of(review))
        .build();
  }

  /** {@return the reviews of an output, once the reviewer who asks has labelled it} */
  @RolesAllowed({"reader", "reviewer"})
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public ReviewPage page(
      @QueryParam("attribution") @Nullable String attribution,
      @QueryParam("reviewer") @Nullable String reviewer) {
    AttributionRecord answer = answer(attributions, stated("attribution", attribution));
    List<Kept> latest = reviews.of(answer.id());
    boolean shown = false;
    String person = bound.or(reviewer);
    if (person != null) {
      Reviewer asks = reviewer(reviews, person);
      shown = latest.stream().anyMatch(review -> review.reviewer().equals(asks.id()));
    }
    return new ReviewPage(
        answer.id().toString(),
        latest.size(),
        shown,
        shown ? latest.stream().map(ReviewDescription::of).toList() : List.of());
  }

  /** {@return a review} */
  @RolesAllowed({"reader", "reviewer"})
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public ReviewDescription read(@PathParam("id") String id) {
    return PathId.of(id)
        .flatMap(reviews::find)
        .map(ReviewDescription::of)
        .orElseThrow(
            () ->
                new Refusal(ProblemType.UNKNOWN_REVIEW, "there is no review " + PathId.shown(id)));
  }

  /** {@return outputs that others have labelled and the reviewer has not} */
  @RolesAllowed("reviewer")
  @GET
  @Path("queue")
  @Produces(MediaType.APPLICATION_JSON)
  public Queue queue(
      @QueryParam("reviewer") @Nullable String reviewer,
      @QueryParam("limit") @Nullable String limit) {
    Reviewer asks = reviewer(reviews, stated("reviewer", bound.or(reviewer)));
    return new Queue(
        reviews.waiting(asks, Limit.of(limit, 20, 100)).stream()
            .map(waiting -> WaitingResponse.of(waiting, asks))
            .toList());
  }

  /** {@return how far the reviewers agree} */
  @GET
  @Path("agreement")
  @Produces(MediaType.APPLICATION_JSON)
  public AgreementResponse agreement(
      @QueryParam("index") @Nullable String index, @QueryParam("seed") @Nullable String seed) {
    String name = index == null ? null : stated("index", index);
    return AgreementResponse.of(name, reviews.agreement(name, ReviewRequest.seed(seed)));
  }

  /** {@return outputs with their closest works and labels, as CSV} */
  @GET
  @Path("pairs/csv")
  @Produces("text/csv;charset=UTF-8")
  public RestResponse<StreamingOutput> csv(@QueryParam("index") @Nullable String index) {
    return pairs(index, "csv", ReviewedOutput.csvHeader(), ReviewedOutput::csv);
  }

  /** {@return the same, one JSON object a line} */
  @GET
  @Path("pairs/jsonl")
  @Produces("application/x-ndjson")
  public RestResponse<StreamingOutput> jsonl(@QueryParam("index") @Nullable String index) {
    return pairs(index, "jsonl", "", pair -> pair.jsonLine() + "\n");
  }

  private RestResponse<StreamingOutput> pairs(
      @Nullable String index, String form, String begin, Function<ReviewedOutput, String> line) {
    String name = index == null ? null : stated("index", index);
    // What is handed out is too long to be held, so the log has the sum of which labels it is.
    Sha256 sum = new Sha256();
    reviews.pairs(
        name,
        pair ->
            sum.add(pair.attribution() + " " + pair.review().reviewer() + " " + pair.version()));
    log.handedOut("reviews.exported", name == null ? "reviews" : "reviews of " + name, sum.hex());
    StreamingOutput lines =
        out -> {
          Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          text.write(begin);
          reviews.pairs(
              name,
              pair -> {
                try {
                  text.write(line.apply(pair));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
          text.flush();
        };
    return ResponseBuilder.ok(lines)
        .header(
            HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"review-pairs." + form + "\"")
        .build();
  }

  private static String stated(String field, @Nullable String value) {
    Violations wrong = new Violations();
    String text = wrong.text(field, value);
    wrong.refuse();
    return text;
  }

  static AttributionRecord answer(Attributions attributions, String id) {
    return PathId.of(id)
        .flatMap(attributions::find)
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_ATTRIBUTION,
                    "there is no attribution " + PathId.shown(id)));
  }

  static Reviewer reviewer(Reviews reviews, String id) {
    return PathId.of(id)
        .flatMap(reviews::reviewer)
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_REVIEWER,
                    "there is no reviewer " + PathId.shown(id) + "; register at /v1/reviewers"));
  }
}
