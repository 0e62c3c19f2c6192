package io.whence.service;

import io.whence.service.persistence.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The database for a command that is no service: the one that is configured, or else that of the
 * home, which a running service lends and which is started where there is none.
 *
 * @param started what is stopped in the end; null where it was running already
 * @param home what is held meanwhile, so that no service takes this database for its own
 */
record CommandDatabase(
    String url,
    String user,
    String password,
    @Nullable EmbeddedDatabase started,
    @Nullable Home home)
    implements AutoCloseable {

  /**
   * {@return the database, running}
   *
   * @param given the home on the command line, or null
   */
  static CommandDatabase open(@Nullable String given, StartConfig config)
      throws Refused, IOException {
    if (config.databaseConfigured()) {
      return new CommandDatabase(
          config.database().get(0), config.database().get(1), config.database().get(2), null, null);
    }
    Path place = Home.place(given, config);
    if (Home.held(place)) {
      EmbeddedDatabase running =
          EmbeddedDatabase.running(place.resolve("postgres"))
              .orElseThrow(
                  () ->
                      new Refused(
                          "the service on the home "
                              + place
                              + " is starting or ending; try again"));
      return of(running, null, null);
    }
    Home home = Home.open(place);
    EmbeddedDatabase database = home.database();
    return of(database, database, home);
  }

  private static CommandDatabase of(
      EmbeddedDatabase database, @Nullable EmbeddedDatabase started, @Nullable Home home) {
    return new CommandDatabase(
        database.jdbcUrl(), database.user(), database.password(), started, home);
  }

  @Override
  public void close() throws IOException {
    if (started != null) {
      started.stop();
    }
    if (home != null) {
      home.hold().close();
    }
  }
}
