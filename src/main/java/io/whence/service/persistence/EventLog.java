package io.whence.service.persistence;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.whence.engine.record.LogEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.hibernate.Session;

/**
 * The log on disk. Whoever appends holds the log's head until the transaction ends, so places have
 * no gaps, whichever service on the database appends.
 */
@ApplicationScoped
public class EventLog {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** How many leaves are read at once. */
  private static final int PAGE = 10_000;

  /** Inside the transaction; what fails at its commit is caught outside of it. */
  @ApplicationScoped
  static class Table implements PanacheRepositoryBase<LoggedEvent, Long> {
    @Transactional
    LoggedEvent append(String kind, String subject, String actor, byte[] payload) {
      return getEntityManager()
          .unwrap(Session.class)
          .doReturningWork(
              connection -> EventLog.append(connection, kind, subject, actor, payload));
    }

    @Transactional
    List<LoggedEvent> page(long from, int limit) {
      return find("sequence >= ?1 order by sequence", from).page(0, limit).list();
    }

    @Transactional
    List<LoggedEvent> about(String subject) {
      return list("subject = ?1 order by sequence", subject);
    }

    @Transactional
    String name() {
      return (String)
          getEntityManager()
              .createNativeQuery("select name from log_head where one = 1")
              .getSingleResult();
    }
  }

  private final Table table;
  private final Sql sql;

  EventLog(Table table, Sql sql) {
    this.table = table;
    this.sql = sql;
  }

  /**
   * Enters an event; inside a transaction, it is entered with it or not at all.
   *
   * @param payload what the event commits to; it is not kept here
   */
  public LoggedEvent append(String kind, String subject, String actor, byte[] payload) {
    try {
      return table.append(kind, subject, actor, payload);
    } catch (PersistenceException e) {
      throw new StoreFailure("the event could not be logged, so nothing was done", e);
    }
  }

  /** Enters an event in the transaction of a connection, also where there is no service. */
  static LoggedEvent append(
      Connection in, String kind, String subject, String actor, byte[] payload)
      throws SQLException {
    byte[] salt = new byte[LogEvent.SALT];
    RANDOM.nextBytes(salt);
    LoggedEvent event =
        new LoggedEvent(
            new LogEvent(
                held(in),
                Instant.now().truncatedTo(ChronoUnit.MILLIS),
                kind,
                subject,
                actor,
                LogEvent.commitment(salt, payload),
                payload.length));
    Sql.change(
        in,
        "insert into log_event (sequence, kind, subject, event, leaf) values (?, ?, ?, ?, ?)",
        event.sequence(),
        kind,
        subject,
        event.event(),
        event.leaf());
    Sql.change(in, "insert into log_salt (sequence, salt) values (?, ?)", event.sequence(), salt);
    Sql.change(in, "update log_head set size = size + 1 where one = 1");
    return event;
  }

  /** The next place; nobody else appends from here on, until the transaction ends. */
  private static long held(Connection in) throws SQLException {
    try (PreparedStatement query =
            in.prepareStatement("select size from log_head where one = 1 for update");
        ResultSet row = query.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Hands over the leaves' hashes from a place on, in order. */
  public void leaves(long from, Consumer<byte[]> leaves) {
    long next = from;
    for (List<LoggedEvent> page = from(next, PAGE); !page.isEmpty(); page = from(next, PAGE)) {
      for (LoggedEvent event : page) {
        if (event.sequence() != next) {
          throw new StoreFailure("event " + next + " of the log is missing", null);
        }
        leaves.accept(event.leaf());
        next++;
      }
    }
  }

  /** {@return the events from a place on, in order, {@code limit} at most} */
  public List<LoggedEvent> from(long sequence, int limit) {
    try {
      return table.page(sequence, limit);
    } catch (PersistenceException e) {
      throw new StoreFailure("the log cannot be read now", e);
    }
  }

  /** {@return the events about something, in order} */
  public List<LoggedEvent> about(String subject) {
    try {
      return table.about(subject);
    } catch (PersistenceException e) {
      throw new StoreFailure("the log cannot be read now", e);
    }
  }

  /** {@return the salt of an event's commitment; none where it was erased} */
  public Optional<byte[]> salt(long sequence) {
    return sql.transaction(
        "the log cannot be read now",
        () ->
            sql.first(
                "select salt from log_salt where sequence = ?", row -> row.getBytes(1), sequence));
  }

  /** {@return the log's name} */
  public String name() {
    return table.name();
  }
}
