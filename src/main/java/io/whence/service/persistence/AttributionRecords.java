package io.whence.service.persistence;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.Transactional;
import java.util.Optional;
import java.util.UUID;

/**
 * All answers ever given, each entered in the log. A record that {@link #add} has returned from is
 * on disk: it survives the loss of this process.
 */
@ApplicationScoped
public class AttributionRecords {
  /** Kind of the event that an answer makes. */
  public static final String ANSWERED = "attribution.answered";

  /** Who asked, as long as nobody is asked who they are. */
  public static final String ACTOR = "unauthenticated";

  /** Inside the transaction; what fails at its commit is caught outside of it. */
  @ApplicationScoped
  static class Table implements PanacheRepositoryBase<AttributionRecord, UUID> {
    private final EventLog log;

    Table(EventLog log) {
      this.log = log;
    }

    /** No answer without its event, and no event without its answer. */
    @Transactional
    void add(AttributionRecord answer) {
      persist(answer);
      flush();
      log.append(ANSWERED, answer.id().toString(), ACTOR, answer.body());
    }

    @Transactional
    Optional<AttributionRecord> named(UUID id) {
      return findByIdOptional(id);
    }
  }

  private final Table table;

  AttributionRecords(Table table) {
    this.table = table;
  }

  /**
   * Keeps a record.
   *
   * @throws StoreFailure when it could not be committed; then there is no such record
   */
  public void add(AttributionRecord answer) {
    try {
      table.add(answer);
    } catch (RuntimeException e) {
      throw StoreFailure.of("the answer could not be stored, so it is not given", e);
    }
  }

  /**
   * {@return the record of a name}
   *
   * @throws StoreFailure when the database does not answer or the record was tampered with
   */
  public Optional<AttributionRecord> find(UUID id) {
    try {
      Optional<AttributionRecord> found = table.named(id);
      found.ifPresent(
          answer -> {
            if (!answer.whole()) {
              throw new StoreFailure(
                  "the record " + id + " is not what was stored: its checksum differs", null);
            }
          });
      return found;
    } catch (PersistenceException e) {
      throw StoreFailure.of("the records cannot be read now", e);
    }
  }
}
