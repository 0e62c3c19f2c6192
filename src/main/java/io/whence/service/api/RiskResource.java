package io.whence.service.api;

import io.whence.engine.risk.FairUse;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** The model behind a risk score, whole. */
@RolesAllowed("reader")
@Path("/v1/risk")
public class RiskResource {
  /** {@return weights with their spread, centres, bands, gates, law pack and disclaimers} */
  @GET
  @Path("model")
  @Produces(MediaType.APPLICATION_JSON)
  public String model() {
    return FairUse.modelAsJson();
  }
}
