package io.whence.service.api;

import io.whence.service.api.PlugInResponse.AdapterResponse;
import io.whence.service.jobs.PlugIns;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Files with adapters: their sums taken, their headers read; the files are not kept. */
@RolesAllowed("registrar")
@Path("/v1/adapters")
public class AdaptersResource {
  private final PlugIns plugIns;

  AdaptersResource(PlugIns plugIns) {
    this.plugIns = plugIns;
  }

  /** {@return what the adapter in the body is} */
  @POST
  @Consumes(MediaType.APPLICATION_OCTET_STREAM)
  @Produces(MediaType.APPLICATION_JSON)
  public AdapterResponse seen(InputStream body) {
    try {
      return AdapterResponse.of(plugIns.seen(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return what the adapter is that lies in the service's own directory} */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public AdapterResponse seen(byte @Nullable [] body) {
    return AdapterResponse.of(
        plugIns.seen(RequestReader.read(body, PlugInRequest.AdapterRequest.class).checked()));
  }
}
