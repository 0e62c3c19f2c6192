package io.whence.service.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads request bodies to the letter: what is not understood is refused, never guessed. */
final class RequestReader {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private RequestReader() {}

  /**
   * {@return the request in {@code body}}
   *
   * @param type what kind of request it is
   * @throws Refusal saying where it is not what it should be
   */
  static <T> T read(byte @Nullable [] body, Class<T> type) {
    return read(body, type, OutsideRest.LONGEST_BODY);
  }

  /**
   * {@return the request in {@code body}}
   *
   * @param type what kind of request it is
   * @param longest bytes of a body
   * @throws Refusal saying where it is not what it should be
   */
  static <T> T read(byte @Nullable [] body, Class<T> type, long longest) {
    if (body != null && body.length > longest) {
      // Its length was not announced, or it had been refused before.
      throw new Refusal(
          ProblemType.TOO_LARGE, "the body has more than the " + longest + " bytes that are read");
    }
    if (body == null || body.length == 0) {
      throw new Refusal(ProblemType.INVALID_JSON, "the body is empty; send a JSON object");
    }
    try {
      T request = MAPPER.readValue(text(body), type);
      if (request == null) {
        throw new Refusal(ProblemType.WRONG_TYPE, "the body is null; send a JSON object");
      }
      return request;
    } catch (UnrecognizedPropertyException e) {
      String field = path(e);
      String known =
          e.getKnownPropertyIds().stream().map(String::valueOf).collect(Collectors.joining(", "));
      String detail = "there is no field " + field + where(e) + "; there is " + known;
      throw new Refusal(
          ProblemType.UNKNOWN_FIELD, detail, List.of(new Problem.Violation(field, detail)));
    } catch (MismatchedInputException e) {
      String field = path(e);
      if (field.isEmpty()) {
        throw new Refusal(
            ProblemType.WRONG_TYPE,
            "the body should be one JSON object and nothing else" + where(e));
      }
      String detail = field + " should be " + kind(e.getTargetType()) + where(e);
      throw new Refusal(
          ProblemType.WRONG_TYPE, detail, List.of(new Problem.Violation(field, detail)));
    } catch (JsonProcessingException e) {
      throw new Refusal(
          ProblemType.INVALID_JSON, "the body is not JSON" + where(e) + ": " + firstLine(e));
    }
  }

  private static String text(byte[] body) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer bytes = ByteBuffer.wrap(body);
    CharBuffer text = CharBuffer.allocate(body.length);
    CoderResult result = decoder.decode(bytes, text, true);
    if (result.isError()) {
      throw new Refusal(
          ProblemType.INVALID_UTF8,
          "the body is not UTF-8: byte "
              + bytes.position()
              + " (0x%02X)".formatted(body[bytes.position()])
              + " begins no character");
    }
    return text.flip().toString();
  }

  /** {@return the field, with dots and brackets} */
  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.toString();
  }

  private static String kind(@Nullable Class<?> type) {
    if (type == null) {
      return "something else";
    }
    if (type == String.class) {
      return "a string";
    }
    if (type == Boolean.class) {
      return "true or false";
    }
    if (List.class.isAssignableFrom(type)) {
      return "a list";
    }
    if (type == java.math.BigInteger.class) {
      return "a whole number";
    }
    return Number.class.isAssignableFrom(type) ? "a number" : "an object";
  }

  private static String where(JsonProcessingException e) {
    JsonLocation place = e.getLocation();
    return place == null
        ? ""
        : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
  }

  private static String firstLine(JsonProcessingException e) {
    String said = e.getOriginalMessage();
    // Behind it Jackson says where a brace was opened, with the names of its own settings.
    return said == null
        ? "it cannot be read"
        : said.lines().findFirst().orElse(said).replaceFirst(" \\(start marker at .*", "");
  }
}
