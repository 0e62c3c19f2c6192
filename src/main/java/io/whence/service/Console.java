package io.whence.service;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The two streams of the command line, in UTF-8 whatever the locale says. */
final class Console {
  /** For what was asked for. */
  static final PrintStream OUT = utf8(FileDescriptor.out);

  /** For everything else. */
  static final PrintStream ERR = utf8(FileDescriptor.err);

  private Console() {}

  private static PrintStream utf8(FileDescriptor stream) {
    return new PrintStream(new FileOutputStream(stream), true, StandardCharsets.UTF_8);
  }
}
