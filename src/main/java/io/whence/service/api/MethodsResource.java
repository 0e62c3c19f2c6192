package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.influence.InfluenceMethod;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;

/** The influence methods that can be asked for. */
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
      String unit) {
    static MethodResponse of(InfluenceMethod method) {
      return new MethodResponse(
          method.id(),
          method.title(),
          method.paper(),
          method.cost(),
          method.memory(),
          method.needs(),
          "positive: without the work, the output's loss would be higher",
          "nats of the output's summed loss");
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
