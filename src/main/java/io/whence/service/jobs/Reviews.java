package io.whence.service.jobs;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Span;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.record.CanonicalJson;
import io.whence.engine.review.Agreement;
import io.whence.engine.review.ClosestWork;
import io.whence.engine.review.Label;
import io.whence.engine.review.Review;
import io.whence.engine.review.ReviewedOutput;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.Conflict;
import io.whence.service.persistence.ReviewRecords;
import io.whence.service.persistence.ReviewRecords.Kept;
import io.whence.service.persistence.ReviewRecords.Reviewer;
import io.whence.service.persistence.ReviewRecords.Waiting;
import io.whence.service.persistence.TimeOrderedId;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What people hold of outputs: labels, how far they agree, and what follows for the risk. Nobody is
 * shown the labels of others before their own.
 */
@ApplicationScoped
public class Reviews {
  /** Longest reason, characters. */
  public static final int LONGEST_REASON = 4_000;

  private static final int PAGE = 500;

  private final ReviewRecords records;
  private final Attributions attributions;
  private final Indexes indexes;

  Reviews(ReviewRecords records, Attributions attributions, Indexes indexes) {
    this.records = records;
    this.attributions = attributions;
    this.indexes = indexes;
  }

  /** {@return a new reviewer; whoever knows the id labels as this person} */
  public Reviewer register(String name, String role) {
    Instant now = now();
    Reviewer reviewer = new Reviewer(TimeOrderedId.at(now), now, name, role);
    records.add(reviewer);
    return reviewer;
  }

  /** {@return the reviewer of an id} */
  public Optional<Reviewer> reviewer(UUID id) {
    return records.reviewer(id);
  }

  /** {@return the review of a name} */
  public Optional<Kept> find(UUID id) {
    return records.find(id);
  }

  /** {@return the latest reviews of an output, in the order they were given} */
  public List<Kept> of(UUID attribution) {
    return records.of(attribution);
  }

  /** {@return outputs that others have labelled and this reviewer has not} */
  public List<Waiting> waiting(Reviewer reviewer, int most) {
    return records.waiting(reviewer.id(), most);
  }

  /** {@return the works beside an output, as reviewers are shown them} */
  public List<ClosestWork> closest(AttributionRecord answer) {
    return ClosestWork.of(answer.body(), text(answer));
  }

  /** The works' text, as long as the index is the one that answered. */
  private BiFunction<WorkId, Span, Optional<String>> text(AttributionRecord answer) {
    String manifest = parsed(answer).getAsJsonObject("index").get("manifest").getAsString();
    try {
      Attributor attributor = indexes.attributor(answer.indexId());
      if (attributor.manifestSha256().equals(manifest)) {
        return attributor::passage;
      }
    } catch (EngineException e) {
      // The record stands without its index; the page says that the passage is not at hand.
      io.quarkus.logging.Log.debugf("no text of index %s: %s", answer.indexId(), e.detail());
    }
    return (work, characters) -> Optional.empty();
  }

  /**
   * {@return the review; it is on disk and in the log}
   *
   * @param corrects the reviewer's latest review of the output, which this one takes the place of;
   *     null for the first
   * @throws Conflict when the reviewer has labelled the output and does not say that this corrects
   *     it, or corrects what is no longer the latest
   */
  public Kept label(
      AttributionRecord answer,
      Reviewer reviewer,
      Label label,
      String reason,
      @Nullable UUID corrects) {
    Optional<Kept> latest =
        records.of(answer.id()).stream()
            .filter(review -> review.reviewer().equals(reviewer.id()))
            .findFirst();
    UUID id = latest.map(Kept::id).orElse(null);
    if (id != null && !id.equals(corrects)) {
      throw new Conflict(
          "attribution "
              + answer.id()
              + " has a review by this reviewer, "
              + id
              + "; give that as corrects to correct it");
    }
    if (id == null && corrects != null) {
      throw new Conflict(
          "attribution "
              + answer.id()
              + " has no review "
              + corrects
              + " by this reviewer; leave corrects out");
    }
    Instant now = now();
    ClosestWork closest = closest(answer).stream().findFirst().orElse(null);
    Kept review =
        new Kept(
            0,
            TimeOrderedId.at(now),
            now,
            answer.id(),
            reviewer.id(),
            reviewer.name(),
            reviewer.role(),
            latest.map(Kept::version).orElse(0) + 1,
            label,
            reason,
            closest == null ? null : closest.work(),
            closest == null ? null : closest.title(),
            closest == null ? null : closest.passage());
    return records.add(review, json(review, id));
  }

  private static byte[] json(Kept review, @Nullable UUID corrects) {
    JsonObject json = new JsonObject();
    json.addProperty("id", review.id().toString());
    json.addProperty("at", review.createdAt().toString());
    json.addProperty("attribution", review.attribution().toString());
    json.addProperty("reviewer", review.review().reviewer());
    json.addProperty("name", review.name());
    json.addProperty("role", review.role());
    json.addProperty("version", review.version());
    json.addProperty("transformative", review.label().id());
    json.addProperty("reason", review.reason());
    if (corrects != null) {
      json.addProperty("corrects", corrects.toString());
    }
    return CanonicalJson.of(json.toString());
  }

  /**
   * {@return the record of an output with its risk by the reviews as they are now; it is on disk}
   * The same reviews have the same record, and the earlier record stays as it is.
   *
   * @throws Conflict when nobody has reviewed the output
   * @throws EngineException.IndexMismatch when the index answers otherwise than it did
   * @throws Busy when too much is asked at once
   */
  public AttributionRecord reassess(AttributionRecord earlier) {
    List<Kept> reviews = records.of(earlier.id());
    if (reviews.isEmpty()) {
      throw new Conflict(
          "nobody has reviewed attribution "
              + earlier.id()
              + "; label it at /v1/attributions/"
              + earlier.id()
              + "/review first");
    }
    List<UUID> ids = reviews.stream().map(Kept::id).toList();
    Optional<AttributionRecord> known = known(earlier, ids);
    if (known.isPresent()) {
      return known.get();
    }
    try {
      return attributions.reassess(
          earlier,
          Review.transformative(reviews.stream().map(Kept::review).toList()),
          answer -> records.reassessed(answer.id(), earlier.id(), ids, answer.createdAt()));
    } catch (Conflict e) {
      // Asked twice at once: the first record is everybody's.
      return known(earlier, ids).orElseThrow(() -> e);
    }
  }

  private Optional<AttributionRecord> known(AttributionRecord earlier, List<UUID> reviews) {
    return records.reassessment(earlier.id(), reviews).flatMap(attributions::find);
  }

  /**
   * {@return how far the reviewers agree on the outputs of an index, or of all}
   *
   * @param seed of the bootstrap
   */
  public Agreement agreement(@Nullable String index, long seed) {
    TreeMap<UUID, Map<String, Integer>> outputs = new TreeMap<>();
    each(
        index,
        review ->
            outputs
                .computeIfAbsent(review.attribution(), id -> new HashMap<>())
                .put(review.reviewer().toString(), review.label().step() - 1));
    return Agreement.of(List.copyOf(outputs.values()), Label.values().length, seed);
  }

  /**
   * Hands over the latest reviews as pairs, in the order they were given, but of what was erased.
   */
  public void pairs(@Nullable String index, Consumer<ReviewedOutput> pairs) {
    each(
        index,
        review ->
            attributions
                .evenErased(review.attribution())
                .filter(answer -> !answer.erased())
                .map(answer -> pair(answer, review))
                .ifPresent(pairs));
  }

  private static ReviewedOutput pair(AttributionRecord answer, Kept review) {
    JsonObject output = parsed(answer).getAsJsonObject("output");
    JsonElement prompt = output.get("prompt");
    return new ReviewedOutput(
        answer.id().toString(),
        answer.indexId(),
        output.get("text").getAsString(),
        output.get("sha256").getAsString(),
        prompt == null || prompt.isJsonNull() ? null : prompt.getAsString(),
        review.work(),
        review.title(),
        review.passage(),
        review.version(),
        review.review());
  }

  private void each(@Nullable String index, Consumer<Kept> reviews) {
    long last = 0;
    for (List<Kept> page = records.after(last, index, PAGE);
        !page.isEmpty();
        page = records.after(last, index, PAGE)) {
      page.forEach(reviews);
      last = page.get(page.size() - 1).sequence();
    }
  }

  private static JsonObject parsed(AttributionRecord answer) {
    return JsonParser.parseString(new String(answer.body(), StandardCharsets.UTF_8))
        .getAsJsonObject();
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }
}
