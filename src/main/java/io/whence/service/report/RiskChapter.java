package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the model of decided cases says of the use, factor by factor, and what would change it.
 * Where the record says "undetermined" no band and no figure stands at its head.
 */
final class RiskChapter {
  /** More works and acts than these are in the record alone. */
  private static final int MOST_OTHERS = 40;

  private RiskChapter() {}

  static String headline(JsonNode risk) {
    return switch (Json.text(risk, "status")) {
      case "scored" ->
          String.format(
              Locale.ROOT,
              "%s: %.0f of 100, interval %.0f to %.0f",
              risk.path("band").asText(),
              risk.path("point").asDouble(),
              risk.path("low").asDouble(),
              risk.path("high").asDouble());
      case "undetermined" ->
          String.format(
              Locale.ROOT,
              "undetermined; interval %.0f to %.0f of 100",
              risk.path("low").asDouble(),
              risk.path("high").asDouble());
      default -> "not applicable";
    };
  }

  static View.Risk of(JsonNode answer, Style style) {
    JsonNode risk = answer.path("risk");
    String status = Json.text(risk, "status");
    boolean scored = status.equals("scored") || status.equals("undetermined");
    String day = answer.path("createdAt").asText();
    return new View.Risk(
        headline(risk),
        Json.text(risk, "reason"),
        about(risk),
        scored,
        scored
            ? Json.number("%.1f", risk.path("low"))
                + " to "
                + Json.number("%.1f", risk.path("high"))
            : "",
        scored
            ? style.bar(risk.path("low").asDouble() / 100, risk.path("high").asDouble() / 100)
            : "",
        status.equals("scored") ? style.mark(risk.path("point").asDouble() / 100) : "",
        uncertainty(risk.path("uncertainty")),
        factors(risk, day),
        swings(risk, style),
        scored ? style.mark(risk.path("point").asDouble() / 100) : "",
        missing(risk),
        proposals(risk),
        gates(risk),
        flags(risk),
        cases(risk, "not_fair"),
        cases(risk, "fair"),
        authorities(risk),
        others(risk),
        Json.number("%.0f", risk.path("upperBoundIfIndependent")),
        Json.text(risk, "model"),
        lawPack(risk),
        Json.texts(risk.path("disclaimers")));
  }

  private static String about(JsonNode risk) {
    String work = Json.text(risk, "work");
    if (work.isEmpty()) {
      return "";
    }
    String title = work;
    for (JsonNode one : risk.path("all")) {
      title = Json.text(one, "work").equals(work) ? Json.title(one) : title;
    }
    return "the act \u201c"
        + Json.words(Json.text(risk, "act"))
        + "\u201d with the work \u201c"
        + title
        + "\u201d"
        + (risk.path("all").size() > 1 ? ", the highest of all works and acts" : "");
  }

  private static List<View.Entry> uncertainty(JsonNode parts) {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("measurement", "measuring (shared text is counted exactly)");
    names.put("weights", "the weights, over the resamples of the cases");
    names.put("missing", "what is missing, or judged within a range");
    List<View.Entry> entries = new ArrayList<>();
    names.forEach(
        (field, name) -> {
          JsonNode part = parts.path(field);
          if (part.isObject()) {
            entries.add(
                new View.Entry(
                    name,
                    Json.number("%.1f", part.path("low"))
                        + " to "
                        + Json.number("%.1f", part.path("high"))));
          }
        });
    return entries;
  }

  private static List<View.Factor> factors(JsonNode risk, String day) {
    List<View.Factor> factors = new ArrayList<>();
    for (JsonNode factor : risk.path("factors")) {
      List<View.Input> inputs = new ArrayList<>();
      for (JsonNode input : factor.path("inputs")) {
        inputs.add(
            new View.Input(
                Json.words(Json.text(input, "name")),
                value(input),
                asserted(input, day),
                Json.number("%+.2f", input.path("weight")),
                Json.number("%.2f", input.path("centre")),
                input.path("weight").isNumber() || input.path("name").asText().equals("purpose")
                    ? Json.number("%+.2f", input.path("contribution"))
                    : "shown only",
                Json.text(input, "basis")));
      }
      factors.add(
          new View.Factor(
              Json.text(factor, "id"),
              Json.text(factor, "name"),
              Json.number("%+.2f", factor.path("logOdds")),
              Json.text(factor, "note"),
              inputs));
    }
    return factors;
  }

  private static String value(JsonNode input) {
    JsonNode value = input.path("value");
    if (!value.isNumber()) {
      return input.path("name").asText().equals("purpose")
              && input.path("origin").asText().equals("declared")
          ? Json.text(input, "basis")
          : "not known";
    }
    String shown = input.path("name").asText().equals("longestRun") ? "%.0f words" : "%.3f";
    double low = input.path("low").asDouble();
    double high = input.path("high").asDouble();
    return Json.number(shown, value)
        + (low < high ? String.format(Locale.ROOT, ", held to be %.2f to %.2f", low, high) : "");
  }

  private static String asserted(JsonNode input, String day) {
    String by = Json.text(input, "assertedBy");
    String at = Json.text(input, "assertedAt");
    String when =
        at.isBlank() ? "with the request, " + day.substring(0, Math.min(10, day.length())) : at;
    return switch (Json.text(input, "origin")) {
      case "measured" -> "measured";
      case "missing" -> "nobody";
      case "judged" -> "judged by " + by + ", " + when;
      default -> "declared by " + (by.isBlank() ? "the requester" : by) + ", " + when;
    };
  }

  private static List<View.Swing> swings(JsonNode risk, Style style) {
    List<View.Swing> swings = new ArrayList<>();
    double point = risk.path("point").asDouble() / 100;
    for (JsonNode swing : risk.path("swings")) {
      double low = swing.path("low").asDouble();
      double high = swing.path("high").asDouble();
      swings.add(
          new View.Swing(
              Json.text(swing, "label"),
              Json.text(swing, "origin"),
              String.format(
                  Locale.ROOT,
                  "%.0f at %s (%s)",
                  low,
                  Json.text(swing, "lowAt"),
                  Json.text(swing, "lowBand")),
              String.format(
                  Locale.ROOT,
                  "%.0f at %s (%s)",
                  high,
                  Json.text(swing, "highAt"),
                  Json.text(swing, "highBand")),
              style.bar(low / 100, point),
              style.bar(point, high / 100)));
    }
    return swings;
  }

  private static List<View.Missing> missing(JsonNode risk) {
    List<View.Missing> missing = new ArrayList<>();
    for (JsonNode fact : risk.path("missingFacts")) {
      String band = "not recorded";
      for (JsonNode swing : risk.path("swings")) {
        if (Json.text(swing, "input").equals(Json.text(fact, "input"))) {
          band =
              swing.path("changesBand").asBoolean()
                  ? "yes: " + Json.text(swing, "lowBand") + " to " + Json.text(swing, "highBand")
                  : "no";
        }
      }
      missing.add(
          new View.Missing(
              Json.text(fact, "label"),
              Json.number("%.0f points", fact.path("shrinksBy")),
              band,
              Json.texts(fact.path("questions"))));
    }
    return missing;
  }

  private static List<View.Entry> proposals(JsonNode risk) {
    List<View.Entry> proposals = new ArrayList<>();
    for (JsonNode proposal : risk.path("proposals")) {
      proposals.add(
          new View.Entry(
              Json.words(Json.text(proposal, "input"))
                  + " "
                  + Json.number("%.3f", proposal.path("value")),
              Json.text(proposal, "basis")));
    }
    return proposals;
  }

  private static List<View.Entry> gates(JsonNode risk) {
    List<View.Entry> gates = new ArrayList<>();
    for (JsonNode gate : risk.path("gates")) {
      gates.add(
          new View.Entry(
              Json.text(gate, "id") + " " + Json.text(gate, "question"),
              Json.words(Json.text(gate, "verdict")) + ": " + Json.text(gate, "evidence")));
    }
    return gates;
  }

  private static List<View.Flag> flags(JsonNode risk) {
    List<View.Flag> flags = new ArrayList<>();
    for (JsonNode flag : risk.path("flags")) {
      flags.add(
          new View.Flag(
              Json.words(Json.text(flag, "id")),
              flag.path("work").isTextual() ? Json.text(flag, "work") : "the output",
              Json.text(flag, "text"),
              Json.text(flag, "origin")));
    }
    return flags;
  }

  private static List<View.Case> cases(JsonNode risk, String outcome) {
    List<View.Case> cases = new ArrayList<>();
    for (JsonNode one : risk.path("nearestCases")) {
      if (Json.text(one, "outcome").equals(outcome)) {
        cases.add(
            new View.Case(
                Json.text(one, "decision"),
                Json.text(one, "citation")
                    + " ("
                    + Json.text(one, "court")
                    + " "
                    + Json.text(one, "year")
                    + ")",
                Json.number("%.0f", one.path("point")),
                Json.number("%.2f", one.path("distance")),
                Json.text(one, "source")));
      }
    }
    return cases;
  }

  private static List<View.Authority> authorities(JsonNode risk) {
    List<View.Authority> authorities = new ArrayList<>();
    for (JsonNode one : risk.path("authorities")) {
      authorities.add(
          new View.Authority(
              Json.text(one, "decision"),
              Json.text(one, "court") + ", " + Json.text(one, "date"),
              Json.text(one, "point"),
              Json.text(one, "status")
                  + " as of "
                  + Json.text(one, "statusAsOf")
                  + "; known from: "
                  + source(Json.text(one, "sourceMark"))));
    }
    return authorities;
  }

  private static String source(String mark) {
    return switch (mark) {
      case "index" -> "the US Copyright Office's Fair Use Index";
      case "web" -> "a secondary page";
      case "unverified" -> "memory, to be checked before it is cited";
      default -> mark;
    };
  }

  private static List<View.Other> others(JsonNode risk) {
    List<View.Other> others = new ArrayList<>();
    for (JsonNode one : risk.path("all")) {
      if (others.size() == MOST_OTHERS) {
        others.add(
            new View.Other(
                (risk.path("all").size() - MOST_OTHERS) + " more, in the record", "", "", ""));
        break;
      }
      others.add(
          new View.Other(
              Json.title(one),
              Json.words(Json.text(one, "act")),
              headline(one),
              Json.text(one, "reason")));
    }
    return others;
  }

  private static String lawPack(JsonNode risk) {
    String reviewer = Json.text(risk, "lawReviewer");
    return "law as of "
        + Json.text(risk, "lawPackAsOf")
        + "; "
        + (reviewer.isBlank() || reviewer.equals("null")
            ? "no lawyer has reviewed the law pack yet"
            : "law pack reviewed by " + reviewer);
  }
}
