package io.whence.service.security;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** When a request needs a key ({@value #SETTING}). */
public enum Authentication {
  /** Always. */
  REQUIRED,
  /** Unless the service can be reached from this machine alone, by whoever sits at it. */
  UNLESS_LOOPBACK;

  /** The setting. */
  public static final String SETTING = "whence.http.authentication";

  /** Where nothing is set. */
  public static final String DEFAULT = "unless-loopback";

  /** {@return its name in the setting} */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return the value of that name} */
  public static Optional<Authentication> of(String id) {
    return Arrays.stream(values()).filter(value -> value.id().equals(id)).findFirst();
  }

  /**
   * {@return whether every request needs a key}
   *
   * @param host what the service listens on; what cannot be resolved counts as another machine's
   */
  public boolean neededAt(String host) {
    try {
      return this == REQUIRED || !InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return true;
    }
  }
}
