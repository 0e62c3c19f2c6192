package io.whence.service.api;

import io.whence.engine.Sha256;
import io.whence.service.jobs.Batches;
import io.whence.service.jobs.JobStatus;
import io.whence.service.persistence.BatchRecords.Batch;
import io.whence.service.persistence.BatchRecords.Done;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** Many outputs at once, charged to a month: sent, followed, read. */
@RolesAllowed("reader")
@Path("/v1/batches")
public class BatchesResource {
  /** Longest body. */
  static final int LONGEST_BODY = 32 << 20;

  private static final int USUAL_PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;

  /** Bodies that are in memory at once. */
  private static final Semaphore BODIES = new Semaphore(2, true);

  private final Batches batches;

  BatchesResource(Batches batches) {
    this.batches = batches;
  }

  /** {@return the new batch, whose job waits for its turn; the same key has the same batch} */
  @RolesAllowed("analyst")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<BatchResponse> send(
      @HeaderParam(IdempotencyKey.HEADER) @Nullable String header, InputStream body) {
    String key = IdempotencyKey.checked(header);
    BODIES.acquireUninterruptibly();
    try {
      byte[] bytes = body.readNBytes(LONGEST_BODY + 1);
      BatchRequest.Checked asked =
          RequestReader.read(bytes, BatchRequest.class, LONGEST_BODY).checked();
      Batch batch =
          batches.accept(asked.index(), asked.period(), asked.outputs(), key, Sha256.of(bytes));
      return ResponseBuilder.<BatchResponse>create(202)
          .location(URI.create("/v1/batches/" + batch.id()))
          .header(HttpHeaders.LINK, "</v1/jobs/" + batch.jobId() + ">; rel=\"monitor\"")
          .entity(response(batch))
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      BODIES.release();
    }
  }

  /** {@return how a batch stands} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public BatchResponse read(@PathParam("id") String id) {
    return response(named(id));
  }

  /** {@return attributed outputs of a batch, by key} */
  @GET
  @Path("{id}/outputs")
  @Produces(MediaType.APPLICATION_JSON)
  public BatchResponse.OutputPage outputs(
      @PathParam("id") String id,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("after") @Nullable String after) {
    Batch batch = named(id);
    int most = Limit.of(limit, USUAL_PAGE, LARGEST_PAGE);
    List<Done> found = batches.outputs(batch, after == null ? "" : after, most);
    return new BatchResponse.OutputPage(
        found.stream()
            .map(
                done -> new BatchResponse.OutputResponse(done.key(), done.attribution().toString()))
            .toList(),
        found.size() < most
            ? null
            : "/v1/batches/"
                + batch.id()
                + "/outputs?limit="
                + most
                + "&after="
                + java.net.URLEncoder.encode(
                    found.get(most - 1).key(), java.nio.charset.StandardCharsets.UTF_8));
  }

  private BatchResponse response(Batch batch) {
    // The job first: of one that has finished, all outputs are done.
    JobStatus job = batches.job(batch);
    return BatchResponse.of(batch, batches.done(batch), job);
  }

  private Batch named(String id) {
    return PathId.of(id)
        .flatMap(batches::find)
        .orElseThrow(
            () -> new Refusal(ProblemType.UNKNOWN_BATCH, "there is no batch " + PathId.shown(id)));
  }
}
