package io.whence.service;

import io.whence.service.persistence.EmbeddedDatabase;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The directory a service works in ({@code WHENCE_HOME}): {@code indexes/}, {@code postgres/},
 * {@code logs/}. One process at a time holds it.
 *
 * @param root absolute, with symbolic links resolved
 * @param hold what keeps others out for as long as this process lives
 */
record Home(Path root, FileChannel hold) {
  private static final String LOCK = "service.lock";

  /**
   * {@return where the home is to be; nothing is made}
   *
   * @param given on the command line, or null
   */
  static Path place(@Nullable String given, StartConfig config) throws Refused {
    String home = given != null ? given : config.home();
    try {
      Path place = Path.of(home).toAbsolutePath().normalize();
      // The nearest that exists decides whether the rest can be made.
      Path there = place;
      while (there.getParent() != null && Files.notExists(there)) {
        there = there.getParent();
      }
      if (!Files.isDirectory(there)) {
        throw new Refused("the home " + place + " cannot be used: " + there + " is no directory");
      }
      if (!Files.isWritable(there)) {
        throw new Refused("the home " + place + " cannot be used: " + there + " is not writable");
      }
      return place;
    } catch (java.nio.file.InvalidPathException e) {
      throw new Refused("the home " + home + " is no path: " + e.getReason());
    }
  }

  /** {@return whether a service works in the home at {@code place} now} */
  static boolean held(Path place) throws IOException {
    Path file = place.resolve(LOCK);
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    }
  }

  /** {@return the home at {@code place}, made where it is not there, held by this process} */
  @SuppressWarnings("resource") // the channel holds the lock until the process ends
  static Home open(Path place) throws Refused {
    try {
      if (!Files.exists(place)) {
        Files.createDirectories(
            place,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Path root = place.toRealPath();
      FileChannel channel =
          FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw new Refused(
            "another Whence service is running on the home "
                + root
                + "; stop it, or give this one a --home of its own");
      }
      Files.createDirectories(root.resolve("indexes"));
      Files.createDirectories(root.resolve("logs"));
      return new Home(root, channel);
    } catch (IOException e) {
      throw new Refused(
          "the home "
              + place
              + " cannot be used: "
              + e.getClass().getSimpleName()
              + ": "
              + e.getMessage());
    }
  }

  /** {@return the directory of the indexes} */
  Path indexes() {
    return root.resolve("indexes");
  }

  /** {@return the database in this home, running} */
  EmbeddedDatabase database() throws Refused {
    try {
      return EmbeddedDatabase.start(root.resolve("postgres"));
    } catch (IOException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
  }
}
