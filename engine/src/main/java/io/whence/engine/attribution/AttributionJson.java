package io.whence.engine.attribution;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import com.google.gson.stream.JsonWriter;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.Span;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Attribution.CreditedWork;
import io.whence.engine.attribution.Attribution.FoundBy;
import io.whence.engine.attribution.Attribution.RankedInstance;
import io.whence.engine.attribution.Attribution.RankedWork;
import io.whence.engine.attribution.Attribution.TokenInfluence;
import io.whence.engine.corpus.Work;
import io.whence.engine.credit.Claimant;
import io.whence.engine.credit.Share;
import io.whence.engine.credit.Shares.HolderShare;
import io.whence.engine.evidence.Edit;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Evidence.NearVerbatimMatch;
import io.whence.engine.evidence.Evidence.RenamedMatch;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.Measures;
import io.whence.engine.evidence.NegativeCertificate;
import io.whence.engine.evidence.Significance;
import io.whence.engine.influence.Influence;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.risk.RiskAssessment;
import io.whence.engine.risk.UseFacts;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An attribution as the JSON that the command line and REST both answer with: fields in one order,
 * nothing that differs between two answers to the same request but {@code id} and {@code
 * createdAt}.
 */
public final class AttributionJson {
  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          .serializeNulls()
          .registerTypeAdapter(
              WorkId.class,
              (JsonSerializer<WorkId>) (id, type, context) -> new JsonPrimitive(id.value()))
          .create();

  private AttributionJson() {}

  /**
   * {@return the document as UTF-8}
   *
   * @param id names this answer
   * @param createdAt when it was given
   */
  public static byte[] write(Attribution attribution, String id, Instant createdAt) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setFormattingStyle(FormattingStyle.COMPACT);
      json.setHtmlSafe(false);
      json.beginObject();
      json.name("id").value(id);
      json.name("createdAt").value(createdAt.toString());
      index(json, attribution.index());
      output(json, attribution.request());
      measurement(json, attribution.measurement());
      json.name("attributions").beginArray();
      for (RankedWork work : attribution.works()) {
        work(json, attribution.request(), work);
      }
      json.endArray();
      negativeCertificate(json, attribution.negativeCertificate());
      json.name("exclusionsApplied").value(attribution.request().exclusions());
      exclusions(json, applied(attribution));
      element(json, "risk", risk(attribution.risk()));
      json.name("credits").beginArray();
      for (HolderShare credit : attribution.credits()) {
        json.beginObject();
        json.name("rightsHolder").value(credit.rightsHolder());
        share(json, credit.share());
        json.name("deltaLoss").value(credit.net());
        json.name("standing").value(credit.standing().id());
        json.name("note").value(credit.note());
        json.endObject();
      }
      json.endArray();
      json.name("creditedWorks").beginArray();
      for (CreditedWork credited : attribution.creditedWorks()) {
        credited(json, credited);
      }
      json.endArray();
      json.name("unattributedPpm").value(attribution.unattributedPpm());
      json.name("unattributed").beginObject();
      json.name("ppm").value(attribution.unattributedPpm());
      json.name("reason")
          .value(
              "influence that cannot be told from that of a work the model never saw, or of"
                  + " works that were no candidates");
      json.name("nullInfluence").value(attribution.nullInfluence());
      json.name("nullRule").value(attribution.nullRule());
      json.endObject();
      Fidelity.CandidateRecall recall = attribution.fidelity().candidateRecall();
      json.name("candidateRecall");
      if (recall == null) {
        json.nullValue();
      } else {
        json.value(recall.value());
      }
      element(json, "fidelity", GSON.toJsonTree(attribution.fidelity()));
      json.name("provenance").beginObject();
      for (Map.Entry<String, String> entry : attribution.provenance().entrySet()) {
        json.name(entry.getKey()).value(entry.getValue());
      }
      json.endObject();
      reproducibility(json, attribution);
      json.name("limits").beginArray();
      for (String limit : attribution.limits()) {
        json.value(limit);
      }
      json.endArray().endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void credited(JsonWriter json, CreditedWork credited) throws IOException {
    json.beginObject();
    json.name("work").value(credited.work().value());
    json.name("works").beginArray();
    for (WorkId work : credited.works()) {
      json.value(work.value());
    }
    json.endArray();
    json.name("title").value(credited.title());
    json.name("licence").value(credited.licence());
    json.name("claimants").beginArray();
    for (Claimant claimant : credited.claimants()) {
      json.beginObject();
      json.name("rightsHolder").value(claimant.rightsHolder());
      json.name("standing").value(claimant.standing().id());
      json.endObject();
    }
    json.endArray();
    share(json, credited.share());
    json.name("deltaLoss").value(credited.net());
    json.name("nullInfluence").value(credited.nullInfluence());
    json.endObject();
  }

  /** The request with every default filled in, and what else the bytes depend on. */
  private static void reproducibility(JsonWriter json, Attribution attribution) throws IOException {
    AttributionRequest request = attribution.request();
    json.name("reproducibility").beginObject();
    json.name("request").beginObject();
    json.name("topK").value(request.topK());
    json.name("exact").value(request.exact());
    json.name("perToken").value(request.perToken());
    json.name("methods").beginArray();
    for (InfluenceMethod method : request.methods()) {
      json.value(method.id());
    }
    json.endArray();
    element(json, "use", use(request.use()));
    json.name("exclusions").value(request.exclusions());
    json.endObject();
    json.name("components").beginObject();
    for (Map.Entry<String, String> component : attribution.components().entrySet()) {
      json.name(component.getKey()).value(component.getValue());
    }
    json.endObject().endObject();
  }

  /** As stated; what is a set or a map is sorted, so that the same facts have the same bytes. */
  private static JsonElement use(UseFacts use) {
    JsonObject json = GSON.toJsonTree(use).getAsJsonObject();
    json.add("otherActs", GSON.toJsonTree(new TreeMap<>(use.otherActs())));
    json.add("sideFacts", GSON.toJsonTree(new TreeSet<>(use.sideFacts())));
    if (use.reviewed() == null) {
      json.remove("reviewed"); // nobody can state it in a request
    }
    json.remove("image"); // an attribution is of no image
    return json;
  }

  /**
   * {@return the request that a record answers}
   *
   * @throws EngineException.InvalidQuery when its fields are not those of a request
   */
  static AttributionRequest request(JsonObject record) {
    try {
      JsonObject output = record.getAsJsonObject("output");
      JsonObject request = record.getAsJsonObject("reproducibility").getAsJsonObject("request");
      JsonElement prompt = output.get("prompt");
      List<InfluenceMethod> methods = new ArrayList<>();
      for (JsonElement method : request.getAsJsonArray("methods")) {
        methods.add(AttributionRequest.method(method.getAsString()));
      }
      return new AttributionRequest(
          output.get("text").getAsString(),
          prompt == null ? null : prompt.getAsString(),
          request.get("topK").getAsInt(),
          request.get("exact").getAsBoolean(),
          request.get("perToken").getAsBoolean(),
          methods,
          GSON.fromJson(request.get("use"), UseFacts.class),
          request.get("exclusions").getAsBoolean());
    } catch (JsonParseException
        | NullPointerException
        | ClassCastException
        | IllegalStateException
        | NumberFormatException e) {
      throw new EngineException.InvalidQuery(
          "the record's request cannot be read: " + e.getMessage());
    }
  }

  /** Writes which index answered, into an object that is open. */
  public static void index(JsonWriter json, Attribution.Index index) throws IOException {
    json.name("index").beginObject();
    json.name("id").value(index.id());
    json.name("checkpoint").value(index.checkpoint());
    json.name("corpus").value(index.corpus());
    json.name("manifest").value(index.manifest());
    json.endObject();
  }

  /** The rules that set a match aside that is shown. */
  private static List<Exclusions.Rule> applied(Attribution attribution) {
    Set<String> names =
        attribution.works().stream()
            .flatMap(work -> work.evidence().stream())
            .map(Finding::excludedBy)
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    return Exclusions.LISTED.rules().stream().filter(rule -> names.contains(rule.name())).toList();
  }

  private static void output(JsonWriter json, AttributionRequest request) throws IOException {
    json.name("output").beginObject();
    json.name("modality").value("text");
    json.name("characters").value(request.output().length());
    json.name("sha256").value(Sha256.of(request.output()));
    json.name("text").value(request.output());
    if (request.prompt() != null) {
      json.name("prompt").value(request.prompt());
    }
    json.endObject();
  }

  private static void measurement(JsonWriter json, Attribution.Measurement measurement)
      throws IOException {
    json.name("measurement").beginObject();
    json.name("name").value("negative log-likelihood of the output given its prompt");
    json.name("loss").value(measurement.loss());
    json.name("tokens").value(measurement.tokens());
    json.name("lossPerToken").value(measurement.loss() / measurement.tokens());
    json.endObject();
  }

  private static void work(JsonWriter json, AttributionRequest request, RankedWork ranked)
      throws IOException {
    Work work = ranked.work();
    json.beginObject();
    json.name("rank").value(ranked.rank());
    json.name("work").beginObject();
    json.name("id").value(work.id().value());
    json.name("title").value(work.title());
    json.name("author").value(work.author());
    json.name("rightsHolder").value(work.creditedTo());
    json.name("licence").value(work.licence());
    json.name("year").value(work.year());
    json.name("url").value(work.url());
    json.name("language").value(work.language());
    json.name("modality").value(work.modality().name().toLowerCase(Locale.ROOT));
    json.name("membership").value(ranked.membership());
    json.name("copies").beginArray();
    for (WorkId copy : ranked.copies()) {
      json.value(copy.value());
    }
    json.endArray();
    json.name("cluster").value(ranked.cluster().value());
    WorkId earliest = ranked.earliest();
    json.name("earliest").value(earliest == null ? null : earliest.value());
    json.endObject();
    json.name("instances").beginArray();
    for (RankedInstance instance : ranked.instances()) {
      json.beginObject();
      json.name("id").value(instance.id());
      json.name("start").value(instance.row().charStart());
      json.name("end").value(instance.row().charEnd());
      json.name("tokenStart").value(instance.row().tokenStart());
      json.name("tokenEnd").value(instance.row().tokenEnd());
      json.name("deltaLoss").value(instance.deltaLoss());
      json.endObject();
    }
    json.endArray();
    if (request.perToken()) {
      json.name("tokens").beginArray();
      for (TokenInfluence token : ranked.tokens()) {
        json.beginObject();
        json.name("start").value(token.characters().start());
        json.name("end").value(token.characters().end());
        json.name("deltaLoss").value(token.deltaLoss());
        json.endObject();
      }
      json.endArray();
    }
    json.name("influence").beginObject();
    influence(json, ranked.influence());
    json.name("percentile").value(ranked.percentile());
    json.name("method").value(request.methods().get(0).id());
    json.endObject();
    json.name("methods").beginArray();
    for (Map.Entry<InfluenceMethod, Influence> other : ranked.otherMethods().entrySet()) {
      json.beginObject();
      json.name("method").value(other.getKey().id());
      influence(json, other.getValue());
      json.endObject();
    }
    json.endArray();
    json.name("parameterShift").beginObject();
    json.name("norm").value(ranked.parameterShift());
    json.name("percentile").value(ranked.shiftPercentile());
    json.name("metric").value("euclidean, sketched");
    json.endObject();
    json.name("selfInfluence").beginObject();
    json.name("value").value(ranked.selfInfluence());
    json.name("percentile").value(ranked.selfPercentile());
    json.endObject();
    retrieval(json, ranked.foundBy());
    json.name("evidence").beginArray();
    for (Finding finding : ranked.evidence()) {
      match(json, finding);
    }
    json.endArray();
    json.name("share").beginObject();
    share(json, ranked.share());
    json.endObject();
    json.name("tier").value(ranked.tier().name());
    json.name("wording").value(ranked.tier().wording(ranked.evidence()));
    json.endObject();
  }

  private static void influence(JsonWriter json, Influence influence) throws IOException {
    json.name("deltaLoss").value(influence.deltaLoss());
    json.name("low").value(influence.low());
    json.name("high").value(influence.high());
  }

  private static void share(JsonWriter json, Share share) throws IOException {
    json.name("ppm").value(share.ppm());
    json.name("lowPpm").value(share.lowPpm());
    json.name("highPpm").value(share.highPpm());
  }

  private static void retrieval(JsonWriter json, Map<FoundBy, Double> found) throws IOException {
    json.name("retrieval").beginObject();
    json.name("foundBy").beginArray();
    for (FoundBy list : found.keySet()) {
      json.value(list.id());
    }
    json.endArray();
    for (Map.Entry<FoundBy, Double> entry : found.entrySet()) {
      json.name(entry.getKey().id()).value(entry.getValue());
    }
    json.endObject();
  }

  private static void match(JsonWriter json, Finding finding) throws IOException {
    json.beginObject();
    matchFields(json, finding);
    json.endObject();
  }

  /** Everything of a finding, into an object that is open. */
  public static void matchFields(JsonWriter json, Finding finding) throws IOException {
    Evidence match = finding.match();
    json.name("kind")
        .value(
            switch (match) {
              case VerbatimMatch run -> "verbatim";
              case RenamedMatch run -> "renamed";
              case NearVerbatimMatch passage -> "nearVerbatim";
            });
    json.name("tokens").value(match.equalWords());
    span(json, "outputTokens", match.outputWords());
    span(json, "outputCharacters", match.outputCharacters());
    span(json, "workTokens", match.workWords());
    span(json, "workCharacters", match.workCharacters());
    json.name("outputText").value(match.outputText());
    json.name("workText").value(match.workText());
    if (match instanceof RenamedMatch run) {
      renamed(json, run);
    }
    if (match instanceof NearVerbatimMatch passage) {
      edits(json, passage.edits());
      measures(json, passage.measures());
    }
    json.name("log10ExpectedByChance").value(match.log10ExpectedByChance());
    json.name("rare").value(match.rare());
    Significance significance = finding.significance();
    json.name("pValue").value(significance.pValue());
    json.name("chance").beginObject();
    json.name("model").value(significance.model());
    json.name("holm").value(significance.holm());
    json.name("control").value(significance.control());
    json.endObject();
    json.name("excludedBy").value(finding.excludedBy());
    json.name("counts").value(finding.counts());
  }

  private static void renamed(JsonWriter json, RenamedMatch run) throws IOException {
    span(json, "outputCodeTokens", run.outputTokens());
    span(json, "workCodeTokens", run.workTokens());
    json.name("renamings").beginArray();
    for (RenamedMatch.Renaming renaming : run.renamings()) {
      json.beginObject();
      json.name("inWork").value(renaming.inWork());
      json.name("inOutput").beginArray();
      for (String name : renaming.inOutput()) {
        json.value(name);
      }
      json.endArray().endObject();
    }
    json.endArray();
    json.name("consistency").value(run.consistency());
  }

  /** Writes the rules that set matches aside, into an object that is open. */
  public static void exclusions(JsonWriter json, List<Exclusions.Rule> rules) throws IOException {
    json.name("exclusions").beginArray();
    for (Exclusions.Rule rule : rules) {
      json.beginObject();
      json.name("name").value(rule.name());
      json.name("reason").value(rule.reason());
      json.name("phrase").value(rule.phrase());
      json.endObject();
    }
    json.endArray();
  }

  /** Writes a certificate, or null, into an object that is open. */
  public static void negativeCertificate(JsonWriter json, @Nullable NegativeCertificate certificate)
      throws IOException {
    json.name("negativeCertificate");
    if (certificate == null) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("statement").value(certificate.statement());
    json.name("words").value(certificate.words());
    json.name("outputWords").value(certificate.outputWords());
    json.name("k").value(certificate.k());
    json.name("w").value(certificate.w());
    json.name("index").value(certificate.index());
    json.name("works").value(certificate.works());
    json.name("droppedFingerprints").beginArray();
    for (String dropped : certificate.droppedFingerprints()) {
      json.value(dropped);
    }
    json.endArray();
    json.name("normalisation").value(certificate.normalisation());
    json.endObject();
  }

  private static void edits(JsonWriter json, List<Edit> edits) throws IOException {
    json.name("operations").beginArray();
    for (Edit edit : edits) {
      json.beginObject();
      json.name("operation").value(edit.kind().id());
      range(json, "outputTokens", edit.output().wordStart(), edit.output().wordEnd());
      range(json, "outputCharacters", edit.output().characterStart(), edit.output().characterEnd());
      range(json, "workTokens", edit.work().wordStart(), edit.work().wordEnd());
      range(json, "workCharacters", edit.work().characterStart(), edit.work().characterEnd());
      json.endObject();
    }
    json.endArray();
  }

  private static void measures(JsonWriter json, Measures measures) throws IOException {
    json.name("measures").beginObject();
    json.name("longestRun").value(measures.longestRun());
    json.name("lcs").value(measures.lcs());
    json.name("rougeL").value(measures.rougeL());
    json.name("normalisedEdit").value(measures.normalisedEdit());
    json.name("jaccard").value(measures.jaccard());
    json.name("nvRecall").value(measures.nvRecall());
    json.name("outputShare").value(measures.outputShare());
    json.name("workShare").value(measures.workShare());
    json.endObject();
  }

  private static void span(JsonWriter json, String name, Span span) throws IOException {
    range(json, name, span.start(), span.end());
  }

  private static void range(JsonWriter json, String name, int start, int end) throws IOException {
    json.name(name).beginObject();
    json.name("start").value(start);
    json.name("end").value(end);
    json.endObject();
  }

  static JsonObject risk(RiskAssessment assessment) {
    JsonObject risk = GSON.toJsonTree(assessment).getAsJsonObject();
    risk.addProperty("undetermined", assessment.undetermined());
    return risk;
  }

  static void element(JsonWriter json, String name, JsonElement element) throws IOException {
    json.name(name);
    json.jsonValue(GSON.toJson(element));
  }
}
