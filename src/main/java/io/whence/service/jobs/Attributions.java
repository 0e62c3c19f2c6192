package io.whence.service.jobs;

import io.micrometer.core.instrument.MeterRegistry;
import io.whence.engine.attribution.Attribution;
import io.whence.engine.attribution.AttributionJson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.AttributionRecords;
import io.whence.service.persistence.TimeOrderedId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

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
    this.turns =
        new Turns(
            config.concurrent().orElse(Runtime.getRuntime().availableProcessors()),
            config.queue(),
            config.patience());
    meters.gauge("whence.attributions.pending", turns, Turns::inside);
  }

  /**
   * {@return the record of a new attribution; it is on disk}
   *
   * @param index name of the index that answers
   * @param request what is asked
   * @param requestSha256 of the request as it was received
   * @throws Busy when too much is asked at once
   */
  public AttributionRecord attribute(
      String index, AttributionRequest request, String requestSha256) {
    String outcome = "refused";
    try {
      AttributionRecord answer = turns.take(() -> answered(index, request, requestSha256));
      outcome = "answered";
      return answer;
    } finally {
      meters.counter("whence.attributions", "outcome", outcome).increment();
    }
  }

  private AttributionRecord answered(
      String index, AttributionRequest request, String requestSha256) {
    Attributor attributor = indexes.attributor(index);
    Attribution attribution = attributor.attribute(request, this::took);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    UUID id = TimeOrderedId.at(now);
    long begin = System.nanoTime();
    byte[] body = AttributionJson.write(attribution, id.toString(), now);
    AttributionRecord answer = new AttributionRecord(id, now, index, requestSha256, body);
    records.add(answer);
    took("store", System.nanoTime() - begin);
    return answer;
  }

  private void took(String stage, long nanos) {
    meters.timer("whence.attribution.stage", "stage", stage).record(nanos, TimeUnit.NANOSECONDS);
  }

  /** {@return the record of a name} */
  public Optional<AttributionRecord> find(UUID id) {
    return records.find(id);
  }
}
