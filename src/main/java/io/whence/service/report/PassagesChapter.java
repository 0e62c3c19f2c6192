package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.whence.engine.Sha256;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The output, and the words that it shares with works, side by side. */
final class PassagesChapter {
  /** More passages nobody reads on paper; the record has them all. */
  static final int MOST = 100;

  /** Of one side, so many characters are printed. */
  static final int LONGEST = 6_000;

  private PassagesChapter() {}

  static View.Passages of(JsonNode answer) {
    JsonNode output = answer.path("output");
    JsonNode measurement = answer.path("measurement");
    List<View.Pair> pairs = new ArrayList<>();
    int all = 0;
    for (JsonNode ranked : answer.path("attributions")) {
      for (JsonNode match : ranked.path("evidence")) {
        all++;
        if (pairs.size() < MOST) {
          pairs.add(pair(all, ranked, match));
        }
      }
    }
    return new View.Passages(
        Json.text(output, "prompt"),
        segments(Json.text(output, "text"), answer.path("attributions")),
        Json.text(output, "sha256"),
        String.format(
            Locale.ROOT,
            "%.2f nats over %d tokens, %.3f a token",
            measurement.path("loss").asDouble(),
            measurement.path("tokens").asInt(),
            measurement.path("lossPerToken").asDouble()),
        pairs,
        all - pairs.size(),
        Json.text(answer.path("negativeCertificate"), "statement"));
  }

  private static View.Pair pair(int number, JsonNode ranked, JsonNode match) {
    JsonNode control = match.path("chance").path("control");
    return new View.Pair(
        number,
        ranked.path("rank").asInt(),
        Json.title(ranked.path("work")),
        found(match),
        String.format(Locale.ROOT, "10^%.1f", match.path("log10ExpectedByChance").asDouble()),
        String.format(Locale.ROOT, "%.2g", match.path("pValue").asDouble()),
        Json.number("%.2g", control),
        setAside(match),
        side(match, "output", "insert"),
        side(match, "work", "delete"));
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
    return switch (Json.text(match, "kind")) {
      case "nearVerbatim" -> {
        JsonNode measures = match.path("measures");
        yield String.format(
            Locale.ROOT,
            "%d equal words in one edited passage, the longest run of them %d; %.0f %% of the"
                + " output, %.0f %% of the work; ROUGE-L %.2f, normalised edit %.2f",
            words,
            measures.path("longestRun").asInt(),
            100 * measures.path("outputShare").asDouble(),
            100 * measures.path("workShare").asDouble(),
            measures.path("rougeL").asDouble(),
            measures.path("normalisedEdit").asDouble());
      }
      case "renamed" ->
          String.format(
              Locale.ROOT,
              "code that is the same but for %d names, numbers or texts; consistency %.2f",
              match.path("renamings").size(),
              match.path("consistency").asDouble());
      default -> words + " words in one run";
    };
  }

  /** One side, cut into pieces and marked where this side alone has the words. */
  private static View.Side side(JsonNode match, String side, String alone) {
    String whole = match.path(side + "Text").asText();
    int cut = Math.min(whole.length(), LONGEST);
    if (cut < whole.length() && Character.isHighSurrogate(whole.charAt(cut - 1))) {
      cut--;
    }
    String text = whole.substring(0, cut);
    JsonNode characters = match.path(side + "Characters");
    int begin = characters.path("start").asInt();
    List<View.Piece> pieces = new ArrayList<>();
    int reached = 0;
    for (JsonNode step : match.path("operations")) {
      String operation = step.path("operation").asText();
      JsonNode span = step.path(side + "Characters");
      int start = within(span.path("start").asInt() - begin, reached, text);
      int end = within(span.path("end").asInt() - begin, start, text);
      if (end > start && (operation.equals(alone) || operation.equals("substitute"))) {
        pieces.add(new View.Piece(text.substring(reached, start), false));
        pieces.add(new View.Piece(text.substring(start, end), true));
        reached = end;
      }
    }
    pieces.add(new View.Piece(text.substring(reached), false));
    return new View.Side(
        begin + " to " + characters.path("end").asInt(),
        Sha256.of(whole),
        pieces,
        whole.length() - text.length());
  }

  private static int within(int offset, int least, String text) {
    return Math.max(least, Math.min(text.length(), offset));
  }

  /**
   * Cuts the output where shared words begin and end, and names the works that share each piece.
   */
  private static List<View.Segment> segments(String text, JsonNode attributions) {
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
    List<View.Segment> segments = new ArrayList<>();
    int begin = 0;
    for (int end : cuts) {
      if (end > begin) {
        segments.add(new View.Segment(text.substring(begin, end), sharers(shared, begin)));
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
}
