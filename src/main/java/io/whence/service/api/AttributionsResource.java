package io.whence.service.api;

import io.whence.engine.Sha256;
import io.whence.service.audit.SealedLog;
import io.whence.service.jobs.Attributions;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.Erasures;
import io.whence.service.persistence.RecordKind;
import io.whence.service.report.AttributionReport;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
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

/** Attributions: made, read again byte for byte, and as a report for people. */
@RolesAllowed("reader")
@Path("/v1/attributions")
public class AttributionsResource {
  private static final String PDF = "application/pdf";

  private final Attributions attributions;
  private final Erasures erasures;
  private final SealedLog log;

  AttributionsResource(Attributions attributions, Erasures erasures, SealedLog log) {
    this.attributions = attributions;
    this.erasures = erasures;
    this.log = log;
  }

  /** {@return the new attribution; its record is on disk; the same key has the same record} */
  @RolesAllowed("analyst")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<byte[]> attribute(
      @HeaderParam(IdempotencyKey.HEADER) @Nullable String header, byte @Nullable [] body) {
    String key = IdempotencyKey.checked(header);
    AttributeRequest.Checked asked = RequestReader.read(body, AttributeRequest.class).checked();
    AttributionRecord answer =
        attributions.attribute(
            asked.index(), asked.request(), Sha256.of(body == null ? new byte[0] : body), key);
    return ResponseBuilder.<byte[]>create(201)
        .location(URI.create("/v1/attributions/" + answer.id()))
        .entity(answer.body())
        .build();
  }

  /** {@return the bytes that were answered then} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<byte[]> read(@PathParam("id") String id) {
    AttributionRecord answer = viewed(id);
    return ResponseBuilder.ok(answer.body())
        .header(HttpHeaders.ETAG, '"' + answer.bodySha256() + '"')
        .build();
  }

  /** {@return the attribution's report as a page} */
  @GET
  @Path("{id}/report")
  @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
  public RestResponse<String> report(@PathParam("id") String id) {
    AttributionReport report = reported(viewed(id));
    return ResponseBuilder.ok(report.html())
        .header("Content-Security-Policy", report.contentSecurityPolicy())
        .header("Referrer-Policy", "no-referrer")
        .header("X-Frame-Options", "DENY")
        .build();
  }

  /** {@return the same report as PDF/A-3b, for those who ask for it} */
  @GET
  @Path("{id}/report")
  @Produces(PDF + ";qs=0.5")
  public RestResponse<byte[]> reportToFile(@PathParam("id") String id) {
    AttributionRecord answer = named(id);
    log.handedOut(RecordKind.ATTRIBUTION.reported(), id, answer.bodySha256());
    return ResponseBuilder.ok(reported(answer).pdf(), PDF)
        .header(HttpHeaders.CONTENT_DISPOSITION, "inline; filename=\"attribution-" + id + ".pdf\"")
        .build();
  }

  private AttributionReport reported(AttributionRecord answer) {
    return AttributionReport.of(answer.body(), log.custody(answer.id()));
  }

  /** {@return the erasure of what the attribution says; that it was made stays in the log} */
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
        erasures.erase(RecordKind.ATTRIBUTION, named(id).id(), remark.who(), remark.why()));
  }

  /** {@return what the log holds of the attribution, to be verified without this service} */
  @GET
  @Path("{id}/bundle")
  @Produces("application/x-tar")
  public RestResponse<byte[]> bundle(@PathParam("id") String id) {
    AttributionRecord answer = evenErased(id);
    byte[] body = answer.erased() ? null : answer.body();
    return ResponseBuilder.ok(log.bundle(RecordKind.ATTRIBUTION, answer.id(), body))
        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + id + ".tar\"")
        .build();
  }

  /** Whoever is shown a record leaves a trace in the log. */
  private AttributionRecord viewed(String id) {
    AttributionRecord answer = named(id);
    log.handedOut(RecordKind.ATTRIBUTION.viewed(), id, answer.bodySha256());
    return answer;
  }

  private AttributionRecord named(String id) {
    return PathId.of(id).flatMap(attributions::find).orElseThrow(() -> unknown(id));
  }

  private AttributionRecord evenErased(String id) {
    return PathId.of(id).flatMap(attributions::evenErased).orElseThrow(() -> unknown(id));
  }

  private static Refusal unknown(String id) {
    return new Refusal(
        ProblemType.UNKNOWN_ATTRIBUTION, "there is no attribution " + PathId.shown(id));
  }
}
