package io.whence.service.persistence;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.whence.engine.EngineException;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Statements in SQL, for rows that are only ever added, or erased. Within a transaction they share
 * the connection of whatever else takes part in it.
 */
@ApplicationScoped
class Sql {
  /** Makes a value of a row. */
  @FunctionalInterface
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  private final DataSource database;

  Sql(DataSource database) {
    this.database = database;
  }

  /**
   * {@return what {@code work} gives, committed, or as part of the transaction that is under way}
   *
   * @param failure one sentence, where the database does not do it
   * @throws Conflict as {@code work} does; then nothing was done
   * @throws Erased as {@code work} does; then nothing was done
   * @throws EngineException as {@code work} does; then nothing was done
   * @throws StoreFailure when it could not be committed; then nothing was done
   */
  <T> T transaction(String failure, Supplier<T> work) {
    try {
      return QuarkusTransaction.joiningExisting().call(work::get);
    } catch (Conflict | Erased | EngineException e) {
      throw e;
    } catch (RuntimeException e) {
      throw StoreFailure.of(failure, e);
    }
  }

  /** {@return a value of each row} */
  <T> List<T> query(String sql, Row<T> row, @Nullable Object... values) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      List<T> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(row.of(rows));
        }
      }
      return found;
    } catch (SQLException e) {
      throw new StoreFailure("the database does not answer as it should", e);
    }
  }

  /** {@return a value of the first row} */
  <T> Optional<T> first(String sql, Row<T> row, @Nullable Object... values) {
    return query(sql, row, values).stream().findFirst();
  }

  /** {@return how many rows were added; 0 where the statement lets a conflict pass} */
  int insert(String sql, @Nullable Object... values) {
    return change(sql, values);
  }

  /** {@return how many rows were added, changed or removed} */
  int change(String sql, @Nullable Object... values) {
    try (Connection connection = database.getConnection()) {
      return change(connection, sql, values);
    } catch (SQLException e) {
      throw new StoreFailure("the database did not take a change", e);
    }
  }

  /** {@return how many rows were added, changed or removed, in the transaction of a connection} */
  static int change(Connection in, String sql, @Nullable Object... values) throws SQLException {
    try (PreparedStatement statement = in.prepareStatement(sql)) {
      bind(statement, values);
      return statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, @Nullable Object[] values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      statement.setObject(
          i + 1,
          value instanceof Instant at ? OffsetDateTime.ofInstant(at, ZoneOffset.UTC) : value);
    }
  }

  /** {@return the time in a column} */
  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
