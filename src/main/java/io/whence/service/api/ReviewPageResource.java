package io.whence.service.api;

import io.whence.engine.EngineException;
import io.whence.service.audit.SealedLog;
import io.whence.service.jobs.Attributions;
import io.whence.service.jobs.Reviews;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.Conflict;
import io.whence.service.persistence.ReviewRecords.Kept;
import io.whence.service.persistence.ReviewRecords.Reviewer;
import io.whence.service.persistence.ReviewRecords.Waiting;
import io.whence.service.report.ReviewPage;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** The page on which people label an output, beside its closest works. */
@RolesAllowed("reviewer")
@Path("/v1/attributions/{id}/review")
public class ReviewPageResource {
  private static final String HTML = MediaType.TEXT_HTML + ";charset=UTF-8";

  private final Reviews reviews;
  private final Attributions attributions;
  private final SealedLog log;
  private final BoundReviewer bound;

  ReviewPageResource(
      Reviews reviews, Attributions attributions, SealedLog log, BoundReviewer bound) {
    this.reviews = reviews;
    this.attributions = attributions;
    this.log = log;
    this.bound = bound;
  }

  /** {@return where a reviewer labels an output} */
  static String place(UUID attribution, Reviewer reviewer) {
    return "/v1/attributions/" + attribution + "/review?reviewer=" + reviewer.id();
  }

  /** {@return the page; who has labelled the output is shown the labels of the others, too} */
  @GET
  @Produces(HTML)
  public RestResponse<String> page(
      @PathParam("id") String id, @QueryParam("reviewer") @Nullable String reviewer) {
    AttributionRecord answer = ReviewsResource.answer(attributions, id);
    String named = bound.or(reviewer);
    Reviewer asks =
        named == null || named.isEmpty() ? null : ReviewsResource.reviewer(reviews, named);
    log.handedOut("attribution.viewed", id, answer.bodySha256());
    return page(answer, asks, null, 200);
  }

  /** {@return to the page, once the person is registered or the label is kept} */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Produces(HTML)
  public RestResponse<String> send(
      @PathParam("id") String id,
      @FormParam("name") @Nullable String name,
      @FormParam("role") @Nullable String role,
      @FormParam("reviewer") @Nullable String reviewer,
      @FormParam("transformative") @Nullable String transformative,
      @FormParam("reason") @Nullable String reason,
      @FormParam("corrects") @Nullable String corrects) {
    AttributionRecord answer = ReviewsResource.answer(attributions, id);
    String named = bound.or(reviewer);
    Reviewer person = named == null ? null : ReviewsResource.reviewer(reviews, named);
    try {
      if (person == null) {
        ReviewRequest.ReviewerRequest.Person checked =
            new ReviewRequest.ReviewerRequest(name, role).checked();
        person = reviews.register(checked.name(), checked.role());
      } else {
        ReviewRequest.LabelRequest.Labelled asked =
            new ReviewRequest.LabelRequest(id, named, transformative, reason, corrects).checked();
        reviews.label(answer, person, asked.label(), asked.reason(), asked.corrects());
      }
    } catch (Refusal e) {
      return page(answer, person, said(e.detail(), transformative, reason), 422);
    } catch (EngineException.InvalidQuery e) {
      return page(answer, person, said(e.detail(), transformative, reason), 422);
    } catch (Conflict e) {
      return page(answer, person, said(e.detail(), transformative, reason), 409);
    }
    return ResponseBuilder.<String>create(303)
        .location(URI.create(place(answer.id(), person)))
        .build();
  }

  private static ReviewPage.Refused said(
      String detail, @Nullable String transformative, @Nullable String reason) {
    return new ReviewPage.Refused(
        detail, transformative == null ? "" : transformative, reason == null ? "" : reason);
  }

  private static Optional<Kept> own(List<Kept> latest, Reviewer person) {
    return latest.stream().filter(review -> review.reviewer().equals(person.id())).findFirst();
  }

  private RestResponse<String> page(
      AttributionRecord answer,
      @Nullable Reviewer asks,
      ReviewPage.@Nullable Refused refused,
      int status) {
    List<Kept> latest = reviews.of(answer.id());
    Optional<Kept> own = asks == null ? Optional.empty() : own(latest, asks);
    List<Waiting> waiting = own.isEmpty() || asks == null ? List.of() : reviews.waiting(asks, 100);
    String html =
        ReviewPage.of(
                answer.body(),
                reviews.closest(answer),
                asks == null
                    ? null
                    : new ReviewPage.Person(asks.id().toString(), asks.name(), asks.role()),
                own.map(
                        review ->
                            new ReviewPage.Given(
                                review.id().toString(), review.version(), review.review()))
                    .orElse(null),
                own.isEmpty()
                    ? List.of()
                    : latest.stream()
                        .filter(review -> !review.id().equals(own.get().id()))
                        .map(Kept::review)
                        .toList(),
                latest.size() - (own.isPresent() ? 1 : 0),
                waiting.size(),
                waiting.isEmpty() || asks == null ? "" : place(waiting.get(0).attribution(), asks),
                refused)
            .render();
    return ResponseBuilder.<String>create(status)
        .entity(html)
        .type(HTML)
        .header("Content-Security-Policy", ReviewPage.CONTENT_SECURITY_POLICY)
        // Not no-referrer: with it a form has no Origin to tell it from another site's.
        .header("Referrer-Policy", "same-origin")
        .header("X-Frame-Options", "DENY")
        .header("Cache-Control", "no-store")
        .build();
  }
}
