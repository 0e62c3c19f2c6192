package io.whence.service.jobs;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** How experiments are run. */
@ConfigMapping(prefix = "whence.experiments")
interface ExperimentsConfig {
  /** {@return how many trainings go on side by side; as many as processors where none is set} */
  Optional<Integer> threads();

  /** {@return directory of the suites' own data; the checkout's where none is set} */
  Optional<Path> data();
}
