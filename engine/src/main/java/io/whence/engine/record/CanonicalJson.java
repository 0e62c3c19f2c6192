package io.whence.engine.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.erdtman.jcs.JsonCanonicalizer;

/** JSON written in the one way of RFC 8785, so that the same value has the same bytes. */
public final class CanonicalJson {
  /** The deepest nesting that is read. */
  static final int DEEPEST = 100;

  private CanonicalJson() {}

  /**
   * {@return the canonical form, UTF-8}
   *
   * @throws IllegalArgumentException when it is no JSON object or array, or nests too deep
   */
  public static byte[] of(String json) {
    int depth = 0;
    boolean text = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (text) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          text = false;
        }
      } else if (c == '"') {
        text = true;
      } else if (c == '{' || c == '[') {
        if (++depth > DEEPEST) {
          throw new IllegalArgumentException("JSON nests deeper than " + DEEPEST);
        }
      } else if (c == '}' || c == ']') {
        depth--;
      }
    }
    try {
      return new JsonCanonicalizer(json).getEncodedUTF8();
    } catch (IOException e) {
      throw new IllegalArgumentException("no canonical form: " + e.getMessage(), e);
    }
  }

  /** {@return whether bytes are JSON in its canonical form} */
  static boolean is(byte[] json) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
      return Arrays.equals(of(text), json);
    } catch (CharacterCodingException | IllegalArgumentException e) {
      return false;
    }
  }
}
