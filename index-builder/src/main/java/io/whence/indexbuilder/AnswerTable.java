package io.whence.indexbuilder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An attribution, as JSON, laid out for a person at a terminal of 100 columns. */
public final class AnswerTable {
  private static final int COLUMNS = 100;
  private static final int SHOWN = 8;

  private AnswerTable() {}

  /** {@return the lines that show {@code answer}} */
  public static String of(JsonObject answer) {
    List<String> lines = new ArrayList<>();
    JsonObject measurement = answer.getAsJsonObject("measurement");
    lines.add(
        String.format(
            Locale.ROOT,
            "the model's loss on the output: %.1f nats over %d tokens (%.2f a token)",
            number(measurement, "loss"),
            measurement.get("tokens").getAsInt(),
            number(measurement, "lossPerToken")));
    lines.add("");
    lines.add(
        "rank  work                                      loss without it [90 %]      words  share  tier");
    lines.add("-".repeat(COLUMNS));
    JsonArray works = answer.getAsJsonArray("attributions");
    for (JsonElement element : works.asList().subList(0, Math.min(SHOWN, works.size()))) {
      lines.add(row(element.getAsJsonObject()));
    }
    evidence(works, lines);
    if (answer.get("negativeCertificate").isJsonObject()) {
      lines.add("");
      lines.add(answer.getAsJsonObject("negativeCertificate").get("statement").getAsString());
    }
    lines.add("");
    lines.add("risk      " + RiskTable.headline(answer.getAsJsonObject("risk")));
    lines.add("credit    " + credit(answer));
    JsonElement recall = answer.get("candidateRecall");
    lines.add(
        "measured  candidate recall "
            + (recall.isJsonNull()
                ? "not measured"
                : String.format(Locale.ROOT, "%.3f", recall.getAsDouble()))
            + " of the exact ranking's first instances; method "
            + (works.isEmpty()
                ? "none"
                : works
                    .get(0)
                    .getAsJsonObject()
                    .getAsJsonObject("influence")
                    .get("method")
                    .getAsString()));
    retrained(answer).ifPresent(lines::add);
    return String.join(System.lineSeparator(), lines);
  }

  private static String row(JsonObject ranked) {
    JsonObject work = ranked.getAsJsonObject("work");
    JsonObject influence = ranked.getAsJsonObject("influence");
    int words = 0;
    for (JsonElement match : ranked.getAsJsonArray("evidence")) {
      words = Math.max(words, match.getAsJsonObject().get("tokens").getAsInt());
    }
    String name = work.get("rightsHolder").getAsString() + ", " + work.get("title").getAsString();
    return String.format(
        Locale.ROOT,
        "%4d  %-40s  %+8.4f [%+.4f, %+.4f] %5s %5.1f%%  %s%s",
        ranked.get("rank").getAsInt(),
        fit(name, 40),
        number(influence, "deltaLoss"),
        number(influence, "low"),
        number(influence, "high"),
        words == 0 ? "-" : String.valueOf(words),
        ranked.getAsJsonObject("share").get("ppm").getAsInt() / 10_000.0,
        ranked.get("tier").getAsString(),
        work.get("membership").getAsString().equals("heldOut") ? " (never trained on)" : "");
  }

  private static void evidence(JsonArray works, List<String> lines) {
    int shown = 0;
    for (JsonElement element : works) {
      JsonObject ranked = element.getAsJsonObject();
      for (JsonElement item : ranked.getAsJsonArray("evidence")) {
        JsonObject match = item.getAsJsonObject();
        if (shown++ == 3) {
          return;
        }
        JsonObject span = match.getAsJsonObject("outputCharacters");
        JsonObject source = match.getAsJsonObject("workCharacters");
        lines.add("");
        lines.add(
            String.format(
                Locale.ROOT,
                "#%d shares %d words%s: output characters %d-%d, work characters %d-%d%s",
                ranked.get("rank").getAsInt(),
                match.get("tokens").getAsInt(),
                match.get("kind").getAsString().equals("nearVerbatim") ? " with edits" : "",
                span.get("start").getAsInt(),
                span.get("end").getAsInt(),
                source.get("start").getAsInt(),
                source.get("end").getAsInt(),
                match.get("counts").getAsBoolean() ? "" : " (a common phrase)"));
        lines.add(
            "    \"" + fit(match.get("workText").getAsString().replaceAll("\\s+", " "), 92) + "\"");
      }
    }
  }

  /** What training again said of this index, where it was asked. */
  private static Optional<String> retrained(JsonObject answer) {
    return Optional.ofNullable(answer.getAsJsonObject("fidelity"))
        .map(fidelity -> fidelity.get("leaveOut"))
        .filter(JsonElement::isJsonObject)
        .map(JsonElement::getAsJsonObject)
        .filter(leaveOut -> leaveOut.has("ownCoverage"))
        .map(
            leaveOut ->
                String.format(
                    Locale.ROOT,
                    "          its 90 %% intervals held %.0f %% of what training again without each of"
                        + " %d rights holders did to unseen works%s",
                    100 * leaveOut.getAsJsonObject("ownCoverage").get("value").getAsDouble(),
                    leaveOut.get("groups").getAsInt(),
                    widened(leaveOut)));
  }

  private static String widened(JsonObject leaveOut) {
    JsonElement held = leaveOut.get("widenedCoverage");
    return held != null && held.isJsonObject()
        ? String.format(
            Locale.ROOT,
            "; %.1f times as wide, %.0f %%",
            leaveOut.get("widening").getAsDouble(),
            100 * held.getAsJsonObject().get("value").getAsDouble())
        : "";
  }

  private static String credit(JsonObject answer) {
    List<String> parts = new ArrayList<>();
    for (JsonElement element : answer.getAsJsonArray("credits")) {
      JsonObject credit = element.getAsJsonObject();
      if (parts.size() < 3 && credit.get("ppm").getAsInt() > 0) {
        parts.add(
            String.format(
                Locale.ROOT,
                "%s %.1f%%",
                credit.get("rightsHolder").getAsString(),
                credit.get("ppm").getAsInt() / 10_000.0));
      }
    }
    int more = answer.getAsJsonArray("credits").size() - parts.size();
    if (more > 0) {
      parts.add(more + (more == 1 ? " other" : " others"));
    }
    parts.add(
        String.format(
            Locale.ROOT,
            "unattributed %.1f%%",
            answer.get("unattributedPpm").getAsInt() / 10_000.0));
    return String.join(", ", parts);
  }

  private static double number(JsonObject json, String name) {
    return json.get(name).getAsDouble();
  }

  private static String fit(String text, int width) {
    return text.length() <= width ? text : text.substring(0, width - 3) + "...";
  }
}
