package io.whence.service.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Two methods of one report side by side.
 *
 * @param experiment whose report
 * @param suite what was measured
 * @param seeds of the ground truth
 * @param a name of a method
 * @param b name of another
 * @param metrics that both have, in the report's order
 */
@RegisterForReflection
record ComparisonResponse(
    String experiment,
    String suite,
    List<Long> seeds,
    String a,
    String b,
    List<MetricResponse> metrics) {
  /**
   * One metric of both.
   *
   * @param metric its name
   * @param a figure of the first
   * @param b figure of the second
   * @param difference the first's value less the second's; null where one has none
   * @param intervalsOverlap of the 95 % intervals; null where one has none
   */
  @RegisterForReflection
  record MetricResponse(
      String metric,
      FigureResponse a,
      FigureResponse b,
      @Nullable Double difference,
      @Nullable Boolean intervalsOverlap) {
    static MetricResponse of(String metric, FigureResponse a, FigureResponse b) {
      Double difference =
          (a.value == null || b.value == null) ? null : Math.rint((a.value - b.value) * 1e6) / 1e6;
      Boolean overlap =
          (a.low == null || a.high == null || b.low == null || b.high == null)
              ? null
              : a.low <= b.high && b.low <= a.high;
      return new MetricResponse(metric, a, b, difference, overlap);
    }
  }

  /** A figure of one method, as in the report. */
  @RegisterForReflection
  record FigureResponse(
      @Nullable Double value,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable Double ceiling,
      double seconds,
      long bytes,
      int models) {
    static FigureResponse of(JsonNode row) {
      return new FigureResponse(
          number(row, "value"),
          number(row, "low"),
          number(row, "high"),
          number(row, "ceiling"),
          row.path("seconds").asDouble(),
          row.path("bytes").asLong(),
          row.path("models").asInt());
    }

    private static @Nullable Double number(JsonNode row, String field) {
      JsonNode value = row.path(field);
      return value.isNumber() ? value.asDouble() : null;
    }
  }

  /**
   * {@return two methods of a report side by side}
   *
   * @param a name of a method, or null where none was given
   * @param b name of another, or null where none was given
   * @param metric the only one wanted, or null for all that both have
   * @throws Refusal when the report does not have them
   */
  static ComparisonResponse of(
      String experiment,
      JsonNode report,
      @Nullable String a,
      @Nullable String b,
      @Nullable String metric) {
    Map<String, FigureResponse> first = figures(report, "a", a);
    Map<String, FigureResponse> second = figures(report, "b", b);
    List<MetricResponse> both = new ArrayList<>();
    first.forEach(
        (name, figure) -> {
          FigureResponse other = second.get(name);
          if (other != null && (metric == null || metric.equals(name))) {
            both.add(MetricResponse.of(name, figure, other));
          }
        });
    if (both.isEmpty()) {
      Set<String> shared = new LinkedHashSet<>(first.keySet());
      shared.retainAll(second.keySet());
      String detail =
          shared.isEmpty()
              ? a + " and " + b + " have no metric in common; compare others"
              : "metric "
                  + PathId.shown(String.valueOf(metric))
                  + " was not measured for both; there is "
                  + String.join(", ", shared);
      throw refused(metric == null ? "b" : "metric", detail);
    }
    List<Long> seeds = new ArrayList<>();
    report.path("seeds").forEach(seed -> seeds.add(seed.asLong()));
    return new ComparisonResponse(
        experiment,
        report.path("suite").asText(),
        seeds,
        String.valueOf(a),
        String.valueOf(b),
        both);
  }

  private static Map<String, FigureResponse> figures(
      JsonNode report, String parameter, @Nullable String method) {
    Set<String> methods = new LinkedHashSet<>();
    Map<String, FigureResponse> figures = new LinkedHashMap<>();
    for (JsonNode row : report.path("results")) {
      methods.add(row.path("method").asText());
      if (row.path("method").asText().equals(method)) {
        figures.putIfAbsent(row.path("metric").asText(), FigureResponse.of(row));
      }
    }
    if (figures.isEmpty()) {
      throw refused(
          parameter,
          (method == null
                  ? parameter + " is missing; name a method"
                  : "method " + PathId.shown(method) + " is not in this report")
              + "; there is "
              + String.join(", ", methods));
    }
    return figures;
  }

  private static Refusal refused(String parameter, String detail) {
    return new Refusal(
        ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation(parameter, detail)));
  }
}
