package io.whence.service.jobs;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Bounds on long work. */
@ConfigMapping(prefix = "whence.jobs")
interface JobsConfig {
  /** {@return how many jobs run at once, at least 1} */
  @WithDefault("1")
  int concurrent();

  /** {@return how many more may wait for their turn before others are turned away} */
  @WithDefault("64")
  int queue();

  /** {@return how often a job is begun again after the service was killed, before it has failed} */
  @WithDefault("3")
  int attempts();

  /** {@return how often jobs are looked for that a service on the same database has left behind} */
  @WithDefault("PT30S")
  Duration look();

  /** {@return how many may follow jobs' events at once before others are turned away} */
  @WithDefault("64")
  int followers();

  /** {@return after how long without news a follower is sent a sign of life} */
  @WithDefault("PT15S")
  Duration heartbeat();
}
