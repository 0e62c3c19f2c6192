package io.whence.service.api;

import io.whence.service.api.RegisterResponse.HolderPage;
import io.whence.service.api.RegisterResponse.HolderResponse;
import io.whence.service.persistence.Registrations;
import io.whence.service.persistence.Registrations.Holder;
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

/** Rights holders: registered, looked for, read. */
@RolesAllowed("reader")
@Path("/v1/rights-holders")
public class RightsHoldersResource {
  static final int USUAL_PAGE = 20;
  static final int LARGEST_PAGE = 100;

  private final Registrations registrations;

  RightsHoldersResource(Registrations registrations) {
    this.registrations = registrations;
  }

  /** {@return the new rights holder} */
  @RolesAllowed("registrar")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<HolderResponse> register(byte @Nullable [] body) {
    Holder holder = RequestReader.read(body, RegisterRequest.HolderRequest.class).checked();
    registrations.add(holder);
    return ResponseBuilder.<HolderResponse>create(201)
        .location(URI.create("/v1/rights-holders/" + holder.id()))
        .entity(HolderResponse.of(holder))
        .build();
  }

  /** {@return rights holders by part of a name or a whole identifier} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public HolderPage search(
      @QueryParam("q") @Nullable String text, @QueryParam("limit") @Nullable String limit) {
    return new HolderPage(
        registrations
            .holders(text == null ? "" : text, Limit.of(limit, USUAL_PAGE, LARGEST_PAGE))
            .stream()
            .map(HolderResponse::of)
            .toList());
  }

  /** {@return a rights holder} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public HolderResponse read(@PathParam("id") String id) {
    return PathId.of(id)
        .flatMap(registrations::holder)
        .map(HolderResponse::of)
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_RIGHTS_HOLDER,
                    "there is no rights holder " + PathId.shown(id)));
  }
}
