package io.whence.service.persistence;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.Transactional;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All answers ever given, each entered in the log. A record that {@link #add} has returned from is
 * on disk: it survives the loss of this process.
 */
@ApplicationScoped
public class AttributionRecords {
  /** Inside the transaction; what fails at its commit is caught outside of it. */
  @ApplicationScoped
  static class Table implements PanacheRepositoryBase<AttributionRecord, UUID> {
    private final EventLog log;

    Table(EventLog log) {
      this.log = log;
    }

    /** No answer without its event, and no event without its answer. */
    @Transactional
    void add(AttributionRecord answer, String actor) {
      persist(answer);
      flush();
      log.append(RecordKind.ATTRIBUTION.made(), answer.id().toString(), actor, answer.body());
    }

    @Transactional
    Optional<AttributionRecord> named(UUID id) {
      return findByIdOptional(id);
    }
  }

  /**
   * An answer that was given to a request with a key.
   *
   * @param requestSha256 of the request; null where it was erased with the answer
   */
  public record Keyed(@Nullable String requestSha256, UUID attribution) {}

  private final Table table;
  private final Sql sql;
  private final Erasures erasures;
  private final CurrentActor actor;

  AttributionRecords(Table table, Sql sql, Erasures erasures, CurrentActor actor) {
    this.table = table;
    this.sql = sql;
    this.erasures = erasures;
    this.actor = actor;
  }

  /**
   * Keeps a record.
   *
   * @throws StoreFailure when it could not be committed; then there is no such record
   */
  public void add(AttributionRecord answer) {
    add(answer, () -> {});
  }

  /**
   * Keeps a record.
   *
   * @param alongside what is kept in the same transaction, or neither is
   * @throws Conflict as {@code alongside} does; then there is no such record
   * @throws StoreFailure when it could not be committed; then there is no such record
   */
  public void add(AttributionRecord answer, Runnable alongside) {
    add(answer, actor.name(), alongside);
  }

  /**
   * Keeps a record that somebody asked for earlier.
   *
   * @param by who asked, as the log has it
   * @param alongside what is kept in the same transaction, or neither is
   * @throws Conflict as {@code alongside} does; then there is no such record
   * @throws StoreFailure when it could not be committed; then there is no such record
   */
  public void add(AttributionRecord answer, String by, Runnable alongside) {
    sql.transaction(
        "the answer could not be stored, so it is not given",
        () -> {
          table.add(answer, by);
          alongside.run();
          return answer;
        });
  }

  /**
   * Keeps a record that answers a request with a key.
   *
   * @throws Conflict when the key has another record already; then there is no such record
   */
  public void add(AttributionRecord answer, String key, String requestSha256) {
    add(
        answer,
        () -> {
          int added =
              sql.insert(
                  "insert into attribution_key (key, request_sha256, attribution_id) values (?, ?, ?)"
                      + " on conflict (key) do nothing",
                  key,
                  requestSha256,
                  answer.id());
          if (added == 0) {
            throw new Conflict("the key " + key + " has an answer already");
          }
        });
  }

  /** {@return the answer that was given to a request with a key} */
  public Optional<Keyed> ofKey(String key) {
    return sql.transaction(
        "the records cannot be read now",
        () ->
            sql.first(
                "select request_sha256, attribution_id from attribution_key where key = ?",
                row -> new Keyed(row.getString(1), row.getObject(2, UUID.class)),
                key));
  }

  /**
   * {@return the record of a name}
   *
   * @throws Erased when it was erased
   * @throws StoreFailure when the database does not answer or the record was tampered with
   */
  public Optional<AttributionRecord> find(UUID id) {
    Optional<AttributionRecord> found = evenErased(id);
    if (found.filter(AttributionRecord::erased).isPresent()) {
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
  public Optional<AttributionRecord> evenErased(UUID id) {
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
