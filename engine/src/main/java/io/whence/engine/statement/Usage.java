package io.whence.engine.statement;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.whence.engine.EngineException;
import io.whence.engine.credit.Claimant;
import io.whence.engine.credit.LargestRemainder;
import io.whence.engine.credit.Share;
import io.whence.engine.record.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One output as it enters a statement: what was declared first, and the rest by influence. Nothing
 * in it differs between two runs of the same output, so it is a leaf of the statement's tree.
 *
 * @param key under which the output was charged, once
 * @param output SHA-256 of its text
 * @param checkpoint SHA-256 of the model
 * @param manifest SHA-256 of the index's manifest
 * @param declared what is declared of plug-in use
 * @param works shares by influence of what is not declared, by id
 * @param unattributedPpm what is nobody's; with all others it sums to a million
 */
public record Usage(
    String key,
    String output,
    String checkpoint,
    String manifest,
    DeclaredUse declared,
    List<WorkShare> works,
    int unattributedPpm) {

  /**
   * A work's share of one output by influence, copies as one.
   *
   * @param work that stands for the copies
   * @param copies ids of all of them, itself among them
   * @param publicDomain whether, by the corpus, nobody has a right in it
   * @param ppm parts per million of the output
   * @param lowPpm lower end of the 90 % interval
   * @param highPpm upper end
   */
  public record WorkShare(
      String work,
      List<String> copies,
      @Nullable String title,
      @Nullable String licence,
      boolean publicDomain,
      int ppm,
      int lowPpm,
      int highPpm) {
    /** Copies the list. */
    public WorkShare {
      copies = List.copyOf(copies);
    }
  }

  /** Rejects shares that are not the whole of one output. */
  public Usage {
    works = List.copyOf(works);
    long sum =
        declared.works().values().stream().mapToLong(Integer::longValue).sum()
            + works.stream().mapToLong(WorkShare::ppm).sum()
            + unattributedPpm;
    if (sum != Share.WHOLE) {
      throw new IllegalArgumentException(
          "the shares of output " + key + " sum to " + sum + " ppm; a whole has " + Share.WHOLE);
    }
  }

  /**
   * Checks what is declared of an output.
   *
   * @throws EngineException.InvalidQuery when a part is below 1 ppm or the sum above a million
   */
  static void checkDeclared(Map<String, Integer> declared) {
    long sum = declared.values().stream().mapToLong(Integer::longValue).sum();
    if (sum > Share.WHOLE || declared.values().stream().anyMatch(ppm -> ppm < 1)) {
      throw new EngineException.InvalidQuery(
          "declared parts are at least 1 ppm and sum to at most "
              + Share.WHOLE
              + " ppm; they sum to "
              + sum);
    }
  }

  /**
   * {@return the usage that an attribution's record gives}
   *
   * @param record the bytes that were answered
   * @param declared comes first; influence has the rest
   * @throws EngineException.InvalidQuery when the bytes are no record with shares by work
   */
  public static Usage of(String key, byte[] record, DeclaredUse declared) {
    try {
      JsonObject json =
          JsonParser.parseString(new String(record, StandardCharsets.UTF_8)).getAsJsonObject();
      JsonObject index = json.getAsJsonObject("index");
      List<JsonObject> credited = new ArrayList<>();
      json.getAsJsonArray("creditedWorks").forEach(work -> credited.add(work.getAsJsonObject()));
      long left =
          Share.WHOLE - declared.works().values().stream().mapToLong(Integer::longValue).sum();
      long[] weights = new long[credited.size() + 1];
      for (int i = 0; i < credited.size(); i++) {
        weights[i] = credited.get(i).get("ppm").getAsInt();
      }
      weights[credited.size()] = json.get("unattributedPpm").getAsInt();
      long[] each = LargestRemainder.split(left, weights);
      List<WorkShare> works = new ArrayList<>();
      for (int i = 0; i < credited.size(); i++) {
        works.add(share(credited.get(i), (int) each[i], left));
      }
      return new Usage(
          key,
          json.getAsJsonObject("output").get("sha256").getAsString(),
          index.get("checkpoint").getAsString(),
          index.get("manifest").getAsString(),
          declared,
          works,
          (int) each[credited.size()]);
    } catch (JsonParseException
        | NullPointerException
        | ClassCastException
        | IllegalStateException
        | NumberFormatException e) {
      throw new EngineException.InvalidQuery(
          "the record of output " + key + " has no shares by work: " + e.getMessage());
    }
  }

  private static WorkShare share(JsonObject credited, int ppm, long left) {
    boolean free = true;
    for (JsonElement claimant : credited.getAsJsonArray("claimants")) {
      free &=
          claimant
              .getAsJsonObject()
              .get("standing")
              .getAsString()
              .equals(Claimant.Standing.PUBLIC_DOMAIN.id());
    }
    // Whole numbers: an end is scaled away from the share, so it stays an end.
    long low = credited.get("lowPpm").getAsLong() * left / Share.WHOLE;
    long high = Math.ceilDiv(credited.get("highPpm").getAsLong() * left, Share.WHOLE);
    return new WorkShare(
        credited.get("work").getAsString(),
        strings(credited.getAsJsonArray("works")),
        text(credited.get("title")),
        text(credited.get("licence")),
        free,
        ppm,
        (int) Math.min(low, ppm),
        (int) Math.max(high, ppm));
  }

  private static List<String> strings(JsonArray array) {
    List<String> strings = new ArrayList<>();
    array.forEach(element -> strings.add(element.getAsString()));
    return strings;
  }

  private static @Nullable String text(@Nullable JsonElement element) {
    return element == null || element.isJsonNull() ? null : element.getAsString();
  }

  /** {@return the usage in canonical JSON} */
  public byte[] canonical() {
    JsonObject json = new JsonObject();
    json.addProperty("key", key);
    json.addProperty("output", output);
    json.addProperty("checkpoint", checkpoint);
    json.addProperty("manifest", manifest);
    JsonObject parts = new JsonObject();
    declared.works().forEach(parts::addProperty);
    json.add("declared", parts);
    if (!declared.plugIns().isEmpty()) {
      JsonObject adapters = new JsonObject();
      declared.plugIns().forEach(adapters::addProperty);
      json.add("plugIns", adapters);
    }
    JsonArray shares = new JsonArray();
    for (WorkShare share : works) {
      JsonObject work = new JsonObject();
      work.addProperty("work", share.work);
      JsonArray copies = new JsonArray();
      share.copies.forEach(copies::add);
      work.add("copies", copies);
      work.add("title", json(share.title));
      work.add("licence", json(share.licence));
      work.addProperty("publicDomain", share.publicDomain);
      work.addProperty("ppm", share.ppm);
      work.addProperty("lowPpm", share.lowPpm);
      work.addProperty("highPpm", share.highPpm);
      shares.add(work);
    }
    json.add("works", shares);
    json.addProperty("unattributedPpm", unattributedPpm);
    return CanonicalJson.of(json.toString());
  }

  private static JsonElement json(@Nullable String text) {
    return text == null ? JsonNull.INSTANCE : new JsonPrimitive(text);
  }

  /** {@return the usage that {@link #canonical} wrote} */
  public static Usage read(byte[] canonical) {
    JsonObject json =
        JsonParser.parseString(new String(canonical, StandardCharsets.UTF_8)).getAsJsonObject();
    List<WorkShare> works = new ArrayList<>();
    for (JsonElement element : json.getAsJsonArray("works")) {
      JsonObject work = element.getAsJsonObject();
      works.add(
          new WorkShare(
              work.get("work").getAsString(),
              strings(work.getAsJsonArray("copies")),
              text(work.get("title")),
              text(work.get("licence")),
              work.get("publicDomain").getAsBoolean(),
              work.get("ppm").getAsInt(),
              work.get("lowPpm").getAsInt(),
              work.get("highPpm").getAsInt()));
    }
    return new Usage(
        json.get("key").getAsString(),
        json.get("output").getAsString(),
        json.get("checkpoint").getAsString(),
        json.get("manifest").getAsString(),
        new DeclaredUse(parts(json.get("plugIns")), parts(json.get("declared"))),
        works,
        json.get("unattributedPpm").getAsInt());
  }

  private static SortedMap<String, Integer> parts(@Nullable JsonElement json) {
    TreeMap<String, Integer> parts = new TreeMap<>();
    if (json != null) {
      json.getAsJsonObject().asMap().forEach((name, ppm) -> parts.put(name, ppm.getAsInt()));
    }
    return parts;
  }
}
