package io.whence.service.api;

import io.whence.service.audit.SealedLog;
import io.whence.service.audit.TimeStamps;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sealed log, for those who keep its checkpoints elsewhere. */
@RolesAllowed("reader")
@Path("/v1/log")
public class LogResource {
  private final SealedLog log;
  private final TimeStamps stamps;

  LogResource(SealedLog log, TimeStamps stamps) {
    this.log = log;
    this.stamps = stamps;
  }

  /** {@return a signed note of the log's size and root} */
  @GET
  @Path("checkpoint")
  @Produces("text/plain;charset=UTF-8")
  public String checkpoint() {
    return log.checkpoint();
  }

  /** {@return how time-stamping stands, with the latest checkpoints that were stamped} */
  @GET
  @Path("stamps")
  @Produces(MediaType.APPLICATION_JSON)
  public StampsResponse stamps(@QueryParam("limit") @Nullable String limit) {
    return StampsResponse.of(
        stamps.standing(), log.size(), stamps.newest(Limit.of(limit, 20, 100)));
  }

  /**
   * {@return events from a place on, as the log's tree has them for leaves: whoever reads all of
   * them reckons the root of a checkpoint}
   */
  @GET
  @Path("events")
  @Produces("application/x-ndjson")
  public String events(
      @QueryParam("from") @Nullable String from, @QueryParam("limit") @Nullable String limit) {
    return log.events(number("from", from, 0), Limit.of(limit, 100, 1_000));
  }

  /** {@return the proof that an event is in the log, hashes in base64, one a line} */
  @GET
  @Path("inclusion")
  @Produces("text/plain;charset=UTF-8")
  public String inclusion(
      @QueryParam("sequence") @Nullable String sequence,
      @QueryParam("size") @Nullable String size) {
    return log.inclusion(number("sequence", sequence, -1), number("size", size, log.size()));
  }

  /** {@return the proof that the log continues an earlier one, hashes in base64, one a line} */
  @GET
  @Path("consistency")
  @Produces("text/plain;charset=UTF-8")
  public String consistency(
      @QueryParam("from") @Nullable String from, @QueryParam("size") @Nullable String size) {
    return log.consistency(number("from", from, -1), number("size", size, log.size()));
  }

  private static long number(String field, @Nullable String text, long otherwise) {
    if (text == null && otherwise >= 0) {
      return otherwise;
    }
    if (text != null && text.matches("[0-9]{1,18}")) {
      return Long.parseLong(text);
    }
    String detail =
        field + " is a whole number; got " + (text == null ? "none" : PathId.shown(text));
    throw new Refusal(
        ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation(field, detail)));
  }

  /** {@return the public key that signs, in PEM} */
  @GET
  @Path("key")
  @Produces("text/plain;charset=UTF-8")
  public String key() {
    return log.publicKey();
  }
}
