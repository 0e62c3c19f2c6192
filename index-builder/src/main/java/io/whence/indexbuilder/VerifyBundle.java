package io.whence.indexbuilder;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.whence.engine.EngineException;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.Bundle.Verification;
import io.whence.engine.record.TimeStamp;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verifies an exported bundle; needs no network and no server. */
@Command(
    name = "verify-bundle",
    mixinStandardHelpOptions = true,
    description = {
      "Checks an exported bundle: signatures, proofs, payloads, every byte; exit 0 only if whole.",
      "It proves what the key's owner recorded, not that it is true. Not legal advice."
    })
final class VerifyBundle implements Callable<Integer> {
  private static final long LARGEST_PEM = 1 << 20;

  @Parameters(paramLabel = "FILE", description = "Bundle, a tar file.")
  Path file = Path.of("");

  @Option(
      names = "--key",
      paramLabel = "SHA256",
      description = "Fingerprint of the key that must have signed, from its owner's publication.")
  @Nullable String key;

  @Option(
      names = "--authority",
      paramLabel = "PEM",
      description = "Certificates that must vouch for time-stamps; else those in the bundle do.")
  @Nullable Path authority;

  @Option(names = "--json", description = "Print what was found as JSON.")
  boolean json;

  @Override
  public Integer call() {
    if (key != null && !key.matches("[0-9a-f]{64}")) {
      throw new EngineException.InvalidQuery(
          "--key is " + key + "; a fingerprint has 64 hexadecimal digits");
    }
    Verification found = Bundle.verify(file, anchors());
    List<String> problems = new ArrayList<>(found.problems());
    if (key != null && !key.equals(found.fingerprint())) {
      problems.add("another key signed: " + found.fingerprint());
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("bundle", file.toString());
      document.put("whole", problems.isEmpty());
      document.put("log", found.log());
      document.put("key", found.fingerprint());
      document.put("logSize", found.size());
      document.put("events", found.events().stream().map(event -> event.sequence()).toList());
      document.put("payloads", found.payloads());
      document.put(
          "stamps",
          found.stamps().stream()
              .map(
                  stamp ->
                      Map.of(
                          "logSize", stamp.size(),
                          "at", stamp.at().toString(),
                          "authority", stamp.authority(),
                          "serial", stamp.serial(),
                          "trust", stamp.trust()))
              .toList());
      document.put("unverified", found.unverified());
      document.put("problems", problems);
      Gson pretty = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
      out.println(pretty.toJson(document));
    } else if (problems.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "whole: %d of %d events of %s, %d with what they commit to%n",
          found.events().size(),
          found.size(),
          found.log(),
          found.payloads());
      found
          .events()
          .forEach(
              event ->
                  out.printf(
                      Locale.ROOT,
                      "  event %d  %s  %s  %s%s%n",
                      event.sequence(),
                      event.at(),
                      event.kind(),
                      event.subject(),
                      found
                          .stampOf(event)
                          .map(stamp -> "  stamped " + stamp.at() + " by " + stamp.authority())
                          .orElse("")));
      out.printf(
          Locale.ROOT,
          "key      %s%s%n",
          found.fingerprint(),
          key == null ? "; compare it with what its owner publishes" : ", as asked");
      found.unverified().forEach(what -> out.println("not verified: " + what));
    } else {
      problems.forEach(problem -> System.err.println("whence: " + file + ": " + problem));
    }
    return problems.isEmpty() ? Main.DONE : Main.BAD_INPUT;
  }

  private List<X509Certificate> anchors() {
    if (authority == null) {
      return List.of();
    }
    try {
      if (Files.size(authority) > LARGEST_PEM) {
        throw new EngineException.InvalidQuery("it has more than " + LARGEST_PEM + " bytes");
      }
      return TimeStamp.anchors(Files.readString(authority));
    } catch (IOException e) {
      throw new EngineException.InvalidQuery("--authority: " + authority + " cannot be read");
    } catch (EngineException.InvalidQuery e) {
      throw new EngineException.InvalidQuery("--authority: " + authority + ": " + e.detail());
    }
  }
}
