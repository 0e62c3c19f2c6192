package io.whence.service.jobs;

import io.micrometer.core.instrument.MeterRegistry;
import io.whence.engine.EngineException;
import io.whence.engine.attribution.Attribution;
import io.whence.engine.attribution.AttributionJson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.Reassessment;
import io.whence.engine.risk.UseFacts.Judgement;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.AttributionRecords;
import io.whence.service.persistence.Conflict;
import io.whence.service.persistence.Erased;
import io.whence.service.persistence.TimeOrderedId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Attributes outputs and keeps every answer before it is given. */
@ApplicationScoped
public class Attributions {
  private final Indexes indexes;
  private final AttributionRecords records;
  private final MeterRegistry meters;
  private final Turns turns;

  Attributions(
      Indexes indexes,
      AttributionRecords records,
      MeterRegistry meters,
      AttributionsConfig config) {
    this.indexes = indexes;
    this.records = records;
    this.meters = meters;
    this.turns = Turns.of(config);
    meters.gauge("whence.attributions.pending", turns, Turns::inside);
  }

  /**
   * {@return the record of a new attribution; it is on disk}
   *
   * @param index name of the index that answers
   * @param request what is asked
   * @param requestSha256 of the request as it was received
   * @param key that the request has: the same key has the same record; null for none
   * @throws Busy when too much is asked at once
   * @throws EngineException.InvalidQuery when the key was that of another request
   */
  public AttributionRecord attribute(
      String index, AttributionRequest request, String requestSha256, @Nullable String key) {
    Optional<AttributionRecord> known =
        key == null ? Optional.empty() : answered(key, requestSha256);
    if (known.isPresent()) {
      return known.get();
    }
    String outcome = "refused";
    try {
      AttributionRecord answer = turns.take(() -> answered(index, request, requestSha256, key));
      outcome = "answered";
      return answer;
    } finally {
      meters.counter("whence.attributions", "outcome", outcome).increment();
    }
  }

  private Optional<AttributionRecord> answered(String key, String requestSha256) {
    return records
        .ofKey(key)
        .flatMap(
            known -> {
              if (known.requestSha256() != null && !known.requestSha256().equals(requestSha256)) {
                throw new EngineException.InvalidQuery(
                    "the key "
                        + key
                        + " was that of another request, whose answer is "
                        + known.attribution()
                        + "; give each request a key of its own");
              }
              return records.find(known.attribution());
            });
  }

  private AttributionRecord answered(
      String index, AttributionRequest request, String requestSha256, @Nullable String key) {
    Attributor attributor = indexes.attributor(index);
    Attribution attribution = attributor.attribute(request, this::took);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    UUID id = TimeOrderedId.at(now);
    long begin = System.nanoTime();
    byte[] body = AttributionJson.write(attribution, id.toString(), now);
    AttributionRecord answer = new AttributionRecord(id, now, index, requestSha256, body);
    if (key == null) {
      records.add(answer);
    } else {
      try {
        records.add(answer, key, requestSha256);
      } catch (Conflict e) {
        // Asked twice at once: the first answer is everybody's.
        return answered(key, requestSha256).orElseThrow(() -> e);
      }
    }
    took("store", System.nanoTime() - begin);
    return answer;
  }

  /**
   * {@return the record of an earlier one's output with its risk by reviews; it is on disk}
   *
   * @param reviews what reviewers hold of the output
   * @param alongside what is kept in the same transaction, or neither is
   * @throws Busy when too much is asked at once
   * @throws EngineException.IndexMismatch when the index answers otherwise than it did
   */
  AttributionRecord reassess(
      AttributionRecord earlier, Judgement reviews, Consumer<AttributionRecord> alongside) {
    return turns.take(
        () -> {
          Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
          UUID id = TimeOrderedId.at(now);
          byte[] body =
              Reassessment.write(
                  earlier.body(),
                  reviews,
                  indexes.attributor(earlier.indexId()),
                  id.toString(),
                  now);
          AttributionRecord answer =
              new AttributionRecord(id, now, earlier.indexId(), earlier.requestSha256(), body);
          records.add(answer, () -> alongside.accept(answer));
          return answer;
        });
  }

  private void took(String stage, long nanos) {
    meters.timer("whence.attribution.stage", "stage", stage).record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * {@return the record of a name}
   *
   * @throws Erased when it was erased
   */
  public Optional<AttributionRecord> find(UUID id) {
    return records.find(id);
  }

  /** {@return the record of a name, of which perhaps only that it was made is left} */
  public Optional<AttributionRecord> evenErased(UUID id) {
    return records.evenErased(id);
  }
}
