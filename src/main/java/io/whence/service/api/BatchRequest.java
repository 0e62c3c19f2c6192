package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.risk.UseFacts;
import io.whence.service.jobs.Batches;
import io.whence.service.jobs.ChargedOutput;
import io.whence.service.persistence.BatchRecords.Output;
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
      @Nullable List<@Nullable DeclaredRequest> declared) {}

  /** A part of an output that is declared to be a work's, by use of a plug-in. */
  @RegisterForReflection
  record DeclaredRequest(@Nullable String work, @Nullable BigInteger ppm) {}

  /** A request that can be accepted. */
  record Checked(String index, YearMonth period, List<Output> outputs) {}

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
    List<Output> kept = new ArrayList<>();
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
        ChargedOutput charged = wrong.of(field, () -> charged(field, output, works, wrong));
        if (charged != null) {
          kept.add(charged.keep(key));
        }
      }
    }
    wrong.refuse();
    return new Checked(name, month, kept);
  }

  private static ChargedOutput charged(
      String field, OutputRequest output, int works, Violations wrong) {
    TreeMap<String, Integer> declared = new TreeMap<>();
    if (output.declared != null) {
      for (DeclaredRequest part : output.declared) {
        String work = wrong.text(field + ".declared.work", part == null ? null : part.work);
        long ppm =
            wrong.number(field + ".declared.ppm", part == null ? null : part.ppm, 1, 1_000_000, 0);
        if (ppm == 0) {
          wrong.add(field + ".declared.ppm", field + ".declared.ppm is missing");
        } else {
          declared.merge(work, (int) ppm, Math::addExact);
        }
      }
    }
    return new ChargedOutput(
        new AttributionRequest(
            output.text == null ? "" : output.text,
            output.prompt,
            works,
            false,
            false,
            AttributionRequest.DEFAULT_METHODS,
            UseFacts.NONE),
        declared);
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
