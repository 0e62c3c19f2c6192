package io.whence.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.whence.service.TestHome;
import io.whence.service.persistence.ExperimentRecord;
import io.whence.service.persistence.ExperimentRecords;
import io.whence.service.persistence.JobRecord;
import io.whence.service.persistence.JobRecords;
import io.whence.service.persistence.TimeOrderedId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a service that starts makes of the jobs of one that was killed. */
@QuarkusTest
@WithTestResource(TestHome.class)
class TakeUpTest {
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final Experiments experiments;
  private final Jobs jobs;
  private final JobRecords jobRecords;
  private final ExperimentRecords records;

  TakeUpTest(Experiments experiments, Jobs jobs, JobRecords jobRecords, ExperimentRecords records) {
    this.experiments = experiments;
    this.jobs = jobs;
    this.jobRecords = jobRecords;
    this.records = records;
  }

  @Test
  void a_job_that_ran_runs_to_its_end() throws InterruptedException {
    ExperimentRecord ran = left(new JobState.Running(1, now, false), "convex-digits");

    experiments.takeUp();

    assertThat(ended(ran)).isInstanceOf(JobState.Finished.class);
    assertThat(ended(ran).standing().attempts()).isEqualTo(2);
    assertThat(records.report(ran.id())).isPresent();
  }

  @Test
  void a_job_that_was_asked_to_end_is_cancelled() throws InterruptedException {
    ExperimentRecord left = left(new JobState.Running(1, now, true), "convex-digits");

    experiments.takeUp();

    assertThat(ended(left)).isInstanceOf(JobState.Cancelled.class);
  }

  @Test
  void a_job_that_ran_at_every_kill_has_failed() throws InterruptedException {
    ExperimentRecord left = left(new JobState.Running(3, now, false), "convex-digits");

    experiments.takeUp();

    assertThat(ended(left))
        .isInstanceOfSatisfying(
            JobState.Failed.class,
            failed ->
                assertThat(failed.detail())
                    .isEqualTo(
                        "the service was killed 3 times while this job ran; find out by what, then"
                            + " ask for it again"));
  }

  @Test
  void a_job_that_waited_has_its_turn_and_says_why_it_cannot() throws InterruptedException {
    ExperimentRecord left = left(new JobState.Queued(0), "no-such-suite");

    experiments.takeUp();

    assertThat(ended(left))
        .isInstanceOfSatisfying(
            JobState.Failed.class,
            failed ->
                assertThat(failed.detail())
                    .isEqualTo(
                        "there is no suite no-such-suite; use one of mnist-lr, mnist-mlp,"
                            + " convex-digits, mislabelled-digits, cost, poems-lm,"
                            + " poems-holders, imported"));
  }

  private ExperimentRecord left(JobState state, String suite) {
    JobRecord job = new JobRecord(TimeOrderedId.at(now), "experiment", now);
    ExperimentRecord experiment =
        new ExperimentRecord(
            TimeOrderedId.at(now),
            now,
            job.id(),
            suite,
            List.of("random"),
            List.of(1L),
            null,
            null);
    jobRecords.accept(job, () -> records.add(experiment));
    jobRecords.stands(job.id(), state.standing(), () -> {});
    return experiment;
  }

  private JobState ended(ExperimentRecord experiment) throws InterruptedException {
    UUID job = experiment.jobId();
    Instant end = Instant.now().plusSeconds(600);
    while (Instant.now().isBefore(end)) {
      JobState state = jobs.find(job).orElseThrow().state();
      if (state instanceof JobState.Ended) {
        return state;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("job " + job + " did not end: " + jobs.find(job));
  }
}
