package io.whence.engine.record;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text with one Ed25519 signature, in the form of a C2SP signed note:
 *
 * <pre>
 * text, each line ended
 *
 * — NAME BASE64(key id, 4 bytes, and signature, 64 bytes)
 * </pre>
 *
 * <p>The key id is the beginning of SHA-256 of the name, a line feed, a byte 1 and the key's 32
 * bytes. A text is signed in one way only: a note that differs in any byte is another note.
 */
final class SignedNote {
  private static final int KEY_ID = 4;
  private static final int SIGNATURE = 64;
  private static final int RAW_KEY = 32;
  private static final Pattern FORM =
      Pattern.compile("((?:[^\n]+\n)+)\n\u2014 ([^ \n]+) ([A-Za-z0-9+/=]+)\n");

  private SignedNote() {}

  /** {@return the note} */
  static String sign(String text, LogKey key) {
    try {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(key.privateKey());
      signer.update(text.getBytes(StandardCharsets.UTF_8));
      byte[] signature = signer.sign();
      byte[] id = keyId(key.name(), key.publicKey());
      byte[] both = Arrays.copyOf(id, KEY_ID + SIGNATURE);
      System.arraycopy(signature, 0, both, KEY_ID, SIGNATURE);
      return text
          + "\n\u2014 "
          + key.name()
          + " "
          + Base64.getEncoder().encodeToString(both)
          + "\n";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519 does not sign here", e);
    }
  }

  /** {@return the text that {@code note} signs; null where the signature is not the key's} */
  static @Nullable String text(String note, String name, PublicKey key) {
    Matcher parts = FORM.matcher(note);
    if (!parts.matches() || !parts.group(2).equals(name)) {
      return null;
    }
    try {
      byte[] both = Base64.getDecoder().decode(parts.group(3));
      if (both.length != KEY_ID + SIGNATURE
          || !Base64.getEncoder().encodeToString(both).equals(parts.group(3))
          || !Arrays.equals(Arrays.copyOf(both, KEY_ID), keyId(name, key))) {
        return null;
      }
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(parts.group(1).getBytes(StandardCharsets.UTF_8));
      return verifier.verify(both, KEY_ID, SIGNATURE) ? parts.group(1) : null;
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      return null;
    }
  }

  private static byte[] keyId(String name, PublicKey key) throws GeneralSecurityException {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update(name.getBytes(StandardCharsets.UTF_8));
    sha256.update(new byte[] {'\n', 1});
    byte[] encoded = key.getEncoded();
    sha256.update(encoded, encoded.length - RAW_KEY, RAW_KEY);
    return Arrays.copyOf(sha256.digest(), KEY_ID);
  }
}
