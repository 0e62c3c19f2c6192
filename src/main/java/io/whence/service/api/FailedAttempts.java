package io.whence.service.api;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds off addresses from which keys come that are none, so that they do not keep the database
 * busy. Guessing is hopeless either way. A key that was good before is looked up all the same:
 * nobody is locked out by what others send from behind the same proxy.
 *
 * <p>Memory is bounded: of addresses and of good keys those that were seen last are known. IPv6
 * addresses of one /64 count as one, as one subscriber has them all.
 */
final class FailedAttempts {
  /** Failures of one address in a minute before it is held off for the rest of it. */
  static final int MOST = 20;

  /** Addresses, and good keys, that are known. */
  static final int KNOWN = 10_000;

  private static final long WINDOW = TimeUnit.MINUTES.toNanos(1);
  private static final int IPV6 = 16;

  private final LongSupplier nanoTime;
  private final Map<String, Failures> failures = bounded();
  private final Map<String, Boolean> good = bounded();

  FailedAttempts(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Of one address since the first of a minute. */
  private record Failures(long since, int count) {}

  private static <V> Map<String, V> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > KNOWN;
      }
    };
  }

  /**
   * {@return how long an address is held off; empty where it is not}
   *
   * @param keySha256 of the key that comes from it; null where it is none
   */
  synchronized OptionalLong secondsToWait(String address, @Nullable String keySha256) {
    Failures known = failures.get(network(address));
    long left = known == null ? 0 : WINDOW - (nanoTime.getAsLong() - known.since);
    if (known == null
        || known.count < MOST
        || left <= 0
        || (keySha256 != null && good.containsKey(keySha256))) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(1 + TimeUnit.NANOSECONDS.toSeconds(left));
  }

  /** Notes that what came from an address was no good key. */
  synchronized void failed(String address) {
    long now = nanoTime.getAsLong();
    failures.merge(
        network(address),
        new Failures(now, 1),
        (known, first) ->
            now - known.since >= WINDOW ? first : new Failures(known.since, known.count + 1));
  }

  /** Notes that a key was good. */
  synchronized void succeeded(String keySha256) {
    good.put(keySha256, true);
  }

  private static String network(String address) {
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress();
      return HexFormat.of().formatHex(bytes.length == IPV6 ? Arrays.copyOf(bytes, 8) : bytes);
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
