package io.whence.service.security;

import io.whence.engine.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * An API key as its owner has it: {@code whk_ID_SECRET}, in lower-case hexadecimal digits, of which
 * the last eight are a checksum (CRC-32) of all before them. Scanners for leaked secrets find it by
 * its form, and a slip in copying is told without a look at the database.
 *
 * <p>The service keeps SHA-256 of the secret and no more. A password would need a salt and a slow
 * hash, because people choose few; here there are 2<sup>256</sup> equally likely secrets, which
 * nobody goes through at any speed, and no two keys have the same.
 *
 * @param id twelve digits, no secret: it stands in lists and in the log
 * @param secret 256 random bits, 64 digits
 */
public record ApiKey(String id, String secret) {
  private static final Pattern FORM =
      Pattern.compile("(whk_([0-9a-f]{12})_([0-9a-f]{64}))([0-9a-f]{8})");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 6;
  private static final int SECRET_BYTES = 32;

  /** {@return a new key} */
  public static ApiKey generate() {
    return new ApiKey(random(ID_BYTES), random(SECRET_BYTES));
  }

  private static String random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** {@return the key that {@code text} is; empty where it is none, or was not copied whole} */
  public static Optional<ApiKey> read(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches() && checksum(form.group(1)).equals(form.group(4))
        ? Optional.of(new ApiKey(form.group(2), form.group(3)))
        : Optional.empty();
  }

  private static String checksum(String text) {
    CRC32 sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().toHexDigits((int) sum.getValue());
  }

  /** {@return the key as it is sent, with its secret} */
  public String text() {
    String text = "whk_" + id + "_" + secret;
    return text + checksum(text);
  }

  /** {@return what is kept of the secret} */
  public String sha256() {
    return Sha256.of(secret);
  }

  /** {@return whether this is the secret that was kept, in a time that does not tell how nearly} */
  boolean is(String sha256) {
    return MessageDigest.isEqual(
        sha256().getBytes(StandardCharsets.US_ASCII), sha256.getBytes(StandardCharsets.US_ASCII));
  }

  /** {@return the key without its secret, so that no log and no message ever has it} */
  @Override
  public String toString() {
    return "whk_" + id;
  }
}
