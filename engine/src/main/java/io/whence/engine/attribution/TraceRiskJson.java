package io.whence.engine.attribution;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.whence.engine.risk.CharacterClaim;
import io.whence.engine.risk.CopiedWork;
import io.whence.engine.risk.Shared;
import java.util.Locale;

/** The risk of a trace as JSON: that of an attribution, and what it was measured on. */
final class TraceRiskJson {
  private TraceRiskJson() {}

  static JsonElement of(TraceRisk risk) {
    JsonObject json = AttributionJson.risk(risk.assessment());
    JsonArray works = new JsonArray();
    risk.works().forEach(work -> works.add(work(risk, work)));
    json.add("works", works);
    JsonArray holders = new JsonArray();
    for (TraceRisk.RightHolder holder : risk.rightHolders()) {
      JsonObject one = new JsonObject();
      one.addProperty("slot", holder.slot().id());
      one.addProperty("name", holder.name());
      one.addProperty("work", holder.work() == null ? null : holder.work().value());
      one.addProperty("origin", holder.origin().name().toLowerCase(Locale.ROOT));
      holders.add(one);
    }
    json.add("rightHolders", holders);
    return json;
  }

  private static JsonObject work(TraceRisk risk, CopiedWork work) {
    JsonObject json = new JsonObject();
    json.addProperty("id", work.work().value());
    json.addProperty("title", work.title());
    json.addProperty("medium", TraceRisk.medium(work).name().toLowerCase(Locale.ROOT));
    json.addProperty("amountOfWork", work.amountOfWork());
    json.addProperty("amountOfOutput", work.amountOfOutput());
    json.addProperty("beyondChance", work.shared().beyondChance());
    json.add("longestRun", JsonNull.INSTANCE);
    json.add("code", JsonNull.INSTANCE);
    json.add("image", JsonNull.INSTANCE);
    switch (work.shared()) {
      case Shared.Words words -> json.addProperty("longestRun", words.longestRun());
      case Shared.Code code -> {
        json.addProperty("longestRun", code.longestRun());
        json.add("code", code(code));
      }
      case Shared.Pixels pixels ->
          json.add("image", image(risk, work, pixels.beyondChance(), false, pixels.wording()));
      case Shared.Style style -> json.add("image", image(risk, work, false, true, style.wording()));
    }
    return json;
  }

  private static JsonObject code(Shared.Code code) {
    JsonObject json = new JsonObject();
    json.addProperty("rawAmountOfWork", code.rawAmountOfWork());
    json.addProperty("rawAmountOfOutput", code.rawAmountOfOutput());
    JsonArray rules = new JsonArray();
    code.setAside().forEach(rules::add);
    json.add("setAside", rules);
    Shared.Likeness likeness = code.likeness();
    json.addProperty("literal", likeness == null ? null : likeness.literal());
    json.addProperty("structure", likeness == null ? null : likeness.structure());
    return json;
  }

  private static JsonObject image(
      TraceRisk risk, CopiedWork work, boolean copy, boolean style, String wording) {
    CharacterClaim character = risk.characterOf(work);
    JsonObject json = new JsonObject();
    json.addProperty("instanceCopy", copy);
    json.addProperty("styleOnly", style);
    json.addProperty(
        "character", character == null ? "notStated" : character.met() ? "stated" : "incomplete");
    json.addProperty("characterTest", character == null ? null : character.statement());
    json.addProperty("wording", wording);
    return json;
  }
}
