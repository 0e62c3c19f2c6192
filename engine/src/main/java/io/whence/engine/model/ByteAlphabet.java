package io.whence.engine.model;

/**
 * GPT-2's printable alphabet of bytes (Radford et al., 2019): bytes that print as Latin-1 stand for
 * themselves, the others for the characters from U+0100 on.
 */
final class ByteAlphabet {
  private static final char[] SYMBOLS = new char[256];

  static {
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean prints = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      SYMBOLS[b] = (char) (prints ? b : next++);
    }
  }

  private ByteAlphabet() {}

  /** {@return the character that stands for a byte, 0 to 255} */
  static char symbol(int b) {
    return SYMBOLS[b];
  }
}
