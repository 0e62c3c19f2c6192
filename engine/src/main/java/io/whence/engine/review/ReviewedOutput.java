package io.whence.engine.review;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pair for those who learn from labels: an output beside the closest work, and what one reviewer
 * holds of them. The reviewer is a pseudonym; the name stays out.
 *
 * @param attribution names the record of the output
 * @param index that answered
 * @param output its text
 * @param outputSha256 of the text
 * @param work the closest work as the reviewer was shown it, its id; null where none was ranked
 * @param title of the work
 * @param passage of the work as the reviewer was shown it; null where it was not at hand
 * @param version of the reviewer's review of this output, from 1; the latest
 * @param review what is held
 */
public record ReviewedOutput(
    String attribution,
    String index,
    String output,
    String outputSha256,
    @Nullable String prompt,
    @Nullable String work,
    @Nullable String title,
    @Nullable String passage,
    int version,
    Review review) {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private static final List<String> COLUMNS =
      List.of(
          "attribution",
          "index",
          "outputSha256",
          "output",
          "prompt",
          "work",
          "title",
          "passage",
          "transformative",
          "value",
          "reason",
          "reviewer",
          "role",
          "version",
          "at");

  /** {@return the first line of a CSV file (RFC 4180), with its end} */
  public static String csvHeader() {
    return csv(COLUMNS);
  }

  /**
   * {@return the pair as a line of a CSV file (RFC 4180), with its end; what is not there is empty}
   */
  public String csv() {
    List<String> fields = new ArrayList<>();
    for (Map.Entry<String, JsonElement> field : json().entrySet()) {
      fields.add(field.getValue().isJsonNull() ? "" : field.getValue().getAsString());
    }
    return csv(fields);
  }

  private static String csv(List<String> fields) {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(text)) {
      csv.writeRecord(fields);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** {@return the pair as one JSON object, on one line without its end} */
  public String jsonLine() {
    return GSON.toJson(json());
  }

  /** The columns, in their order. */
  private JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("attribution", attribution);
    json.addProperty("index", index);
    json.addProperty("outputSha256", outputSha256);
    json.addProperty("output", output);
    json.add("prompt", text(prompt));
    json.add("work", text(work));
    json.add("title", text(title));
    json.add("passage", text(passage));
    json.addProperty("transformative", review.label().id());
    json.addProperty("value", review.label().value());
    json.addProperty("reason", review.reason());
    json.addProperty("reviewer", review.reviewer());
    json.addProperty("role", review.role());
    json.addProperty("version", version);
    json.addProperty("at", review.at().toString());
    return json;
  }

  private static JsonElement text(@Nullable String text) {
    return text == null ? JsonNull.INSTANCE : new JsonPrimitive(text);
  }
}
