package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.service.persistence.LegalHolds;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A legal hold.
 *
 * @param record id of what is held
 * @param kind {@code attribution}, {@code screening} or {@code statement}
 * @param matter the dispute, by its lawyers' name
 * @param event of the log, its place
 * @param released how it ended; null while it is in force
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record HoldResponse(
    String record,
    String kind,
    String matter,
    String at,
    String by,
    String reason,
    long event,
    @Nullable ReleaseResponse released) {
  /** Holds. */
  @RegisterForReflection
  record Page(List<HoldResponse> holds) {}

  /** The end of a hold. */
  @RegisterForReflection
  record ReleaseResponse(String at, String by, String reason, long event) {}

  static HoldResponse of(LegalHolds.Hold hold) {
    LegalHolds.Release end = hold.release();
    return new HoldResponse(
        hold.subject().toString(),
        hold.kind().id(),
        hold.matter(),
        hold.at().toString(),
        hold.by(),
        hold.reason(),
        hold.event(),
        end == null
            ? null
            : new ReleaseResponse(end.at().toString(), end.by(), end.reason(), end.event()));
  }
}
