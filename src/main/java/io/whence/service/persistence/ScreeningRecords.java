package io.whence.service.persistence;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.Transactional;
import java.util.Optional;
import java.util.UUID;

/**
 * All verdicts ever given, each entered in the log. A record that {@link #add} has returned from is
 * on disk.
 */
@ApplicationScoped
public class ScreeningRecords {
  /** Inside the transaction; what fails at its commit is caught outside of it. */
  @ApplicationScoped
  static class Table implements PanacheRepositoryBase<ScreeningRecord, UUID> {
    private final EventLog log;
    private final CurrentActor actor;

    Table(EventLog log, CurrentActor actor) {
      this.log = log;
      this.actor = actor;
    }

    /** No verdict without its event, and no event without its verdict. */
    @Transactional
    void add(ScreeningRecord answer) {
      persist(answer);
      flush();
      log.append(RecordKind.SCREENING.made(), answer.id().toString(), actor.name(), answer.body());
    }

    @Transactional
    Optional<ScreeningRecord> named(UUID id) {
      return findByIdOptional(id);
    }
  }

  private final Table table;
  private final Erasures erasures;

  ScreeningRecords(Table table, Erasures erasures) {
    this.table = table;
    this.erasures = erasures;
  }

  /**
   * Keeps a record.
   *
   * @throws StoreFailure when it could not be committed; then there is no such record
   */
  public void add(ScreeningRecord answer) {
    try {
      table.add(answer);
    } catch (RuntimeException e) {
      throw StoreFailure.of("the verdict could not be stored, so it is not given", e);
    }
  }

  /**
   * {@return the record of a name}
   *
   * @throws Erased when it was erased
   * @throws StoreFailure when the database does not answer or the record was tampered with
   */
  public Optional<ScreeningRecord> find(UUID id) {
    Optional<ScreeningRecord> found = evenErased(id);
    if (found.filter(ScreeningRecord::erased).isPresent()) {
      erasures.refuseErased(id);
      throw new StoreFailure("the record " + id + " is empty, and nothing says why", null);
    }
    return found;
  }

  /**
   * {@return the record of a name, of which perhaps only that it was made is left}
   *
   * @throws StoreFailure when the database does not answer or the record was tampered with
   */
  public Optional<ScreeningRecord> evenErased(UUID id) {
    try {
      Optional<ScreeningRecord> found = table.named(id);
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
