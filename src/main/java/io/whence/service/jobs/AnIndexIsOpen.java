package io.whence.service.jobs;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready means that at least one index is open, with its model where it has one. */
@Readiness
@ApplicationScoped
class AnIndexIsOpen implements HealthCheck {
  private final Indexes indexes;

  AnIndexIsOpen(Indexes indexes) {
    this.indexes = indexes;
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("an index is open");
    boolean[] open = new boolean[1];
    indexes
        .states()
        .forEach(
            (id, state) ->
                response.withData(
                    id,
                    switch (state) {
                      case IndexState.Open index -> {
                        open[0] = true;
                        yield "open, " + index.manifest().counts().works() + " works";
                      }
                      case IndexState.Opening opening -> "opening";
                      case IndexState.Damaged damaged -> damaged.detail();
                    }));
    return response.status(open[0]).build();
  }
}
