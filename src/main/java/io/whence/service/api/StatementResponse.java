package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.service.jobs.StatementState;
import io.whence.service.persistence.StatementRecords.Event;
import io.whence.service.persistence.StatementRecords.Kept;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a statement stands.
 *
 * @param id its name
 * @param state {@code issued}, {@code contested}, {@code recomputed} or {@code settled}
 * @param statementSha256 of the part without ids and times
 * @param events what became of it, in order
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record StatementResponse(
    String id,
    String index,
    String period,
    int version,
    @Nullable String supersedes,
    String issuedAt,
    String objectionsUntil,
    String state,
    String statementSha256,
    List<EventResponse> events) {
  /** Statements, newest first. */
  @RegisterForReflection
  record Page(List<StatementResponse> statements) {}

  /** What became of a statement. */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EventResponse(
      String at, String kind, String by, String reason, @Nullable String successor) {}

  /** Whether the statement can be computed again from what is stored. */
  @RegisterForReflection
  record VerificationResponse(boolean equal, String statementSha256, String computedAgainSha256) {}

  static StatementResponse of(Kept statement, StatementState state, List<Event> events) {
    return new StatementResponse(
        statement.id().toString(),
        statement.index(),
        statement.period().toString(),
        statement.version(),
        statement.supersedes() == null ? null : statement.supersedes().toString(),
        statement.createdAt().toString(),
        statement.objectionsUntil().toString(),
        state.id(),
        statement.statementSha256(),
        events.stream()
            .map(
                event ->
                    new EventResponse(
                        event.at().toString(),
                        event.kind(),
                        event.actor(),
                        event.reason(),
                        event.successor() == null ? null : event.successor().toString()))
            .toList());
  }
}
