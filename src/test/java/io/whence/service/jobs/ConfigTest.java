package io.whence.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Names and defaults are a promise to whoever configures the service. */
class ConfigTest {
  @Test
  void defaults() {
    SmallRyeConfig config = config(Map.of());

    AttributionsConfig attributions = config.getConfigMapping(AttributionsConfig.class);
    assertThat(attributions.concurrent()).isEmpty();
    assertThat(attributions.queue()).isEqualTo(64);
    assertThat(attributions.patience()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.getConfigMapping(IndexesConfig.class).device()).isEqualTo("cpu");
    JobsConfig jobs = config.getConfigMapping(JobsConfig.class);
    assertThat(jobs.concurrent()).isEqualTo(1);
    assertThat(jobs.queue()).isEqualTo(64);
    assertThat(jobs.attempts()).isEqualTo(3);
    assertThat(jobs.followers()).isEqualTo(64);
    assertThat(jobs.heartbeat()).isEqualTo(Duration.ofSeconds(15));
    assertThat(jobs.look()).isEqualTo(Duration.ofSeconds(30));
    ExperimentsConfig experiments = config.getConfigMapping(ExperimentsConfig.class);
    assertThat(experiments.threads()).isEmpty();
    assertThat(experiments.data()).isEmpty();
  }

  @Test
  void names() {
    SmallRyeConfig config =
        config(
            Map.ofEntries(
                Map.entry("whence.attributions.concurrent", "3"),
                Map.entry("whence.attributions.queue", "5"),
                Map.entry("whence.attributions.patience", "PT1M"),
                Map.entry("whence.indexes.device", "cuda"),
                Map.entry("whence.jobs.concurrent", "2"),
                Map.entry("whence.jobs.queue", "7"),
                Map.entry("whence.jobs.attempts", "1"),
                Map.entry("whence.jobs.followers", "9"),
                Map.entry("whence.jobs.heartbeat", "PT1M"),
                Map.entry("whence.jobs.look", "PT2S"),
                Map.entry("whence.experiments.threads", "4"),
                Map.entry("whence.experiments.data", "/data")));

    AttributionsConfig attributions = config.getConfigMapping(AttributionsConfig.class);
    assertThat(attributions.concurrent()).contains(3);
    assertThat(attributions.queue()).isEqualTo(5);
    assertThat(attributions.patience()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.getConfigMapping(IndexesConfig.class).device()).isEqualTo("cuda");
    JobsConfig jobs = config.getConfigMapping(JobsConfig.class);
    assertThat(jobs.concurrent()).isEqualTo(2);
    assertThat(jobs.queue()).isEqualTo(7);
    assertThat(jobs.attempts()).isEqualTo(1);
    assertThat(jobs.followers()).isEqualTo(9);
    assertThat(jobs.heartbeat()).isEqualTo(Duration.ofMinutes(1));
    assertThat(jobs.look()).isEqualTo(Duration.ofSeconds(2));
    ExperimentsConfig experiments = config.getConfigMapping(ExperimentsConfig.class);
    assertThat(experiments.threads()).contains(4);
    assertThat(experiments.data()).contains(Path.of("/data"));
  }

  private static SmallRyeConfig config(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withMapping(AttributionsConfig.class)
        .withMapping(IndexesConfig.class)
        .withMapping(JobsConfig.class)
        .withMapping(ExperimentsConfig.class)
        .withDefaultValues(values)
        .build();
  }
}
