package io.whence.service.jobs;

import io.micrometer.core.instrument.MeterRegistry;
import io.whence.engine.EngineException;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.screening.Policy;
import io.whence.engine.screening.Screening;
import io.whence.engine.screening.ScreeningJson;
import io.whence.service.persistence.ScreeningRecord;
import io.whence.service.persistence.ScreeningRecords;
import io.whence.service.persistence.TimeOrderedId;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Screens outputs by the policies in {@code WHENCE_HOME/policies}, each named as its file without
 * {@code .json}, and keeps every verdict before it is given. Where no {@code default} lies there,
 * the shipped one has that name.
 */
@ApplicationScoped
public class Screenings {
  /** The policy that applies unless another is named. */
  public static final String DEFAULT = "default";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private final Indexes indexes;
  private final ScreeningRecords records;
  private final MeterRegistry meters;
  private final Path policies;
  private final Turns turns;

  Screenings(
      Indexes indexes,
      ScreeningRecords records,
      MeterRegistry meters,
      AttributionsConfig config,
      @ConfigProperty(name = "whence.home") Optional<String> home) {
    this.indexes = indexes;
    this.records = records;
    this.meters = meters;
    this.policies =
        home.map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".whence"))
            .resolve("policies");
    this.turns = Turns.of(config);
    meters.gauge("whence.screenings.pending", turns, Turns::inside);
  }

  /**
   * {@return the record of a new screening; it is on disk}
   *
   * @param index name of the index that answers
   * @param output within the limits of an attribution
   * @param policy its name
   * @param exclusions whether common property is set aside
   * @param requestSha256 of the request as it was received
   * @throws Busy when too much is asked at once
   */
  public ScreeningRecord screen(
      String index, String output, String policy, boolean exclusions, String requestSha256) {
    Policy rules = policy(policy);
    String outcome = "refused";
    try {
      Screening screening =
          turns.take(
              () -> {
                Tracer tracer = indexes.tracer(index);
                return meters
                    .timer("whence.screening")
                    .record(
                        () ->
                            rules.screen(
                                tracer, output, exclusions ? Exclusions.LISTED : Exclusions.NONE));
              });
      Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      UUID id = TimeOrderedId.at(now);
      ScreeningRecord answer =
          new ScreeningRecord(
              id,
              now,
              index,
              screening.verdict().id(),
              requestSha256,
              ScreeningJson.write(screening, id.toString(), now));
      records.add(answer);
      outcome = screening.verdict().id();
      return answer;
    } finally {
      meters.counter("whence.screenings", "outcome", outcome).increment();
    }
  }

  private Policy policy(String name) {
    Path file = policies.resolve(name + ".json");
    if (NAME.matcher(name).matches() && Files.isRegularFile(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        return Policy.of(in.readNBytes(Policy.LARGEST + 1), name);
      } catch (IOException e) {
        throw new EngineException.InvalidQuery("the policy " + name + " cannot be read: " + e);
      }
    }
    if (name.equals(DEFAULT)) {
      return Policy.DEFAULT;
    }
    throw new EngineException.InvalidQuery(
        "there is no policy "
            + (name.length() <= 64 ? name : name.substring(0, 64) + "...")
            + "; put its file under WHENCE_HOME/policies, or leave policy out");
  }

  /** {@return the record of a name} */
  public Optional<ScreeningRecord> find(UUID id) {
    return records.find(id);
  }

  /** {@return the record of a name, of which perhaps only that it was made is left} */
  public Optional<ScreeningRecord> evenErased(UUID id) {
    return records.evenErased(id);
  }
}
