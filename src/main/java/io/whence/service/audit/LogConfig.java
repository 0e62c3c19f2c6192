package io.whence.service.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Who stamps the log's checkpoints, and how often. */
@ConfigMapping(prefix = "whence.log")
interface LogConfig {
  /** {@return where the time-stamp authority (RFC 3161 over HTTP) is; none: nothing is stamped} */
  Optional<URI> timestampAuthority();

  /** {@return PEM file with certificates that must vouch for it; none: any signer is taken} */
  Optional<Path> timestampTrust();

  /** {@return how long its answer is waited for, at most a minute} */
  @WithDefault("PT5S")
  Duration timestampTimeout();

  /** {@return how old the latest time-stamp may become while there are new events} */
  @WithDefault("PT1H")
  Duration timestampInterval();

  /** {@return how long after a failure, or after a look, it is tried again} */
  @WithDefault("PT1M")
  Duration timestampRetry();
}
