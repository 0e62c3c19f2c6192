package io.whence.service.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.whence.service.jobs.Experiments;
import io.whence.service.jobs.JobState;
import io.whence.service.jobs.JobStatus;
import io.whence.service.persistence.ExperimentPlot;
import io.whence.service.persistence.ExperimentRecord;
import io.whence.service.persistence.ExperimentReport;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** Experiments: asked for, followed, read byte for byte, compared and repeated. */
@RolesAllowed("reader")
@Path("/v1/experiments")
public class ExperimentsResource {
  private static final String CSV = "text/csv";
  private static final String SVG = "image/svg+xml";
  private static final int USUAL_PAGE = 20;
  private static final int LARGEST_PAGE = 100;

  private final Experiments experiments;
  private final ObjectMapper mapper;

  ExperimentsResource(Experiments experiments, ObjectMapper mapper) {
    this.experiments = experiments;
    this.mapper = mapper;
  }

  /** {@return the new experiment, whose job waits for its turn} */
  @RolesAllowed("analyst")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<ExperimentResponse> ask(byte @Nullable [] body) {
    return accepted(
        experiments.accept(RequestReader.read(body, ExperimentRequest.class).checked(), null));
  }

  /** {@return a new experiment with the request of another} */
  @RolesAllowed("analyst")
  @POST
  @Path("{id}/repeat")
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<ExperimentResponse> repeat(@PathParam("id") String id) {
    return accepted(experiments.repeat(named(id)));
  }

  private RestResponse<ExperimentResponse> accepted(ExperimentRecord experiment) {
    return ResponseBuilder.<ExperimentResponse>create(202)
        .location(URI.create("/v1/experiments/" + experiment.id()))
        .header(HttpHeaders.LINK, "</v1/jobs/" + experiment.jobId() + ">; rel=\"monitor\"")
        .entity(ExperimentResponse.of(experiment, experiments.job(experiment)))
        .build();
  }

  /** {@return experiments, newest first} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public ExperimentResponse.Page page(
      @QueryParam("limit") @Nullable String limit, @QueryParam("before") @Nullable String before) {
    int most = limit == null ? USUAL_PAGE : most(limit);
    UUID newer = before == null ? null : named(before).id();
    List<ExperimentRecord> found = experiments.before(newer, most);
    return new ExperimentResponse.Page(
        found.stream()
            .map(experiment -> ExperimentResponse.of(experiment, experiments.job(experiment)))
            .toList(),
        found.size() < most
            ? null
            : "/v1/experiments?limit=" + most + "&before=" + found.get(most - 1).id());
  }

  private static int most(String limit) {
    try {
      int most = Integer.parseInt(limit);
      if (most >= 1 && most <= LARGEST_PAGE) {
        return most;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number out of range.
    }
    String detail = "limit is between 1 and " + LARGEST_PAGE + "; got " + PathId.shown(limit);
    throw new Refusal(
        ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation("limit", detail)));
  }

  /** {@return an experiment, with what it measured once it has finished} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public ExperimentResponse read(@PathParam("id") String id) {
    ExperimentRecord experiment = named(id);
    JobStatus job = experiments.job(experiment);
    ExperimentResponse response = ExperimentResponse.of(experiment, job);
    return job.state() instanceof JobState.Finished
        ? response.with(experiment, report(experiment), experiments.plots(experiment.id()))
        : response;
  }

  /** {@return what was measured, the same bytes each time} */
  @GET
  @Path("{id}/report")
  @Produces({MediaType.APPLICATION_JSON, CSV + ";charset=UTF-8"})
  public RestResponse<String> report(@PathParam("id") String id, @Context HttpHeaders headers) {
    ExperimentReport report = report(named(id));
    // As text: where more than one form is made, bytes would be put into JSON as Base64.
    return csv(headers)
        ? text(report.csv(), CSV + ";charset=UTF-8", report.csvSha256())
        : text(report.document(), MediaType.APPLICATION_JSON, report.documentSha256());
  }

  private static RestResponse<String> text(byte[] body, String type, String sha256) {
    return ResponseBuilder.ok(new String(body, StandardCharsets.UTF_8))
        .header(HttpHeaders.CONTENT_TYPE, type)
        .header(HttpHeaders.ETAG, '"' + sha256 + '"')
        .build();
  }

  /** The first of what is acceptable, best first, decides; JSON where either will do. */
  private static boolean csv(HttpHeaders headers) {
    for (MediaType acceptable : headers.getAcceptableMediaTypes()) {
      if (acceptable.isCompatible(MediaType.APPLICATION_JSON_TYPE)) {
        return false;
      }
      if (acceptable.isCompatible(MediaType.valueOf(CSV))) {
        return true;
      }
    }
    return false;
  }

  /** {@return a picture of what was measured} */
  @GET
  @Path("{id}/plots/{name}")
  @Produces(SVG)
  public RestResponse<byte[]> plot(@PathParam("id") String id, @PathParam("name") String name) {
    ExperimentRecord experiment = named(id);
    report(experiment);
    ExperimentPlot plot =
        experiments
            .plot(experiment.id(), name)
            .orElseThrow(
                () -> {
                  List<String> there = experiments.plots(experiment.id());
                  return new Refusal(
                      ProblemType.UNKNOWN_PLOT,
                      "there is no plot "
                          + PathId.shown(name)
                          + (there.isEmpty()
                              ? "; suite " + experiment.suite() + " draws none"
                              : "; there is " + String.join(", ", there)));
                });
    return ResponseBuilder.ok(plot.svg())
        .header(HttpHeaders.ETAG, '"' + plot.svgSha256() + '"')
        .build();
  }

  /** {@return two methods side by side} */
  @GET
  @Path("{id}/comparison")
  @Produces(MediaType.APPLICATION_JSON)
  public ComparisonResponse compare(
      @PathParam("id") String id,
      @QueryParam("a") @Nullable String a,
      @QueryParam("b") @Nullable String b,
      @QueryParam("metric") @Nullable String metric)
      throws IOException {
    ExperimentRecord experiment = named(id);
    return ComparisonResponse.of(id, mapper.readTree(report(experiment).document()), a, b, metric);
  }

  private ExperimentReport report(ExperimentRecord experiment) {
    return experiments.report(experiment.id()).orElseThrow(() -> unmeasured(experiment));
  }

  private Refusal unmeasured(ExperimentRecord experiment) {
    JobStatus job = experiments.job(experiment);
    String again = "; POST /v1/experiments/" + experiment.id() + "/repeat asks for it again";
    String why =
        switch (job.state()) {
          case JobState.Queued queued -> " waits for its turn; follow /v1/jobs/" + job.id();
          case JobState.Running running -> " is running; follow /v1/jobs/" + job.id();
          case JobState.Finished finished -> " has just finished; ask again";
          case JobState.Failed failed -> " failed: " + failed.detail() + again;
          case JobState.Cancelled cancelled -> " was cancelled" + again;
        };
    return new Refusal(ProblemType.EXPERIMENT_HAS_NO_REPORT, "experiment " + experiment.id() + why);
  }

  private ExperimentRecord named(String id) {
    return PathId.of(id)
        .flatMap(experiments::find)
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_EXPERIMENT, "there is no experiment " + PathId.shown(id)));
  }
}
