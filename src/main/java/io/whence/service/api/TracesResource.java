package io.whence.service.api;

import io.whence.service.jobs.Traces;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Traces: what an output shares with the works of an index, on evidence alone; nothing is kept. */
@RolesAllowed("analyst")
@Path("/v1/traces")
public class TracesResource {
  private final Traces traces;

  TracesResource(Traces traces) {
    this.traces = traces;
  }

  /** {@return the trace, as {@code whence trace --json} prints it} */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public String trace(InputStream body) {
    return traces.trace(() -> asked(body));
  }

  private static Traces.Asked asked(InputStream body) {
    try {
      return RequestReader.read(
              body.readNBytes(TraceRequest.LONGEST_BODY + 1),
              TraceRequest.class,
              TraceRequest.LONGEST_BODY)
          .checked();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
