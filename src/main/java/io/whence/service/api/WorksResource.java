package io.whence.service.api;

import io.whence.service.api.RegisterResponse.WorkPage;
import io.whence.service.api.RegisterResponse.WorkResponse;
import io.whence.service.persistence.Registrations;
import io.whence.service.persistence.Registrations.WorkEntry;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** Who owns which part of a work: registered, looked for, read. */
@RolesAllowed("reader")
@Path("/v1/works")
public class WorksResource {
  private final Registrations registrations;

  WorksResource(Registrations registrations) {
    this.registrations = registrations;
  }

  /** {@return the new registration; it counts from now on} */
  @RolesAllowed("registrar")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<WorkResponse> register(byte @Nullable [] body) {
    WorkEntry entry =
        registrations.register(
            RequestReader.read(body, RegisterRequest.WorkRequest.class).checked());
    return ResponseBuilder.<WorkResponse>create(201)
        .location(URI.create("/v1/works/" + entry.id()))
        .entity(WorkResponse.of(entry))
        .build();
  }

  /** {@return latest registrations by part of an id or a title, or a whole identifier} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public WorkPage search(
      @QueryParam("q") @Nullable String text, @QueryParam("limit") @Nullable String limit) {
    return new WorkPage(
        registrations
            .works(
                text == null ? "" : text,
                Limit.of(
                    limit, RightsHoldersResource.USUAL_PAGE, RightsHoldersResource.LARGEST_PAGE))
            .stream()
            .map(WorkResponse::of)
            .toList());
  }

  /** {@return a registration} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public WorkResponse read(@PathParam("id") String id) {
    return PathId.of(id)
        .flatMap(registrations::work)
        .map(WorkResponse::of)
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_WORK,
                    "there is no registration of a work " + PathId.shown(id)));
  }
}
