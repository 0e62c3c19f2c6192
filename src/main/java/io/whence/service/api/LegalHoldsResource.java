package io.whence.service.api;

import io.whence.service.api.StatementRequest.Remark;
import io.whence.service.jobs.Attributions;
import io.whence.service.jobs.Screenings;
import io.whence.service.jobs.Statements;
import io.whence.service.persistence.LegalHolds;
import io.whence.service.persistence.LegalHolds.Hold;
import io.whence.service.persistence.RecordKind;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Legal holds: what is under one is not erased. */
@RolesAllowed("administrator")
@Path("/v1/legal-holds")
public class LegalHoldsResource {
  private static final Pattern MATTER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private final LegalHolds holds;
  private final Attributions attributions;
  private final Screenings screenings;
  private final Statements statements;

  LegalHoldsResource(
      LegalHolds holds, Attributions attributions, Screenings screenings, Statements statements) {
    this.holds = holds;
    this.attributions = attributions;
    this.screenings = screenings;
    this.statements = statements;
  }

  /** {@return holds, newest first, those that were released among them} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public HoldResponse.Page page(@QueryParam("limit") @Nullable String limit) {
    return response(holds.newest(Limit.of(limit, 20, 100)));
  }

  /** {@return the holds ever placed on a record itself, oldest first} */
  @GET
  @Path("{record}")
  @Produces(MediaType.APPLICATION_JSON)
  public HoldResponse.Page read(@PathParam("record") String id) {
    return response(holds.of(there(id).id));
  }

  private static HoldResponse.Page response(List<Hold> holds) {
    return new HoldResponse.Page(holds.stream().map(HoldResponse::of).toList());
  }

  /** {@return the hold that is in force from now on, or was already} */
  @PUT
  @Path("{record}/{matter}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public HoldResponse place(
      @PathParam("record") String id, @PathParam("matter") String matter, byte @Nullable [] body) {
    Remark remark = RequestReader.read(body, Remark.class).checked();
    There record = there(id);
    return HoldResponse.of(
        holds.place(record.kind, record.id, named(matter), remark.who(), remark.why()));
  }

  /** {@return the hold that is in force no longer} */
  @DELETE
  @Path("{record}/{matter}")
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<HoldResponse> release(
      @PathParam("record") String id,
      @PathParam("matter") String matter,
      @QueryParam("by") @Nullable String by,
      @QueryParam("reason") @Nullable String reason) {
    Remark remark = new Remark(by, reason).checked();
    There record = there(id);
    return holds
        .release(record.id, named(matter), remark.who(), remark.why())
        .map(hold -> RestResponse.ok(HoldResponse.of(hold)))
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_LEGAL_HOLD,
                    "no hold " + matter + " is in force on " + record.kind.id() + " " + id));
  }

  private static String named(String matter) {
    if (!MATTER.matcher(matter).matches()) {
      String detail =
          "matter has 1 to 64 letters, digits and . _ -, a letter or digit first; got "
              + PathId.shown(matter);
      throw new Refusal(
          ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation("matter", detail)));
    }
    return matter;
  }

  /** A record that there is. */
  private record There(RecordKind kind, UUID id) {}

  private There there(String id) {
    Optional<UUID> named = PathId.of(id);
    return named
        .flatMap(attributions::evenErased)
        .map(found -> new There(RecordKind.ATTRIBUTION, found.id()))
        .or(
            () ->
                named
                    .flatMap(screenings::evenErased)
                    .map(found -> new There(RecordKind.SCREENING, found.id())))
        .or(
            () ->
                named
                    .flatMap(statements::find)
                    .map(found -> new There(RecordKind.STATEMENT, found.id())))
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_RECORD,
                    "there is no attribution, screening or statement " + PathId.shown(id)));
  }
}
