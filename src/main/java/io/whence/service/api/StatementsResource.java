package io.whence.service.api;

import io.whence.engine.statement.StatementExport;
import io.whence.service.api.StatementResponse.VerificationResponse;
import io.whence.service.audit.SealedLog;
import io.whence.service.jobs.Statements;
import io.whence.service.persistence.RecordKind;
import io.whence.service.persistence.StatementRecords.Kept;
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
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** Statements of credit: issued, read, exported, contested, recomputed, settled. */
@RolesAllowed("reader")
@Path("/v1/statements")
public class StatementsResource {
  private final Statements statements;
  private final SealedLog log;

  StatementsResource(Statements statements, SealedLog log) {
    this.statements = statements;
    this.log = log;
  }

  /** {@return the statement of a month; it is on disk and in the log} */
  @RolesAllowed("registrar")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<byte[]> issue(byte @Nullable [] body) {
    return issued(statements.issue(RequestReader.read(body, StatementRequest.class).checked()));
  }

  private RestResponse<byte[]> issued(Kept statement) {
    log.stampSoon();
    return ResponseBuilder.<byte[]>create(201)
        .location(URI.create("/v1/statements/" + statement.id()))
        .entity(statement.document())
        .build();
  }

  /** {@return statements, newest first, of one index or all} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public StatementResponse.Page page(
      @QueryParam("index") @Nullable String index, @QueryParam("limit") @Nullable String limit) {
    return new StatementResponse.Page(
        statements.list(index, Limit.of(limit, 20, 100)).stream().map(this::response).toList());
  }

  /** {@return the document, the same bytes each time} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<byte[]> read(@PathParam("id") String id) {
    Kept statement = handedOut(RecordKind.STATEMENT.viewed(), id);
    return ResponseBuilder.ok(statement.document())
        .header(HttpHeaders.ETAG, '"' + statement.documentSha256() + '"')
        .build();
  }

  /** {@return how the statement stands, and what became of it} */
  @GET
  @Path("{id}/state")
  @Produces(MediaType.APPLICATION_JSON)
  public StatementResponse state(@PathParam("id") String id) {
    return response(named(id));
  }

  /** {@return the allocations as CSV} */
  @GET
  @Path("{id}/csv")
  @Produces("text/csv;charset=UTF-8")
  public RestResponse<String> csv(@PathParam("id") String id) {
    return file(
        id, "csv", StatementExport.csv(handedOut(RecordKind.STATEMENT.exported(), id).document()));
  }

  /** {@return a flat file in the manner of DDEX's sales reports} */
  @GET
  @Path("{id}/flat-file")
  @Produces("text/tab-separated-values;charset=UTF-8")
  public RestResponse<String> flatFile(@PathParam("id") String id) {
    return file(
        id,
        "tsv",
        StatementExport.flatFile(handedOut(RecordKind.STATEMENT.exported(), id).document()));
  }

  /** {@return where the statement comes from, in PROV-JSON} */
  @GET
  @Path("{id}/prov")
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<String> prov(@PathParam("id") String id) {
    return file(
        id,
        "prov.json",
        StatementExport.prov(handedOut(RecordKind.STATEMENT.exported(), id).document()));
  }

  /** {@return a receipt of every output, one a line} */
  @GET
  @Path("{id}/receipts")
  @Produces("application/x-ndjson")
  public StreamingOutput receipts(@PathParam("id") String id) {
    Kept statement = handedOut(RecordKind.STATEMENT.exported(), id);
    return out -> {
      Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
      statements.receipts(
          statement,
          line -> {
            try {
              text.write(line);
              text.write('\n');
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      text.flush();
    };
  }

  /** {@return what the log holds of the statement, to be verified without this service} */
  @GET
  @Path("{id}/bundle")
  @Produces("application/x-tar")
  public RestResponse<byte[]> bundle(@PathParam("id") String id) {
    Kept statement = named(id);
    return ResponseBuilder.ok(
            log.bundle(RecordKind.STATEMENT, statement.id(), statement.document()))
        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + id + ".tar\"")
        .build();
  }

  /** Whoever is given a statement leaves a trace in the log. */
  private Kept handedOut(String kind, String id) {
    Kept statement = named(id);
    log.handedOut(kind, id, statement.documentSha256());
    return statement;
  }

  private static RestResponse<String> file(String id, String ending, String text) {
    return ResponseBuilder.ok(text)
        .header(
            HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + id + "." + ending + "\"")
        .build();
  }

  /** {@return whether the statement can be computed again, bit by bit, from what is stored} */
  @GET
  @Path("{id}/verification")
  @Produces(MediaType.APPLICATION_JSON)
  public VerificationResponse verify(@PathParam("id") String id) {
    Kept statement = named(id);
    String again = statements.computedAgain(statement);
    return new VerificationResponse(
        again.equals(statement.statementSha256()), statement.statementSha256(), again);
  }

  /** {@return how the statement stands that was contested} */
  @RolesAllowed("registrar")
  @POST
  @Path("{id}/objections")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<StatementResponse> contest(
      @PathParam("id") String id, byte @Nullable [] body) {
    Kept statement = named(id);
    StatementRequest.Remark remark = remark(body);
    statements.contest(statement, remark.who(), remark.why());
    return RestResponse.status(RestResponse.Status.CREATED, response(statement));
  }

  /** {@return the statement that takes the place of a contested one} */
  @RolesAllowed("registrar")
  @POST
  @Path("{id}/recomputations")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<byte[]> recompute(@PathParam("id") String id, byte @Nullable [] body) {
    Kept statement = named(id);
    StatementRequest.Remark remark = remark(body);
    return issued(statements.recompute(statement, remark.who(), remark.why()));
  }

  /** {@return how the statement stands that was settled} */
  @RolesAllowed("registrar")
  @POST
  @Path("{id}/settlement")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<StatementResponse> settle(
      @PathParam("id") String id, byte @Nullable [] body) {
    Kept statement = named(id);
    StatementRequest.Remark remark = remark(body);
    statements.settle(statement, remark.who(), remark.why());
    return RestResponse.status(RestResponse.Status.CREATED, response(statement));
  }

  private static StatementRequest.Remark remark(byte @Nullable [] body) {
    return RequestReader.read(body, StatementRequest.Remark.class).checked();
  }

  private StatementResponse response(Kept statement) {
    return StatementResponse.of(
        statement, statements.state(statement), statements.events(statement));
  }

  private Kept named(String id) {
    return PathId.of(id)
        .flatMap(statements::find)
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_STATEMENT, "there is no statement " + PathId.shown(id)));
  }
}
