package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A record's values in the words and figures of the report. */
final class Json {
  private static final int LONGEST_TITLE = 160;

  private Json() {}

  /** {@return a text; empty where there is none} */
  static String text(JsonNode object, String field) {
    return object.path(field).asText("");
  }

  /** {@return a work's title, cut where it is too long; the list of works has all of it} */
  static String title(JsonNode work) {
    String title = text(work, "title");
    if (title.length() <= LONGEST_TITLE) {
      return title;
    }
    int end =
        Character.isHighSurrogate(title.charAt(LONGEST_TITLE - 1))
            ? LONGEST_TITLE - 1
            : LONGEST_TITLE;
    return title.substring(0, end).stripTrailing() + "\u2026";
  }

  /** {@return a number in a format; a dash where there is none} */
  static String number(String format, JsonNode number) {
    return number.isNumber() ? String.format(Locale.ROOT, format, number.asDouble()) : "\u2013";
  }

  /** {@return a share of a million in per cent} */
  static String percent(JsonNode ppm) {
    return String.format(Locale.ROOT, "%.2f %%", ppm.asInt() / 10_000.0);
  }

  static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** {@return the fields of an object that are no objects themselves} */
  static List<View.Entry> entries(JsonNode object) {
    List<View.Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (field.getValue().isValueNode()) {
        entries.add(new View.Entry(field.getKey(), field.getValue().asText()));
      }
    }
    return entries;
  }

  /** {@return a name as the answer has it, in words: {@code licenceBreach}, licence breach} */
  static String words(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }
}
