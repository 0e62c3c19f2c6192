package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What each work did to the output's loss, with its interval, on one axis. */
final class InfluenceChapter {
  /** More strips than these nobody reads on paper; the answer has them all. */
  private static final int MOST_EXPLAINED = 3;

  private InfluenceChapter() {}

  static View.Influences of(JsonNode answer, Style style) {
    JsonNode all = answer.path("attributions");
    double least = 0;
    double most = 0;
    int shown = 0;
    for (JsonNode ranked : all) {
      if (shown++ == WorksChapter.MOST) {
        break;
      }
      least = Math.min(least, ranked.path("influence").path("low").asDouble());
      most = Math.max(most, ranked.path("influence").path("high").asDouble());
    }
    double width = most > least ? most - least : 1;
    String axis = Math.max(-least, most) < 1 ? "%+.4f" : "%+.1f";
    List<View.Influence> lines = new ArrayList<>();
    List<View.Explained> explained = new ArrayList<>();
    String text = answer.path("output").path("text").asText();
    for (JsonNode ranked : all) {
      if (lines.size() == WorksChapter.MOST) {
        break;
      }
      JsonNode influence = ranked.path("influence");
      double low = influence.path("low").asDouble();
      double high = influence.path("high").asDouble();
      lines.add(
          new View.Influence(
              ranked.path("rank").asInt(),
              Json.title(ranked.path("work")),
              Json.number("%+.4f", influence.path("deltaLoss")),
              String.format(Locale.ROOT, "%+.4f to %+.4f", low, high),
              Json.number("%.1f", influence.path("percentile")),
              Json.number("%.1f", ranked.path("parameterShift").path("percentile")),
              Json.percent(ranked.path("share").path("ppm")),
              style.bar((low - least) / width, (high - least) / width),
              style.mark((influence.path("deltaLoss").asDouble() - least) / width)));
      if (!ranked.path("tokens").isEmpty() && explained.size() < MOST_EXPLAINED) {
        explained.add(explained(ranked, text));
      }
    }
    return new View.Influences(
        lines,
        Json.text(all.path(0).path("influence"), "method"),
        String.format(Locale.ROOT, axis, least),
        String.format(Locale.ROOT, axis, most),
        style.mark(-least / width),
        explained);
  }

  /** The output token by token, each marked by its part of the token the work did most to. */
  private static View.Explained explained(JsonNode ranked, String output) {
    double most = 0;
    for (JsonNode token : ranked.path("tokens")) {
      most = Math.max(most, Math.abs(token.path("deltaLoss").asDouble()));
    }
    List<View.Shade> shades = new ArrayList<>();
    int reached = 0;
    for (JsonNode token : ranked.path("tokens")) {
      // Tokens that share a character: its text goes with the last of them.
      int start = Math.max(reached, token.path("start").asInt());
      int end = Math.min(output.length(), token.path("end").asInt());
      if (end <= reached) {
        continue;
      }
      if (start > reached) {
        shades.add(new View.Shade(output.substring(reached, start), ""));
      }
      double share = most > 0 ? token.path("deltaLoss").asDouble() / most : 0;
      double size = Math.abs(share);
      String level = size >= 0.5 ? "3" : size >= 0.2 ? "2" : size >= 0.05 ? "1" : "";
      shades.add(
          new View.Shade(
              output.substring(start, end),
              level.isEmpty() ? "" : (share > 0 ? "up" : "down") + level));
      reached = end;
    }
    return new View.Explained(
        ranked.path("rank").asInt(),
        Json.title(ranked.path("work")),
        String.format(Locale.ROOT, "%.4f", most),
        shades);
  }
}
