package io.whence.service.persistence;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** All jobs ever accepted. What a method has returned from is on disk. */
@ApplicationScoped
public class JobRecords {
  /** Inside the transaction; what fails at its commit is caught outside of it. */
  @ApplicationScoped
  static class Table implements PanacheRepositoryBase<JobRecord, UUID> {
    @Transactional
    void accept(JobRecord job, Runnable alongside) {
      persistAndFlush(job);
      alongside.run();
    }

    @Transactional
    void stands(UUID id, JobRecord.Standing standing, Runnable alongside) {
      findByIdOptional(id).orElseThrow().stands(standing);
      alongside.run();
    }

    @Transactional
    Optional<JobRecord> named(UUID id) {
      return findByIdOptional(id);
    }

    @Transactional
    List<JobRecord> named(Collection<UUID> ids) {
      return list("id in ?1", ids);
    }

    @Transactional
    List<JobRecord> open() {
      return list("endedAt is null order by id");
    }
  }

  private final Table table;

  JobRecords(Table table) {
    this.table = table;
  }

  /**
   * Keeps a job that nobody has begun.
   *
   * @param alongside what is kept in the same transaction, or neither is
   * @throws Conflict as {@code alongside} does; then there is no such job
   * @throws StoreFailure when it could not be committed; then there is no such job
   */
  public void accept(JobRecord job, Runnable alongside) {
    try {
      table.accept(job, alongside);
    } catch (Conflict e) {
      throw e;
    } catch (RuntimeException e) {
      throw StoreFailure.of("the job could not be stored, so it is not accepted", e);
    }
  }

  /**
   * Keeps how a job stands now.
   *
   * @param alongside what is kept in the same transaction, or neither is
   * @throws StoreFailure when it could not be committed; then the job stands as it did
   */
  public void stands(UUID id, JobRecord.Standing standing, Runnable alongside) {
    try {
      table.stands(id, standing, alongside);
    } catch (RuntimeException e) {
      throw StoreFailure.of("how the job stands could not be stored", e);
    }
  }

  /** {@return the job of a name} */
  public Optional<JobRecord> find(UUID id) {
    return read(() -> table.named(id));
  }

  /** {@return the jobs of some names, in any order} */
  public List<JobRecord> find(Collection<UUID> ids) {
    return read(() -> table.named(ids));
  }

  /** {@return the jobs that have not ended, oldest first} */
  public List<JobRecord> open() {
    return read(table::open);
  }

  private static <T> T read(Supplier<T> query) {
    try {
      return query.get();
    } catch (PersistenceException e) {
      throw StoreFailure.of("the jobs cannot be read now", e);
    }
  }
}
