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
import org.jspecify.annotations.Nullable;

/** All experiments ever accepted, and what they measured. Only ever added to. */
@ApplicationScoped
public class ExperimentRecords {
  /** What was asked. */
  @ApplicationScoped
  static class Experiments implements PanacheRepositoryBase<ExperimentRecord, UUID> {
    @Transactional
    void add(ExperimentRecord experiment) {
      persist(experiment);
    }

    @Transactional
    Optional<ExperimentRecord> named(UUID id) {
      return findByIdOptional(id);
    }

    @Transactional
    List<ExperimentRecord> ofJobs(Collection<UUID> jobs) {
      return list("jobId in ?1 order by id", jobs);
    }

    @Transactional
    List<ExperimentRecord> before(@Nullable UUID id, int most) {
      return (id == null ? find("order by id desc") : find("id < ?1 order by id desc", id))
          .page(0, most)
          .list();
    }
  }

  /** What was measured. */
  @ApplicationScoped
  static class Reports implements PanacheRepositoryBase<ExperimentReport, UUID> {
    @Transactional
    void add(ExperimentReport report, List<ExperimentPlot> plots) {
      persist(report);
      plots.forEach(getEntityManager()::persist);
    }

    @Transactional
    Optional<ExperimentReport> of(UUID experiment) {
      return findByIdOptional(experiment);
    }

    @Transactional
    Optional<ExperimentPlot> plot(UUID experiment, String name) {
      return getEntityManager()
          .createQuery(
              "from ExperimentPlot where experimentId = ?1 and name = ?2", ExperimentPlot.class)
          .setParameter(1, experiment)
          .setParameter(2, name)
          .getResultStream()
          .findFirst();
    }

    @Transactional
    List<String> plots(UUID experiment) {
      return getEntityManager()
          .createQuery(
              "select name from ExperimentPlot where experimentId = ?1 order by name", String.class)
          .setParameter(1, experiment)
          .getResultList();
    }
  }

  private final Experiments experiments;
  private final Reports reports;

  ExperimentRecords(Experiments experiments, Reports reports) {
    this.experiments = experiments;
    this.reports = reports;
  }

  /**
   * Keeps an experiment, in the transaction that keeps its job.
   *
   * @throws StoreFailure when it cannot be stored
   */
  public void add(ExperimentRecord experiment) {
    try {
      experiments.add(experiment);
    } catch (RuntimeException e) {
      throw StoreFailure.of("the experiment could not be stored, so it is not accepted", e);
    }
  }

  /**
   * Keeps what an experiment measured, in the transaction that ends its job.
   *
   * @throws StoreFailure when it cannot be stored
   */
  public void add(ExperimentReport report, List<ExperimentPlot> plots) {
    try {
      reports.add(report, plots);
    } catch (RuntimeException e) {
      throw StoreFailure.of("the report could not be stored", e);
    }
  }

  /** {@return the experiment of a name} */
  public Optional<ExperimentRecord> find(UUID id) {
    return read(() -> experiments.named(id));
  }

  /** {@return the experiments of some jobs, oldest first} */
  public List<ExperimentRecord> ofJobs(Collection<UUID> jobs) {
    return read(() -> experiments.ofJobs(jobs));
  }

  /**
   * {@return experiments, newest first}
   *
   * @param id that they are older than, or null
   * @param most how many at most
   */
  public List<ExperimentRecord> before(@Nullable UUID id, int most) {
    return read(() -> experiments.before(id, most));
  }

  /**
   * {@return what an experiment measured, once it has finished}
   *
   * @throws StoreFailure when the database does not answer or the report was tampered with
   */
  public Optional<ExperimentReport> report(UUID experiment) {
    Optional<ExperimentReport> found = read(() -> reports.of(experiment));
    found.ifPresent(report -> check(report.whole(), "the report of experiment " + experiment));
    return found;
  }

  /**
   * {@return a picture of what an experiment measured}
   *
   * @throws StoreFailure when the database does not answer or the picture was tampered with
   */
  public Optional<ExperimentPlot> plot(UUID experiment, String name) {
    Optional<ExperimentPlot> found = read(() -> reports.plot(experiment, name));
    found.ifPresent(plot -> check(plot.whole(), "plot " + name + " of experiment " + experiment));
    return found;
  }

  /** {@return names of an experiment's pictures, sorted} */
  public List<String> plots(UUID experiment) {
    return read(() -> reports.plots(experiment));
  }

  private static void check(boolean whole, String what) {
    if (!whole) {
      throw new StoreFailure(what + " is not what was stored: its checksum differs", null);
    }
  }

  private static <T> T read(Supplier<T> query) {
    try {
      return query.get();
    } catch (PersistenceException e) {
      throw StoreFailure.of("the experiments cannot be read now", e);
    }
  }
}
