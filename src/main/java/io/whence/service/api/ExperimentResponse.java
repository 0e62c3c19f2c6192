package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.service.jobs.JobStatus;
import io.whence.service.persistence.ExperimentRecord;
import io.whence.service.persistence.ExperimentReport;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An experiment as it stands.
 *
 * @param id its name
 * @param createdAt when it was accepted
 * @param request what was asked, every default filled in
 * @param repeats the experiment whose request this is
 * @param state of its job
 * @param job that runs it
 * @param report what it measured, once it has finished
 * @param plots names of its pictures, once it has finished
 * @param provenance what the figures came from, once it has finished
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record ExperimentResponse(
    String id,
    String createdAt,
    RequestResponse request,
    @Nullable String repeats,
    String state,
    JobResponse job,
    @JsonRawValue @Nullable String report,
    @Nullable List<String> plots,
    @Nullable ProvenanceResponse provenance) {
  /** Some experiments, and where the older ones are. */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<ExperimentResponse> experiments, @Nullable String next) {}

  /** What was asked. */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RequestResponse(
      String suite, List<String> methods, List<Long> seeds, @Nullable Integer rightsHolders) {}

  /** What the figures came from. */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ProvenanceResponse(
      String finishedAt,
      String whence,
      String java,
      String platform,
      List<Long> seeds,
      @Nullable String dataSha256,
      String reportSha256,
      String csvSha256) {
    static ProvenanceResponse of(ExperimentRecord experiment, ExperimentReport report) {
      ExperimentReport.MadeWith madeWith = report.madeWith();
      return new ProvenanceResponse(
          report.createdAt().toString(),
          madeWith.whence(),
          madeWith.java(),
          madeWith.platform(),
          experiment.seeds(),
          madeWith.dataSha256(),
          report.documentSha256(),
          report.csvSha256());
    }
  }

  /** {@return an experiment without what it measured} */
  static ExperimentResponse of(ExperimentRecord experiment, JobStatus job) {
    return new ExperimentResponse(
        experiment.id().toString(),
        experiment.createdAt().toString(),
        new RequestResponse(
            experiment.suite(),
            experiment.methods(),
            experiment.seeds(),
            experiment.rightsHolders().orElse(null)),
        experiment.repeats().map(UUID::toString).orElse(null),
        job.state().id(),
        JobResponse.of(job, Optional.of(experiment.id())),
        null,
        null,
        null);
  }

  /** {@return the same with what was measured} */
  ExperimentResponse with(ExperimentRecord asked, ExperimentReport report, List<String> plots) {
    return new ExperimentResponse(
        id,
        createdAt,
        request,
        repeats,
        state,
        job,
        new String(report.document(), StandardCharsets.UTF_8),
        plots,
        ProvenanceResponse.of(asked, report));
  }
}
