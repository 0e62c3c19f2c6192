package io.whence.service.jobs;

import io.quarkus.runtime.StartupEvent;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.fidelity.Experiment;
import io.whence.engine.fidelity.Report;
import io.whence.engine.fidelity.Suite;
import io.whence.service.persistence.ExperimentPlot;
import io.whence.service.persistence.ExperimentRecord;
import io.whence.service.persistence.ExperimentRecords;
import io.whence.service.persistence.ExperimentReport;
import io.whence.service.persistence.JobRecord;
import io.whence.service.persistence.JobRecords;
import io.whence.service.persistence.TimeOrderedId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Compares influence methods, one job an experiment. Ground truth is kept in {@code
 * WHENCE_HOME/ground-truth}, so a job that is begun again goes on where it was.
 */
@ApplicationScoped
public class Experiments {
  private static final String KIND = "experiment";

  private final Jobs jobs;
  private final JobRecords jobRecords;
  private final ExperimentRecords records;
  private final Path data;
  private final Path model;
  private final Path truth;
  private final int threads;
  private final String version;

  Experiments(
      Jobs jobs,
      JobRecords jobRecords,
      ExperimentRecords records,
      ExperimentsConfig config,
      @ConfigProperty(name = "whence.home") Optional<String> home,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.jobs = jobs;
    this.jobRecords = jobRecords;
    this.records = records;
    this.data =
        config.data().orElseGet(() -> Path.of(System.getProperty("whence.root", "."), "data"));
    this.model = data.resolveSibling("models").resolve("poems-gpt");
    this.truth =
        home.map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".whence"))
            .resolve("ground-truth");
    this.threads = config.threads().orElse(Runtime.getRuntime().availableProcessors());
    this.version = version;
  }

  void start(@Observes StartupEvent event) {
    jobs.watch(this::takeUp);
  }

  /** Goes on with what had not ended when the service did. */
  void takeUp() {
    Map<UUID, JobRecord> open =
        jobRecords.open().stream().collect(Collectors.toMap(JobRecord::id, Function.identity()));
    if (open.isEmpty()) {
      return;
    }
    for (ExperimentRecord experiment : records.ofJobs(open.keySet())) {
      JobRecord job = open.get(experiment.jobId());
      if (job != null) {
        jobs.takeUp(job, work(experiment));
      }
    }
  }

  /**
   * {@return the suite of a name}
   *
   * @throws EngineException.InvalidQuery when there is none
   */
  public static Suite suite(String id) {
    return Arrays.stream(Suite.values())
        .filter(suite -> suite.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException.InvalidQuery(
                    "there is no suite "
                        + id
                        + "; use one of "
                        + Arrays.stream(Suite.values())
                            .map(Suite::id)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * {@return the record of a new experiment; it is on disk, and its job waits for its turn}
   *
   * @param asked with no data but the suite's own
   * @param repeats the experiment whose request this is, or null
   * @throws Busy when too many wait already
   */
  public ExperimentRecord accept(Experiment asked, @Nullable UUID repeats) {
    Instant now = now();
    JobRecord job = new JobRecord(TimeOrderedId.at(now), KIND, now);
    ExperimentRecord experiment =
        new ExperimentRecord(
            TimeOrderedId.at(now),
            now,
            job.id(),
            asked.suite().id(),
            asked.methods().isEmpty() ? asked.suite().methods() : asked.methods(),
            asked.seeds(),
            asked.rightsHolders(),
            repeats);
    jobs.accept(job, () -> records.add(experiment), work(experiment));
    return experiment;
  }

  /**
   * {@return the record of a new experiment with the request of another}
   *
   * @throws EngineException.InvalidQuery when this version cannot do what that one could
   * @throws Busy when too many wait already
   */
  public ExperimentRecord repeat(ExperimentRecord experiment) {
    return accept(asked(experiment), experiment.id());
  }

  private static Experiment asked(ExperimentRecord experiment) {
    return new Experiment(
        suite(experiment.suite()),
        experiment.methods(),
        experiment.seeds(),
        experiment.rightsHolders().orElse(null),
        null);
  }

  private Jobs.Work work(ExperimentRecord experiment) {
    return progress -> run(experiment, progress);
  }

  private Runnable run(ExperimentRecord experiment, Progress progress) {
    Report report =
        asked(experiment).run(new Suite.Bench(data, truth, model, "cpu", threads, progress));
    ExperimentReport kept =
        new ExperimentReport(
            experiment.id(),
            now(),
            bytes(report.toJson()),
            bytes(report.csv()),
            new ExperimentReport.MadeWith(
                report.facts().get("dataSha256"),
                version,
                Runtime.version().toString(),
                platform()));
    List<ExperimentPlot> plots =
        report.plots().entrySet().stream()
            .map(
                plot ->
                    new ExperimentPlot(
                        UUID.randomUUID(),
                        experiment.id(),
                        plot.getKey(),
                        bytes(plot.getValue().svg())))
            .toList();
    return () -> records.add(kept, plots);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String platform() {
    return System.getProperty("os.name")
        + " "
        + System.getProperty("os.arch")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors";
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  /** {@return how the job of an experiment stands} */
  public JobStatus job(ExperimentRecord experiment) {
    return jobs.find(experiment.jobId()).orElseThrow();
  }

  /** {@return the experiment of a name} */
  public Optional<ExperimentRecord> find(UUID id) {
    return records.find(id);
  }

  /** {@return the experiment that a job runs} */
  public Optional<ExperimentRecord> ofJob(UUID job) {
    return records.ofJobs(List.of(job)).stream().findFirst();
  }

  /**
   * {@return experiments, newest first}
   *
   * @param id that they are older than, or null
   * @param most how many at most
   */
  public List<ExperimentRecord> before(@Nullable UUID id, int most) {
    return records.before(id, most);
  }

  /** {@return what an experiment measured, once it has finished} */
  public Optional<ExperimentReport> report(UUID experiment) {
    return records.report(experiment);
  }

  /** {@return names of the pictures of what an experiment measured, sorted} */
  public List<String> plots(UUID experiment) {
    return records.plots(experiment);
  }

  /** {@return a picture of what an experiment measured} */
  public Optional<ExperimentPlot> plot(UUID experiment, String name) {
    return records.plot(experiment, name);
  }
}
