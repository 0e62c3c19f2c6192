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
    // How many, and not which: whoever asks for the health needs no key.
    int open = 0;
    int opening = 0;
    int damaged = 0;
    for (IndexState state : indexes.states().values()) {
      switch (state) {
        case IndexState.Open index -> open++;
        case IndexState.Opening index -> opening++;
        case IndexState.Damaged index -> damaged++;
      }
    }
    return response
        .withData("open", open)
        .withData("opening", opening)
        .withData("damaged", damaged)
        .status(open > 0)
        .build();
  }
}
