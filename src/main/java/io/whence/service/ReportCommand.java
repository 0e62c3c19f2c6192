package io.whence.service;

import io.whence.engine.EngineException;
import io.whence.service.report.AttributionReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code whence report}: an answer in a file as a report, without a service. It is in no log, and
 * the report says so; what a service keeps is handed out by the service, which logs it.
 */
final class ReportCommand {
  private static final int DONE = 0;
  private static final long LONGEST = 64L << 20;

  private static final String USAGE =
      """
      Usage: whence report FILE --out FILE

      Writes an attribution as a report for people.

      FILE          an answer: what whence attribute --json printed, or the bytes of a record
      --out FILE    what to write: FILE.pdf is PDF/A-3b with the answer attached, FILE.html a page
      """;

  private ReportCommand() {}

  /** {@return the exit code of the command} */
  static int run(String... args) throws Refused {
    Deque<String> left = new ArrayDeque<>(Arrays.asList(args).subList(1, args.length));
    String answer = null;
    String out = null;
    while (!left.isEmpty()) {
      String word = left.removeFirst();
      switch (word) {
        case "--help", "-h" -> {
          Console.OUT.print(USAGE);
          return DONE;
        }
        case "--out" -> out = left.pollFirst();
        default -> {
          if (word.startsWith("-") || answer != null) {
            throw new Refused("report does not take " + word + "; see whence report --help");
          }
          answer = word;
        }
      }
    }
    if (answer == null) {
      throw new Refused("report needs a file with an answer; see whence report --help");
    }
    try {
      write(read(Path.of(answer)), place(out));
    } catch (EngineException e) {
      throw new Refused(answer + ": " + e.detail());
    }
    return DONE;
  }

  private static Path place(@Nullable String out) throws Refused {
    String name = out == null ? "" : out.toLowerCase(Locale.ROOT);
    if (out == null || !(name.endsWith(".pdf") || name.endsWith(".html"))) {
      throw new Refused(
          "--out names a file that ends in .pdf or .html; got " + (out == null ? "none" : out));
    }
    return Path.of(out);
  }

  private static byte[] read(Path file) throws Refused {
    try {
      if (!Files.isRegularFile(file)) {
        throw new Refused(file + " is no file; name one with an answer as JSON");
      }
      if (Files.size(file) > LONGEST) {
        throw new Refused(
            file + " has " + Files.size(file) + " bytes; an answer has at most " + LONGEST);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new Refused(file + " cannot be read: " + e.getMessage());
    }
  }

  private static void write(byte[] answer, Path file) throws Refused {
    AttributionReport report = AttributionReport.of(answer, null);
    byte[] bytes =
        file.toString().toLowerCase(Locale.ROOT).endsWith(".pdf")
            ? report.pdf()
            : report.html().getBytes(StandardCharsets.UTF_8);
    Path directory = file.toAbsolutePath().getParent();
    try {
      Path partial = Files.createTempFile(directory, ".report", ".part");
      Files.write(partial, bytes);
      Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new Refused(file + " cannot be written: " + e.getMessage());
    }
  }
}
