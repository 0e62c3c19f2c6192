package io.whence.service.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The report's style sheet: the fixed one, and a class for each place on a chart. A policy that
 * lets the page have this sheet and no style of its own elements can so be kept.
 */
final class Style {
  private final Map<String, String> places = new LinkedHashMap<>();

  /**
   * {@return the class of a bar}
   *
   * @param from left end on the chart, 0 to 1
   * @param to right end, at least {@code from}
   */
  String bar(double from, double to) {
    double left = Math.max(0, Math.min(1, from));
    double right = Math.max(left, Math.min(1, to));
    return place(
        String.format(Locale.ROOT, "left:%.2f%%;width:%.2f%%", 100 * left, 100 * (right - left)));
  }

  /** {@return the class of a mark at a place on the chart, 0 to 1} */
  String mark(double at) {
    return place(String.format(Locale.ROOT, "left:%.2f%%", 100 * Math.max(0, Math.min(1, at))));
  }

  private String place(String rule) {
    return places.computeIfAbsent(rule, absent -> "p" + places.size());
  }

  /** {@return the sheet} */
  String sheet() {
    StringBuilder sheet = new StringBuilder(resource("/report/report.css"));
    places.forEach(
        (rule, name) -> sheet.append('.').append(name).append('{').append(rule).append("}\n"));
    return sheet.toString();
  }

  static String resource(String name) {
    try (InputStream in = Style.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
