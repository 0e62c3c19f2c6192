package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.fidelity.Suite;
import io.whence.engine.influence.InfluenceMethod;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;

/** Every influence method: those an index answers with, and those that experiments compare. */
@RolesAllowed("reader")
@Path("/v1/methods")
public class MethodsResource {
  /** All of them. */
  @RegisterForReflection
  record MethodsResponse(List<MethodResponse> methods) {}

  /**
   * One method.
   *
   * @param name as it is asked for
   * @param title its published name
   * @param paper where it was published
   * @param cost what an output costs
   * @param memory what an index keeps for it
   * @param needs what must be there
   * @param sign what a positive number says
   * @param unit of its numbers
   * @param answers whether an index can answer with it; the others are compared in experiments
   * @param suites of experiments that compare it
   */
  @RegisterForReflection
  record MethodResponse(
      String name,
      String title,
      String paper,
      String cost,
      String memory,
      String needs,
      String sign,
      String unit,
      boolean answers,
      List<String> suites) {
    static MethodResponse of(InfluenceMethod method) {
      return new MethodResponse(
          method.id(),
          method.title(),
          method.paper(),
          method.cost(),
          method.memory(),
          method.needs(),
          "positive: without the work, the output's loss would be higher",
          method.unit().says(),
          InfluenceMethod.OF_AN_INDEX.contains(method),
          Arrays.stream(Suite.values())
              .filter(suite -> suite.methods().contains(method.id()))
              .map(Suite::id)
              .toList());
    }
  }

  /** {@return every method} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public MethodsResponse methods() {
    return new MethodsResponse(
        Arrays.stream(InfluenceMethod.values()).map(MethodResponse::of).toList());
  }
}
