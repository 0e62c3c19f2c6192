package io.whence.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class JobStateTest {
  private static final Instant BEGUN = Instant.ofEpochSecond(1_000);
  private static final Instant ENDED = Instant.ofEpochSecond(2_000);
  private static final JobState.Running RUNNING = new JobState.Queued(1).start(BEGUN);

  static final List<JobState> ALL =
      List.of(
          new JobState.Queued(1),
          RUNNING,
          RUNNING.askToCancel(),
          RUNNING.finish(ENDED),
          RUNNING.fail(ENDED, "the disk is full"),
          RUNNING.cancel(ENDED),
          new JobState.Queued(0).cancel(ENDED));

  @ParameterizedTest
  @FieldSource("ALL")
  void a_state_that_was_kept_comes_back_as_it_was(JobState state) {
    assertThat(JobState.of(state.standing())).isEqualTo(state);
  }

  @Test
  void an_attempt_counts_when_the_service_was_killed_and_not_when_it_stopped_in_order() {
    assertThat(RUNNING.attempts()).isEqualTo(2);
    assertThat(RUNNING.takeUp()).isEqualTo(new JobState.Queued(2));
    assertThat(RUNNING.putBack()).isEqualTo(new JobState.Queued(1));
  }

  @Test
  void the_time_left_follows_from_the_pace_of_this_run_and_stage() {
    JobProgress resumed = JobProgress.after(null, "loo", 40, 100, "trainings", "", BEGUN);
    JobProgress later =
        JobProgress.after(resumed, "loo", 60, 100, "trainings", "", BEGUN.plusSeconds(10));
    JobProgress next = JobProgress.after(later, "methods", 0, 3, "methods", "random", ENDED);

    assertThat(resumed.etaSeconds()).isEmpty();
    assertThat(later.etaSeconds()).hasValue(20);
    assertThat(next.etaSeconds()).isEmpty();
    assertThat(next.since()).isEqualTo(ENDED);
  }
}
