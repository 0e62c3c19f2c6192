package io.whence.service.jobs;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Bounds on attributions. */
@ConfigMapping(prefix = "whence.attributions")
interface AttributionsConfig {
  /** {@return how many run at once; as many as there are processors where none is set} */
  Optional<Integer> concurrent();

  /** {@return how many more may wait for their turn before others are turned away} */
  @WithDefault("64")
  int queue();

  /** {@return how long one waits for its turn before it is turned away} */
  @WithDefault("PT30S")
  Duration patience();
}
