package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.record.Custody;
import io.whence.engine.record.LogEvent;
import io.whence.engine.risk.Validation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the numbers are made, what is known of their error, and where the record has been. */
final class AnnexChapter {
  private AnnexChapter() {}

  static View.Credit credit(JsonNode answer) {
    List<View.CreditLine> lines = new ArrayList<>();
    for (JsonNode credit : answer.path("credits")) {
      lines.add(
          new View.CreditLine(
              Json.text(credit, "rightsHolder"),
              Json.percent(credit.path("ppm")),
              Json.percent(credit.path("lowPpm")) + " to " + Json.percent(credit.path("highPpm")),
              Json.text(credit, "note")));
    }
    JsonNode nobody = answer.path("unattributed");
    return new View.Credit(
        lines,
        Json.percent(answer.path("unattributedPpm")),
        Json.text(nobody, "reason"),
        Json.text(nobody, "nullRule"));
  }

  static List<View.Method> methods(JsonNode answer) {
    List<View.Method> methods = new ArrayList<>();
    for (JsonNode used : answer.path("reproducibility").path("request").path("methods")) {
      for (InfluenceMethod method : InfluenceMethod.values()) {
        if (method.id().equals(used.asText())) {
          methods.add(
              new View.Method(
                  "Influence: " + method.title(),
                  method.paper()
                      + ". Unit: "
                      + method.unit().says()
                      + ". Positive: without the work the model would have found the output less"
                      + " likely. "
                      + (methods.isEmpty() ? "This method ranks." : "Stands beside the ranking.")));
        }
      }
    }
    JsonNode provenance = answer.path("provenance");
    methods.add(
        new View.Method(
            "Copying: shared words",
            "Words are compared without case, punctuation and layout. Candidates by fingerprints ("
                + Json.text(provenance, "fingerprints")
                + "), then every maximal run by comparing the words themselves, and edited passages"
                + " by alignment. Each match has a p-value: the larger of one by a model in which"
                + " words fall independently, with Holm's correction, and one by passages of works"
                + " that are no copies of each other."));
    methods.add(
        new View.Method(
            "Fair-use risk: " + Json.text(answer.path("risk"), "model"),
            "Six gates, then an additive model, monotone in every signed input: z = intercept +"
                + " purpose + sum of weight x (value - centre) over what is known, risk = 100 / (1 +"
                + " exp(-z)); of the amount its base-10 logarithm counts. A missing input adds"
                + " nothing to the point and lies anywhere in the interval. All weights, their 400"
                + " resamples and the cases they come from are published at GET /v1/risk/model."));
    methods.add(
        new View.Method(
            "Credit",
            "Influence above what works the model never saw reach by chance, copies as one, split"
                + " among the holders the corpus names, in parts of a million by largest remainder."
                + " Credit is never made from copying or from risk."));
    return methods;
  }

  static View.Errors errors(JsonNode answer) {
    JsonNode fidelity = answer.path("fidelity");
    List<View.Entry> index = new ArrayList<>();
    JsonNode recall = fidelity.path("candidateRecall");
    if (recall.isObject()) {
      index.add(
          new View.Entry(
              "Candidate recall",
              String.format(
                  Locale.ROOT,
                  "%.3f, 95 %% interval %.3f to %.3f: of the %d instances that the exact scan ranks"
                      + " highest, the share among the candidates, over %d outputs of %d tokens"
                      + " written by the model, seed %d",
                  recall.path("value").asDouble(),
                  recall.path("low").asDouble(),
                  recall.path("high").asDouble(),
                  recall.path("k").asInt(),
                  recall.path("outputs").asInt(),
                  recall.path("tokens").asInt(),
                  recall.path("seed").asLong())));
    } else {
      index.add(new View.Entry("Candidate recall", "not measured"));
    }
    JsonNode patch = fidelity.path("tailPatch");
    if (patch.isObject()) {
      index.add(
          new View.Entry(
              "One more training step (tail-patch)",
              String.format(
                  Locale.ROOT,
                  "on the first %d proponents the loss falls by %+.4f nats, 95 %% interval %+.4f to"
                      + " %+.4f; on as many by words alone %+.4f, at random %+.4f; rank correlation"
                      + " of influence and gain %+.2f, %+.2f to %+.2f; %d outputs, seed %d",
                  patch.path("k").asInt(),
                  patch.path("gain").asDouble(),
                  patch.path("low").asDouble(),
                  patch.path("high").asDouble(),
                  patch.path("bm25").asDouble(),
                  patch.path("random").asDouble(),
                  patch.path("rankCorrelation").asDouble(),
                  patch.path("rankLow").asDouble(),
                  patch.path("rankHigh").asDouble(),
                  patch.path("outputs").asInt(),
                  patch.path("seed").asLong())));
    }
    JsonNode leaveOut = fidelity.path("leaveOut");
    if (leaveOut.isObject()) {
      index.add(
          new View.Entry(
              "Training again without rights holders",
              leaveOut.path("groups").asText()
                  + " left out, "
                  + leaveOut.path("queries").asText()
                  + " queries, seed "
                  + leaveOut.path("seed").asText()
                  + others(leaveOut.path("otherSeeds"))
                  + ": rank correlation "
                  + estimate(leaveOut.path("spearman"))
                  + atMost(leaveOut.path("ceiling"))
                  + ", slope "
                  + estimate(leaveOut.path("slope"))
                  + ", share explained "
                  + estimate(leaveOut.path("r2"))
                  + atMost(leaveOut.path("explicable"))
                  + ", coverage of the 90 % intervals "
                  + estimate(leaveOut.path("coverage"))
                  + (leaveOut.path("ownCoverage").isObject()
                      ? ", of those that stand with each influence "
                          + estimate(leaveOut.path("ownCoverage"))
                      : "")
                  + (leaveOut.path("widenedCoverage").isObject()
                      ? String.format(
                              Locale.ROOT,
                              ", of those %.1f times as wide ",
                              leaveOut.path("widening").asDouble())
                          + estimate(leaveOut.path("widenedCoverage"))
                      : "")));
    }
    Validation.Published published = Validation.published();
    boolean same = published.model().equals(Json.text(answer.path("risk"), "model"));
    List<View.ModelError> model = new ArrayList<>();
    if (same) {
      for (Validation.Row row : published.rows()) {
        Validation.Figures figures = row.figures();
        model.add(
            new View.ModelError(
                row.weights(),
                row.judgedMasked() ? "judged hidden" : "all",
                String.format(Locale.ROOT, "%d (%d)", figures.cases(), figures.notFair()),
                String.format(
                    Locale.ROOT,
                    "%.3f [%.3f to %.3f]",
                    figures.auc(),
                    figures.low(),
                    figures.high()),
                String.format(Locale.ROOT, "%.3f", figures.brier()),
                String.format(
                    Locale.ROOT,
                    "%.3f [%.3f to %.3f]",
                    figures.ece(),
                    figures.eceLow(),
                    figures.eceHigh())));
      }
    }
    return new View.Errors(
        index,
        Json.texts(fidelity.path("notMeasured")),
        "Each match above states its own chance: how often one like it would stand in a corpus of this"
            + " size if words fell independently, and, where it was measured, the share of control"
            + " passages that match unrelated works at least as rarely.",
        model,
        same
            ? published.model()
                + " on "
                + published.dataSha256().substring(0, 16)
                + "\u2026, "
                + published.resamples()
                + " resamples of disputes, seed "
                + published.seed()
                + "; printed by "
                + published.command()
            : "this build publishes the figures of "
                + published.model()
                + ", and the record is of another model: see the release that made it",
        same ? published.limits() : List.of());
  }

  private static String others(JsonNode seeds) {
    StringBuilder others = new StringBuilder();
    seeds.forEach(seed -> others.append(", ").append(seed.asLong()));
    return others.toString();
  }

  private static String atMost(JsonNode ceiling) {
    return ceiling.isNumber()
        ? String.format(Locale.ROOT, " of at most %.2f", ceiling.asDouble())
        : "";
  }

  private static String estimate(JsonNode estimate) {
    return String.format(
        Locale.ROOT,
        "%.2f [%.2f to %.2f]",
        estimate.path("value").asDouble(),
        estimate.path("low").asDouble(),
        estimate.path("high").asDouble());
  }

  static View.@Nullable CustodyLog custody(@Nullable Custody custody) {
    if (custody == null) {
      return null;
    }
    List<View.Event> events = new ArrayList<>();
    for (LogEvent event : custody.events()) {
      events.add(
          new View.Event(
              String.valueOf(event.sequence()),
              event.at().toString().replace('T', ' ').replace("Z", ""),
              event.kind(),
              event.actor(),
              event.commitment()));
    }
    return new View.CustodyLog(
        events,
        custody.checkpoint().lines().filter(line -> !line.isEmpty()).toList(),
        custody.fingerprint(),
        custody.leaf(),
        custody.proof());
  }

  static List<View.Entry> hashes(JsonNode answer, String recordSum) {
    List<View.Entry> hashes = new ArrayList<>();
    hashes.add(new View.Entry("this record, SHA-256 of its bytes", recordSum));
    hashes.add(new View.Entry("output, SHA-256", Json.text(answer.path("output"), "sha256")));
    for (View.Entry entry : Json.entries(answer.path("index"))) {
      if (!entry.name().equals("id")) {
        hashes.add(new View.Entry(entry.name() + " of the index, SHA-256", entry.value()));
      }
    }
    return hashes;
  }
}
