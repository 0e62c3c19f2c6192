package io.whence.engine.rights;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import org.jspecify.annotations.Nullable;

/**
 * The training and data mining assertion of CAWG ({@code cawg.training-mining}) and the one of C2PA
 * before it: what it says of {@code ai_generative_training}. Each use stands for itself; another
 * use that is not allowed says nothing of this one. The manifest's signature is not checked.
 */
final class Cawg {
  private static final String USE = "ai_generative_training";

  private Cawg() {}

  static Reading read(String text) {
    try {
      JsonObject json = JsonParser.parseString(text).getAsJsonObject();
      JsonObject entries = entries(json);
      for (String name : new String[] {"cawg." + USE, "c2pa." + USE}) {
        if (entries != null && entries.get(name) instanceof JsonObject entry) {
          String use = entry.get("use").getAsString();
          JsonElement terms =
              entry.has("constraint_info")
                  ? entry.get("constraint_info")
                  : entry.get("constraints_info");
          return Reading.of(
              Form.CAWG,
              text,
              switch (use) {
                case "allowed" -> Verdict.ALLOWED;
                case "notAllowed" -> Verdict.RESERVED;
                case "constrained" -> Verdict.CONDITIONAL;
                default -> Verdict.UNSTATED;
              },
              name + ": " + use,
              terms == null ? null : terms.getAsString());
        }
      }
      return Reading.of(Form.CAWG, text, Verdict.UNSTATED, "no entry for " + USE, null);
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | UnsupportedOperationException e) {
      throw new EngineException.InvalidQuery(
          "no training assertion: it is a JSON object with entries, or a manifest with assertions");
    }
  }

  private static @Nullable JsonObject entries(JsonObject json) {
    if (json.get("entries") instanceof JsonObject entries) {
      return entries;
    }
    if (json.has("assertions")) {
      for (JsonElement element : json.getAsJsonArray("assertions")) {
        JsonObject assertion = element.getAsJsonObject();
        String label = assertion.get("label").getAsString();
        if (label.matches("(?:cawg|c2pa)\\.training-mining(?:__\\d+)?")
            && assertion.getAsJsonObject("data").get("entries") instanceof JsonObject entries) {
          return entries;
        }
      }
    }
    return null;
  }
}
