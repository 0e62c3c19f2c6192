package io.whence.service.api;

import io.whence.engine.Sha256;
import io.whence.service.audit.SealedLog;
import io.whence.service.jobs.Screenings;
import io.whence.service.persistence.Erasures;
import io.whence.service.persistence.RecordKind;
import io.whence.service.persistence.ScreeningRecord;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** Screenings: whether an output may be released, decided by a policy and kept. */
@RolesAllowed("reader")
@Path("/v1/screenings")
public class ScreeningsResource {
  private final Screenings screenings;
  private final Erasures erasures;
  private final SealedLog log;

  ScreeningsResource(Screenings screenings, Erasures erasures, SealedLog log) {
    this.screenings = screenings;
    this.erasures = erasures;
    this.log = log;
  }

  /** {@return the new screening; its record is on disk} */
  @RolesAllowed("analyst")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<byte[]> screen(byte @Nullable [] body) {
    ScreenRequest.Checked asked = RequestReader.read(body, ScreenRequest.class).checked();
    ScreeningRecord answer =
        screenings.screen(
            asked.index(),
            asked.output(),
            asked.policy(),
            asked.exclusions(),
            Sha256.of(body == null ? new byte[0] : body));
    return ResponseBuilder.<byte[]>create(201)
        .location(URI.create("/v1/screenings/" + answer.id()))
        .entity(answer.body())
        .build();
  }

  /** {@return the bytes that were answered then} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<byte[]> read(@PathParam("id") String id) {
    ScreeningRecord answer = named(id);
    log.handedOut(RecordKind.SCREENING.viewed(), id, answer.bodySha256());
    return ResponseBuilder.ok(answer.body())
        .header(HttpHeaders.ETAG, '"' + answer.bodySha256() + '"')
        .build();
  }

  /** {@return the erasure of what the screening says; that it was made stays in the log} */
  @RolesAllowed("administrator")
  @DELETE
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public ErasureResponse erase(
      @PathParam("id") String id,
      @QueryParam("by") @Nullable String by,
      @QueryParam("reason") @Nullable String reason) {
    StatementRequest.Remark remark = new StatementRequest.Remark(by, reason).checked();
    return ErasureResponse.of(
        erasures.erase(RecordKind.SCREENING, named(id).id(), remark.who(), remark.why()));
  }

  /** {@return what the log holds of the screening, to be verified without this service} */
  @GET
  @Path("{id}/bundle")
  @Produces("application/x-tar")
  public RestResponse<byte[]> bundle(@PathParam("id") String id) {
    ScreeningRecord answer = evenErased(id);
    byte[] body = answer.erased() ? null : answer.body();
    return ResponseBuilder.ok(log.bundle(RecordKind.SCREENING, answer.id(), body))
        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + id + ".tar\"")
        .build();
  }

  private ScreeningRecord named(String id) {
    return PathId.of(id).flatMap(screenings::find).orElseThrow(() -> unknown(id));
  }

  private ScreeningRecord evenErased(String id) {
    return PathId.of(id).flatMap(screenings::evenErased).orElseThrow(() -> unknown(id));
  }

  private static Refusal unknown(String id) {
    return new Refusal(ProblemType.UNKNOWN_SCREENING, "there is no screening " + PathId.shown(id));
  }
}
