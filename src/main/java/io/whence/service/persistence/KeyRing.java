package io.whence.service.persistence;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.whence.engine.record.CanonicalJson;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * The API keys in a database, for the command line: beside a running service and before its first
 * start. What it does is entered in the log in the same transaction.
 */
public final class KeyRing implements AutoCloseable {
  /** Kind of the event that a key was made; its payload says what it may do. */
  public static final String CREATED = "key.created";

  /** Kind of the event that a key was revoked; it has no payload. */
  public static final String REVOKED = "key.revoked";

  private final String url;
  private final String user;
  private final String password;
  private final Connection connection;

  private KeyRing(String url, String user, String password, Connection connection) {
    this.url = url;
    this.user = user;
    this.password = password;
    this.connection = connection;
  }

  /**
   * {@return the keys of a database}
   *
   * @throws IOException with one sentence for the operator when it cannot be reached
   */
  public static KeyRing open(String url, String user, String password) throws IOException {
    try {
      return new KeyRing(url, user, password, DriverManager.getConnection(url, user, password));
    } catch (SQLException e) {
      throw new IOException("the keys at " + url + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** What is done with a connection. */
  @FunctionalInterface
  private interface Work<T> {
    T in(Connection connection) throws SQLException, IOException;
  }

  private <T> T transaction(Work<T> work) throws IOException {
    try {
      connection.setAutoCommit(false);
      try {
        T done = work.in(connection);
        connection.commit();
        return done;
      } finally {
        connection.rollback(); // of what was not committed
      }
    } catch (SQLException e) {
      throw new IOException("the keys at " + url + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** {@return whether a service has ever prepared this database for keys} */
  private static boolean prepared(Connection connection) throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement("select to_regclass('api_key') is not null");
        ResultSet row = query.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** {@return all keys there ever were, oldest first} */
  public List<StoredKey> all() throws IOException {
    return transaction(
        in -> {
          List<StoredKey> keys = new ArrayList<>();
          if (prepared(in)) {
            try (PreparedStatement query =
                    in.prepareStatement(
                        "select " + StoredKey.COLUMNS + " from api_key order by created_at, id");
                ResultSet row = query.executeQuery()) {
              while (row.next()) {
                keys.add(StoredKey.of(row));
              }
            }
          }
          return keys;
        });
  }

  /**
   * Keeps a new key. Where no service has run on this database yet, it is prepared as a service
   * would.
   *
   * @param actor who makes it
   * @throws IOException with one sentence for the operator when it cannot be kept
   */
  public void add(StoredKey key, String actor) throws IOException {
    if (!transaction(KeyRing::prepared)) {
      try {
        Flyway.configure().dataSource(url, user, password).load().migrate();
      } catch (FlywayException e) {
        throw new IOException("the database cannot be prepared: " + e.getMessage(), e);
      }
    }
    transaction(
        in -> {
          if (key.reviewer() != null && !registered(in, key.reviewer())) {
            throw new IOException(
                "there is no reviewer " + key.reviewer() + "; register at /v1/reviewers");
          }
          Sql.change(
              in,
              "insert into api_key (" + StoredKey.COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              key.id(),
              key.name(),
              key.roles().toArray(String[]::new),
              key.reviewer(),
              key.secretSha256(),
              key.createdAt(),
              key.expiresAt(),
              null,
              null);
          return EventLog.append(in, CREATED, "whk_" + key.id(), actor, described(key));
        });
  }

  private static byte[] described(StoredKey key) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", key.id());
    json.put("name", key.name());
    key.roles().forEach(json.putArray("roles")::add);
    if (key.reviewer() != null) {
      json.put("reviewer", key.reviewer().toString());
    }
    if (key.expiresAt() != null) {
      json.put("expiresAt", key.expiresAt().toString());
    }
    return CanonicalJson.of(json.toString());
  }

  /**
   * {@return the key as it was before; empty where there is none of that id} One that was revoked
   * already stays as it is.
   *
   * @param actor who revokes it
   */
  public Optional<StoredKey> revoke(String id, Instant now, String actor) throws IOException {
    return transaction(
        in -> {
          if (!prepared(in)) {
            return Optional.empty();
          }
          Optional<StoredKey> found = held(in, id);
          if (found.isPresent() && found.get().revokedAt() == null) {
            Sql.change(in, "update api_key set revoked_at = ? where id = ?", now, id);
            EventLog.append(in, REVOKED, "whk_" + id, actor, new byte[0]);
          }
          return found;
        });
  }

  private static boolean registered(Connection in, UUID reviewer) throws SQLException {
    try (PreparedStatement query = in.prepareStatement("select 1 from reviewer where id = ?")) {
      query.setObject(1, reviewer);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  private static Optional<StoredKey> held(Connection in, String id) throws SQLException {
    try (PreparedStatement query =
        in.prepareStatement(
            "select " + StoredKey.COLUMNS + " from api_key where id = ? for update")) {
      query.setString(1, id);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(StoredKey.of(row)) : Optional.empty();
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IOException("the connection to " + url + " did not close", e);
    }
  }
}
