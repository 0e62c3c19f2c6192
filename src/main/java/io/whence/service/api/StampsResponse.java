package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.service.audit.TimeStamps.Standing;
import io.whence.service.persistence.LogStamps;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How time-stamping stands, and what was stamped.
 *
 * @param authority where it is; null where none is configured
 * @param logSize events of the log
 * @param stampedSize events that the latest time-stamp covers
 * @param failure why the latest attempt failed; null where it did not
 * @param failingSince since when; null where it did not
 * @param clockAheadMillis of this machine, milliseconds; null before a time-stamp of this process
 * @param stamps newest first
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record StampsResponse(
    @Nullable String authority,
    long logSize,
    long stampedSize,
    @Nullable String failure,
    @Nullable String failingSince,
    @Nullable Long clockAheadMillis,
    List<StampResponse> stamps) {
  /**
   * A checkpoint that was stamped.
   *
   * @param checkpoint signed note
   * @param token RFC 3161, DER in base64; its imprint is SHA-256 of the checkpoint
   */
  @RegisterForReflection
  record StampResponse(
      long size, String at, String authority, String serial, String checkpoint, String token) {
    static StampResponse of(LogStamps.Stamp stamp) {
      return new StampResponse(
          stamp.size(),
          stamp.at().toString(),
          stamp.authority(),
          stamp.serial(),
          stamp.checkpoint(),
          Base64.getEncoder().encodeToString(stamp.token()));
    }
  }

  static StampsResponse of(Standing standing, long logSize, List<LogStamps.Stamp> stamps) {
    return new StampsResponse(
        standing.authority() == null ? null : standing.authority().toString(),
        logSize,
        standing.stamped(),
        standing.failure(),
        standing.failingSince() == null ? null : standing.failingSince().toString(),
        standing.clockAheadMillis(),
        stamps.stream().map(StampResponse::of).toList());
  }
}
