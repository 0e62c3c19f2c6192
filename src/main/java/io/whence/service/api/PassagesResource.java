package io.whence.service.api;

import io.whence.engine.attribution.PassagesJson;
import io.whence.service.jobs.Indexes;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** The runs of words that several works of an index share. */
@RolesAllowed("reader")
@Path("/v1/indexes/{id}/passages")
public class PassagesResource {
  private final Indexes indexes;

  PassagesResource(Indexes indexes) {
    this.indexes = indexes;
  }

  /** {@return a page of passages, of all works or of one, ascending by number} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public String passages(
      @PathParam("id") String id,
      @QueryParam("work") @Nullable String work,
      @QueryParam("least") @Nullable String least,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable String limit) {
    int works = Limit.of("least", least, 2, 2, Integer.MAX_VALUE);
    int from = after == null ? -1 : Limit.of("after", after, 0, 0, Integer.MAX_VALUE - 1);
    int most = Limit.of(limit, PassagesJson.USUAL_PAGE, PassagesJson.LARGEST_PAGE);
    return PassagesJson.page(indexes.tracer(id), work, works, from, most);
  }

  /** {@return one passage with a page of its places} */
  @GET
  @Path("{passage}")
  @Produces(MediaType.APPLICATION_JSON)
  public String passage(
      @PathParam("id") String id,
      @PathParam("passage") String passage,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable String limit) {
    int number = Limit.of("passage", passage, 0, 0, Integer.MAX_VALUE);
    int from = Limit.of("after", after, 0, 0, Integer.MAX_VALUE - 1);
    int most = Limit.of(limit, PassagesJson.USUAL_PAGE, PassagesJson.LARGEST_PAGE);
    return PassagesJson.one(indexes.tracer(id), number, from, most);
  }
}
