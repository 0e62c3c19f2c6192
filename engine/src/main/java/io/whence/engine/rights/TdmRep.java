package io.whence.engine.rights;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The TDM Reservation Protocol (W3C Community Group): {@code tdm-reservation} 1 reserves the right,
 * 0 does not, anything else says nothing; {@code tdm-policy} says where it can be had. In the file,
 * the longest location that matches counts.
 */
final class TdmRep {
  private static final Pattern FIELD =
      Pattern.compile("(?im)^[ \\t]*(tdm-reservation|tdm-policy)[ \\t]*:[ \\t]*(\\S+)[ \\t]*$");
  private static final Pattern META = Pattern.compile("(?is)<meta\\s[^>]{0,2000}>");
  private static final Pattern NAME =
      Pattern.compile("(?is)\\sname\\s*=\\s*[\"']?(tdm-reservation|tdm-policy)[\"'\\s/>]");
  private static final Pattern CONTENT =
      Pattern.compile("(?is)\\scontent\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"'>]+))");

  private TdmRep() {}

  static Reading file(String text, Form.Target target) {
    JsonObject best = null;
    int longest = -1;
    try {
      for (JsonElement element : JsonParser.parseString(text).getAsJsonArray()) {
        JsonObject rule = element.getAsJsonObject();
        String location = rule.get("location").getAsString();
        String pattern = location.startsWith("/") ? location : "/" + location;
        if (PathPattern.matches(pattern, target.path()) && pattern.length() > longest) {
          longest = pattern.length();
          best = rule;
        }
      }
      if (best == null) {
        return Reading.of(
            Form.TDMREP, text, Verdict.UNSTATED, "no location matches " + target.path(), null);
      }
      JsonElement policy = best.get("tdm-policy");
      return reading(
          Form.TDMREP,
          text,
          best.has("tdm-reservation") ? best.get("tdm-reservation").getAsString() : null,
          policy == null || policy.isJsonNull() ? null : policy.getAsString());
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | UnsupportedOperationException e) {
      throw new EngineException.InvalidQuery(
          "no tdmrep.json: it is a list of objects with location and tdm-reservation");
    }
  }

  /** Fields of HTTP come before what the page itself states. */
  static Reading page(String text) {
    String reservation = null;
    String policy = null;
    Matcher metas = META.matcher(text);
    while (metas.find()) {
      Matcher name = NAME.matcher(metas.group());
      Matcher content = CONTENT.matcher(metas.group());
      if (name.find() && content.find()) {
        String value =
            content.group(1) != null
                ? content.group(1)
                : content.group(2) != null ? content.group(2) : content.group(3);
        if (name.group(1).equalsIgnoreCase("tdm-policy")) {
          policy = value;
        } else {
          reservation = value;
        }
      }
    }
    Matcher fields = FIELD.matcher(text);
    while (fields.find()) {
      if (fields.group(1).equalsIgnoreCase("tdm-policy")) {
        policy = fields.group(2);
      } else {
        reservation = fields.group(2);
      }
    }
    return reading(Form.TDMREP_PAGE, text, reservation, policy);
  }

  private static Reading reading(
      Form form, String text, @Nullable String reservation, @Nullable String policy) {
    Verdict verdict =
        switch (reservation == null ? "" : reservation.strip()) {
          case "1" -> Verdict.RESERVED;
          case "0" -> Verdict.ALLOWED;
          default -> Verdict.UNSTATED;
        };
    return Reading.of(
        form,
        text,
        verdict,
        reservation == null ? "no tdm-reservation" : "tdm-reservation: " + reservation.strip(),
        policy);
  }
}
