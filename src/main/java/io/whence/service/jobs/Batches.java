package io.whence.service.jobs;

import io.quarkus.runtime.StartupEvent;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.Sha256;
import io.whence.engine.attribution.AttributionJson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.statement.DeclaredUse;
import io.whence.engine.statement.Usage;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.AttributionRecords;
import io.whence.service.persistence.BatchRecords;
import io.whence.service.persistence.BatchRecords.Batch;
import io.whence.service.persistence.BatchRecords.Done;
import io.whence.service.persistence.BatchRecords.Output;
import io.whence.service.persistence.Conflict;
import io.whence.service.persistence.CurrentActor;
import io.whence.service.persistence.JobRecord;
import io.whence.service.persistence.JobRecords;
import io.whence.service.persistence.PlugInRecords;
import io.whence.service.persistence.TimeOrderedId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Attributes many outputs in one job. Each output that is done is on disk with its attribution, so
 * a job that is begun again goes on with the next; a page of outputs is in memory at a time.
 */
@ApplicationScoped
public class Batches {
  /** Most outputs of a batch. */
  public static final int MOST = 10_000;

  private static final String KIND = "batch";
  private static final int PAGE = 50;

  private final Jobs jobs;
  private final JobRecords jobRecords;
  private final BatchRecords records;
  private final AttributionRecords answers;
  private final Indexes indexes;
  private final PlugIns plugIns;
  private final PlugInRecords uses;
  private final CurrentActor actor;

  /**
   * An output to be charged.
   *
   * @param key under which it is charged
   * @param declared what is declared of plug-in use; null for nothing
   */
  public record Asked(
      String key, AttributionRequest request, PlugIns.@Nullable Declaration declared) {}

  Batches(
      Jobs jobs,
      JobRecords jobRecords,
      BatchRecords records,
      AttributionRecords answers,
      Indexes indexes,
      PlugIns plugIns,
      PlugInRecords uses,
      CurrentActor actor) {
    this.jobs = jobs;
    this.jobRecords = jobRecords;
    this.records = records;
    this.answers = answers;
    this.indexes = indexes;
    this.plugIns = plugIns;
    this.uses = uses;
    this.actor = actor;
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
    for (Batch batch : records.ofJobs(open.keySet())) {
      JobRecord job = open.get(batch.jobId());
      if (job != null) {
        jobs.takeUp(job, work(batch));
      }
    }
  }

  /**
   * {@return the batch of a request; it is on disk, and its job waits for its turn} The same key
   * has the same batch.
   *
   * @param key that the request has, or null
   * @param requestSha256 of the request as it was received
   * @throws EngineException.InvalidQuery when the key was that of another request, or what is
   *     declared is not as it is registered
   * @throws EngineException.NoIndex when there is no such index
   * @throws Conflict when the month is closed, or an output was charged before
   * @throws Busy when too many jobs wait already
   */
  public Batch accept(
      String index,
      YearMonth period,
      List<Asked> outputs,
      @Nullable String key,
      String requestSha256) {
    Optional<Batch> known = key == null ? Optional.empty() : known(key, requestSha256);
    if (known.isPresent()) {
      return known.get();
    }
    indexes.state(index); // refuses a name that no index has
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    PlugIns.Declared declared = plugIns.declaring(index, now);
    List<Output> kept = outputs.stream().map(output -> kept(output, declared)).toList();
    JobRecord job = new JobRecord(TimeOrderedId.at(now), KIND, now);
    Batch batch =
        new Batch(
            TimeOrderedId.at(now),
            now,
            job.id(),
            index,
            period,
            key,
            requestSha256,
            outputs.size(),
            actor.name());
    try {
      jobs.accept(
          job,
          () -> {
            records.add(batch, kept);
            uses.charge(batch.id(), declared.events());
          },
          work(batch));
    } catch (Conflict e) {
      // Asked twice at once: the first batch is everybody's.
      return Optional.ofNullable(key)
          .flatMap(same -> known(same, requestSha256))
          .orElseThrow(() -> e);
    }
    return batch;
  }

  private static Output kept(Asked output, PlugIns.Declared declared) {
    PlugIns.Declaration stated = output.declared;
    if (stated == null) {
      return new ChargedOutput(output.request, DeclaredUse.NONE, null).keep(output.key);
    }
    DeclaredUse use = declared.of(output.key, Sha256.of(output.request.output()), stated);
    return new ChargedOutput(output.request, use, declared.base()).keep(output.key);
  }

  private Optional<Batch> known(String key, String requestSha256) {
    Optional<Batch> known = records.ofKey(key);
    known.ifPresent(
        batch -> {
          if (!batch.requestSha256().equals(requestSha256)) {
            throw new EngineException.InvalidQuery(
                "the key "
                    + key
                    + " was that of another request, whose batch is "
                    + batch.id()
                    + "; give each request a key of its own");
          }
        });
    return known;
  }

  private Jobs.Work work(Batch batch) {
    return progress -> run(batch, progress);
  }

  private Runnable run(Batch batch, Progress progress) {
    Attributor attributor = indexes.attributor(batch.index());
    int done = records.done(batch.id());
    progress.report("attribute", done, batch.outputs(), "outputs", "");
    for (List<Output> page = records.waiting(batch.id(), PAGE);
        !page.isEmpty();
        page = records.waiting(batch.id(), PAGE)) {
      for (Output output : page) {
        attribute(attributor, output, batch.actor());
        done++;
        progress.report("attribute", done, batch.outputs(), "outputs", "");
      }
    }
    return () -> {};
  }

  private void attribute(Attributor attributor, Output output, String actor) {
    ChargedOutput charged = ChargedOutput.read(output.request());
    String base = charged.base();
    if (base != null && !base.equals(attributor.manifest().checkpoint())) {
      throw new EngineException.IndexMismatch(
          "output "
              + output.key()
              + " was made with plug-ins for model "
              + base
              + ", but index "
              + attributor.id()
              + " has "
              + attributor.manifest().checkpoint()
              + " now; put that index back, or charge the output to another");
    }
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    UUID id = TimeOrderedId.at(now);
    byte[] body =
        AttributionJson.write(attributor.attribute(charged.request()), id.toString(), now);
    Usage usage = Usage.of(output.key(), body, charged.declared());
    AttributionRecord answer =
        new AttributionRecord(id, now, attributor.id(), Sha256.of(output.request()), body);
    try {
      answers.add(answer, actor, () -> records.add(usage, id));
    } catch (Conflict e) {
      // Another service on this database has done it: one record is enough.
      io.quarkus.logging.Log.debugf("output %s was attributed meanwhile", output.key());
    }
  }

  /** {@return how the job of a batch stands} */
  public JobStatus job(Batch batch) {
    return jobs.find(batch.jobId()).orElseThrow();
  }

  /** {@return the batch of a name} */
  public Optional<Batch> find(UUID id) {
    return records.find(id);
  }

  /** {@return how many outputs of a batch were attributed} */
  public int done(Batch batch) {
    return records.done(batch.id());
  }

  /** {@return attributed outputs of a batch by key, after {@code key}} */
  public List<Done> outputs(Batch batch, String key, int most) {
    return records.outputs(batch.id(), key, most);
  }
}
