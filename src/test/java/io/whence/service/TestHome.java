package io.whence.service;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.whence.engine.Progress;
import io.whence.engine.record.TestAuthority;
import io.whence.indexbuilder.BuildSettings;
import io.whence.indexbuilder.IndexBuild;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A home with a database, a time-stamp authority and two real indexes of thirty poems, made with
 * the demo checkpoint: {@code poems}, and {@code damaged}, in which one bit of a sketch is flipped.
 */
public final class TestHome implements QuarkusTestResourceLifecycleManager {
  private static final int POEMS = 30;

  /** A poem that is taken to be in copyright here, so that its use has a risk. */
  public static final int RESERVED = 21;

  private @Nullable TestDatabase database;
  private @Nullable TestAuthority authority;

  @Override
  public Map<String, String> start() {
    try {
      Path home = root().resolve("target").resolve("test-home").toAbsolutePath().normalize();
      deleteTree(home);
      Path index = buildIndex(home);
      damagedCopy(index, home.resolve("indexes").resolve("damaged"));
      database = TestDatabase.start(home.resolve("postgres"));
      authority = TestAuthority.start("Test authority");
      Path trust = Files.writeString(home.resolve("authority.pem"), authority.rootPem());
      Map<String, String> settings = new HashMap<>(database.settings());
      settings.put("whence.home", home.toString());
      settings.put("whence.jobs.heartbeat", "PT0.5S");
      settings.put("whence.log.timestamp-authority", authority.url().toString());
      settings.put("whence.log.timestamp-trust", trust.toString());
      settings.put("whence.log.timestamp-timeout", "PT2S");
      settings.put("whence.log.timestamp-retry", "PT0.5S");
      return settings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    try {
      if (authority != null) {
        authority.close();
      }
      if (database != null) {
        database.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the index {@code poems} in a home, newly built} */
  static Path buildIndex(Path home) throws IOException {
    Path corpus = home.resolve("poems.jsonl");
    Path index = home.resolve("indexes").resolve("poems");
    Files.createDirectories(index.getParent());
    Files.write(corpus, poems());
    new IndexBuild(
            root().resolve("models/poems-gpt"),
            List.of(corpus),
            index,
            false,
            settings(),
            Progress.SILENT)
        .run();
    return index;
  }

  /** {@return the repository} */
  public static Path root() {
    return Path.of(System.getProperty("whence.root", "..")).toAbsolutePath().normalize();
  }

  /** {@return the first lines of the demo corpus, one of them with another licence} */
  public static List<String> poems() throws IOException {
    try (Stream<String> lines = Files.lines(root().resolve("data/poems-gutenberg/poems.jsonl"))) {
      List<String> poems = new ArrayList<>(lines.limit(POEMS).toList());
      poems.set(
          RESERVED,
          poems
              .get(RESERVED)
              .replaceFirst("\"licence\": \"[^\"]*\"", "\"licence\": \"All rights reserved\""));
      return List.copyOf(poems);
    }
  }

  private static BuildSettings settings() {
    BuildSettings usual = BuildSettings.on("cpu");
    return new BuildSettings(
        usual.sketch(),
        usual.sketchSeed(),
        usual.shardInstances(),
        2,
        32,
        usual.recallSeed(),
        usual.leaveOut(),
        "cpu",
        usual.threads());
  }

  private static void damagedCopy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
    Path sketches = to.resolve("sketches").resolve("shard-0000.f32");
    byte[] bytes = Files.readAllBytes(sketches);
    bytes[bytes.length / 2] ^= 1;
    Files.write(sketches, bytes);
  }

  /** Deletes a directory and all that is in it. */
  public static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
