package io.whence.service.jobs;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.quarkus.runtime.ShutdownEvent;
import io.whence.engine.EngineException;
import io.whence.engine.credit.Identifier;
import io.whence.engine.model.Adapter;
import io.whence.engine.model.TextEmbedder;
import io.whence.engine.record.CanonicalJson;
import io.whence.engine.statement.DeclaredUse;
import io.whence.service.persistence.PlugInRecords;
import io.whence.service.persistence.PlugInRecords.Meaning;
import io.whence.service.persistence.PlugInRecords.PlugIn;
import io.whence.service.persistence.PlugInRecords.UsageEvent;
import io.whence.service.persistence.TimeOrderedId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Works as adapters of an index's model: registered, looked for, their use metered and charged.
 * What a plug-in means is kept in memory, 1.5 KB each, and catches up with the database when it is
 * asked, so any number of services may register.
 */
@ApplicationScoped
public class PlugIns {
  /** Longest adapter that is sent in a request, bytes. */
  public static final long LONGEST_UPLOAD = 32L << 20;

  /** Longest adapter that is read from the home's directory, bytes. */
  public static final long LONGEST_FILE = 16L << 30;

  /** Most plug-ins of one output. */
  public static final int MOST_MERGED = 100;

  private static final Pattern FILE =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,115}\\.safetensors");
  private static final int PAGE = 500;

  /** How a plug-in stands to the model of its index. */
  public enum Standing {
    /** The index has the model that the plug-in was made for. */
    CURRENT,
    /** The index has another model, or is gone. */
    STALE,
    /** The index cannot be asked now. */
    UNKNOWN
  }

  /**
   * How a plug-in stands, and why.
   *
   * @param checkpoint SHA-256 of the index's model now; null where it has none
   * @param detail one sentence
   */
  public record Stand(Standing standing, @Nullable String checkpoint, String detail) {}

  /**
   * What is to be registered.
   *
   * @param works parts per million of the plug-in; they sum to a million
   */
  public record Registration(
      String index,
      String base,
      String adapter,
      UUID holder,
      String title,
      String description,
      String terms,
      SortedMap<String, Integer> works,
      List<Identifier> identifiers,
      @Nullable UUID replaces) {}

  /**
   * A use as it is stated.
   *
   * @param adapter SHA-256 of the adapter that was used
   * @param base SHA-256 of the model it was used with
   * @param output SHA-256 of the output's text
   * @param weightMicros with which it was merged, millionths
   */
  public record Use(String adapter, String base, String output, long weightMicros) {}

  /**
   * What is declared of an output.
   *
   * @param ppm the plug-ins' part of it, parts per million
   * @param weights by SHA-256 of the adapter, millionths; empty where what was metered counts
   */
  public record Declaration(int ppm, SortedMap<String, Long> weights) {}

  /** A plug-in and the cosine of what it means and what was looked for. */
  public record Similar(PlugIn plugIn, double cosine) {}

  private final PlugInRecords records;
  private final Indexes indexes;
  private final Path adapters;
  private final List<Meaning> meanings = new ArrayList<>();
  private final ReentrantLock turn = new ReentrantLock();
  private @Nullable TextEmbedder embedder;

  PlugIns(
      PlugInRecords records,
      Indexes indexes,
      @ConfigProperty(name = "whence.home") Optional<String> home) {
    this.records = records;
    this.indexes = indexes;
    this.adapters =
        home.map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".whence"))
            .resolve("adapters");
  }

  void stop(@Observes ShutdownEvent event) {
    turn.lock();
    try {
      TextEmbedder open = embedder;
      if (open != null) {
        open.close();
        embedder = null;
      }
    } finally {
      turn.unlock();
    }
  }

  /**
   * {@return what an adapter is, told from its bytes} The bytes are not kept.
   *
   * @throws EngineException.InvalidQuery when it is no adapter
   * @throws IOException as the stream does
   */
  public Adapter seen(InputStream file) throws IOException {
    return kept(Adapter.read(file, LONGEST_UPLOAD));
  }

  /**
   * {@return the same of a file in the home's directory {@code adapters}}
   *
   * @throws EngineException.InvalidQuery when there is none of that name, or it is no adapter
   */
  public Adapter seen(String name) {
    Path file = adapters.resolve(FILE.matcher(name).matches() ? name : "none");
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new EngineException.InvalidQuery(
          "there is no file "
              + (name.length() <= 128 ? name : name.substring(0, 128) + "...")
              + " in the directory adapters of the service's home; put NAME.safetensors there, or send"
              + " its bytes as application/octet-stream");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return kept(Adapter.read(in, LONGEST_FILE));
    } catch (IOException e) {
      throw new EngineException.InvalidQuery("the file " + name + " cannot be read now: " + e);
    }
  }

  private Adapter kept(Adapter adapter) {
    records.add(adapter, now());
    return adapter;
  }

  /** {@return what was seen in the file of an adapter; none where it was never shown} */
  public Optional<Adapter> adapter(String sha256) {
    return records.adapter(sha256);
  }

  /**
   * {@return the new plug-in; it is on disk and in the log}
   *
   * @throws EngineException.NoIndex when there is no such index
   * @throws EngineException.InvalidQuery when the index has another model, or what the registration
   *     names is not registered
   * @throws io.whence.service.persistence.Conflict when the adapter, an identifier or a replacement
   *     is another plug-in's already
   */
  public PlugIn register(Registration asked) {
    String checkpoint = indexes.attributor(asked.index).manifest().checkpoint();
    if (!checkpoint.equals(asked.base)) {
      throw new EngineException.InvalidQuery(
          "baseSha256 "
              + asked.base
              + " is not the model of index "
              + asked.index
              + ", which is "
              + checkpoint
              + "; register the plug-in with an index of the model that it was made for");
    }
    Instant now = now();
    PlugIn plugIn =
        new PlugIn(
            0,
            TimeOrderedId.at(now),
            now,
            asked.index,
            asked.base,
            asked.adapter,
            asked.holder,
            "",
            asked.title,
            asked.description,
            asked.terms,
            asked.works,
            asked.identifiers,
            asked.replaces,
            null);
    return records.add(
        plugIn,
        meaning(plugIn.title() + ". " + plugIn.description()),
        TextEmbedder.ID,
        json(plugIn));
  }

  private static byte[] json(PlugIn plugIn) {
    JsonObject json = new JsonObject();
    json.addProperty("id", plugIn.id().toString());
    json.addProperty("createdAt", plugIn.createdAt().toString());
    json.addProperty("index", plugIn.index());
    json.addProperty("baseSha256", plugIn.base());
    json.addProperty("adapterSha256", plugIn.adapter());
    json.addProperty("owner", plugIn.holder().toString());
    json.addProperty("title", plugIn.title());
    json.addProperty("description", plugIn.description());
    json.addProperty("terms", plugIn.terms());
    JsonObject works = new JsonObject();
    plugIn.works().forEach(works::addProperty);
    json.add("works", works);
    JsonArray identifiers = new JsonArray();
    plugIn.identifiers().forEach(identifier -> identifiers.add(identifier.toString()));
    json.add("identifiers", identifiers);
    if (plugIn.replaces() != null) {
      json.addProperty("replaces", plugIn.replaces().toString());
    }
    return CanonicalJson.of(json.toString());
  }

  private float[] meaning(String text) {
    turn.lock();
    try {
      TextEmbedder open = embedder;
      if (open == null) {
        open = TextEmbedder.open();
        embedder = open;
      }
      return open.embed(text);
    } finally {
      turn.unlock();
    }
  }

  /** {@return the plug-in of a name} */
  public Optional<PlugIn> find(UUID id) {
    return records.find(id);
  }

  /** {@return plug-ins by words and ids} */
  public List<PlugIn> search(String text, int most) {
    return records.search(text, most);
  }

  /** {@return plug-ins in the order they were registered, from after a number on} */
  public List<PlugIn> list(long after, int most) {
    return records.after(after, null, most);
  }

  /** {@return plug-ins whose title and description mean most nearly what a text does} */
  public List<Similar> similar(String text, int most) {
    return nearest(meaning(text), null, most);
  }

  /** {@return plug-ins that mean most nearly what another does, without it} */
  public List<Similar> similar(PlugIn plugIn, int most) {
    return nearest(
        catchUp().stream()
            .filter(one -> one.plugIn().equals(plugIn.id()))
            .findFirst()
            .orElseThrow()
            .embedding(),
        plugIn.id(),
        most);
  }

  private List<Similar> nearest(float[] embedding, @Nullable UUID without, int most) {
    record Scored(Meaning meaning, double cosine) {}
    return catchUp().stream()
        .filter(one -> !one.plugIn().equals(without))
        .map(one -> new Scored(one, cosine(one.embedding(), embedding)))
        .sorted(
            Comparator.comparingDouble(Scored::cosine)
                .reversed()
                .thenComparingLong(one -> one.meaning().sequence()))
        .limit(most)
        .map(one -> new Similar(records.find(one.meaning().plugIn()).orElseThrow(), one.cosine()))
        .toList();
  }

  /** Both have norm 1. */
  private static double cosine(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private List<Meaning> catchUp() {
    turn.lock();
    try {
      while (true) {
        long last = meanings.isEmpty() ? 0 : meanings.get(meanings.size() - 1).sequence();
        List<Meaning> page = records.meanings(last, PAGE);
        if (page.isEmpty()) {
          return List.copyOf(meanings);
        }
        meanings.addAll(page);
      }
    } finally {
      turn.unlock();
    }
  }

  /** {@return how a plug-in stands to the model that its index has now} */
  public Stand standing(PlugIn plugIn) {
    try {
      return switch (indexes.state(plugIn.index())) {
        case IndexState.Open open -> standing(plugIn, open.manifest().checkpoint());
        case IndexState.Opening opening ->
            new Stand(
                Standing.UNKNOWN, null, "index " + plugIn.index() + " is being opened; ask again");
        case IndexState.Damaged damaged ->
            new Stand(
                Standing.UNKNOWN,
                null,
                "index " + plugIn.index() + " cannot be used: " + damaged.detail());
      };
    } catch (EngineException.NoIndex e) {
      return new Stand(Standing.STALE, null, "there is no index " + plugIn.index() + " any more");
    }
  }

  private static Stand standing(PlugIn plugIn, String checkpoint) {
    return checkpoint.equals(plugIn.base())
        ? new Stand(
            Standing.CURRENT,
            checkpoint,
            "index " + plugIn.index() + " has the model it was made for")
        : new Stand(
            Standing.STALE,
            checkpoint,
            "index "
                + plugIn.index()
                + " has another model now; make the adapter anew for it and register that with"
                + " replaces");
  }

  /**
   * {@return plug-ins that are stale, in the order they were registered, from after a number on}
   *
   * @param index whose model counts; null for all
   */
  public List<PlugIn> stale(@Nullable String index, long after, int most) {
    List<PlugIn> stale = new ArrayList<>();
    long reached = after;
    for (List<PlugIn> page = records.after(reached, index, PAGE);
        !page.isEmpty() && stale.size() < most;
        page = records.after(reached, index, PAGE)) {
      page.stream()
          .filter(plugIn -> standing(plugIn).standing() == Standing.STALE)
          .limit(most - stale.size())
          .forEach(stale::add);
      reached = page.get(page.size() - 1).sequence();
    }
    return stale;
  }

  /**
   * {@return the use as it is metered; it is on disk and in the log} The same key has the same use.
   *
   * @throws EngineException.InvalidQuery when the adapter or the model is not the plug-in's
   *     registered one, or the key was that of another use
   */
  public UsageEvent meter(PlugIn plugIn, Use use, String key) {
    if (!use.adapter.equals(plugIn.adapter())) {
      throw new EngineException.InvalidQuery(
          "adapterSha256 "
              + use.adapter
              + " is not that of plug-in "
              + plugIn.id()
              + ", whose registered adapter is "
              + plugIn.adapter()
              + "; "
              + records
                  .adapted(use.adapter)
                  .map(other -> "it is that of plug-in " + other.id() + ": meter the use there")
                  .orElse("register it at /v1/plug-ins first"));
    }
    if (!use.base.equals(plugIn.base())) {
      throw new EngineException.InvalidQuery(
          "baseSha256 "
              + use.base
              + " is not the model that plug-in "
              + plugIn.id()
              + " was made for, which is "
              + plugIn.base()
              + "; register the adapter that was made for that model");
    }
    Instant now = now();
    UsageEvent event =
        new UsageEvent(
            0, TimeOrderedId.at(now), now, plugIn.id(), key, use.output, use.weightMicros, null);
    UsageEvent kept = records.meter(event, json(event, use));
    if (!kept.plugIn().equals(plugIn.id())
        || !kept.output().equals(use.output)
        || kept.weightMicros() != use.weightMicros) {
      throw new EngineException.InvalidQuery(
          "the key "
              + key
              + " was that of another use, "
              + kept.id()
              + "; give each use a key of its own");
    }
    return kept;
  }

  private static byte[] json(UsageEvent event, Use use) {
    JsonObject json = new JsonObject();
    json.addProperty("id", event.id().toString());
    json.addProperty("createdAt", event.createdAt().toString());
    json.addProperty("plugIn", event.plugIn().toString());
    json.addProperty("key", event.key());
    json.addProperty("adapterSha256", use.adapter());
    json.addProperty("baseSha256", use.base());
    json.addProperty("outputSha256", event.output());
    json.addProperty("weightMicros", event.weightMicros());
    return CanonicalJson.of(json.toString());
  }

  /** {@return uses of a plug-in in the order they were metered, from after a number on} */
  public List<UsageEvent> events(PlugIn plugIn, long after, int most) {
    return records.events(plugIn.id(), after, most);
  }

  /** {@return what the meter holds of a plug-in} */
  public PlugInRecords.Metered metered(PlugIn plugIn) {
    return records.metered(plugIn.id());
  }

  /** {@return the account of a batch's declarations, to be asked output by output} */
  Declared declaring(String index, Instant now) {
    return new Declared(index, now);
  }

  /** Holds declarations of one batch against the register. */
  final class Declared {
    private final String index;
    private final Instant now;
    private final Map<String, PlugIn> known = new HashMap<>();
    private final List<UsageEvent> events = new ArrayList<>();
    private @Nullable String checkpoint;

    private Declared(String index, Instant now) {
      this.index = index;
      this.now = now;
    }

    /** {@return the uses that were declared so far, to be kept with the batch} */
    List<UsageEvent> events() {
      return List.copyOf(events);
    }

    /** {@return the model that the plug-ins were made for; null where none was declared} */
    @Nullable String base() {
      return checkpoint;
    }

    /**
     * {@return how a declared part is split over plug-ins and works}
     *
     * @param key of the output
     * @param output SHA-256 of its text
     * @throws EngineException.InvalidQuery when an adapter is not registered, or made for another
     *     model
     */
    DeclaredUse of(String key, String output, Declaration declaration) {
      String model = checkpoint;
      if (model == null) {
        model = indexes.attributor(index).manifest().checkpoint();
        checkpoint = model;
      }
      List<DeclaredUse.Merged> merged = new ArrayList<>();
      if (declaration.weights.isEmpty()) {
        metered(key, output)
            .forEach(
                (plugIn, weight) ->
                    merged.add(merged(key, records.find(plugIn).orElseThrow(), weight)));
      } else {
        declaration.weights.forEach(
            (adapter, weight) -> {
              PlugIn plugIn = known.computeIfAbsent(adapter, sum -> registered(key, sum));
              merged.add(merged(key, plugIn, weight));
              events.add(
                  new UsageEvent(
                      0,
                      TimeOrderedId.at(now),
                      now,
                      plugIn.id(),
                      key + " " + adapter, // no key of a request has a space
                      output,
                      weight,
                      key));
            });
      }
      return DeclaredUse.split(declaration.ppm, merged);
    }

    private PlugIn registered(String key, String adapter) {
      return records
          .adapted(adapter)
          .orElseThrow(
              () ->
                  new EngineException.InvalidQuery(
                      "output "
                          + key
                          + " declares the use of adapter "
                          + adapter
                          + ", which is not registered; register it at /v1/plug-ins first, or leave it"
                          + " out"));
    }

    private DeclaredUse.Merged merged(String key, PlugIn plugIn, long weight) {
      if (!plugIn.base().equals(checkpoint)) {
        throw new EngineException.InvalidQuery(
            "output "
                + key
                + " declares the use of plug-in "
                + plugIn.id()
                + ", which was made for model "
                + plugIn.base()
                + ", but index "
                + index
                + " has "
                + checkpoint
                + "; name the adapter that was made for that model");
      }
      return new DeclaredUse.Merged(plugIn.adapter(), weight, plugIn.works());
    }

    /** What the meter has for a text; where it has several uses of one plug-in, their mean. */
    private Map<UUID, Long> metered(String key, String output) {
      List<UsageEvent> uses = records.metered(output, PAGE);
      if (uses.isEmpty()) {
        throw new EngineException.InvalidQuery(
            "output "
                + key
                + " declares plug-in use without naming the plug-ins, and none was metered for its text"
                + " (SHA-256 "
                + output
                + "); name them in declared.plugIns, or send their usage events first");
      }
      Map<UUID, long[]> sums = new TreeMap<>();
      for (UsageEvent use : uses) {
        long[] sum = sums.computeIfAbsent(use.plugIn(), plugIn -> new long[2]);
        sum[0] += use.weightMicros();
        sum[1]++;
      }
      Map<UUID, Long> weights = new TreeMap<>();
      sums.forEach((plugIn, sum) -> weights.put(plugIn, Math.max(1, sum[0] / sum[1])));
      return weights;
    }
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }
}
