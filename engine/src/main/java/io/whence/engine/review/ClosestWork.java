package io.whence.engine.review;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Span;
import io.whence.engine.WorkId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A work beside an output, as a reviewer is shown it: the passage with the longest match, or, where
 * no words are shared, the training example with the most influence.
 *
 * @param rank in the attribution, from 1
 * @param work its id
 * @param author empty where it is not known
 * @param licence empty where it is not known
 * @param deltaLoss influence of the work, nats
 * @param sharedWords equal words of the longest match; 0 where none are shared
 * @param passage of the work, at most {@link #LONGEST} characters; null where the index that
 *     answered is not at hand any more
 */
public record ClosestWork(
    int rank,
    String work,
    String title,
    String author,
    String licence,
    double deltaLoss,
    int sharedWords,
    @Nullable String passage) {
  /** Most works that are shown. */
  public static final int MOST = 5;

  /** Longest passage, characters. */
  public static final int LONGEST = 4_000;

  /**
   * {@return the works that a record ranks first, at most {@value #MOST}}
   *
   * @param record the bytes that were answered
   * @param text characters of a work, where the index that answered is still at hand
   * @throws EngineException.InvalidQuery when the bytes are no record of an attribution
   */
  public static List<ClosestWork> of(
      byte[] record, BiFunction<WorkId, Span, Optional<String>> text) {
    try {
      List<ClosestWork> closest = new ArrayList<>();
      for (JsonElement ranked : parsed(record).getAsJsonArray("attributions")) {
        if (closest.size() < MOST) {
          closest.add(of(ranked.getAsJsonObject(), text));
        }
      }
      return List.copyOf(closest);
    } catch (JsonParseException
        | NullPointerException
        | ClassCastException
        | IllegalStateException
        | NumberFormatException e) {
      throw new EngineException.InvalidQuery(
          "the record's works cannot be read: " + e.getMessage());
    }
  }

  private static JsonObject parsed(byte[] record) {
    return JsonParser.parseString(new String(record, StandardCharsets.UTF_8)).getAsJsonObject();
  }

  private static ClosestWork of(
      JsonObject ranked, BiFunction<WorkId, Span, Optional<String>> text) {
    JsonObject work = ranked.getAsJsonObject("work");
    String id = work.get("id").getAsString();
    JsonObject longest = null;
    for (JsonElement match : ranked.getAsJsonArray("evidence")) {
      if (longest == null || words(match.getAsJsonObject()) > words(longest)) {
        longest = match.getAsJsonObject();
      }
    }
    String passage =
        longest != null
            ? longest.get("workText").getAsString()
            : mostInfluential(ranked, new WorkId(id), text).orElse(null);
    return new ClosestWork(
        ranked.get("rank").getAsInt(),
        id,
        work.get("title").getAsString(),
        text(work.get("author")),
        text(work.get("licence")),
        ranked.getAsJsonObject("influence").get("deltaLoss").getAsDouble(),
        longest == null ? 0 : words(longest),
        passage == null ? null : Review.shortened(passage, LONGEST));
  }

  private static int words(JsonObject match) {
    return match.get("tokens").getAsInt();
  }

  private static Optional<String> mostInfluential(
      JsonObject ranked, WorkId work, BiFunction<WorkId, Span, Optional<String>> text) {
    JsonArray instances = ranked.getAsJsonArray("instances");
    if (instances.isEmpty()) {
      return Optional.empty();
    }
    JsonObject first = instances.get(0).getAsJsonObject();
    return text.apply(work, new Span(first.get("start").getAsInt(), first.get("end").getAsInt()));
  }

  private static String text(@Nullable JsonElement element) {
    return element == null || element.isJsonNull() ? "" : element.getAsString();
  }
}
