package io.whence.service.api;

import static io.restassured.RestAssured.given;

import io.restassured.specification.RequestSpecification;
import io.whence.service.persistence.KeyRing;
import io.whence.service.persistence.StoredKey;
import io.whence.service.security.ApiKey;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** Keys of the service under test, made as the command line makes them. */
final class TestKeys {
  private TestKeys() {}

  static KeyRing ring() throws IOException {
    Config config = ConfigProvider.getConfig();
    return KeyRing.open(
        config.getValue("quarkus.datasource.jdbc.url", String.class),
        config.getValue("quarkus.datasource.username", String.class),
        config.getValue("quarkus.datasource.password", String.class));
  }

  static ApiKey key(String name, String... roles) throws IOException {
    return key(name, null, null, roles);
  }

  static ApiKey key(String name, @Nullable UUID reviewer, @Nullable Duration lasts, String... roles)
      throws IOException {
    ApiKey key = ApiKey.generate();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    try (KeyRing ring = ring()) {
      ring.add(
          new StoredKey(
              key.id(),
              name,
              List.of(roles),
              reviewer,
              key.sha256(),
              now,
              lasts == null ? null : now.plus(lasts),
              null,
              null),
          "test");
    }
    return key;
  }

  static RequestSpecification with(ApiKey key) {
    return given().header("Authorization", "Bearer " + key.text());
  }
}
