package io.whence.service.jobs;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How indexes are opened. */
@ConfigMapping(prefix = "whence.indexes")
interface IndexesConfig {
  /** {@return {@code cpu} or {@code cuda}: where outputs' gradients are computed} */
  @WithDefault("cpu")
  String device();
}
