package io.whence.service.jobs;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.Fidelity;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.attribution.Tracer;
import io.whence.service.persistence.CurrentActor;
import io.whence.service.persistence.EventLog;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The indexes in {@code WHENCE_HOME/indexes}, each named as its directory. They are opened when the
 * service starts, one after the other beside the first requests, and those that are built later
 * when they are first asked for. One that is damaged says so and leaves the others alone.
 */
@ApplicationScoped
public class Indexes {
  /** A directory's name that can stand in a path; nothing that leads out of the directory. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  /** How long a damaged index is left alone before it is looked at again. */
  private static final Duration REST = Duration.ofSeconds(10);

  private final Path directory;
  private final String device;
  private final EventLog log;
  private final MeterRegistry meters;
  private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

  Indexes(
      @ConfigProperty(name = "whence.home") Optional<String> home,
      IndexesConfig config,
      EventLog log,
      MeterRegistry meters) {
    this.directory =
        home.map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".whence"))
            .resolve("indexes");
    this.device = config.device();
    this.log = log;
    this.meters = meters;
  }

  void start(@Observes StartupEvent event) {
    // A thread of its own, never a virtual one: the model's engine keeps state per thread.
    Thread opener = new Thread(this::openAll, "whence-open-indexes");
    opener.setDaemon(true);
    opener.start();
  }

  void stop(@Observes ShutdownEvent event) {
    entries.values().forEach(Entry::close);
  }

  private void openAll() {
    for (String id : ids()) {
      try {
        opened(id);
      } catch (EngineException e) {
        Log.warnf("index %s cannot be used: %s", id, e.detail());
      }
    }
  }

  /**
   * {@return the open index of a name, to attribute with; waits while it is being opened}
   *
   * @throws EngineException.NoIndex when there is none
   * @throws EngineException.InvalidQuery when it is for evidence alone
   * @throws EngineException when it cannot be used
   */
  Attributor attributor(String id) {
    return switch (opened(id)) {
      case WithModel index -> index.attributor();
      case EvidenceAlone index ->
          throw new EngineException.InvalidQuery(
              "the index "
                  + id
                  + " was built with --no-sketches, for evidence alone; trace or screen with it, or"
                  + " name one that was built with a model");
    };
  }

  /**
   * {@return the open index of a name, to trace with; waits while it is being opened}
   *
   * @throws EngineException.NoIndex when there is none
   * @throws EngineException when it cannot be used
   */
  public Tracer tracer(String id) {
    return switch (opened(id)) {
      case WithModel index -> index.attributor().tracer();
      case EvidenceAlone index -> index.tracer();
    };
  }

  private Opened opened(String id) {
    if (!isThere(id)) {
      throw unknown(id);
    }
    Entry entry =
        entries.compute(
            id, (name, there) -> there == null || there.worthAnotherLook() ? entry(name) : there);
    return entry.opened();
  }

  /** {@return how the index of a name stands} */
  public IndexState state(String id) {
    if (!isThere(id)) {
      throw unknown(id);
    }
    Entry entry = entries.get(id);
    return entry == null ? new IndexState.Opening() : entry.state();
  }

  /** {@return how every index stands, by name} */
  public SortedMap<String, IndexState> states() {
    SortedMap<String, IndexState> states = new TreeMap<>();
    for (String id : ids()) {
      states.put(id, state(id));
    }
    return states;
  }

  private EngineException.NoIndex unknown(String id) {
    List<String> there = ids();
    return new EngineException.NoIndex(
        "there is no index "
            + (id.length() <= 128 ? id : id.substring(0, 128) + "...")
            + (there.isEmpty()
                ? "; none has been built yet"
                : "; there is " + String.join(", ", there)));
  }

  private boolean isThere(String id) {
    return NAME.matcher(id).matches()
        && !id.endsWith(".building")
        && Files.isRegularFile(directory.resolve(id).resolve(IndexManifest.FILE));
  }

  private List<String> ids() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(directory)) {
      return children
          .map(child -> child.getFileName().toString())
          .filter(this::isThere)
          .sorted()
          .toList();
    } catch (IOException e) {
      Log.warnf("cannot list %s: %s", directory, e);
      return List.of();
    }
  }

  private Entry entry(String id) {
    return new Entry(() -> open(id));
  }

  private Opened open(String id) throws IOException {
    long begin = System.nanoTime();
    Path place = directory.resolve(id);
    IndexManifest manifest = IndexManifest.read(place);
    Opened opened =
        manifest.evidenceAlone()
            ? new EvidenceAlone(manifest, Tracer.open(place))
            : new WithModel(manifest, Attributor.open(place, device));
    try {
      enter(id, Files.readAllBytes(place.resolve(IndexManifest.FILE)));
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
    gauge("whence.index.works", id, "works", manifest.counts().works());
    gauge("whence.index.instances", id, "instances", manifest.counts().instances());
    gauge(
        "whence.index.size",
        id,
        "bytes",
        manifest.files().values().stream().mapToLong(IndexManifest.FileSum::bytes).sum());
    Log.infof(
        "index %s is open: %d works, %d instances, %.1f s",
        id,
        manifest.counts().works(),
        manifest.counts().instances(),
        (System.nanoTime() - begin) / 1e9);
    return opened;
  }

  /**
   * Enters what answers rest on from now on: the manifest has the sums of all the index's files.
   */
  private void enter(String id, byte[] manifest) {
    log.append("index.opened", id + " " + Sha256.of(manifest), CurrentActor.SERVICE, manifest);
  }

  private void gauge(String name, String id, String unit, long value) {
    Gauge.builder(name, () -> value).tag("index", id).baseUnit(unit).register(meters);
  }

  /** An index that is open. */
  private sealed interface Opened {
    IndexState state();

    void close();
  }

  private record WithModel(IndexManifest manifest, Attributor attributor) implements Opened {
    @Override
    public IndexState state() {
      return new IndexState.Open(manifest, attributor.fidelity());
    }

    @Override
    public void close() {
      attributor.close();
    }
  }

  private record EvidenceAlone(IndexManifest manifest, Tracer tracer) implements Opened {
    @Override
    public IndexState state() {
      return new IndexState.Open(manifest, Fidelity.EVIDENCE_ALONE);
    }

    @Override
    public void close() {
      tracer.close();
    }
  }

  /** One index, opened once by whoever comes first. */
  private static final class Entry {
    private final FutureTask<Opened> opening;
    private volatile long failedAt;

    Entry(Callable<Opened> open) {
      this.opening = new FutureTask<>(open);
    }

    Opened opened() {
      opening.run(); // does nothing where another thread has begun
      try {
        return opening.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Busy("the service is stopping");
      } catch (ExecutionException e) {
        if (failedAt == 0) {
          failedAt = System.nanoTime();
        }
        throw refusal(e.getCause());
      }
    }

    private static EngineException refusal(@Nullable Throwable cause) {
      return switch (cause) {
        case EngineException known -> known;
        case null -> new EngineException.IndexDamaged("the index cannot be opened");
        default -> new EngineException.IndexDamaged("the index cannot be opened: " + cause, cause);
      };
    }

    boolean worthAnotherLook() {
      return failedAt != 0 && System.nanoTime() - failedAt > REST.toNanos();
    }

    IndexState state() {
      return switch (opening.state()) {
        case RUNNING -> new IndexState.Opening();
        case SUCCESS -> opening.resultNow().state();
        case FAILED -> new IndexState.Damaged(refusal(opening.exceptionNow()).detail());
        case CANCELLED -> new IndexState.Damaged("opening it was given up");
      };
    }

    void close() {
      if (opening.state() == Future.State.SUCCESS) {
        opening.resultNow().close();
      }
    }
  }
}
