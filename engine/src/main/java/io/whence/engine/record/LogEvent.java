package io.whence.engine.record;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;

/**
 * One entry of the log. It holds no payload, only a commitment to one: SHA-256 of a random salt and
 * the payload. Who erases both leaves an entry that says nothing of them.
 *
 * @param sequence its place in the log, from 0
 * @param at when it was entered, by the clock of the machine that did
 * @param kind of what happened, as {@code attribution.answered}
 * @param subject what it happened to
 * @param actor who did it
 * @param commitment to the payload, 64 hexadecimal digits
 * @param bytes of the payload
 */
public record LogEvent(
    long sequence,
    Instant at,
    String kind,
    String subject,
    String actor,
    String commitment,
    long bytes) {
  /** Bytes of a salt. */
  public static final int SALT = 32;

  /** {@return the commitment to a payload} */
  public static String commitment(byte[] salt, byte[] payload) {
    if (salt.length != SALT) {
      throw new IllegalArgumentException("a salt has " + SALT + " bytes; got " + salt.length);
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(salt);
      return HexFormat.of().formatHex(sha256.digest(payload));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** {@return the entry in canonical JSON: what the log's tree has for a leaf} */
  public byte[] canonical() {
    JsonObject payload = new JsonObject();
    payload.addProperty("bytes", bytes);
    payload.addProperty("commitment", commitment);
    JsonObject json = new JsonObject();
    json.addProperty("actor", actor);
    json.addProperty("at", at.toString());
    json.addProperty("kind", kind);
    json.add("payload", payload);
    json.addProperty("sequence", sequence);
    json.addProperty("subject", subject);
    return CanonicalJson.of(json.toString());
  }

  /**
   * {@return the entry in canonical JSON}
   *
   * @throws IllegalArgumentException when it is none
   */
  public static LogEvent read(byte[] canonical) {
    if (!CanonicalJson.is(canonical)) {
      throw new IllegalArgumentException("is no canonical JSON");
    }
    try {
      JsonObject json =
          JsonParser.parseString(
                  StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(canonical)).toString())
              .getAsJsonObject();
      JsonObject payload = json.getAsJsonObject("payload");
      LogEvent event =
          new LogEvent(
              json.get("sequence").getAsLong(),
              Instant.parse(json.get("at").getAsString()),
              json.get("kind").getAsString(),
              json.get("subject").getAsString(),
              json.get("actor").getAsString(),
              payload.get("commitment").getAsString(),
              payload.get("bytes").getAsLong());
      if (java.util.Arrays.equals(event.canonical(), canonical)) {
        return event;
      }
    } catch (CharacterCodingException
        | JsonParseException
        | IllegalStateException
        | NullPointerException
        | NumberFormatException
        | ClassCastException
        | UnsupportedOperationException
        | DateTimeParseException e) {
      throw new IllegalArgumentException("is no event: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException("has other fields than an event");
  }
}
