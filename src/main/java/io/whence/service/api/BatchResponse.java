package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.service.jobs.JobStatus;
import io.whence.service.persistence.BatchRecords.Batch;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A batch as it stands.
 *
 * @param id its name
 * @param createdAt when it was accepted
 * @param index that answers
 * @param period the month its outputs are charged to
 * @param outputs how many
 * @param done how many of them were attributed
 * @param job that attributes them
 */
@RegisterForReflection
record BatchResponse(
    String id,
    String createdAt,
    String index,
    String period,
    int outputs,
    int done,
    JobResponse job) {
  /** Some outputs that were attributed, and where the next are. */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record OutputPage(List<OutputResponse> outputs, @Nullable String next) {}

  /** An output that was attributed. */
  @RegisterForReflection
  record OutputResponse(String key, String attribution) {}

  static BatchResponse of(Batch batch, int done, JobStatus job) {
    return new BatchResponse(
        batch.id().toString(),
        batch.createdAt().toString(),
        batch.index(),
        batch.period().toString(),
        batch.outputs(),
        done,
        JobResponse.of(job, Optional.empty()));
  }
}
