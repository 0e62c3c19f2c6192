package io.whence.service.api;

import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.whence.service.jobs.Experiments;
import io.whence.service.jobs.JobState;
import io.whence.service.jobs.JobStatus;
import io.whence.service.jobs.Jobs;
import io.whence.service.persistence.ExperimentRecord;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.Optional;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** Long work: how it stands, as it goes on, and its early end. */
@RolesAllowed("reader")
@Path("/v1/jobs")
public class JobsResource {
  private final Jobs jobs;
  private final Experiments experiments;

  JobsResource(Jobs jobs, Experiments experiments) {
    this.jobs = jobs;
    this.experiments = experiments;
  }

  /** {@return how a job stands} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public JobResponse read(@PathParam("id") String id) {
    return response(named(id));
  }

  /** {@return how a job stands, whenever that has changed, until it has ended} */
  @GET
  @Path("{id}/events")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @RestStreamElementType(MediaType.APPLICATION_JSON)
  @Blocking
  public Multi<OutboundSseEvent> events(@PathParam("id") String id, @Context Sse sse) {
    UUID job = named(id).id();
    Optional<UUID> experiment = experiment(job);
    jobs.follow();
    return new JobEvents(jobs, job, experiment, sse)
        .stream().onTermination().invoke(jobs::unfollow);
  }

  /** {@return how a job stands that was asked to end} */
  @RolesAllowed("analyst")
  @DELETE
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<JobResponse> cancel(@PathParam("id") String id) {
    JobStatus job = jobs.cancel(named(id).id()).orElseThrow(() -> unknown(id));
    return switch (job.state()) {
      case JobState.Queued queued -> answer(202, job);
      case JobState.Running running -> answer(202, job);
      case JobState.Cancelled cancelled -> answer(200, job);
      case JobState.Finished finished -> throw ended(job);
      case JobState.Failed failed -> throw ended(job);
    };
  }

  private RestResponse<JobResponse> answer(int status, JobStatus job) {
    return ResponseBuilder.<JobResponse>create(status).entity(response(job)).build();
  }

  private static Refusal ended(JobStatus job) {
    return new Refusal(
        ProblemType.JOB_HAS_ENDED,
        "job " + job.id() + " has " + job.state().id() + " already; there is nothing to cancel");
  }

  private JobResponse response(JobStatus job) {
    return JobResponse.of(job, experiment(job.id()));
  }

  private Optional<UUID> experiment(UUID job) {
    return experiments.ofJob(job).map(ExperimentRecord::id);
  }

  private JobStatus named(String id) {
    return PathId.of(id).flatMap(jobs::find).orElseThrow(() -> unknown(id));
  }

  private static Refusal unknown(String id) {
    return new Refusal(ProblemType.UNKNOWN_JOB, "there is no job " + PathId.shown(id));
  }
}
