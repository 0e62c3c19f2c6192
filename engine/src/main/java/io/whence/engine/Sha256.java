package io.whence.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 sums, as 64 lower-case hexadecimal digits. */
public final class Sha256 {
  private final MessageDigest digest;

  /** Starts an empty sum. */
  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Adds the UTF-8 bytes of {@code text}. */
  public Sha256 add(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Adds {@code bytes}. */
  public Sha256 add(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds the bytes of {@code file}. */
  public Sha256 add(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return this;
  }

  /** {@return the sum of all that was added; the next sum starts empty} */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** {@return the sum of a text's UTF-8 bytes} */
  public static String of(String text) {
    return new Sha256().add(text).hex();
  }

  /** {@return the sum of bytes} */
  public static String of(byte[] bytes) {
    return new Sha256().add(bytes).hex();
  }

  /** {@return the sum of a file's bytes} */
  public static String of(Path file) throws IOException {
    return new Sha256().add(file).hex();
  }
}
