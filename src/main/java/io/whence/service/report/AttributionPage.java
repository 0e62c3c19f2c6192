package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** A stored attribution as one HTML page without scripts, that loads nothing from anywhere. */
public final class AttributionPage {
  private static final String STYLE = resource("/report.css");

  /** Lets the page have its own style and nothing else. */
  public static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; style-src 'sha256-"
          + sum(STYLE)
          + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final AttributionTemplate page;

  private AttributionPage(AttributionTemplate page) {
    this.page = page;
  }

  /** {@return the page of a record's bytes} */
  public static AttributionPage of(byte[] answer) {
    try {
      return new AttributionPage(template(MAPPER.readTree(answer)));
    } catch (IOException e) {
      throw new UncheckedIOException("a stored record is not JSON", e);
    }
  }

  /** {@return the page as HTML} */
  public String render() {
    return page.render();
  }

  /** More strips than these nobody reads on paper; the answer has them all. */
  private static final int MOST_EXPLAINED = 3;

  private static AttributionTemplate template(JsonNode answer) {
    JsonNode risk = answer.path("risk");
    JsonNode output = answer.path("output");
    JsonNode measurement = answer.path("measurement");
    List<Lines.Row> rows = new ArrayList<>();
    List<Lines.Explained> explained = new ArrayList<>();
    List<Lines.Pair> pairs = new ArrayList<>();
    for (JsonNode ranked : answer.path("attributions")) {
      rows.add(row(ranked));
      if (!ranked.path("tokens").isEmpty() && explained.size() < MOST_EXPLAINED) {
        explained.add(explained(ranked, output.path("text").asText()));
      }
      for (JsonNode match : ranked.path("evidence")) {
        pairs.add(pair(ranked, match));
      }
    }
    List<Lines.Entry> factors = new ArrayList<>();
    for (JsonNode factor : risk.path("factors")) {
      factors.add(
          new Lines.Entry(
              factor.path("name").asText(),
              String.format(Locale.ROOT, "%+.2f log-odds", factor.path("logOdds").asDouble())));
    }
    List<Lines.Entry> gates = new ArrayList<>();
    for (JsonNode gate : risk.path("gates")) {
      gates.add(
          new Lines.Entry(
              gate.path("question").asText(),
              (gate.path("verdict").asText().equals("notReached")
                      ? "not reached"
                      : gate.path("verdict").asText())
                  + ": "
                  + gate.path("evidence").asText()));
    }
    List<Lines.Entry> credits = new ArrayList<>();
    for (JsonNode credit : answer.path("credits")) {
      credits.add(
          new Lines.Entry(
              credit.path("rightsHolder").asText(),
              percent(credit.path("ppm"))
                  + " ["
                  + percent(credit.path("lowPpm"))
                  + " to "
                  + percent(credit.path("highPpm"))
                  + "]"));
    }
    JsonNode recall = answer.path("candidateRecall");
    return new AttributionTemplate(
        STYLE,
        answer.path("id").asText(),
        answer.path("createdAt").asText(),
        answer.path("index").path("id").asText(),
        entries(answer.path("index")),
        output.path("prompt").asText(""),
        segments(output.path("text").asText(), answer.path("attributions")),
        String.format(
            Locale.ROOT,
            "%.2f nats over %d tokens, %.3f a token",
            measurement.path("loss").asDouble(),
            measurement.path("tokens").asInt(),
            measurement.path("lossPerToken").asDouble()),
        rows,
        explained,
        pairs,
        riskLine(risk),
        risk.path("reason").asText(),
        gates,
        factors,
        risk.path("missingFacts").valueStream().map(fact -> fact.path("label").asText()).toList(),
        texts(risk.path("disclaimers")),
        credits,
        percent(answer.path("unattributedPpm")),
        answer.path("unattributed").path("reason").asText(),
        recall.isNumber() ? String.format(Locale.ROOT, "%.3f", recall.asDouble()) : "not measured",
        answer.path("negativeCertificate").path("statement").asText(""),
        texts(answer.path("limits")),
        entries(answer.path("provenance")));
  }

  private static Lines.Row row(JsonNode ranked) {
    JsonNode work = ranked.path("work");
    JsonNode influence = ranked.path("influence");
    int words = 0;
    for (JsonNode match : ranked.path("evidence")) {
      words = Math.max(words, match.path("tokens").asInt());
    }
    return new Lines.Row(
        ranked.path("rank").asInt(),
        work.path("title").asText(),
        work.path("author").asText(""),
        work.path("rightsHolder").asText(),
        work.path("licence").asText(""),
        String.format(Locale.ROOT, "%+.4f", influence.path("deltaLoss").asDouble()),
        String.format(
            Locale.ROOT,
            "%+.4f to %+.4f",
            influence.path("low").asDouble(),
            influence.path("high").asDouble()),
        String.format(Locale.ROOT, "%.1f", influence.path("percentile").asDouble()),
        words == 0 ? "none" : String.valueOf(words),
        percent(ranked.path("share").path("ppm")),
        ranked.path("tier").asText(),
        ranked.path("wording").asText());
  }

  /** The output token by token, each marked by its part of the token the work did most to. */
  private static Lines.Explained explained(JsonNode ranked, String output) {
    double most = 0;
    for (JsonNode token : ranked.path("tokens")) {
      most = Math.max(most, Math.abs(token.path("deltaLoss").asDouble()));
    }
    List<Lines.Shade> shades = new ArrayList<>();
    int reached = 0;
    for (JsonNode token : ranked.path("tokens")) {
      // Tokens that share a character: its text goes with the last of them.
      int start = Math.max(reached, token.path("start").asInt());
      int end = token.path("end").asInt();
      if (end <= reached) {
        continue;
      }
      if (start > reached) {
        shades.add(new Lines.Shade(output.substring(reached, start), ""));
      }
      double share = most > 0 ? token.path("deltaLoss").asDouble() / most : 0;
      double size = Math.abs(share);
      String level = size >= 0.5 ? "3" : size >= 0.2 ? "2" : size >= 0.05 ? "1" : "";
      shades.add(
          new Lines.Shade(
              output.substring(start, end),
              level.isEmpty() ? "" : (share > 0 ? "up" : "down") + level));
      reached = end;
    }
    return new Lines.Explained(
        ranked.path("rank").asInt(),
        ranked.path("work").path("title").asText(),
        String.format(Locale.ROOT, "%.4f", most),
        shades);
  }

  private static Lines.Pair pair(JsonNode ranked, JsonNode match) {
    return new Lines.Pair(
        ranked.path("rank").asInt(),
        ranked.path("work").path("title").asText(),
        found(match),
        span(match.path("outputCharacters")),
        span(match.path("workCharacters")),
        pieces(match, "output", "insert"),
        pieces(match, "work", "delete"),
        String.format(Locale.ROOT, "10^%.1f", match.path("log10ExpectedByChance").asDouble()),
        String.format(Locale.ROOT, "%.2g", match.path("pValue").asDouble()),
        setAside(match));
  }

  /** Why a match does not count; empty where it does. */
  private static String setAside(JsonNode match) {
    if (match.path("excludedBy").isTextual()) {
      return "set aside as common property by the rule " + match.path("excludedBy").asText();
    }
    return match.path("counts").asBoolean() ? "" : "chance would do: a common phrase";
  }

  private static String found(JsonNode match) {
    int words = match.path("tokens").asInt();
    if (!match.path("kind").asText().equals("nearVerbatim")) {
      return words + " words in one run";
    }
    JsonNode measures = match.path("measures");
    return String.format(
        Locale.ROOT,
        "%d equal words in one edited passage, the longest run of them %d; %.0f %% of the output, "
            + "%.0f %% of the work; ROUGE-L %.2f, normalised edit %.2f",
        words,
        measures.path("longestRun").asInt(),
        100 * measures.path("outputShare").asDouble(),
        100 * measures.path("workShare").asDouble(),
        measures.path("rougeL").asDouble(),
        measures.path("normalisedEdit").asDouble());
  }

  /** Cuts one side of a match into pieces, marked where this side alone has the words. */
  private static List<Lines.Piece> pieces(JsonNode match, String side, String alone) {
    String text = match.path(side + "Text").asText();
    int begin = match.path(side + "Characters").path("start").asInt();
    List<Lines.Piece> pieces = new ArrayList<>();
    int reached = 0;
    for (JsonNode step : match.path("operations")) {
      String operation = step.path("operation").asText();
      JsonNode span = step.path(side + "Characters");
      int start = within(span.path("start").asInt() - begin, reached, text);
      int end = within(span.path("end").asInt() - begin, start, text);
      if (end > start && (operation.equals(alone) || operation.equals("substitute"))) {
        pieces.add(new Lines.Piece(text.substring(reached, start), false));
        pieces.add(new Lines.Piece(text.substring(start, end), true));
        reached = end;
      }
    }
    pieces.add(new Lines.Piece(text.substring(reached), false));
    return pieces;
  }

  private static int within(int offset, int least, String text) {
    return Math.max(least, Math.min(text.length(), offset));
  }

  private static String span(JsonNode span) {
    return span.path("start").asInt() + " to " + span.path("end").asInt();
  }

  private static String riskLine(JsonNode risk) {
    if (!risk.path("status").asText().equals("scored")) {
      return risk.path("status").asText().equals("undetermined")
          ? "undetermined"
          : "not applicable";
    }
    return String.format(
        Locale.ROOT,
        "%s: %.0f of 100, interval %.0f to %.0f",
        risk.path("band").asText(),
        risk.path("point").asDouble(),
        risk.path("low").asDouble(),
        risk.path("high").asDouble());
  }

  /**
   * Cuts the output where shared words begin and end, and names the works that share each piece.
   */
  private static List<Lines.Segment> segments(String text, JsonNode attributions) {
    SortedSet<Integer> cuts = new TreeSet<>(List.of(0, text.length()));
    Map<String, BitSet> shared = new LinkedHashMap<>();
    for (JsonNode ranked : attributions) {
      BitSet characters = new BitSet();
      for (JsonNode match : ranked.path("evidence")) {
        for (JsonNode span : equalSpans(match)) {
          int start = bound(span.path("start"), text);
          int end = Math.max(start, bound(span.path("end"), text));
          cuts.add(start);
          cuts.add(end);
          characters.set(start, end);
        }
      }
      shared.put(ranked.path("rank").asText(), characters);
    }
    List<Lines.Segment> segments = new ArrayList<>();
    int begin = 0;
    for (int end : cuts) {
      if (end > begin) {
        segments.add(new Lines.Segment(text.substring(begin, end), sharers(shared, begin)));
      }
      begin = end;
    }
    return segments;
  }

  /** Where the output has the same words as the work, without those that were edited. */
  private static List<JsonNode> equalSpans(JsonNode match) {
    if (!match.path("kind").asText().equals("nearVerbatim")) {
      return List.of(match.path("outputCharacters"));
    }
    List<JsonNode> spans = new ArrayList<>();
    for (JsonNode step : match.path("operations")) {
      if (step.path("operation").asText().equals("equal")) {
        spans.add(step.path("outputCharacters"));
      }
    }
    return spans;
  }

  private static int bound(JsonNode offset, String text) {
    return Math.max(0, Math.min(text.length(), offset.asInt()));
  }

  private static String sharers(Map<String, BitSet> shared, int character) {
    List<String> ranks = new ArrayList<>();
    shared.forEach(
        (rank, characters) -> {
          if (characters.get(character)) {
            ranks.add(rank);
          }
        });
    return String.join(", ", ranks);
  }

  private static List<Lines.Entry> entries(JsonNode object) {
    List<Lines.Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      entries.add(new Lines.Entry(field.getKey(), field.getValue().asText()));
    }
    return entries;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static String percent(JsonNode ppm) {
    return String.format(Locale.ROOT, "%.2f %%", ppm.asInt() / 10_000.0);
  }

  private static String resource(String name) {
    try (InputStream in = AttributionPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sum(String style) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
