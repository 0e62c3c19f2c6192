package io.whence.engine.screening;

import java.util.Locale;

/** What a policy says of an output, mildest first. */
public enum Verdict {
  /** No rule applies. */
  ALLOW,
  /** A person should look before it is released. */
  FLAG,
  /** It is not to be released. */
  BLOCK;

  /** {@return its name in policies and answers} */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
