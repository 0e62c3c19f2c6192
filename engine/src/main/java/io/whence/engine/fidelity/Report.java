package io.whence.engine.fidelity;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an experiment measured.
 *
 * @param suite its name
 * @param seeds of the ground truth
 * @param facts what a reader must know to judge the figures: data and its hash, model, damping and
 *     who chose it, in the order to be read
 * @param results a figure each
 * @param plots pictures of them, by name
 */
public record Report(
    String suite,
    List<Long> seeds,
    Map<String, String> facts,
    List<Result> results,
    Map<String, Plot> plots) {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeNulls().create();

  /**
   * One figure of one method.
   *
   * @param method its name
   * @param metric {@code loo_pearson, loo_spearman, lds, slope, r2, auc, coverage, group_spearman}
   *     or a name that begins with one of them
   * @param value the figure
   * @param low lower end of its 95 % bootstrap interval over queries and subsets, or null
   * @param high upper end, or null
   * @param ceiling the highest value that the noise of the truth leaves open, or null where it was
   *     not measured
   * @param seconds the method took on the training side and all queries
   * @param bytes it keeps of the training side
   * @param models how many models it used
   * @param published the best published figure of the same method on the same task, or null
   */
  public record Result(
      String method,
      String metric,
      double value,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable Double ceiling,
      double seconds,
      long bytes,
      int models,
      @Nullable Double published) {}

  /** Copies what it is given. */
  public Report {
    seeds = List.copyOf(seeds);
    facts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    results = List.copyOf(results);
    plots = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(plots));
  }

  /** {@return the report as one JSON document; what is not a number is null} */
  public String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("suite", suite);
    JsonArray numbers = new JsonArray();
    seeds.forEach(numbers::add);
    json.add("seeds", numbers);
    JsonObject known = new JsonObject();
    facts.forEach(known::addProperty);
    json.add("facts", known);
    JsonArray rows = new JsonArray();
    for (Result result : results) {
      JsonObject row = new JsonObject();
      row.addProperty("method", result.method());
      row.addProperty("metric", result.metric());
      row.add("value", number(result.value()));
      row.add("low", number(result.low()));
      row.add("high", number(result.high()));
      row.add("ceiling", number(result.ceiling()));
      row.add("seconds", number(Math.round(result.seconds() * 1000) / 1000.0));
      row.addProperty("bytes", result.bytes());
      row.addProperty("models", result.models());
      row.add("published", number(result.published()));
      rows.add(row);
    }
    json.add("results", rows);
    return GSON.toJson(json);
  }

  private static JsonElement number(@Nullable Double value) {
    return value == null || !Double.isFinite(value)
        ? JsonNull.INSTANCE
        : new JsonPrimitive(Math.round(value * 1e6) / 1e6);
  }

  /** {@return the report for people: what it rests on, then a line a figure} */
  public String table() {
    StringBuilder table = new StringBuilder();
    facts.forEach(
        (name, fact) -> table.append(String.format(Locale.ROOT, "%-26s %s%n", name, fact)));
    table.append(
        String.format(
            Locale.ROOT,
            "%n%-26s %-20s %7s  %-18s %7s %9s %8s %10s %6s%n",
            "method",
            "metric",
            "value",
            "95 % interval",
            "ceiling",
            "published",
            "seconds",
            "kilobytes",
            "models"));
    for (Result result : results) {
      table.append(
          String.format(
              Locale.ROOT,
              "%-26s %-20s %7.3f  %-18s %7s %9s %8.1f %,10d %6d%n",
              result.method(),
              result.metric(),
              result.value(),
              result.low() == null || result.high() == null
                  ? ""
                  : String.format(Locale.ROOT, "[%.3f, %.3f]", result.low(), result.high()),
              shown(result.ceiling()),
              shown(result.published()),
              result.seconds(),
              result.bytes() / 1000,
              result.models()));
    }
    return table.toString().stripTrailing();
  }

  private static String shown(@Nullable Double value) {
    return value == null || !Double.isFinite(value)
        ? ""
        : String.format(Locale.ROOT, "%.3f", value);
  }

  /** {@return the results as CSV with a header line} */
  public String csv() {
    StringBuilder csv =
        new StringBuilder(
            "suite,method,metric,value,low,high,ceiling,seconds,bytes,models,published\n");
    for (Result result : results) {
      csv.append(suite).append(',').append(result.method()).append(',').append(result.metric());
      for (Double value :
          new Double[] {result.value(), result.low(), result.high(), result.ceiling()}) {
        csv.append(',').append(cell(value));
      }
      csv.append(',')
          .append(cell(result.seconds()))
          .append(',')
          .append(result.bytes())
          .append(',')
          .append(result.models())
          .append(',')
          .append(cell(result.published()))
          .append('\n');
    }
    return csv.toString();
  }

  private static String cell(@Nullable Double value) {
    return value == null || !Double.isFinite(value)
        ? ""
        : String.format(Locale.ROOT, "%.6g", value);
  }
}
