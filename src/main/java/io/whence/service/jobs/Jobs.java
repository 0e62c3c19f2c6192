package io.whence.service.jobs;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.service.persistence.Conflict;
import io.whence.service.persistence.JobLeases;
import io.whence.service.persistence.JobRecord;
import io.whence.service.persistence.JobRecords;
import io.whence.service.persistence.StoreFailure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Long work, a bounded number at a time, in the order it was accepted. A job that was accepted is
 * on disk, and so is every move it makes: after a kill it is begun again, by the next start or by
 * another service on the database. A job is one service's at a time.
 */
@ApplicationScoped
public class Jobs {
  /** How often, and how long apart, it is tried to keep how a job ended. */
  private static final int STORE_ATTEMPTS = 10;

  private static final Duration STORE_REST = Duration.ofSeconds(2);

  /** What a job does. Begun again from the start after a kill. */
  @FunctionalInterface
  interface Work {
    /**
     * {@return what keeps the results, in the transaction that ends the job}
     *
     * @param progress to be told of every step; throws where the job is to end early
     */
    Runnable run(Progress progress);
  }

  /** Ends the work of a job that is not wanted any more. */
  private static final class Cancellation extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final JobRecords records;
  private final JobLeases leases;
  private final MeterRegistry meters;
  private final JobsConfig config;
  private final int most;
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicInteger followers = new AtomicInteger();
  private final ConcurrentMap<UUID, Job> live = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor threads;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "whence-jobs-look"));
  private volatile boolean stopping;

  /** Quarkus waits for open requests first, and only then says that it ends. */
  private final Thread hook = new Thread(() -> stopping = true, "whence-jobs-end");

  Jobs(JobRecords records, JobLeases leases, MeterRegistry meters, JobsConfig config) {
    if (config.concurrent() < 1) {
      throw new IllegalStateException(
          "whence.jobs.concurrent is at least 1; got " + config.concurrent());
    }
    if (config.look().toMillis() < 1) {
      throw new IllegalStateException(
          "whence.jobs.look is at least a millisecond; got " + config.look());
    }
    this.records = records;
    this.leases = leases;
    this.meters = meters;
    this.config = config;
    this.most = config.concurrent() + Math.max(0, config.queue());
    this.threads =
        new ThreadPoolExecutor(
            config.concurrent(),
            config.concurrent(),
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> daemon(work, "whence-job"));
    meters.gauge("whence.jobs.pending", pending);
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Takes up what was left behind, now and from time to time.
   *
   * @param takeUp calls {@link #takeUp(JobRecord, Work)} for each open job of a kind
   */
  void watch(Runnable takeUp) {
    takeUp.run();
    long rest = config.look().toMillis();
    Future<?> unused =
        looks.scheduleWithFixedDelay(() -> look(takeUp), rest, rest, TimeUnit.MILLISECONDS);
  }

  private void look(Runnable takeUp) {
    try {
      for (UUID lost : leases.lost()) {
        Optional.ofNullable(live.get(lost)).ifPresent(Job::leaveToAnother);
      }
      takeUp.run();
    } catch (RuntimeException e) {
      Log.warnf(e, "jobs that were left behind could not be looked for");
    }
  }

  /**
   * Accepts a job; it is on disk.
   *
   * @param job that nobody has begun
   * @param alongside keeps what the job is about, in the same transaction
   * @param work what it does
   * @throws Busy when too many wait already
   */
  void accept(JobRecord job, Runnable alongside, Work work) {
    if (pending.incrementAndGet() > most) {
      pending.decrementAndGet();
      throw new Busy("the service is busy: " + most + " jobs run or wait already");
    }
    try {
      leases.take(job.id()); // before another service can see it
      records.accept(job, alongside);
    } catch (RuntimeException e) {
      leases.release(job.id());
      pending.decrementAndGet();
      throw e;
    }
    queue(new Job(job, new JobState.Queued(0), work));
  }

  /** Goes on with a job that had not ended when its service did; passes where that still runs. */
  void takeUp(JobRecord seen, Work work) {
    if (stopping || !leases.take(seen.id())) {
      return;
    }
    try {
      // It may have ended between being seen and being ours.
      goOn(records.find(seen.id()).orElseThrow(), work);
    } catch (RuntimeException e) {
      leases.release(seen.id());
      throw e;
    }
  }

  private void goOn(JobRecord job, Work work) {
    switch (JobState.of(job.standing())) {
      case JobState.Queued queued -> takeUp(job, queued, work);
      case JobState.Running run when run.cancelling() -> end(job.id(), run.cancel(now()));
      case JobState.Running run when run.attempts() >= config.attempts() ->
          end(
              job.id(),
              run.fail(
                  now(),
                  "the service was killed "
                      + run.attempts()
                      + " times while this job ran; find out by what, then ask for it again"));
      case JobState.Running run -> {
        JobState.Queued queued = run.takeUp();
        records.stands(job.id(), queued.standing(), () -> {});
        Log.infof("job %s is taken up again", job.id());
        takeUp(job, queued, work);
      }
      case JobState.Ended ended -> leases.release(job.id());
    }
  }

  private void takeUp(JobRecord job, JobState.Queued state, Work work) {
    pending.incrementAndGet();
    queue(new Job(job, state, work));
  }

  private void end(UUID id, JobState.Ended end) {
    records.stands(id, end.standing(), () -> {});
    leases.release(id);
    count(end);
  }

  private void count(JobState.Ended end) {
    meters.counter("whence.jobs", "state", end.id()).increment();
  }

  private void queue(Job job) {
    live.put(job.id(), job);
    try {
      threads.execute(job);
    } catch (RejectedExecutionException e) {
      // The service is stopping; the job is on disk and its turn comes after the next start.
      live.remove(job.id());
    }
  }

  void start(@Observes StartupEvent event) {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  void stop(@Observes ShutdownEvent event) {
    stopping = true;
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      Log.debug("the process is ending, and the hook has run");
    }
    looks.shutdownNow();
    live.values().forEach(Job::putBack);
    threads.shutdownNow();
    leases.releaseAll();
  }

  /** {@return how a job stands} */
  public Optional<JobStatus> find(UUID id) {
    Job job = live.get(id);
    return job != null ? Optional.of(job.status()) : records.find(id).map(Jobs::ended);
  }

  private static JobStatus ended(JobRecord job) {
    return new JobStatus(job.id(), job.kind(), job.createdAt(), JobState.of(job.standing()), null);
  }

  /**
   * {@return how a job stands once it was asked to end early} One that waits is cancelled at once,
   * one that runs at its next step, one that has ended not at all.
   *
   * @throws Conflict when it is another service's
   */
  public Optional<JobStatus> cancel(UUID id) {
    Job job = live.get(id);
    if (job != null) {
      return Optional.of(job.cancel());
    }
    Optional<JobStatus> found = find(id);
    if (found.filter(status -> !(status.state() instanceof JobState.Ended)).isPresent()) {
      throw new Conflict(
          "job " + id + " is another service's on this database; ask that one to cancel it");
    }
    return found;
  }

  /**
   * Counts somebody in who follows jobs' events.
   *
   * @throws Busy when too many do already
   */
  public void follow() {
    if (followers.incrementAndGet() > config.followers()) {
      followers.decrementAndGet();
      throw new Busy("the service is busy: " + config.followers() + " follow jobs' events already");
    }
  }

  /** Counts somebody out who followed. */
  public void unfollow() {
    followers.decrementAndGet();
  }

  /** {@return how long a follower is left without a word} */
  public Duration heartbeat() {
    return config.heartbeat();
  }

  /** {@return whether the service is about to end, so that nobody should wait for news} */
  public boolean stopping() {
    return stopping;
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  /** A job that has not ended. What it is moves under its lock; how it stands is read without. */
  private final class Job implements Runnable {
    private final JobRecord job;
    private final Work work;
    private volatile JobState state;
    private volatile @Nullable JobProgress progress;

    /** Whether it is another service's. */
    private boolean left;

    /** Who does the work, while it may be interrupted. */
    private @Nullable Thread worker;

    Job(JobRecord job, JobState.Queued state, Work work) {
      this.job = job;
      this.state = state;
      this.work = work;
    }

    UUID id() {
      return job.id();
    }

    JobStatus status() {
      JobState now = state;
      return new JobStatus(
          id(),
          job.kind(),
          job.createdAt(),
          now,
          now instanceof JobState.Running ? progress : null);
    }

    @Override
    public void run() {
      if (!begin()) {
        return;
      }
      Runnable results = () -> {};
      Throwable failure = null;
      try {
        results = work.run(this::report);
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      end(results, failure);
    }

    private synchronized boolean begin() {
      if (left || !(state instanceof JobState.Queued queued)) {
        return false;
      }
      JobState.Running running = queued.start(now());
      try {
        records.stands(id(), running.standing(), () -> {});
      } catch (StoreFailure e) {
        // Queued on disk is enough to be begun again after a kill.
        Log.warnf(e, "job %s begins, which could not be stored", id());
      }
      state = running;
      worker = Thread.currentThread();
      return true;
    }

    private void report(String stage, long done, long total, String unit, String note) {
      if (!(state instanceof JobState.Running running) || running.cancelling()) {
        throw new Cancellation();
      }
      progress = JobProgress.after(progress, stage, done, total, unit, note, now());
    }

    synchronized JobStatus cancel() {
      switch (state) {
        case JobState.Queued queued -> {
          JobState.Cancelled end = queued.cancel(now());
          records.stands(id(), end.standing(), () -> {});
          leave(end);
        }
        case JobState.Running running -> {
          JobState.Running asked = running.askToCancel();
          records.stands(id(), asked.standing(), () -> {});
          state = asked;
          interrupt();
        }
        case JobState.Ended ended -> Log.debugf("job %s has ended", id());
      }
      return status();
    }

    /** The service stops: what runs waits for the next start. */
    synchronized void putBack() {
      if (state instanceof JobState.Running running) {
        JobState next = running.cancelling() ? running.cancel(now()) : running.putBack();
        try {
          records.stands(id(), next.standing(), () -> {});
        } catch (StoreFailure e) {
          Log.warnf(e, "job %s is taken up at the next start as if it had been killed", id());
        }
        state = next;
        interrupt();
      }
    }

    /** Another service has it now, which also says how it stands. */
    synchronized void leaveToAnother() {
      Log.warnf("the database ended the session; job %s is another service's now", id());
      if (state instanceof JobState.Running running) {
        state = running.putBack();
        interrupt();
      }
      left = true;
      threads.remove(this);
      if (live.remove(id(), this)) {
        pending.decrementAndGet();
      }
    }

    private void interrupt() {
      if (worker != null) {
        worker.interrupt();
      }
    }

    private synchronized void end(Runnable results, @Nullable Throwable failure) {
      worker = null;
      boolean interrupted = Thread.interrupted(); // or the database could not be told
      if (!(state instanceof JobState.Running running)) {
        return; // put back meanwhile
      }
      Instant now = now();
      JobState.Ended end;
      if (failure == null) {
        end = running.finish(now);
      } else if (running.cancelling()) {
        end = running.cancel(now);
      } else {
        Log.errorf(failure, "job %s failed%s", id(), interrupted ? ", interrupted" : "");
        end = running.fail(now, reason(failure));
      }
      if (!stored(end, failure == null ? results : () -> {}) && !stopping) {
        end = running.fail(now, "what it found could not be stored; the service's log has why");
        if (!stored(end, () -> {})) {
          Log.errorf("job %s is taken up again at the next start", id());
        }
      }
      leave(end);
    }

    private String reason(Throwable failure) {
      return switch (failure) {
        case EngineException known -> known.detail();
        case OutOfMemoryError memory ->
            "the service has too little memory for it; give it more"
                + " (WHENCE_JAVA_OPTIONS=-Xmx...), or ask for fewer methods";
        default -> "the service failed at it; its log has the reason under " + id();
      };
    }

    private boolean stored(JobState.Ended end, Runnable results) {
      for (int attempt = 1; ; attempt++) {
        try {
          records.stands(id(), end.standing(), results);
          return true;
        } catch (StoreFailure e) {
          Log.warnf(e, "job %s is %s, which could not be stored yet", id(), end.id());
          if (attempt == STORE_ATTEMPTS || stopping) {
            return false;
          }
        }
        try {
          Thread.sleep(STORE_REST.toMillis());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
    }

    private void leave(JobState.Ended end) {
      state = end;
      progress = null;
      count(end);
      threads.remove(this);
      if (live.remove(id(), this)) {
        pending.decrementAndGet();
      }
      leases.release(id());
    }
  }
}
