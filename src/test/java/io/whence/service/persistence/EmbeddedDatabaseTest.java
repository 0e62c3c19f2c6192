package io.whence.service.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDatabaseTest {
  @TempDir static Path directory;

  private EmbeddedDatabase database;

  EmbeddedDatabaseTest() throws IOException {
    database = EmbeddedDatabase.start(directory);
  }

  @BeforeAll
  static void makeRoom() throws IOException {
    // A home whose name has a blank in it is a home too.
    directory = Files.createDirectory(directory.resolve("my home"));
  }

  @BeforeEach
  void makeTable() throws SQLException {
    execute("create table if not exists kept (n int)");
  }

  @AfterAll
  static void stop() throws IOException {
    EmbeddedDatabase.start(directory).stop();
  }

  @Test
  void a_running_server_is_adopted() throws IOException {
    EmbeddedDatabase again = EmbeddedDatabase.start(directory);

    assertThat(again.jdbcUrl()).isEqualTo(database.jdbcUrl());
    assertThat(again.password()).isEqualTo(database.password());
  }

  @Test
  void what_was_committed_is_there_after_a_restart() throws IOException, SQLException {
    execute("insert into kept values (42)");

    database.stop();
    database = EmbeddedDatabase.start(directory);

    assertThat(number("select max(n) from kept")).isEqualTo(42);
  }

  @Test
  void a_process_number_that_now_is_another_process_is_no_obstacle()
      throws IOException, SQLException {
    database.stop();
    Files.write(
        directory.resolve("data/postmaster.pid"),
        List.of(String.valueOf(ProcessHandle.current().pid()), "x", "0", "5432"));

    database = EmbeddedDatabase.start(directory);

    assertThat(number("select 1")).isEqualTo(1);
  }

  @Test
  void half_made_things_of_a_killed_start_are_no_obstacle() throws IOException, SQLException {
    database.stop();
    Files.createDirectories(directory.resolve("data.partial/base"));
    Files.writeString(directory.resolve("password.partial"), "half");
    Files.createDirectories(directory.resolve("server.partial/bin"));

    database = EmbeddedDatabase.start(directory);

    assertThat(number("select 1")).isEqualTo(1);
  }

  @Test
  void only_the_owner_can_read_it() throws IOException {
    assertThat(permissions("")).isEqualTo("rwx------");
    assertThat(permissions("password")).isEqualTo("rw-------");
  }

  @Test
  void nobody_gets_in_without_the_password() {
    assertThatThrownBy(
            () -> DriverManager.getConnection(database.jdbcUrl(), database.user(), "guess").close())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void data_of_another_version_are_refused() throws IOException {
    Path data = Files.createDirectories(directory.resolve("other/data"));
    Files.createSymbolicLink(
        data.resolveSibling("server-" + EmbeddedDatabase.VERSION),
        directory.resolve("server-" + EmbeddedDatabase.VERSION));
    Files.writeString(data.resolve("PG_VERSION"), "16\n");

    assertThatThrownBy(() -> EmbeddedDatabase.start(directory.resolve("other")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            data
                + " holds data of PostgreSQL 16, and this Whence brings 17; use the Whence that made"
                + " it, or an external database");
  }

  private static String permissions(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int number(String sql) throws SQLException {
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private Connection connection() throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
  }
}
