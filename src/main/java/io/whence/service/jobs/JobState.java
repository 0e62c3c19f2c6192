package io.whence.service.jobs;

import io.whence.service.persistence.JobRecord;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a job stands; each state offers only what may come next, and an ended one nothing. */
public sealed interface JobState {
  /** {@return the state's name in answers and in the database} */
  default String id() {
    return switch (this) {
      case Queued queued -> "queued";
      case Running running -> "running";
      case Finished finished -> "finished";
      case Failed failed -> "failed";
      case Cancelled cancelled -> "cancelled";
    };
  }

  /**
   * It waits for its turn.
   *
   * @param attempts how often it was begun before, each time ended with the whole service
   */
  record Queued(int attempts) implements JobState {
    Running start(Instant now) {
      return new Running(attempts + 1, now, false);
    }

    Cancelled cancel(Instant now) {
      return new Cancelled(attempts, null, now);
    }
  }

  /**
   * It is at work.
   *
   * @param attempts how often it was begun, this time included
   * @param since when this time
   * @param cancelling whether it was asked to end; it does so at its next step
   */
  record Running(int attempts, Instant since, boolean cancelling) implements JobState {
    Running askToCancel() {
      return new Running(attempts, since, true);
    }

    /** The service stops in order: this attempt does not count. */
    Queued putBack() {
      return new Queued(attempts - 1);
    }

    /** The service was killed meanwhile: this attempt counts. */
    Queued takeUp() {
      return new Queued(attempts);
    }

    Finished finish(Instant now) {
      return new Finished(attempts, since, now);
    }

    Failed fail(Instant now, String detail) {
      return new Failed(attempts, since, now, detail);
    }

    Cancelled cancel(Instant now) {
      return new Cancelled(attempts, since, now);
    }
  }

  /** Nothing comes after this. */
  sealed interface Ended extends JobState {
    /** {@return when it ended} */
    Instant at();
  }

  /** What it was to do is done, and kept. */
  record Finished(int attempts, Instant since, Instant at) implements Ended {}

  /**
   * It could not be done.
   *
   * @param detail why, one sentence
   */
  record Failed(int attempts, Instant since, Instant at, String detail) implements Ended {}

  /**
   * Somebody did not want it any more.
   *
   * @param since when it was begun; null where it never was
   */
  record Cancelled(int attempts, @Nullable Instant since, Instant at) implements Ended {}

  /** {@return the state as it is kept} */
  default JobRecord.Standing standing() {
    return switch (this) {
      case Queued queued -> standing(queued.attempts(), null, null, false, null);
      case Running run -> standing(run.attempts(), run.since(), null, run.cancelling(), null);
      case Finished end -> standing(end.attempts(), end.since(), end.at(), false, null);
      case Failed end -> standing(end.attempts(), end.since(), end.at(), false, end.detail());
      case Cancelled end -> standing(end.attempts(), end.since(), end.at(), true, null);
    };
  }

  private JobRecord.Standing standing(
      int attempts,
      @Nullable Instant since,
      @Nullable Instant at,
      boolean cancelRequested,
      @Nullable String detail) {
    return new JobRecord.Standing(id(), attempts, since, at, cancelRequested, detail);
  }

  /** {@return the state that was kept} */
  static JobState of(JobRecord.Standing kept) {
    int attempts = kept.attempts();
    Instant since = kept.startedAt();
    Instant at = kept.endedAt();
    return switch (kept.state()) {
      case "queued" -> new Queued(attempts);
      case "running" -> new Running(attempts, there(since), kept.cancelRequested());
      case "finished" -> new Finished(attempts, there(since), there(at));
      case "failed" -> new Failed(attempts, there(since), there(at), there(kept.detail()));
      case "cancelled" -> new Cancelled(attempts, since, there(at));
      default -> throw new IllegalStateException("a job is kept as " + kept.state());
    };
  }

  private static <T> T there(@Nullable T value) {
    return Objects.requireNonNull(value);
  }
}
