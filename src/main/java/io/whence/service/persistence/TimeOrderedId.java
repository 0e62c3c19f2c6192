package io.whence.service.persistence;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/** Makes UUIDs of version 7 (RFC 9562): milliseconds first, then 74 random bits. */
public final class TimeOrderedId {
  private static final SecureRandom RANDOM = new SecureRandom();

  private TimeOrderedId() {}

  /** {@return an id that sorts by {@code time}} */
  public static UUID at(Instant time) {
    long high = time.toEpochMilli() << 16 | 0x7000 | RANDOM.nextInt(1 << 12);
    long low = RANDOM.nextLong() >>> 2 | 1L << 63;
    return new UUID(high, low);
  }
}
