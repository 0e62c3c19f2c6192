package io.whence.engine.risk;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.whence.engine.EngineException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stated use to the letter: what is not understood is refused, and so is what is said
 * twice.
 *
 * @param from what to call the file in a refusal
 */
record UseReader(String from) {
  StatedUse read(byte[] file) {
    if (file.length > StatedUse.LARGEST) {
      throw wrong("it has more than " + StatedUse.LARGEST + " bytes, the most that are read");
    }
    try (JsonReader in =
        new JsonReader(
            new StringReader(
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString()))) {
      in.setStrictness(Strictness.STRICT);
      if (in.peek() != JsonToken.BEGIN_OBJECT) {
        throw wrong("it is no JSON object");
      }
      StatedUse use = (StatedUse) object(in, StatedUse.class, "use");
      if (in.peek() != JsonToken.END_DOCUMENT) {
        throw wrong("it is not valid JSON");
      }
      return use;
    } catch (CharacterCodingException e) {
      throw wrong("it is not valid UTF-8");
    } catch (MalformedJsonException | EOFException e) {
      throw wrong("it is not valid JSON");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private EngineException.InvalidQuery wrong(String what) {
    return new EngineException.InvalidQuery(
        "the use in "
            + from
            + " cannot be read: "
            + what
            + "; it is one object as the field use of POST /v1/attributions");
  }

  private @Nullable Object value(JsonReader in, Type type, String field) throws IOException {
    JsonToken next = in.peek();
    if (next == JsonToken.NULL) {
      in.nextNull();
      return null;
    }
    Class<?> kind =
        type instanceof ParameterizedType of ? (Class<?>) of.getRawType() : (Class<?>) type;
    if (kind == String.class && next == JsonToken.STRING) {
      return in.nextString();
    }
    if (kind == Double.class && next == JsonToken.NUMBER) {
      return in.nextDouble();
    }
    if (kind == Boolean.class && next == JsonToken.BOOLEAN) {
      return in.nextBoolean();
    }
    if (kind == List.class && next == JsonToken.BEGIN_ARRAY) {
      return list(in, argument(type, 0), field);
    }
    if (kind == Map.class && next == JsonToken.BEGIN_OBJECT) {
      return map(in, argument(type, 1), field);
    }
    if (kind.isRecord() && next == JsonToken.BEGIN_OBJECT) {
      return object(in, kind, field);
    }
    throw wrong(field + " should be " + (kind.isRecord() ? "an object" : name(kind)));
  }

  private static String name(Class<?> kind) {
    if (kind == String.class) {
      return "a string";
    }
    if (kind == Double.class) {
      return "a number";
    }
    return kind == Boolean.class ? "true or false" : kind == List.class ? "a list" : "an object";
  }

  private static Type argument(Type type, int number) {
    return ((ParameterizedType) type).getActualTypeArguments()[number];
  }

  private List<@Nullable Object> list(JsonReader in, Type of, String field) throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    in.beginArray();
    while (in.hasNext()) {
      list.add(value(in, of, field + "[" + list.size() + "]"));
    }
    in.endArray();
    return list;
  }

  private Map<String, @Nullable Object> map(JsonReader in, Type of, String field)
      throws IOException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    in.beginObject();
    while (in.hasNext()) {
      String name = in.nextName();
      if (map.containsKey(name)) {
        throw wrong(field + "." + name + " is there twice");
      }
      map.put(name, value(in, of, field + "." + name));
    }
    in.endObject();
    return map;
  }

  private Object object(JsonReader in, Class<?> type, String field) throws IOException {
    RecordComponent[] components = type.getRecordComponents();
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    in.beginObject();
    while (in.hasNext()) {
      String name = in.nextName();
      RecordComponent component =
          Arrays.stream(components)
              .filter(one -> one.getName().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      wrong(
                          "there is no field "
                              + field
                              + "."
                              + name
                              + "; there is "
                              + Arrays.stream(components)
                                  .map(RecordComponent::getName)
                                  .collect(Collectors.joining(", "))));
      if (values.containsKey(name)) {
        throw wrong(field + "." + name + " is there twice");
      }
      values.put(name, value(in, component.getGenericType(), field + "." + name));
    }
    in.endObject();
    try {
      return type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
          .newInstance(Arrays.stream(components).map(one -> values.get(one.getName())).toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record cannot be made: " + type, e);
    }
  }
}
