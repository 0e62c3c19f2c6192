package io.whence.engine.statement;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.whence.engine.Sha256;
import io.whence.engine.credit.Share;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An issued document in the forms that others read. All hold what the document holds and nothing
 * else, so the same document gives the same bytes. The forms of others are followed in spirit and
 * are named so: none was checked by the body that publishes it.
 */
public final class StatementExport {
  private static final List<String> COLUMNS =
      List.of(
          "statementId",
          "version",
          "index",
          "period",
          "work",
          "title",
          "licence",
          "workPpm",
          "lowPpm",
          "highPpm",
          "lambda",
          "holder",
          "name",
          "role",
          "kind",
          "minor",
          "currency");

  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final double MILLION = Share.WHOLE;

  private StatementExport() {}

  /**
   * {@return the allocations as CSV (RFC 4180), one a line, and what was carried in; the minor
   * units sum to the document's total}
   */
  public static String csv(byte[] document) {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(text)) {
      csv.writeRecord(COLUMNS);
      rows(Statement.parsed(document)).forEach(csv::writeRecord);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static List<List<String>> rows(JsonObject document) {
    JsonObject statement = document.getAsJsonObject("statement");
    Map<String, JsonObject> works = new HashMap<>();
    statement
        .getAsJsonArray("works")
        .forEach(work -> works.put(string(work, "work"), work.getAsJsonObject()));
    JsonObject terms = statement.getAsJsonObject("terms");
    List<List<String>> rows = new ArrayList<>();
    for (JsonElement part : statement.getAsJsonArray("allocations")) {
      JsonObject work = works.getOrDefault(string(part, "work"), new JsonObject());
      rows.add(
          List.of(
              string(document, "statementId"),
              string(document, "version"),
              string(statement, "index"),
              string(statement, "period"),
              string(part, "work"),
              string(work, "title"),
              string(work, "licence"),
              string(work, "ppm"),
              string(work, "lowPpm"),
              string(work, "highPpm"),
              string(work, "lambda"),
              string(part, "holder"),
              string(part, "name"),
              string(part, "role"),
              string(part, "kind"),
              string(part, "minor"),
              string(terms, "currency")));
    }
    terms
        .getAsJsonObject("carriedIn")
        .asMap()
        .forEach(
            (holder, minor) ->
                rows.add(
                    List.of(
                        string(document, "statementId"),
                        string(document, "version"),
                        string(statement, "index"),
                        string(statement, "period"),
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        holder,
                        "",
                        "",
                        "carriedIn",
                        minor.getAsString(),
                        string(terms, "currency"))));
    return rows;
  }

  /**
   * {@return a flat file in the manner of DDEX's sales reports: tab-separated, HEAD, one SY line a
   * payment, one RE line an allocation, FOOT with the counts} It is like one and claims no
   * conformance.
   */
  public static String flatFile(byte[] document) {
    JsonObject json = Statement.parsed(document);
    JsonObject statement = json.getAsJsonObject("statement");
    String currency = string(statement.getAsJsonObject("terms"), "currency");
    YearMonth period = YearMonth.parse(string(statement, "period"));
    List<String> lines = new ArrayList<>();
    lines.add(
        line(
            "HEAD",
            "whence-dsr-like/1",
            string(json, "statementId"),
            string(json, "version"),
            string(json, "issuedAt"),
            period.atDay(1).toString(),
            period.atEndOfMonth().toString(),
            string(statement, "index"),
            currency));
    for (JsonElement payment : statement.getAsJsonArray("lines")) {
      lines.add(
          line(
              "SY",
              string(payment, "kind"),
              string(payment, "party"),
              string(payment, "name"),
              string(payment, "minor"),
              currency));
    }
    for (List<String> row : rows(json)) {
      List<String> fields = new ArrayList<>(row.subList(4, row.size()));
      fields.add(0, "RE");
      lines.add(line(fields.toArray(String[]::new)));
    }
    lines.add(line("FOOT", String.valueOf(lines.size() + 1), string(statement, "totalMinor")));
    return String.join("\n", lines) + "\n";
  }

  private static String line(String... fields) {
    List<String> clean = new ArrayList<>();
    for (String field : fields) {
      clean.add(field.replaceAll("[\\t\\r\\n]", " "));
    }
    return String.join("\t", clean);
  }

  /**
   * {@return the document's origin in PROV-JSON (W3C PROV): the statement derived from the outputs,
   * these by the model, the shares from the index}
   */
  public static String prov(byte[] document) {
    JsonObject json = Statement.parsed(document);
    JsonObject statement = json.getAsJsonObject("statement");
    String id = "whence:statement/" + string(json, "statementId");
    JsonObject entities = new JsonObject();
    JsonObject derived = new JsonObject();
    JsonObject used = new JsonObject();
    JsonObject issued = new JsonObject();
    issued.addProperty("prov:type", "whence:Statement");
    issued.addProperty("whence:sha256", Sha256.of(document));
    issued.addProperty("whence:statementSha256", string(json, "statementSha256"));
    entities.add(id, issued);
    JsonObject outputs = new JsonObject();
    outputs.addProperty("prov:type", "prov:Collection");
    outputs.addProperty(
        "whence:count", statement.getAsJsonObject("outputs").get("count").getAsInt());
    outputs.addProperty("whence:merkleRoot", string(statement.getAsJsonObject("outputs"), "root"));
    String collection = "whence:outputs/" + string(statement.getAsJsonObject("outputs"), "root");
    entities.add(collection, outputs);
    derive(derived, id, collection);
    JsonObject activity = new JsonObject();
    activity.addProperty("prov:endTime", string(json, "issuedAt"));
    String issuing = "whence:issuing/" + string(json, "statementId");
    use(used, issuing, collection);
    for (JsonElement model : statement.getAsJsonArray("answeredBy")) {
      String checkpoint = "whence:checkpoint/" + string(model, "checkpoint");
      String manifest = "whence:index/" + string(model, "manifest");
      entities.add(checkpoint, new JsonObject());
      entities.add(manifest, new JsonObject());
      derive(derived, collection, checkpoint);
      use(used, issuing, manifest);
    }
    for (JsonElement work : statement.getAsJsonArray("works")) {
      String name = "whence:work/" + string(work, "work");
      JsonObject entity = new JsonObject();
      entity.addProperty("whence:ppm", work.getAsJsonObject().get("ppm").getAsInt());
      entities.add(name, entity);
      derive(derived, id, name);
    }
    if (json.has("supersedes")) {
      String earlier = "whence:statement/" + string(json, "supersedes");
      entities.add(earlier, new JsonObject());
      JsonObject revision = derive(derived, id, earlier);
      revision.addProperty("prov:type", "prov:Revision");
    }
    JsonObject generated = new JsonObject();
    JsonObject generation = new JsonObject();
    generation.addProperty("prov:entity", id);
    generation.addProperty("prov:activity", issuing);
    generated.add("_:g1", generation);
    JsonObject prov = new JsonObject();
    JsonObject prefix = new JsonObject();
    prefix.addProperty("whence", "urn:whence:");
    prov.add("prefix", prefix);
    prov.add("entity", entities);
    JsonObject activities = new JsonObject();
    activities.add(issuing, activity);
    prov.add("activity", activities);
    prov.add("wasGeneratedBy", generated);
    prov.add("used", used);
    prov.add("wasDerivedFrom", derived);
    return GSON.toJson(prov);
  }

  private static JsonObject derive(JsonObject derived, String entity, String from) {
    JsonObject one = new JsonObject();
    one.addProperty("prov:generatedEntity", entity);
    one.addProperty("prov:usedEntity", from);
    derived.add("_:d" + (derived.size() + 1), one);
    return one;
  }

  private static void use(JsonObject used, String activity, String entity) {
    JsonObject one = new JsonObject();
    one.addProperty("prov:activity", activity);
    one.addProperty("prov:entity", entity);
    used.add("_:u" + (used.size() + 1), one);
  }

  /**
   * {@return a receipt of one output in the manner of Crovia's {@code royalty_receipt.v1}, one
   * line} The providers are the works by share, what was declared among them, and last what nothing
   * attributes, so that the shares sum to 1. The intervals are of 90 %, not 95 %, and are named so.
   *
   * @param document of the statement that the output is in
   */
  public static String receipt(byte[] document, Usage usage) {
    JsonObject statement = Statement.parsed(document).getAsJsonObject("statement");
    YearMonth period = YearMonth.parse(string(statement, "period"));
    JsonObject json = new JsonObject();
    json.addProperty("schema", "royalty_receipt.v1");
    json.addProperty("output_id", usage.key());
    json.addProperty("model_id", string(statement, "index"));
    // Of the period, not of the moment: the same output has the same receipt.
    json.addProperty(
        "timestamp", period.atEndOfMonth().atStartOfDay().toInstant(ZoneOffset.UTC).toString());
    json.addProperty("attribution_scope", "declared use, then influence above chance");
    json.addProperty("hash_model", usage.checkpoint());
    json.addProperty("hash_data_index", usage.manifest());
    List<JsonObject> providers = new ArrayList<>();
    usage.declared().works().forEach((work, ppm) -> providers.add(provider(work, "declared", ppm)));
    for (Usage.WorkShare share : usage.works()) {
      if (share.ppm() > 0) {
        JsonObject provider = provider(share.work(), "influence", share.ppm());
        JsonObject meta = provider.getAsJsonObject("meta");
        meta.addProperty("share_ci90_low", share.lowPpm() / MILLION);
        meta.addProperty("share_ci90_high", share.highPpm() / MILLION);
        providers.add(provider);
      }
    }
    providers.sort(
        Comparator.comparingDouble((JsonObject provider) -> -provider.get("share").getAsDouble())
            .thenComparing(provider -> string(provider, "provider_id")));
    providers.add(provider("unattributed", "none", usage.unattributedPpm()));
    JsonArray top = new JsonArray();
    for (int i = 0; i < providers.size(); i++) {
      JsonObject ranked = new JsonObject();
      ranked.addProperty("rank", i + 1);
      providers.get(i).asMap().forEach(ranked::add);
      top.add(ranked);
    }
    json.add("top_k", top);
    JsonObject meta = new JsonObject();
    meta.addProperty("period", period.toString());
    meta.addProperty("output_sha256", usage.output());
    json.add("meta", meta);
    return GSON.toJson(json);
  }

  private static JsonObject provider(String id, String basis, int ppm) {
    JsonObject provider = new JsonObject();
    provider.addProperty("provider_id", id);
    provider.addProperty("shard_id", id);
    provider.addProperty("share", ppm / MILLION);
    JsonObject meta = new JsonObject();
    meta.addProperty("basis", basis);
    provider.add("meta", meta);
    return provider;
  }

  private static String string(JsonElement parent, String name) {
    JsonElement value = parent.getAsJsonObject().get(name);
    return value == null || value.isJsonNull() ? "" : value.getAsString();
  }
}
