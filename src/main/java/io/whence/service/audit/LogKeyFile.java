package io.whence.service.audit;

import io.quarkus.logging.Log;
import io.whence.engine.record.LogKey;
import io.whence.service.persistence.EventLog;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** The log's key, in the home: made when it is first needed, readable by its owner alone. */
@ApplicationScoped
class LogKeyFile {
  private final EventLog log;
  private final Path directory;
  private @Nullable LogKey key;

  LogKeyFile(EventLog log, @ConfigProperty(name = "whence.home") Optional<String> home) {
    this.log = log;
    this.directory =
        home.map(Path::of)
            .orElse(Path.of(System.getProperty("user.home"), ".whence"))
            .toAbsolutePath()
            .resolve("log-key");
  }

  /** {@return the key} */
  synchronized LogKey key() {
    LogKey known = key;
    if (known == null) {
      try {
        known = readOrMake();
      } catch (IOException e) {
        throw new UncheckedIOException("the log's key in " + directory + " cannot be used", e);
      }
      key = known;
    }
    return known;
  }

  private LogKey readOrMake() throws IOException {
    String name = log.name();
    if (!Files.exists(directory)) {
      LogKey made = LogKey.generate(name);
      Path partial = Files.createTempDirectory(directory.getParent(), ".log-key");
      Files.createFile(
          partial.resolve("private.pem"),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(partial.resolve("private.pem"), made.privatePem());
      Files.writeString(partial.resolve("public.pem"), made.publicPem());
      Files.move(partial, directory, StandardCopyOption.ATOMIC_MOVE);
      Log.infof("made the log's key; publish its fingerprint: %s", made.fingerprint());
    }
    return LogKey.of(
        name,
        Files.readString(directory.resolve("private.pem")),
        Files.readString(directory.resolve("public.pem")));
  }
}
