package io.whence.indexbuilder;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A risk, as JSON, laid out for a person at a terminal. */
final class RiskTable {
  private static final int SHOWN = 8;

  private RiskTable() {}

  /** {@return the band with its interval, or why there is none} */
  static String headline(JsonObject risk) {
    String reason = risk.get("reason").getAsString();
    String status = risk.get("status").getAsString();
    if (status.equals("scored")) {
      return String.format(
          Locale.ROOT,
          "%s %.0f [%.0f-%.0f]",
          risk.get("band").getAsString(),
          risk.get("point").getAsDouble(),
          risk.get("low").getAsDouble(),
          risk.get("high").getAsDouble());
    }
    return (status.equals("notApplicable") ? "not applicable: " : "") + reason;
  }

  /** {@return the lines that show the risk of a trace} */
  static String of(JsonObject risk) {
    List<String> lines = new ArrayList<>();
    lines.add("risk      " + headline(risk));
    if (risk.get("status").getAsString().equals("scored")) {
      lines.add("reason    " + risk.get("reason").getAsString());
    }
    if (!risk.get("bandCap").isJsonNull()) {
      lines.add("cap       no band above " + risk.get("bandCap").getAsString());
    }
    List<String> missing = new ArrayList<>();
    for (JsonElement fact : risk.getAsJsonArray("missingFacts")) {
      missing.add(fact.getAsJsonObject().get("label").getAsString());
    }
    // What is undetermined says so in its headline.
    if (!missing.isEmpty() && risk.get("status").getAsString().equals("scored")) {
      lines.add("missing   " + String.join(", ", missing));
    }
    for (JsonElement element : risk.getAsJsonArray("proposals")) {
      JsonObject proposal = element.getAsJsonObject();
      lines.add(
          String.format(
              Locale.ROOT,
              "proposal  %s %.2f, not counted: %s",
              proposal.get("input").getAsString(),
              proposal.get("value").getAsDouble(),
              proposal.get("basis").getAsString()));
    }
    List<JsonObject> works =
        risk.getAsJsonArray("works").asList().stream()
            .map(JsonElement::getAsJsonObject)
            .filter(RiskTable::telling)
            .toList();
    for (JsonObject work : works.subList(0, Math.min(SHOWN, works.size()))) {
      lines.add("work      " + work(work));
    }
    if (works.size() > SHOWN) {
      lines.add("          and " + (works.size() - SHOWN) + " more");
    }
    for (JsonElement element : risk.getAsJsonArray("rightHolders")) {
      JsonObject holder = element.getAsJsonObject();
      lines.add(
          "holder    "
              + holder.get("slot").getAsString()
              + ": "
              + holder.get("name").getAsString()
              + (holder.get("origin").getAsString().equals("declared") ? ", as stated" : ""));
    }
    for (JsonElement element : risk.getAsJsonArray("flags")) {
      JsonObject flag = element.getAsJsonObject();
      lines.add(
          "flag      " + flag.get("id").getAsString() + ": " + flag.get("text").getAsString());
    }
    risk.getAsJsonArray("disclaimers")
        .forEach(disclaimer -> lines.add("          " + disclaimer.getAsString()));
    return String.join(System.lineSeparator(), lines);
  }

  /**
   * Whether a work shares more than chance would give, or is near, or something is stated of it.
   */
  private static boolean telling(JsonObject work) {
    if (work.get("beyondChance").getAsBoolean() || !work.get("image").isJsonObject()) {
      return work.get("beyondChance").getAsBoolean();
    }
    JsonObject image = work.getAsJsonObject("image");
    return image.get("styleOnly").getAsBoolean()
        || !image.get("character").getAsString().equals("notStated");
  }

  private static String work(JsonObject work) {
    String amounts =
        String.format(
            Locale.ROOT,
            "%s: %s%.1f %% of the work, %.1f %% of the output",
            work.get("title").getAsString(),
            work.get("image").isJsonObject()
                ? verdicts(work.getAsJsonObject("image"))
                : work.get("longestRun").getAsInt() + " words in the longest run, ",
            100 * work.get("amountOfWork").getAsDouble(),
            100 * work.get("amountOfOutput").getAsDouble());
    return work.get("code").isJsonObject() ? amounts + code(work.getAsJsonObject("code")) : amounts;
  }

  private static String code(JsonObject code) {
    String raw =
        String.format(
            Locale.ROOT,
            " after filtering (%.1f %% and %.1f %% before)",
            100 * code.get("rawAmountOfWork").getAsDouble(),
            100 * code.get("rawAmountOfOutput").getAsDouble());
    return code.get("literal").isJsonNull()
        ? raw
        : raw
            + String.format(
                Locale.ROOT,
                ", literal %.2f, structure %.2f",
                code.get("literal").getAsDouble(),
                code.get("structure").getAsDouble());
  }

  private static String verdicts(JsonObject image) {
    String found =
        image.get("instanceCopy").getAsBoolean()
            ? "instance copy"
            : image.get("styleOnly").getAsBoolean() ? "style only" : "no copy";
    return found
        + (image.get("character").getAsString().equals("notStated")
            ? ", "
            : ", character " + image.get("character").getAsString() + ", ");
  }
}
