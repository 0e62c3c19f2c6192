package io.whence.service.persistence;

import io.quarkus.logging.Log;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.whence.service.TestHome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How fast the log on disk takes events, each in a transaction of its own with fsync on. No test:
 * it asserts nothing and is run by hand,
 *
 * <pre>
 * ./mvnw -pl engine,index-builder,src test -Dtest=EventLogThroughput -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@QuarkusTest
@WithTestResource(TestHome.class)
class EventLogThroughput {
  private static final int EVENTS = 2_000;

  private final EventLog log;

  EventLogThroughput(EventLog log) {
    this.log = log;
  }

  @ParameterizedTest(name = "{0} at once")
  @ValueSource(ints = {1, 1, 4, 16})
  void appends(int atOnce) throws Exception {
    long begin = System.nanoTime();
    List<Future<?>> appended = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
      for (int i = 0; i < EVENTS; i++) {
        appended.add(
            threads.submit(() -> log.append("test", "throughput", "somebody", new byte[100])));
      }
    }
    for (Future<?> one : appended) {
      one.get();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    Log.infof(
        "%d at once: %d events in %.1f s, %.0f a second",
        atOnce, EVENTS, seconds, EVENTS / seconds);
  }
}
