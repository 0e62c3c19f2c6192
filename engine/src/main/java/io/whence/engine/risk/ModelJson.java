package io.whence.engine.risk;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;

/** The served model, whole: who doubts a score can work it out by hand. */
final class ModelJson {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  private ModelJson() {}

  static String write() {
    FairUseModel model = FittedModel.SERVED.model();
    JsonObject json = GSON.toJsonTree(model).getAsJsonObject();
    json.addProperty(
        "interval",
        "low = min(model, 5th percentile of the bootstrap vectors), every unknown input at its"
            + " favourable end; high = max(model, 95th percentile), every unknown input at its"
            + " unfavourable end");
    json.addProperty(
        "undetermined", "no band where the interval holds two or more borders between bands");
    json.add("provenance", GSON.toJsonTree(FittedModel.SERVED.fit().provenance()));
    json.add("bootstrap", GSON.toJsonTree(FittedModel.SERVED.fit().bootstrap()));
    json.add("validation", GSON.toJsonTree(Validation.published()));
    json.add("crossCheck", crossCheck(FairUseModel.V0));
    json.add("acts", strings(List.of(Act.values()).stream().map(Act::id).toList()));
    JsonArray gates = new JsonArray();
    for (int i = 0; i < Gates.QUESTIONS.size(); i++) {
      JsonObject gate = new JsonObject();
      gate.addProperty("id", "G" + i);
      gate.addProperty("question", Gates.QUESTIONS.get(i));
      gates.add(gate);
    }
    json.add("gates", gates);
    json.add("lawPack", GSON.toJsonTree(LawPack.US));
    json.add("disclaimers", strings(LawPack.US.disclaimers()));
    return GSON.toJson(json);
  }

  private static JsonObject crossCheck(FairUseModel other) {
    JsonObject json = new JsonObject();
    json.addProperty("id", other.id());
    json.addProperty("fittedOn", other.fittedOn());
    JsonArray weights = new JsonArray();
    for (double weight : other.weights()) {
      weights.add(weight);
    }
    json.add("order", strings(other.weightNames()));
    json.add("weights", weights);
    return json;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
