package io.whence.engine.statement;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.whence.engine.EngineException;
import io.whence.engine.credit.Payout;
import io.whence.engine.credit.Payout.Allocation;
import io.whence.engine.record.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the works and holders of one index are credited with and owed for one month. Two statements
 * of the same usages, registry and terms are the same to the byte: ids and times are not in it.
 *
 * @param account whose month
 * @param answeredBy how many outputs each checkpoint and manifest answered
 * @param outputs how many outputs
 * @param root of the Merkle tree (RFC 6962) over the usages by key, hexadecimal
 * @param registryVersion of the registry that it rests on
 * @param terms of the payout
 * @param works by id; with the unattributed rest they sum to a million
 * @param unattributedPpm what is nobody's
 * @param clipped mass that was below 0 before it was clipped, as a share
 * @param payout the pool, in minor units
 * @param holders names of the holders that occur, by id
 * @param plugIns whose use was declared, by adapter
 */
public record Statement(
    Account account,
    SortedMap<String, Integer> answeredBy,
    int outputs,
    String root,
    long registryVersion,
    Terms terms,
    List<WorkLine> works,
    int unattributedPpm,
    double clipped,
    Payout payout,
    SortedMap<String, String> holders,
    List<PlugInLine> plugIns) {

  /** An index's calendar month, UTC. */
  public record Account(String index, YearMonth period) {}

  /**
   * What is paid out, and how.
   *
   * @param currency ISO 4217 code
   */
  public record Terms(String currency, Payout.Terms payout) {
    /** Rejects what is no currency code. */
    public Terms {
      if (!currency.matches("[A-Z]{3}")) {
        throw new EngineException.InvalidQuery(
            "currency is an ISO 4217 code such as EUR; got " + currency);
      }
    }
  }

  /**
   * A work's line.
   *
   * @param work to whose owners the share goes
   * @param cluster the work that stands for its copies
   * @param copies in the cluster, itself counted
   * @param ppm the share, after shrinkage
   * @param attributedPpm the share by influence and declaration alone
   * @param lowPpm lower end of that share's 90 % interval
   * @param highPpm upper end
   * @param declaredPpm what of it was declared
   * @param lambda reliability of the share by influence, 0 to 1
   */
  public record WorkLine(
      String work,
      String cluster,
      int copies,
      @Nullable String title,
      @Nullable String licence,
      int ppm,
      int attributedPpm,
      int lowPpm,
      int highPpm,
      int declaredPpm,
      double lambda) {}

  /**
   * A plug-in's declared use.
   *
   * @param adapter SHA-256 of the adapter as registered
   * @param outputs how many outputs it had a part in
   * @param sumPpm its parts of them, parts per million of one output, summed over the outputs
   */
  public record PlugInLine(String adapter, int outputs, long sumPpm) {
    PlugInLine and(PlugInLine other) {
      return new PlugInLine(
          adapter, Math.addExact(outputs, other.outputs), Math.addExact(sumPpm, other.sumPpm));
    }
  }

  /** A correction of one allocation: what it was, what it is; they differ. */
  public record Delta(
      String work, String holder, String role, Payout.Kind kind, long was, long is) {
    /** {@return what is added, minor units; below 0 where something is taken back} */
    public long minor() {
      return is - was;
    }
  }

  /** {@return what this statement corrects of {@code earlier}; the deltas sum to the difference} */
  public List<Delta> corrects(Statement earlier) {
    TreeMap<Allocation, long[]> both =
        new TreeMap<>(
            Comparator.comparing(Allocation::work)
                .thenComparing(Allocation::holder)
                .thenComparing(Allocation::role)
                .thenComparing(Allocation::kind));
    for (Allocation part : earlier.payout.allocations()) {
      both.computeIfAbsent(part, key -> new long[2])[0] += part.minor();
    }
    for (Allocation part : payout.allocations()) {
      both.computeIfAbsent(part, key -> new long[2])[1] += part.minor();
    }
    List<Delta> deltas = new ArrayList<>();
    both.forEach(
        (part, minor) -> {
          if (minor[0] != minor[1]) {
            deltas.add(
                new Delta(
                    part.work(), part.holder(), part.role(), part.kind(), minor[0], minor[1]));
          }
        });
    return deltas;
  }

  /** {@return the statement in canonical JSON; docs/formats/statement.md has its fields} */
  public byte[] canonical() {
    return CanonicalJson.of(json().toString());
  }

  /** {@return the statement's fields} */
  JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("index", account.index());
    json.addProperty("period", account.period().toString());
    JsonArray models = new JsonArray();
    answeredBy.forEach(
        (model, count) -> {
          int space = model.indexOf(' ');
          JsonObject one = new JsonObject();
          one.addProperty("checkpoint", model.substring(0, space));
          one.addProperty("manifest", model.substring(space + 1));
          one.addProperty("outputs", count);
          models.add(one);
        });
    json.add("answeredBy", models);
    JsonObject inputs = new JsonObject();
    inputs.addProperty("count", outputs);
    inputs.addProperty("root", root);
    json.add("outputs", inputs);
    json.addProperty("registryVersion", registryVersion);
    if (!plugIns.isEmpty()) {
      JsonArray used = new JsonArray();
      plugIns.forEach(plugIn -> used.add(plugInJson(plugIn)));
      json.add("plugIns", used);
    }
    json.add("terms", termsJson());
    JsonArray lines = new JsonArray();
    works.forEach(work -> lines.add(workJson(work)));
    json.add("works", lines);
    json.addProperty("unattributedPpm", unattributedPpm);
    json.addProperty("clipped", clipped);
    JsonArray allocations = new JsonArray();
    payout.allocations().forEach(part -> allocations.add(allocationJson(part)));
    json.add("allocations", allocations);
    JsonArray payments = new JsonArray();
    for (Payout.Line line : payout.lines()) {
      JsonObject payment = new JsonObject();
      payment.addProperty("kind", line.kind().id());
      payment.addProperty("party", line.party());
      payment.add("name", text(holders.get(line.party())));
      payment.addProperty("minor", line.minor());
      payments.add(payment);
    }
    json.add("lines", payments);
    json.addProperty("totalMinor", payout.totalMinor());
    return json;
  }

  private JsonObject termsJson() {
    JsonObject json = new JsonObject();
    json.addProperty("currency", terms.currency());
    json.addProperty("poolMinor", terms.payout().poolMinor());
    json.addProperty("remainderRule", terms.payout().rule().id());
    json.addProperty("leastMinor", terms.payout().leastMinor());
    JsonObject carried = new JsonObject();
    new TreeMap<>(terms.payout().carriedIn()).forEach(carried::addProperty);
    json.add("carriedIn", carried);
    return json;
  }

  private static JsonObject workJson(WorkLine work) {
    JsonObject json = new JsonObject();
    json.addProperty("work", work.work());
    json.addProperty("cluster", work.cluster());
    json.addProperty("copies", work.copies());
    json.add("title", text(work.title()));
    json.add("licence", text(work.licence()));
    json.addProperty("ppm", work.ppm());
    json.addProperty("attributedPpm", work.attributedPpm());
    json.addProperty("lowPpm", work.lowPpm());
    json.addProperty("highPpm", work.highPpm());
    json.addProperty("declaredPpm", work.declaredPpm());
    json.addProperty("lambda", work.lambda());
    return json;
  }

  private static JsonObject plugInJson(PlugInLine plugIn) {
    JsonObject json = new JsonObject();
    json.addProperty("adapterSha256", plugIn.adapter());
    json.addProperty("outputs", plugIn.outputs());
    json.addProperty("sumPpm", plugIn.sumPpm());
    return json;
  }

  private JsonObject allocationJson(Allocation part) {
    JsonObject json = new JsonObject();
    json.addProperty("work", part.work());
    json.addProperty("holder", part.holder());
    json.add("name", text(holders.get(part.holder())));
    json.addProperty("role", part.role());
    json.addProperty("kind", part.kind().id());
    json.addProperty("minor", part.minor());
    return json;
  }

  private static JsonElement text(@Nullable String text) {
    return text == null ? JsonNull.INSTANCE : new JsonPrimitive(text);
  }

  /** {@return the terms in a statement's canonical JSON, and what was carried in} */
  public static Terms terms(byte[] canonical) {
    JsonObject json = parsed(canonical).getAsJsonObject("terms");
    TreeMap<String, Long> carried = new TreeMap<>();
    json.getAsJsonObject("carriedIn")
        .asMap()
        .forEach((holder, minor) -> carried.put(holder, minor.getAsLong()));
    return new Terms(
        json.get("currency").getAsString(),
        new Payout.Terms(
            json.get("poolMinor").getAsLong(),
            Payout.RemainderRule.of(json.get("remainderRule").getAsString()),
            json.get("leastMinor").getAsLong(),
            carried));
  }

  /** {@return the register's version in a statement's canonical JSON} */
  public static long registryVersion(byte[] canonical) {
    return parsed(canonical).get("registryVersion").getAsLong();
  }

  /** {@return what a statement in canonical JSON carries forward, by holder, minor units} */
  public static Map<String, Long> carriedForward(byte[] canonical) {
    TreeMap<String, Long> carried = new TreeMap<>();
    for (JsonElement element : parsed(canonical).getAsJsonArray("lines")) {
      JsonObject line = element.getAsJsonObject();
      if (line.get("kind").getAsString().equals(Payout.Kind.CARRIED_FORWARD.id())) {
        carried.put(line.get("party").getAsString(), line.get("minor").getAsLong());
      }
    }
    return carried;
  }

  static JsonObject parsed(byte[] canonical) {
    return JsonParser.parseString(new String(canonical, StandardCharsets.UTF_8)).getAsJsonObject();
  }
}
