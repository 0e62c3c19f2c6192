package io.whence.service.api;

import io.whence.service.jobs.Attributions;
import io.whence.service.jobs.Reviews;
import io.whence.service.persistence.AttributionRecord;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** The risk of an output assessed again, by what its reviewers hold. */
@RolesAllowed("analyst")
@Path("/v1/attributions/{id}/reassessments")
public class ReassessmentsResource {
  private final Reviews reviews;
  private final Attributions attributions;

  ReassessmentsResource(Reviews reviews, Attributions attributions) {
    this.reviews = reviews;
    this.attributions = attributions;
  }

  /** {@return the new record; the same reviews have the same one} */
  @POST
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<byte[]> reassess(@PathParam("id") String id) {
    AttributionRecord answer = reviews.reassess(ReviewsResource.answer(attributions, id));
    return ResponseBuilder.<byte[]>create(201)
        .location(URI.create("/v1/attributions/" + answer.id()))
        .entity(answer.body())
        .build();
  }
}
