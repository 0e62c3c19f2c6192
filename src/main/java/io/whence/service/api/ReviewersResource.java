package io.whence.service.api;

import io.whence.service.api.ReviewResponse.ReviewerResponse;
import io.whence.service.jobs.Reviews;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** People who label outputs. */
@RolesAllowed({"reviewer", "administrator"})
@Path("/v1/reviewers")
public class ReviewersResource {
  private final Reviews reviews;
  private final BoundReviewer bound;

  ReviewersResource(Reviews reviews, BoundReviewer bound) {
    this.reviews = reviews;
    this.bound = bound;
  }

  /**
   * {@return the new reviewer; the id is told this once, and who knows it labels as this person}
   */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<ReviewerResponse> register(byte @Nullable [] body) {
    bound.refuseAnother();
    ReviewRequest.ReviewerRequest.Person person =
        RequestReader.read(body, ReviewRequest.ReviewerRequest.class).checked();
    return RestResponse.status(
        RestResponse.Status.CREATED,
        ReviewerResponse.of(reviews.register(person.name(), person.role())));
  }
}
