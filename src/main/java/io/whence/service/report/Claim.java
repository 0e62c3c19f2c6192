package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.whence.engine.EngineException;
import io.whence.engine.evidence.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the report claims, in one sentence and in the words that the evidence tier permits. A record
 * whose words say more than its tier carries makes no report.
 */
final class Claim {
  private Claim() {}

  static View.Finding of(JsonNode answer) {
    JsonNode ranked = answer.path("attributions");
    for (JsonNode one : ranked) {
      wording(one);
    }
    JsonNode first = ranked.path(0);
    JsonNode risk = answer.path("risk");
    String claim;
    String tier;
    if (first.isMissingNode()) {
      tier = "E0";
      claim = "No work of the index was ranked for this output.";
    } else {
      tier = Json.text(first, "tier");
      claim = sentence(first);
    }
    return new View.Finding(
        claim,
        tier,
        tier.equals("E1")
            ? "a rare exact or near-exact run of words"
            : "similarity or influence alone",
        influence(first),
        copying(ranked),
        RiskChapter.headline(risk),
        more(ranked, tier));
  }

  /**
   * {@return the sentence recorded of a work}
   *
   * @throws EngineException.InvalidQuery when it claims more than the work's tier carries
   */
  static String wording(JsonNode ranked) {
    String wording = Json.text(ranked, "wording");
    String tier = Json.text(ranked, "tier");
    List<String> over;
    try {
      over = Tier.valueOf(tier).overstatements(wording);
    } catch (IllegalArgumentException e) {
      throw new EngineException.InvalidQuery(
          "the record names the evidence tier " + tier + ", which there is not; use E0 to E5");
    }
    if (!over.isEmpty()) {
      throw new EngineException.InvalidQuery(
          "the record says \""
              + String.join("\", \"", over)
              + "\" of the work of rank "
              + ranked.path("rank").asText()
              + ", which evidence of tier "
              + tier
              + " does not carry; no report is made of it");
    }
    return wording;
  }

  /** The recorded sentence, with the work's name in the place of "this work". */
  private static String sentence(JsonNode ranked) {
    JsonNode work = ranked.path("work");
    String author = Json.text(work, "author");
    String name = "\u201c" + Json.title(work) + "\u201d";
    if (!author.isBlank()) {
      name += " by " + author;
    }
    String wording = wording(ranked);
    String named =
        wording.contains("this work's code")
            ? wording.replace("this work's code", "the code of " + name)
            : wording.replaceFirst(
                "this work", java.util.regex.Matcher.quoteReplacement("the work " + name));
    return named.substring(0, 1).toUpperCase(Locale.ROOT) + named.substring(1) + ".";
  }

  private static String influence(JsonNode first) {
    JsonNode influence = first.path("influence");
    return first.isMissingNode()
        ? "no work ranked"
        : Json.number("%+.4f", influence.path("deltaLoss"))
            + " nats ["
            + Json.number("%+.4f", influence.path("low"))
            + " to "
            + Json.number("%+.4f", influence.path("high"))
            + "] of the work of rank 1, at percentile "
            + Json.number("%.1f", influence.path("percentile"));
  }

  private static String copying(JsonNode ranked) {
    int counting = 0;
    int works = 0;
    int longest = 0;
    for (JsonNode one : ranked) {
      int before = counting;
      for (JsonNode match : one.path("evidence")) {
        if (match.path("counts").asBoolean()) {
          counting++;
          longest = Math.max(longest, match.path("tokens").asInt());
        }
      }
      works += counting > before ? 1 : 0;
    }
    if (counting == 0) {
      return "no shared run of words that counts as evidence";
    }
    return (counting == 1 ? "one passage" : counting + " passages")
        + " shared with "
        + (works == 1 ? "one work" : works + " works")
        + ", the longest of "
        + longest
        + " equal words";
  }

  private static String more(JsonNode ranked, String tier) {
    List<String> others = new ArrayList<>();
    for (JsonNode one : ranked) {
      if (one.path("rank").asInt() > 1 && Json.text(one, "tier").equals(tier)) {
        others.add(one.path("rank").asText());
      }
    }
    return tier.equals("E0") || others.isEmpty()
        ? ""
        : "Evidence of the same tier was found for "
            + (others.size() == 1
                ? "one more work, of rank " + others.get(0)
                : others.size() + " more works")
            + ".";
  }
}
