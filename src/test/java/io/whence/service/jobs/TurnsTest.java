package io.whence.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TurnsTest {
  @Test
  void one_too_many_is_turned_away_and_the_others_are_served() throws Exception {
    Turns turns = new Turns(1, 1, Duration.ofSeconds(20));
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
      Future<String> first = callers.submit(() -> turns.take(() -> held(working, go, "first")));
      working.await();
      Future<String> second = callers.submit(() -> turns.take(() -> "second"));
      while (turns.inside() < 2) {
        Thread.onSpinWait();
      }

      assertThatThrownBy(() -> turns.take(() -> "third"))
          .isInstanceOfSatisfying(
              Busy.class,
              busy ->
                  assertThat(busy.detail())
                      .isEqualTo("the service is busy: 2 attributions run or wait already"));

      go.countDown();
      assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("first");
      assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo("second");
    }
    assertThat(turns.inside()).isZero();
  }

  @Test
  void who_waits_too_long_is_turned_away() throws Exception {
    Turns turns = new Turns(1, 5, Duration.ofMillis(10));
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService callers = Executors.newFixedThreadPool(1)) {
      Future<String> first = callers.submit(() -> turns.take(() -> held(working, go, "first")));
      working.await();

      assertThatThrownBy(() -> turns.take(() -> "second")).isInstanceOf(Busy.class);

      go.countDown();
      assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("first");
    }
  }

  @Test
  void a_turn_that_fails_is_given_back() {
    Turns turns = new Turns(1, 0, Duration.ofSeconds(1));

    assertThatThrownBy(() -> turns.take(() -> failed())).isInstanceOf(IllegalStateException.class);

    assertThat(turns.<String>take(() -> "next")).isEqualTo("next");
  }

  private static String failed() {
    throw new IllegalStateException("no");
  }

  private static String held(CountDownLatch working, CountDownLatch go, String value) {
    working.countDown();
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return value;
  }
}
