package io.whence.service.jobs;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Lets a bounded number of callers work at once, a bounded number wait, and turns others away. */
final class Turns {
  private final Semaphore working;
  private final int most;
  private final Duration patience;
  private final AtomicInteger inside = new AtomicInteger();

  /**
   * Bounds.
   *
   * @param concurrent how many work at once, at least 1
   * @param queue how many more may wait
   * @param patience how long one waits
   */
  Turns(int concurrent, int queue, Duration patience) {
    this.working = new Semaphore(concurrent, true);
    this.most = concurrent + queue;
    this.patience = patience;
  }

  /** {@return the bounds of what is answered at once, as attributions are configured} */
  static Turns of(AttributionsConfig config) {
    return new Turns(
        config.concurrent().orElse(Runtime.getRuntime().availableProcessors()),
        config.queue(),
        config.patience());
  }

  /**
   * {@return what {@code work} gives, when its turn has come}
   *
   * @throws Busy when too many wait already, or the turn does not come in time
   */
  <T> T take(Supplier<T> work) {
    if (inside.incrementAndGet() > most) {
      inside.decrementAndGet();
      throw new Busy("the service is busy: " + most + " attributions run or wait already");
    }
    try {
      if (!working.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Busy("the service is busy: no turn came within " + patience.toSeconds() + " s");
      }
      try {
        return work.get();
      } finally {
        working.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Busy("the service is stopping");
    } finally {
      inside.decrementAndGet();
    }
  }

  /** {@return how many are working or waiting} */
  int inside() {
    return inside.get();
  }
}
