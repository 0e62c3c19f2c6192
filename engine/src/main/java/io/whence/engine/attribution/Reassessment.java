package io.whence.engine.attribution;

import com.google.gson.JsonObject;
import io.whence.engine.EngineException;
import io.whence.engine.risk.UseFacts.Judgement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A recorded attribution with its risk assessed again, by what reviewers hold of the output. The
 * earlier record stays as it is: this is another record, which answers the same request, with the
 * reviews among the facts of the use.
 */
public final class Reassessment {
  private Reassessment() {}

  /**
   * {@return the new record} Apart from its id and time, the risk, the reviews and the components
   * it was made with, it holds what the earlier one does.
   *
   * @param record the bytes that were answered
   * @param reviews what reviewers hold of the output
   * @param attributor of the index it names
   * @throws EngineException.InvalidQuery when the bytes are no record that can be replayed
   * @throws EngineException.IndexMismatch when the index answers otherwise than it did: then the
   *     two assessments would not be of one attribution
   */
  public static byte[] write(
      byte[] record, Judgement reviews, Attributor attributor, String id, Instant createdAt) {
    JsonObject then = Replay.parsed(record);
    AttributionRequest request = AttributionJson.request(then);
    byte[] again =
        AttributionJson.write(
            attributor.attribute(request.of(request.use().withReviews(reviews))), id, createdAt);
    List<String> moved = new ArrayList<>();
    Replay.compare("", withoutRisk(then), withoutRisk(Replay.parsed(again)), moved);
    if (!moved.isEmpty()) {
      throw new EngineException.IndexMismatch(
          "the attribution cannot be assessed again: index "
              + attributor.id()
              + " answers otherwise now, first at "
              + moved.get(0)
              + "; attribute the output again");
    }
    return again;
  }

  private static JsonObject withoutRisk(JsonObject record) {
    for (String field : List.of("id", "createdAt", "risk", "reproducibility")) {
      record.remove(field);
    }
    return record;
  }
}
