package io.whence.service.audit;

import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import io.whence.engine.Sha256;
import io.whence.service.persistence.CurrentActor;
import io.whence.service.persistence.EventLog;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/**
 * Enters at each start how the service is set, so that a change of configuration shows: by its sum
 * in the log, by its words among the messages of the service.
 */
@ApplicationScoped
class ServiceStart {
  private static final String OURS = "whence.";
  private static final String ADDRESS = "quarkus.http.host";

  /** A name and password in an address. */
  private static final Pattern SECRET = Pattern.compile("(?<=//)[^/@]*@");

  private final Config config;
  private final EventLog log;

  ServiceStart(Config config, EventLog log) {
    this.config = config;
    this.log = log;
  }

  void enter(@Observes StartupEvent event) {
    String settings = settings();
    byte[] bytes = settings.getBytes(StandardCharsets.UTF_8);
    String sum = Sha256.of(bytes);
    log.append("service.started", "settings " + sum, CurrentActor.SERVICE, bytes);
    Log.infof("settings %s: %s", sum, settings);
  }

  /** What is set of Whence's own, by name. */
  private String settings() {
    SortedMap<String, String> settings = new TreeMap<>();
    for (String name : config.getPropertyNames()) {
      if (name.startsWith(OURS) || name.equals(ADDRESS)) {
        config
            .getOptionalValue(name, String.class)
            .ifPresent(value -> settings.put(name, SECRET.matcher(value).replaceAll("")));
      }
    }
    return settings.toString();
  }
}
