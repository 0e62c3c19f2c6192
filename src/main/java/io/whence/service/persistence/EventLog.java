package io.whence.service.persistence;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.whence.engine.record.LogEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

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
      EntityManager store = getEntityManager();
      long sequence =
          ((Number)
                  store
                      .createNativeQuery("select size from log_head where one = 1 for update")
                      .getSingleResult())
              .longValue();
      byte[] salt = new byte[LogEvent.SALT];
      RANDOM.nextBytes(salt);
      LoggedEvent event =
          new LoggedEvent(
              new LogEvent(
                  sequence,
                  Instant.now().truncatedTo(ChronoUnit.MILLIS),
                  kind,
                  subject,
                  actor,
                  LogEvent.commitment(salt, payload),
                  payload.length));
      persist(event);
      store.persist(new EventSalt(sequence, salt));
      store.flush(); // rows of others may refer to it
      store.createNativeQuery("update log_head set size = size + 1 where one = 1").executeUpdate();
      return event;
    }

    @Transactional
    List<LoggedEvent> page(long from) {
      return find("sequence >= ?1 order by sequence", from).page(0, PAGE).list();
    }

    @Transactional
    List<LoggedEvent> about(String subject) {
      return list("subject = ?1 order by sequence", subject);
    }

    @Transactional
    Optional<byte[]> salt(long sequence) {
      return Optional.ofNullable(getEntityManager().find(EventSalt.class, sequence))
          .map(EventSalt::salt);
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

  EventLog(Table table) {
    this.table = table;
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

  /** Hands over the leaves' hashes from a place on, in order. */
  public void leaves(long from, Consumer<byte[]> leaves) {
    long next = from;
    for (List<LoggedEvent> page = read(next); !page.isEmpty(); page = read(next)) {
      for (LoggedEvent event : page) {
        if (event.sequence() != next) {
          throw new StoreFailure("event " + next + " of the log is missing", null);
        }
        leaves.accept(event.leaf());
        next++;
      }
    }
  }

  private List<LoggedEvent> read(long from) {
    try {
      return table.page(from);
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
    return table.salt(sequence);
  }

  /** {@return the log's name} */
  public String name() {
    return table.name();
  }
}
