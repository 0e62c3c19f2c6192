package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.service.jobs.JobProgress;
import io.whence.service.jobs.JobStatus;
import io.whence.service.persistence.JobRecord;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job as it stands.
 *
 * @param id its name
 * @param kind what it does
 * @param experiment that it runs
 * @param state {@code queued}, {@code running}, {@code finished}, {@code failed} or {@code
 *     cancelled}
 * @param attempts how often it was begun
 * @param createdAt when it was accepted
 * @param startedAt when it was begun, the last time
 * @param endedAt when it ended
 * @param cancelRequested whether somebody asked to cancel it
 * @param detail why it failed
 * @param progress how far it has come
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record JobResponse(
    String id,
    String kind,
    @Nullable String experiment,
    String state,
    int attempts,
    String createdAt,
    @Nullable String startedAt,
    @Nullable String endedAt,
    boolean cancelRequested,
    @Nullable String detail,
    @Nullable ProgressResponse progress) {
  /**
   * How far a job has come in one of its stages.
   *
   * @param stage what is being done
   * @param done how much of it
   * @param total how much there is
   * @param unit what is counted
   * @param note anything else worth knowing
   * @param at when this was so
   * @param etaSeconds until this stage is done
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ProgressResponse(
      String stage,
      long done,
      long total,
      String unit,
      @Nullable String note,
      String at,
      @Nullable Long etaSeconds) {
    static ProgressResponse of(JobProgress progress) {
      OptionalLong eta = progress.etaSeconds();
      return new ProgressResponse(
          progress.stage(),
          progress.done(),
          progress.total(),
          progress.unit(),
          progress.note().isEmpty() ? null : progress.note(),
          progress.at().toString(),
          eta.isPresent() ? eta.getAsLong() : null);
    }
  }

  static JobResponse of(JobStatus job, Optional<UUID> experiment) {
    JobRecord.Standing standing = job.state().standing();
    return new JobResponse(
        job.id().toString(),
        job.kind(),
        experiment.map(UUID::toString).orElse(null),
        standing.state(),
        standing.attempts(),
        job.createdAt().toString(),
        text(standing.startedAt()),
        text(standing.endedAt()),
        standing.cancelRequested(),
        standing.detail(),
        job.progress() == null ? null : ProgressResponse.of(job.progress()));
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
