package io.whence.engine.attribution;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An attribution made again from its record, and held against it byte for byte.
 *
 * @param components the declared components that are not as they were, by name
 * @param fields paths of the answer that differ, such as {@code attributions[0].influence.low}, the
 *     first {@value #MOST} of them; the components themselves are not among them
 */
public record Replay(List<Difference> components, List<String> fields) {
  private static final int MOST = 20;
  private static final String REPRODUCIBILITY = "reproducibility";

  /** A declared component then and now. */
  public record Difference(String component, String recorded, String now) {}

  /** Copies the lists. */
  public Replay {
    components = List.copyOf(components);
    fields = List.copyOf(fields);
  }

  /** {@return whether the answer is the same to the byte} */
  public boolean equal() {
    return components.isEmpty() && fields.isEmpty();
  }

  /**
   * {@return the name of the index that a record was answered from}
   *
   * @throws EngineException.InvalidQuery when it is no record of an attribution
   */
  public static String indexOf(byte[] record) {
    return string(object(parsed(record), "index"), "id");
  }

  /**
   * {@return the replay of a record}
   *
   * @param record the bytes that were answered
   * @param attributor of the index it names
   * @throws EngineException.InvalidQuery when the bytes are no record that can be replayed
   */
  public static Replay of(byte[] record, Attributor attributor) {
    JsonObject then = parsed(record);
    byte[] again;
    try {
      again =
          AttributionJson.write(
              attributor.attribute(AttributionJson.request(then)),
              string(then, "id"),
              Instant.parse(string(then, "createdAt")));
    } catch (DateTimeException e) {
      throw new EngineException.InvalidQuery("the record's createdAt is no time");
    }
    if (Arrays.equals(record, again)) {
      return new Replay(List.of(), List.of());
    }
    JsonObject now = parsed(again);
    List<Difference> components = new ArrayList<>();
    JsonObject before = object(object(then, REPRODUCIBILITY), "components");
    JsonObject after = object(object(now, REPRODUCIBILITY), "components");
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      if (!Objects.equals(before.get(name), after.get(name))) {
        components.add(new Difference(name, shown(before.get(name)), shown(after.get(name))));
      }
    }
    object(then, REPRODUCIBILITY).remove("components");
    object(now, REPRODUCIBILITY).remove("components");
    List<String> fields = new ArrayList<>();
    compare("", then, now, fields);
    if (components.isEmpty() && fields.isEmpty()) {
      fields.add("the bytes, in how the same values are written");
    }
    return new Replay(components, fields);
  }

  private static String shown(@Nullable JsonElement component) {
    return component == null ? "nothing" : component.getAsString();
  }

  /** Notes the paths at which two documents differ, the first {@value #MOST} of them. */
  static void compare(
      String path, @Nullable JsonElement then, @Nullable JsonElement now, List<String> fields) {
    if (Objects.equals(then, now) || fields.size() == MOST) {
      return;
    }
    if (then instanceof JsonObject before && now instanceof JsonObject after) {
      TreeSet<String> names = new TreeSet<>(before.keySet());
      names.addAll(after.keySet());
      for (String name : names) {
        compare(
            path.isEmpty() ? name : path + "." + name, before.get(name), after.get(name), fields);
      }
    } else if (then instanceof JsonArray before
        && now instanceof JsonArray after
        && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(path + "[" + i + "]", before.get(i), after.get(i), fields);
      }
    } else {
      fields.add(path);
    }
  }

  static JsonObject parsed(byte[] record) {
    try {
      JsonElement json = JsonParser.parseString(new String(record, StandardCharsets.UTF_8));
      if (json instanceof JsonObject object) {
        if (!object.has(REPRODUCIBILITY)) {
          throw new EngineException.InvalidQuery(
              "the record has no "
                  + REPRODUCIBILITY
                  + ": it is of a version that kept none, or no attribution; attribute the output"
                  + " again");
        }
        return object;
      }
    } catch (JsonParseException e) {
      // Said below, as for JSON that is no object.
    }
    throw new EngineException.InvalidQuery("the record is no JSON object");
  }

  static JsonObject object(JsonObject parent, String name) {
    if (parent.get(name) instanceof JsonObject object) {
      return object;
    }
    throw new EngineException.InvalidQuery("the record has no object " + name);
  }

  private static String string(JsonObject parent, String name) {
    JsonElement value = parent.get(name);
    if (value != null && value.isJsonPrimitive()) {
      return value.getAsString();
    }
    throw new EngineException.InvalidQuery("the record has no " + name);
  }
}
