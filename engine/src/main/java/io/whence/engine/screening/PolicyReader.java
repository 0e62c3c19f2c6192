package io.whence.engine.screening;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads a policy to the letter: what is not understood is refused.
 *
 * @param from what to call the file in a refusal
 */
record PolicyReader(String from) {
  private static final String FORMAT = "whence-policy";
  private static final int VERSION = 1;
  private static final int MOST_RULES = 100;

  private static final Set<String> FIELDS =
      Set.of("format", "version", "name", "description", "rules");
  private static final Set<String> RULE_FIELDS =
      Set.of(
          "id",
          "verdict",
          "evidence",
          "words",
          "outputShare",
          "workShare",
          "percentile",
          "exempt",
          "reason");

  Policy read(byte[] file) {
    if (file.length > Policy.LARGEST) {
      throw wrong("it has " + file.length + " bytes; at most " + Policy.LARGEST + " are read");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString();
      JsonElement json = JsonParser.parseString(text);
      if (!json.isJsonObject()) {
        throw wrong("it is no JSON object");
      }
      return policy(json.getAsJsonObject(), Sha256.of(file));
    } catch (CharacterCodingException e) {
      throw wrong("it is not valid UTF-8");
    } catch (JsonParseException e) {
      throw wrong("it is not valid JSON");
    }
  }

  private EngineException.InvalidQuery wrong(String what) {
    return new EngineException.InvalidQuery(
        "the policy "
            + from
            + " cannot be used: "
            + what
            + "; docs/formats/policy.md has the format");
  }

  private Policy policy(JsonObject json, String sha256) {
    known(json, FIELDS, "");
    if (!text(json, "format", "").equals(FORMAT)) {
      throw wrong("format is " + FORMAT + "; got " + json.get("format"));
    }
    if (number(json, "version", 0, Integer.MAX_VALUE, "") != VERSION) {
      throw wrong("version is " + VERSION + "; got " + json.get("version"));
    }
    JsonElement list = json.get("rules");
    if (list == null || !list.isJsonArray()) {
      throw wrong("rules is missing; it is a list");
    }
    JsonArray array = list.getAsJsonArray();
    if (array.isEmpty() || array.size() > MOST_RULES) {
      throw wrong("it has " + array.size() + " rules; 1 to " + MOST_RULES + " are read");
    }
    List<Policy.Rule> rules = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < array.size(); i++) {
      String place = "rules[" + i + "]";
      if (!array.get(i).isJsonObject()) {
        throw wrong(place + " is no JSON object");
      }
      Policy.Rule rule = rule(array.get(i).getAsJsonObject(), place + ".");
      if (!ids.add(rule.id())) {
        throw wrong("two rules have the id " + rule.id());
      }
      rules.add(rule);
    }
    return new Policy(
        text(json, "name", ""),
        json.has("description") ? text(json, "description", "") : "",
        rules,
        sha256);
  }

  private Policy.Rule rule(JsonObject json, String place) {
    known(json, RULE_FIELDS, place);
    Verdict verdict =
        one(List.of(Verdict.FLAG, Verdict.BLOCK), json, "verdict", place, Verdict::id);
    Policy.Kind kind =
        one(Arrays.asList(Policy.Kind.values()), json, "evidence", place, Policy.Kind::id);
    Policy.Rule rule =
        new Policy.Rule(
            text(json, "id", place),
            verdict,
            kind,
            (int) number(json, "words", 0, 1_000_000, place),
            number(json, "outputShare", 0, 1, place),
            number(json, "workShare", 0, 1, place),
            number(json, "percentile", 0, 100, place),
            exempt(json, place),
            json.has("reason") ? text(json, "reason", place) : "");
    boolean meaning = kind == Policy.Kind.SEMANTIC;
    if (meaning && verdict == Verdict.BLOCK) {
      throw wrong(place + "verdict is flag where the evidence is semantic: it proves nothing");
    }
    boolean ofWords = rule.words() > 0 || rule.outputShare() > 0 || rule.workShare() > 0;
    if (meaning ? ofWords || rule.percentile() == 0 : !ofWords || rule.percentile() > 0) {
      throw wrong(
          place
              + "evidence "
              + kind.id()
              + (meaning
                  ? " needs percentile and nothing else"
                  : " needs words, outputShare or workShare, and no percentile"));
    }
    return rule;
  }

  private void known(JsonObject json, Set<String> fields, String place) {
    for (String field : json.keySet()) {
      if (!fields.contains(field)) {
        throw wrong(
            "there is no field "
                + place
                + field
                + "; there is "
                + fields.stream().sorted().collect(Collectors.joining(", ")));
      }
    }
  }

  private String text(JsonObject json, String field, String place) {
    JsonElement value = json.get(field);
    if (value == null
        || !value.isJsonPrimitive()
        || !value.getAsJsonPrimitive().isString()
        || value.getAsString().isBlank()) {
      throw wrong(place + field + " is a text that is not blank; got " + value);
    }
    return value.getAsString();
  }

  private double number(JsonObject json, String field, double least, double most, String place) {
    JsonElement value = json.get(field);
    if (value == null) {
      return 0;
    }
    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
      double number = value.getAsDouble();
      boolean whole = !field.equals("words") || number == Math.rint(number);
      if (number >= least && number <= most && whole) {
        return number;
      }
    }
    throw wrong(
        String.format(
            Locale.ROOT,
            "%s%s is a%s number of %.0f to %.0f; got %s",
            place,
            field,
            field.equals("words") ? " whole" : "",
            least,
            most,
            value));
  }

  private <T> T one(
      List<T> values, JsonObject json, String field, String place, Function<T, String> name) {
    String given = text(json, field, place);
    return values.stream()
        .filter(value -> name.apply(value).equals(given))
        .findFirst()
        .orElseThrow(
            () ->
                wrong(
                    place
                        + field
                        + " is one of "
                        + values.stream().map(name).collect(Collectors.joining(", "))
                        + "; got "
                        + given));
  }

  private List<String> exempt(JsonObject json, String place) {
    JsonElement value = json.get("exempt");
    if (value == null) {
      return List.of();
    }
    if (!value.isJsonArray()
        || !value.getAsJsonArray().asList().stream()
            .allMatch(one -> one.isJsonPrimitive() && one.getAsJsonPrimitive().isString())) {
      throw wrong(place + "exempt is a list of licences; got " + value);
    }
    return value.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
  }
}
