package io.whence.service;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.whence.engine.EngineException;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.Replay;
import io.whence.service.persistence.StoredRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code whence replay}: reads a record from the database, or from a file that holds its bytes, and
 * repeats the attribution. Works beside a running service and without one.
 *
 * @param record an id, or a file
 * @param index the directory of the index; null for that of its name in the home
 * @param home as given; null when it is left to the environment
 * @param json whether one JSON document is printed
 */
record ReplayCommand(String record, @Nullable String index, @Nullable String home, boolean json) {
  private static final int EQUAL = 0;
  private static final int DIFFERS = 2;
  private static final long LONGEST = 64L << 20;

  private static final String USAGE =
      """
      Usage: whence replay ID|FILE [--index DIR] [--home DIR] [--json]

      Repeats an attribution from its record and says whether the answer is equal to the byte, or which
      declared component (checkpoint, index, code, library, JVM, CPU or GPU, seed, configuration) differs.
      Exit 0 only if equal, 2 if not.

      ID, FILE      the attribution's id, or a file with the record's bytes
      --index DIR   the index that answered (else indexes/NAME in the home)
      --home DIR    holds indexes and database (else WHENCE_HOME, else ~/.whence)
      --json        prints one JSON document
      """;

  /** {@return the exit code of the command} */
  static int run(String... args) throws Refused {
    Deque<String> left = new ArrayDeque<>(Arrays.asList(args).subList(1, args.length));
    String record = null;
    String index = null;
    String home = null;
    boolean json = false;
    while (!left.isEmpty()) {
      String word = left.removeFirst();
      switch (word) {
        case "--help", "-h" -> {
          Console.OUT.print(USAGE);
          return EQUAL;
        }
        case "--json" -> json = true;
        case "--index" -> index = value(word, left);
        case "--home" -> home = value(word, left);
        default -> {
          if (word.startsWith("-") || record != null) {
            throw new Refused("replay does not take " + word + "; see whence replay --help");
          }
          record = word;
        }
      }
    }
    if (record == null) {
      throw new Refused("replay needs the id of an attribution; see whence replay --help");
    }
    try {
      return new ReplayCommand(record, index, home, json).replay();
    } catch (EngineException e) {
      throw new Refused(e.detail());
    } catch (IOException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
  }

  private static String value(String option, Deque<String> left) throws Refused {
    String value = left.pollFirst();
    if (value == null || value.isBlank()) {
      throw new Refused(option + " needs a value");
    }
    return value;
  }

  private int replay() throws Refused, IOException {
    StartConfig config = StartConfig.read();
    Path place = Home.place(home, config);
    byte[] bytes = read(config, place);
    Path directory =
        index != null ? Path.of(index) : place.resolve("indexes").resolve(Replay.indexOf(bytes));
    Replay replay;
    try (Attributor attributor = Attributor.open(directory, "cpu")) {
      replay = Replay.of(bytes, attributor);
    }
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("record", record);
      document.put("index", directory.toString());
      document.put("equal", replay.equal());
      document.put("components", replay.components());
      document.put("fields", replay.fields());
      Gson pretty = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
      Console.OUT.println(pretty.toJson(document));
    } else if (replay.equal()) {
      Console.OUT.println("equal: the same " + bytes.length + " bytes");
    } else {
      Console.OUT.println("differs");
      replay
          .components()
          .forEach(
              component ->
                  Console.OUT.println(
                      "  component "
                          + component.component()
                          + ": "
                          + component.recorded()
                          + " then, "
                          + component.now()
                          + " now"));
      if (replay.components().isEmpty()) {
        Console.OUT.println("  no declared component differs");
      }
      Console.OUT.println(
          replay.fields().isEmpty()
              ? "  every figure is the same"
              : "  figures: " + String.join(", ", replay.fields()));
    }
    return replay.equal() ? EQUAL : DIFFERS;
  }

  private byte[] read(StartConfig config, Path place) throws Refused, IOException {
    Optional<UUID> id = id(record);
    if (id.isEmpty()) {
      Path file = Path.of(record);
      if (!Files.isRegularFile(file) || Files.size(file) > LONGEST) {
        throw new Refused(
            record + " is neither the id of an attribution nor a file with a record's bytes");
      }
      return Files.readAllBytes(file);
    }
    return stored(config, place, id.get())
        .orElseThrow(() -> new Refused("there is no attribution " + record));
  }

  private static Optional<UUID> id(String text) {
    try {
      return Optional.of(UUID.fromString(text)).filter(id -> id.toString().equals(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Optional<byte[]> stored(StartConfig config, Path place, UUID id)
      throws Refused, IOException {
    if (!config.databaseConfigured() && !Files.isDirectory(place.resolve("postgres"))) {
      throw new Refused("the home " + place + " has no database, so no record");
    }
    try (CommandDatabase database = CommandDatabase.open(home, config)) {
      return StoredRecord.body(database.url(), database.user(), database.password(), id);
    }
  }
}
