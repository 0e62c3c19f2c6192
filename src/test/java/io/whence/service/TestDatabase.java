package io.whence.service;

import io.whence.service.persistence.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A database for one test: of PostgreSQL in a directory, or, where {@code whence.test.database}
 * names another server, a new one there, which is dropped in the end.
 */
final class TestDatabase implements AutoCloseable {
  private final String url;
  private final String user;
  private final String password;
  private final @Nullable EmbeddedDatabase embedded;
  private final String name;

  private TestDatabase(
      String url, String user, String password, @Nullable EmbeddedDatabase embedded, String name) {
    this.url = url;
    this.user = user;
    this.password = password;
    this.embedded = embedded;
    this.name = name;
  }

  /** {@return whether the tests run against a server that they did not start} */
  static boolean external() {
    return !setting("").isEmpty();
  }

  private static String setting(String part) {
    return System.getProperty("whence.test.database" + part, "");
  }

  /** {@return a new database, with PostgreSQL in {@code directory} unless a server is named} */
  static TestDatabase start(Path directory) throws IOException {
    if (!external()) {
      EmbeddedDatabase embedded = EmbeddedDatabase.start(directory);
      return new TestDatabase(
          embedded.jdbcUrl(), embedded.user(), embedded.password(), embedded, "");
    }
    String name = "whence_test_" + UUID.randomUUID().toString().replace("-", "");
    execute("create database " + name);
    String url = setting("").replaceFirst("(jdbc:postgresql://[^/]+/)[^?]*", "$1" + name);
    return new TestDatabase(url, setting(".user"), setting(".password"), null, name);
  }

  /** {@return what a process of the service is told} */
  Map<String, String> environment() {
    return Map.of(
        "QUARKUS_DATASOURCE_JDBC_URL", url,
        "QUARKUS_DATASOURCE_USERNAME", user,
        "QUARKUS_DATASOURCE_PASSWORD", password);
  }

  /** {@return what the service in this process is told} */
  Map<String, String> settings() {
    return Map.of(
        "quarkus.datasource.jdbc.url", url,
        "quarkus.datasource.username", user,
        "quarkus.datasource.password", password);
  }

  @Override
  public void close() throws IOException {
    if (embedded != null) {
      embedded.stop();
    } else {
      execute("drop database " + name + " with (force)");
    }
  }

  private static void execute(String sql) throws IOException {
    try (Connection connection =
            DriverManager.getConnection(setting(""), setting(".user"), setting(".password"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IOException("whence.test.database: " + sql + ": " + e.getMessage(), e);
    }
  }
}
