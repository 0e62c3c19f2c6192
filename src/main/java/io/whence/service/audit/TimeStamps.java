package io.whence.service.audit;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.whence.engine.EngineException;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.MerkleTree;
import io.whence.engine.record.TimeStamp;
import io.whence.service.persistence.LogStamps;
import io.whence.service.persistence.LogStamps.Stamp;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Has an authority stamp the log's checkpoints, where one is configured: every hour with new
 * events, after each statement, and at each export. An authority that does not answer holds up
 * nobody for longer than its timeout, and nobody at all until it is tried again; what is missing is
 * stamped when it is back.
 */
@ApplicationScoped
public class TimeStamps {
  /** As long as a verifier grants between a checkpoint and its time-stamp. */
  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(60);

  private static final Duration SKEW = Duration.ofSeconds(2);

  /**
   * How time-stamping stands.
   *
   * @param authority where it is; null: none is configured
   * @param stamped events of the log that the latest time-stamp covers
   * @param failure why the latest attempt failed, one sentence; null where it did not
   * @param failingSince when the first of the failures without a success between was; null for none
   * @param clockAheadMillis how far this machine's clock was ahead of the authority's at the latest
   *     time-stamp of this process; null before there is one
   */
  public record Standing(
      @Nullable URI authority,
      long stamped,
      @Nullable String failure,
      @Nullable Instant failingSince,
      @Nullable Long clockAheadMillis) {}

  private final SealedTree tree;
  private final LogStamps records;
  private final LogConfig config;
  private final MeterRegistry meters;
  private final @Nullable Authority authority;
  private final List<X509Certificate> anchors;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "whence-time-stamps");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean wanted;
  private volatile @Nullable Instant triedAt;
  private volatile @Nullable Instant failingSince;
  private volatile @Nullable String failure;
  private volatile @Nullable Long clockAheadMillis;

  TimeStamps(SealedTree tree, LogStamps records, LogConfig config, MeterRegistry meters) {
    this.tree = tree;
    this.records = records;
    this.config = config;
    this.meters = meters;
    this.anchors = config.timestampTrust().map(TimeStamps::anchors).orElse(List.of());
    this.authority = config.timestampAuthority().map(url -> authority(url, config)).orElse(null);
  }

  private static Authority authority(URI url, LogConfig config) {
    if (!List.of("http", "https").contains(String.valueOf(url.getScheme()))
        || url.getHost() == null) {
      throw new IllegalStateException(
          "whence.log.timestamp-authority is " + url + "; name an http or https address");
    }
    check("timestamp-timeout", config.timestampTimeout(), LONGEST_TIMEOUT);
    check("timestamp-interval", config.timestampInterval(), Duration.ofDays(366));
    check("timestamp-retry", config.timestampRetry(), Duration.ofDays(1));
    return new Authority(url, config.timestampTimeout());
  }

  private static void check(String name, Duration value, Duration most) {
    if (value.toMillis() < 1 || value.compareTo(most) > 0) {
      throw new IllegalStateException(
          "whence.log." + name + " is " + value + "; it is between PT0.001S and " + most);
    }
  }

  private static List<X509Certificate> anchors(Path file) {
    try {
      return TimeStamp.anchors(Files.readString(file));
    } catch (IOException e) {
      throw new IllegalStateException(
          "whence.log.timestamp-trust is " + file + ", which cannot be read (" + e + ")");
    } catch (EngineException.InvalidQuery e) {
      throw new IllegalStateException("whence.log.timestamp-trust is " + file + ": " + e.detail());
    }
  }

  void start(@Observes StartupEvent event) {
    if (authority != null) {
      long rest = config.timestampRetry().toMillis();
      Future<?> unused =
          thread.scheduleWithFixedDelay(this::look, rest, rest, TimeUnit.MILLISECONDS);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    thread.shutdownNow();
  }

  /** Has the log as it is now stamped, without waiting for it. */
  void soon() {
    if (authority != null) {
      wanted = true;
      try {
        thread.execute(this::look);
      } catch (RejectedExecutionException e) {
        Log.debug("the service is ending; the next start stamps");
      }
    }
  }

  /** Has the log as it is now stamped, and waits for it unless the authority is failing. */
  void now() {
    Instant last = triedAt;
    boolean failing =
        failure != null
            && last != null
            && last.plus(config.timestampRetry()).isAfter(Instant.now());
    if (authority == null || failing) {
      wanted = true;
      return;
    }
    try {
      Future<?> stamped = thread.submit(this::stamp);
      // One before it may be under way.
      stamped.get(2 * config.timestampTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException | RejectedExecutionException e) {
      wanted = true;
      Log.debugf(e, "exported without a time-stamp of its own");
    } catch (InterruptedException e) {
      wanted = true;
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      Optional<Stamp> latest = records.latest(tree.key().fingerprint());
      boolean old =
          latest.isEmpty()
              || latest.get().at().plus(config.timestampInterval()).isBefore(Instant.now());
      Instant last = triedAt;
      boolean rested =
          failure == null
              || last == null
              || !last.plus(config.timestampRetry()).isAfter(Instant.now());
      if ((wanted || old) && rested) {
        stamp();
      }
    } catch (RuntimeException e) {
      failed(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  /** A checkpoint that is to be stamped. */
  private record Checkpoint(long size, String note) {}

  private void stamp() {
    if (authority == null) {
      return;
    }
    try {
      Checkpoint checkpoint =
          tree.caughtUp(
              all ->
                  new Checkpoint(
                      all.size(), Bundle.checkpoint(all.size(), all.root(), tree.key())));
      String key = tree.key().fingerprint();
      long stamped = records.latest(key).map(Stamp::size).orElse(0L);
      if (checkpoint.size == stamped) {
        wanted = false;
        return;
      }
      byte[] note = checkpoint.note.getBytes(StandardCharsets.UTF_8);
      byte[] token = authority.stamp(note, anchors);
      Instant now = Instant.now();
      TimeStamp.Found found = TimeStamp.check(token, note, anchors);
      records.add(
          key,
          new Stamp(
              checkpoint.size,
              checkpoint.note,
              token,
              found.at(),
              found.authority(),
              found.serial()));
      wanted = false;
      succeeded(Duration.between(found.at(), now));
    } catch (IOException e) {
      failed(String.valueOf(e.getMessage()));
    } catch (EngineException e) {
      failed(e.detail());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failed(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private void succeeded(Duration ahead) {
    triedAt = Instant.now();
    if (failure != null) {
      Log.infof("time-stamps are given again; none since %s", failingSince);
    }
    failure = null;
    failingSince = null;
    clockAheadMillis = ahead.toMillis();
    if (ahead.abs().compareTo(SKEW) > 0) {
      Log.warnf("this machine's clock is %d ms ahead of the authority's", ahead.toMillis());
    }
    meters.counter("whence.log.stamps", "outcome", "stamped").increment();
  }

  private void failed(String why) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    triedAt = now;
    wanted = true;
    if (failure == null) {
      failingSince = now;
      Log.warnf("the log's checkpoint was not stamped, which is tried again: %s", why);
    }
    failure = why;
    meters.counter("whence.log.stamps", "outcome", "failed").increment();
  }

  /** {@return how time-stamping stands} */
  public Standing standing() {
    return new Standing(
        config.timestampAuthority().orElse(null),
        records.latest(tree.key().fingerprint()).map(Stamp::size).orElse(0L),
        failure,
        failingSince,
        clockAheadMillis);
  }

  /** {@return stamped checkpoints, newest first} */
  public List<Stamp> newest(int most) {
    return records.newest(tree.key().fingerprint(), most);
  }

  /** {@return certificates that must vouch for the authority} */
  List<X509Certificate> anchors() {
    return anchors;
  }

  /**
   * {@return for each event the first time-stamp that covers it and the last that does not, as a
   * bundle has them}
   */
  List<Bundle.Stamp> around(List<Long> events, MerkleTree all) {
    String key = tree.key().fingerprint();
    TreeSet<Long> sizes = new TreeSet<>(records.sizes(key));
    sizes.removeIf(size -> size > all.size());
    TreeSet<Long> needed = new TreeSet<>();
    for (long event : events) {
      Optional.ofNullable(sizes.higher(event)).ifPresent(needed::add);
      Optional.ofNullable(sizes.floor(event)).ifPresent(needed::add);
    }
    return records.of(key, needed).stream()
        .map(
            stamp ->
                new Bundle.Stamp(
                    stamp.size(),
                    stamp.checkpoint(),
                    stamp.token(),
                    all.consistency(stamp.size(), all.size())))
        .toList();
  }
}
