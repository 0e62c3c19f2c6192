package io.whence.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
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
  }

  @Test
  void names() {
    SmallRyeConfig config =
        config(
            Map.of(
                "whence.attributions.concurrent", "3",
                "whence.attributions.queue", "5",
                "whence.attributions.patience", "PT1M",
                "whence.indexes.device", "cuda"));

    AttributionsConfig attributions = config.getConfigMapping(AttributionsConfig.class);
    assertThat(attributions.concurrent()).contains(3);
    assertThat(attributions.queue()).isEqualTo(5);
    assertThat(attributions.patience()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.getConfigMapping(IndexesConfig.class).device()).isEqualTo("cuda");
  }

  private static SmallRyeConfig config(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withMapping(AttributionsConfig.class)
        .withMapping(IndexesConfig.class)
        .withDefaultValues(values)
        .build();
  }
}
