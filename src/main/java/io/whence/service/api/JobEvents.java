package io.whence.service.api;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.whence.service.jobs.JobState;
import io.whence.service.jobs.JobStatus;
import io.whence.service.jobs.Jobs;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one follower of a job is sent: how it stands now, again whenever that has changed, a sign of
 * life when it has not for long, and how it ended. The event is named as the state.
 */
final class JobEvents {
  private static final Duration LOOK = Duration.ofMillis(250);

  private final Jobs jobs;
  private final UUID id;
  private final Optional<UUID> experiment;
  private final Sse sse;
  private @Nullable JobResponse sent;
  private long sentAt;

  JobEvents(Jobs jobs, UUID id, Optional<UUID> experiment, Sse sse) {
    this.jobs = jobs;
    this.id = id;
    this.experiment = experiment;
    this.sse = sse;
  }

  /**
   * What is new since the last look.
   *
   * @param events to be sent
   * @param last whether nothing can come after them
   */
  private record Look(List<OutboundSseEvent> events, boolean last) {}

  /** {@return the events, one look after the other for as long as somebody takes them} */
  Multi<OutboundSseEvent> stream() {
    return Uni.createFrom()
        .item(this::look)
        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool()) // it may ask the database
        .repeat()
        .withDelay(LOOK)
        .whilst(look -> !look.last())
        .onItem()
        .transformToMultiAndConcatenate(look -> Multi.createFrom().iterable(look.events()));
  }

  private Look look() {
    Optional<JobStatus> job = jobs.find(id);
    if (job.isEmpty()) {
      return new Look(List.of(), true);
    }
    JobResponse now = JobResponse.of(job.get(), experiment);
    boolean last = job.get().state() instanceof JobState.Ended || jobs.stopping();
    if (!now.equals(sent)) {
      sent = now;
      return new Look(List.of(event(now)), last);
    }
    if (System.nanoTime() - sentAt > jobs.heartbeat().toNanos()) {
      sentAt = System.nanoTime();
      return new Look(List.of(sse.newEventBuilder().comment("still here").build()), last);
    }
    return new Look(List.of(), last);
  }

  private OutboundSseEvent event(JobResponse now) {
    sentAt = System.nanoTime();
    return sse.newEventBuilder().name(now.state()).data(JobResponse.class, now).build();
  }
}
