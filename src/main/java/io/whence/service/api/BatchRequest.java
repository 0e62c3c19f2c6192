package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.credit.Share;
import io.whence.engine.risk.UseFacts;
import io.whence.service.jobs.Batches;
import io.whence.service.jobs.PlugIns;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/batches} as it is sent; any field may be missing until it is checked.
 *
 * @param index name of the index that answers
 * @param period the month, {@code 2026-10}, that the outputs are charged to
 * @param topK how many works each attribution names
 * @param outputs 1 to 10,000
 */
@RegisterForReflection
record BatchRequest(
    @Nullable String index,
    @Nullable String period,
    @Nullable BigInteger topK,
    @Nullable List<@Nullable OutputRequest> outputs) {

  /** One output, and the key under which it is charged. */
  @RegisterForReflection
  record OutputRequest(
      @Nullable String key,
      @Nullable String text,
      @Nullable String prompt,
      @Nullable DeclaredRequest declared) {}

  /** A part of an output that is declared to be plug-ins'; without them, of those metered. */
  @RegisterForReflection
  record DeclaredRequest(
      @Nullable BigInteger ppm, @Nullable List<@Nullable MergedRequest> plugIns) {}

  /** A plug-in that was merged into the model, and with which weight. */
  @RegisterForReflection
  record MergedRequest(@Nullable String adapterSha256, @Nullable BigDecimal weight) {}

  /** A request that can be accepted. */
  record Checked(String index, YearMonth period, List<Batches.Asked> outputs) {}

  /**
   * {@return the request as it can be accepted}
   *
   * @throws Refusal naming the fields that are wrong
   */
  Checked checked() {
    Violations wrong = new Violations();
    String name = wrong.text("index", index);
    YearMonth month = month("period", period, wrong);
    int works =
        (int)
            wrong.number(
                "topK", topK, 1, AttributionRequest.MOST, AttributionRequest.DEFAULT_TOP_K);
    List<Batches.Asked> kept = new ArrayList<>();
    if (outputs == null || outputs.isEmpty() || outputs.size() > Batches.MOST) {
      wrong.add(
          "outputs",
          "outputs has 1 to "
              + Batches.MOST
              + " entries; got "
              + (outputs == null ? 0 : outputs.size()));
    } else {
      Set<String> keys = new HashSet<>();
      for (int i = 0; i < outputs.size(); i++) {
        OutputRequest output = outputs.get(i);
        String field = "outputs[" + i + "]";
        if (output == null) {
          wrong.add(field, field + " is null");
          continue;
        }
        String key = output.key;
        if (key == null || !IdempotencyKey.FORM.matcher(key).matches()) {
          wrong.add(
              field + ".key",
              field + ".key has 1 to 200 characters of printable ASCII without spaces");
          continue;
        }
        if (!keys.add(key)) {
          wrong.add(field + ".key", field + " has the key " + key + " of another output");
          continue;
        }
        PlugIns.Declaration declared =
            output.declared == null ? null : declared(field + ".declared", output.declared, wrong);
        AttributionRequest asked = wrong.of(field, () -> request(output, works));
        if (asked != null) {
          kept.add(new Batches.Asked(key, asked, declared));
        }
      }
    }
    wrong.refuse();
    return new Checked(name, month, kept);
  }

  private static AttributionRequest request(OutputRequest output, int works) {
    return new AttributionRequest(
        output.text == null ? "" : output.text,
        output.prompt,
        works,
        false,
        false,
        AttributionRequest.DEFAULT_METHODS,
        UseFacts.NONE);
  }

  private static PlugIns.Declaration declared(
      String field, DeclaredRequest declared, Violations wrong) {
    long ppm = wrong.number(field + ".ppm", declared.ppm, 1, Share.WHOLE, 0);
    if (declared.ppm == null) {
      wrong.add(field + ".ppm", field + ".ppm is missing; it is the plug-ins' part of the output");
    }
    TreeMap<String, Long> weights = new TreeMap<>();
    List<@Nullable MergedRequest> plugIns = declared.plugIns;
    if (plugIns == null) {
      return new PlugIns.Declaration((int) ppm, weights);
    }
    if (plugIns.isEmpty() || plugIns.size() > PlugIns.MOST_MERGED) {
      wrong.add(
          field + ".plugIns",
          field
              + ".plugIns has 1 to "
              + PlugIns.MOST_MERGED
              + " entries; leave it out to have what was metered");
      return new PlugIns.Declaration((int) ppm, weights);
    }
    for (int i = 0; i < plugIns.size(); i++) {
      MergedRequest merged = plugIns.get(i);
      String at = field + ".plugIns[" + i + "]";
      String adapter =
          wrong.sha256(at + ".adapterSha256", merged == null ? null : merged.adapterSha256);
      long weight = wrong.weight(at + ".weight", merged == null ? null : merged.weight);
      if (weights.put(adapter, weight) != null) {
        wrong.add(at, at + " names an adapter a second time; give it one weight");
      }
    }
    return new PlugIns.Declaration((int) ppm, weights);
  }

  /** {@return the month in a field; one that is none is noted} */
  static YearMonth month(String field, @Nullable String month, Violations wrong) {
    if (month != null && month.matches("[0-9]{4}-[0-9]{2}")) {
      try {
        return YearMonth.parse(month);
      } catch (DateTimeException e) {
        // Said below, as for what has another form.
      }
    }
    wrong.add(field, field + " is a calendar month such as 2026-10");
    return YearMonth.of(1, 1);
  }
}
