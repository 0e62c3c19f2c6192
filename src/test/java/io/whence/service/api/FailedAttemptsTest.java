package io.whence.service.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FailedAttemptsTest {
  private static final String HERE = "192.0.2.1";

  private final AtomicLong now = new AtomicLong(-5);
  private final FailedAttempts attempts = new FailedAttempts(now::get);

  private void fail(String address, int times) {
    for (int i = 0; i < times; i++) {
      attempts.failed(address);
    }
  }

  @Test
  void an_address_is_held_off_for_the_rest_of_a_minute() {
    fail(HERE, FailedAttempts.MOST - 1);
    assertThat(attempts.secondsToWait(HERE, null)).isEmpty();

    now.addAndGet(TimeUnit.SECONDS.toNanos(20));
    fail(HERE, 1);

    assertThat(attempts.secondsToWait(HERE, null)).hasValue(41);
    assertThat(attempts.secondsToWait("192.0.2.2", null)).isEmpty();
    now.addAndGet(TimeUnit.SECONDS.toNanos(40));
    assertThat(attempts.secondsToWait(HERE, null)).isEmpty();
    fail(HERE, 1);
    assertThat(attempts.secondsToWait(HERE, null)).isEmpty();
  }

  @Test
  void a_key_that_was_good_before_is_not_held_off() {
    attempts.succeeded("good");

    fail(HERE, FailedAttempts.MOST);

    assertThat(attempts.secondsToWait(HERE, "good")).isEmpty();
    assertThat(attempts.secondsToWait(HERE, "other")).isPresent();
  }

  @Test
  void addresses_of_one_subscriber_count_as_one() {
    for (int i = 0; i < FailedAttempts.MOST; i++) {
      attempts.failed("2001:db8:1:2::" + i);
    }

    assertThat(attempts.secondsToWait("2001:db8:1:2:3::4", null)).isPresent();
    assertThat(attempts.secondsToWait("2001:db8:1:3::1", null)).isEmpty();
  }

  @Test
  void memory_is_bounded_and_the_latest_are_known() {
    fail(HERE, FailedAttempts.MOST);
    for (int i = 0; i < FailedAttempts.KNOWN; i++) {
      attempts.failed("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255));
    }

    assertThat(attempts.secondsToWait(HERE, null)).isEmpty();
  }
}
