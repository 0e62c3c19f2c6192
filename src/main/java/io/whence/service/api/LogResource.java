package io.whence.service.api;

import io.whence.service.audit.SealedLog;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;

/** The sealed log, for those who keep its checkpoints elsewhere. */
@Path("/v1/log")
public class LogResource {
  private final SealedLog log;

  LogResource(SealedLog log) {
    this.log = log;
  }

  /** {@return a signed note of the log's size and root} */
  @GET
  @Path("checkpoint")
  @Produces("text/plain;charset=UTF-8")
  public String checkpoint() {
    return log.checkpoint();
  }

  /** {@return the public key that signs, in PEM} */
  @GET
  @Path("key")
  @Produces("text/plain;charset=UTF-8")
  public String key() {
    return log.publicKey();
  }
}
