package io.whence.service;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.whence.service.security.Authentication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The few settings that must be known before Quarkus reads its own: from the environment, system
 * properties and {@code config/application.properties} in the working directory, as Quarkus does.
 */
final class StartConfig {
  private static final Path FILE = Path.of("config", "application.properties");

  private final SmallRyeConfig config;

  private StartConfig(SmallRyeConfig config) {
    this.config = config;
  }

  /** {@return the settings as they are now} */
  static StartConfig read() throws Refused {
    SmallRyeConfigBuilder builder =
        new SmallRyeConfigBuilder()
            .addSystemSources()
            .addDefaultInterceptors()
            .withProfile(System.getProperty("quarkus.profile", "prod"));
    if (Files.exists(FILE)) {
      try {
        builder.withSources(new PropertiesConfigSource(FILE.toUri().toURL(), 260));
      } catch (IOException e) {
        throw new Refused("cannot read " + FILE.toAbsolutePath() + ": " + e.getMessage());
      }
    }
    return new StartConfig(builder.build());
  }

  /** {@return whether a database is configured, so that none is to be started} */
  boolean databaseConfigured() {
    return text("quarkus.datasource.jdbc.url").isPresent();
  }

  /** {@return where the configured database is, as whom, with which password; empty where unset} */
  List<String> database() {
    return List.of(
        text("quarkus.datasource.jdbc.url").orElse(""),
        text("quarkus.datasource.username").orElse(""),
        text("quarkus.datasource.password").orElse(""));
  }

  /** {@return the address to listen on} */
  String host() {
    return text("quarkus.http.host").orElse("127.0.0.1");
  }

  /** {@return the port to listen on} */
  int port() throws Refused {
    String port = text("quarkus.http.port").orElse("8080");
    try {
      return Integer.parseInt(port);
    } catch (NumberFormatException e) {
      throw new Refused("quarkus.http.port is a number; got " + port);
    }
  }

  /** {@return whether every request needs a key} */
  boolean keyNeeded() throws Refused {
    String value = text(Authentication.SETTING).orElse(Authentication.DEFAULT);
    return Authentication.of(value)
        .orElseThrow(
            () ->
                new Refused(
                    Authentication.SETTING
                        + " is "
                        + Authentication.REQUIRED.id()
                        + " or "
                        + Authentication.UNLESS_LOOPBACK.id()
                        + "; got "
                        + value))
        .neededAt(host());
  }

  /** {@return the home that is configured, or the default} */
  String home() {
    return text("whence.home")
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".whence").toString());
  }

  private Optional<String> text(String name) {
    return config.getOptionalValue(name, String.class).filter(value -> !value.isBlank());
  }
}
