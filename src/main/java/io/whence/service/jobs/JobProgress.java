package io.whence.service.jobs;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far a job has come in one of its stages.
 *
 * @param stage what is being done, a few words
 * @param done how much of it, 0 to {@code total}
 * @param total how much there is
 * @param unit what is counted, in the plural
 * @param note anything else worth knowing, or empty
 * @param at when this was so
 * @param since when the stage was first heard of
 * @param first how much was done by then, say by a run that was killed
 */
public record JobProgress(
    String stage,
    long done,
    long total,
    String unit,
    String note,
    Instant at,
    Instant since,
    long first) {
  /** {@return what follows {@code before}, which is null for the first word of a job} */
  static JobProgress after(
      @Nullable JobProgress before,
      String stage,
      long done,
      long total,
      String unit,
      String note,
      Instant now) {
    return before == null || !before.stage.equals(stage)
        ? new JobProgress(stage, done, total, unit, note, now, now, done)
        : new JobProgress(stage, done, total, unit, note, now, before.since, before.first);
  }

  /** {@return seconds until the stage is done, at its pace so far; empty before it has one} */
  public OptionalLong etaSeconds() {
    if (done >= total) {
      return OptionalLong.of(0);
    }
    if (done <= first) {
      return OptionalLong.empty();
    }
    double seconds = Duration.between(since, at).toMillis() / 1000.0;
    return OptionalLong.of(Math.round(seconds / (done - first) * (total - done)));
  }
}
