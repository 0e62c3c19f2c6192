package io.whence.service.persistence;

import io.whence.engine.EngineException;
import io.whence.engine.credit.Identifier;
import io.whence.engine.model.Adapter;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The register of plug-ins, and the meter of their use. An adapter is registered once and never
 * changes; each registration and each use is entered in the log.
 */
@ApplicationScoped
public class PlugInRecords {
  /** Kind of the event that a registration makes. */
  public static final String REGISTERED = "plugIn.registered";

  /** Kind of the event that a metered use makes. */
  public static final String USED = "plugIn.used";

  private static final String READING = "the register of plug-ins cannot be read now";
  private static final String PLUG_IN =
      "select p.sequence, p.id, p.created_at, p.index_id, p.base_sha256, p.adapter_sha256,"
          + " p.holder_id, h.name as holder, p.title, p.description, p.terms, p.replaces, (select r.id"
          + " from plug_in r where r.replaces = p.id) as replaced_by from plug_in p join rights_holder"
          + " h on h.id = p.holder_id";
  private static final String EVENT =
      "select sequence, id, created_at, plug_in, key, output_sha256, weight_micros, charged_as from"
          + " usage_event";

  /**
   * Works as an adapter.
   *
   * @param sequence its number in the register, 0 before it is kept
   * @param index whose model it was made for
   * @param base SHA-256 of that model
   * @param adapter SHA-256 of the adapter
   * @param holder whose it is
   * @param holderName name of the holder; empty before it is kept
   * @param terms of its use
   * @param works its works, parts per million of the plug-in; they sum to a million
   * @param replaces the plug-in of an earlier model that this one takes the place of
   * @param replacedBy the one that took its own place
   */
  public record PlugIn(
      long sequence,
      UUID id,
      Instant createdAt,
      String index,
      String base,
      String adapter,
      UUID holder,
      String holderName,
      String title,
      String description,
      String terms,
      SortedMap<String, Integer> works,
      List<Identifier> identifiers,
      @Nullable UUID replaces,
      @Nullable UUID replacedBy) {
    /** Copies the lists. */
    public PlugIn {
      works = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(works));
      identifiers = List.copyOf(identifiers);
    }
  }

  /** What a plug-in means, as numbers. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Meaning(long sequence, UUID plugIn, float[] embedding) {}

  /**
   * A use of a plug-in.
   *
   * @param sequence its number on the meter, 0 before it is kept
   * @param key the same key is the same event
   * @param output SHA-256 of the output's text
   * @param weightMicros with which the adapter was merged, millionths
   * @param chargedAs key of the output of a batch that declared the use; null where it was metered
   */
  public record UsageEvent(
      long sequence,
      UUID id,
      Instant createdAt,
      UUID plugIn,
      String key,
      String output,
      long weightMicros,
      @Nullable String chargedAs) {}

  /**
   * What the meter holds of a plug-in.
   *
   * @param events all of them
   * @param charged those that a batch declared
   * @param outputs different texts among them
   * @param last when the latest was entered; null where there is none
   */
  public record Metered(long events, long charged, long outputs, @Nullable Instant last) {}

  private final Sql sql;
  private final Registrations registrations;
  private final EventLog log;
  private final CurrentActor actor;

  PlugInRecords(Sql sql, Registrations registrations, EventLog log, CurrentActor actor) {
    this.sql = sql;
    this.registrations = registrations;
    this.log = log;
    this.actor = actor;
  }

  /** Keeps what was seen in an adapter's file; seen again, it is the same. */
  public void add(Adapter adapter, Instant now) {
    sql.transaction(
        "the adapter could not be stored",
        () ->
            sql.insert(
                "insert into adapter (sha256, created_at, bytes, parameters, rank, layers) values (?,"
                    + " ?, ?, ?, ?, ?) on conflict do nothing",
                adapter.sha256(),
                now,
                adapter.bytes(),
                adapter.parameters(),
                adapter.rank(),
                adapter.layers().toArray(String[]::new)));
  }

  /** {@return what was seen in the adapter's file of a sum} */
  public Optional<Adapter> adapter(String sha256) {
    return sql.transaction(
        READING,
        () ->
            sql.first(
                "select sha256, bytes, parameters, rank, layers from adapter where sha256 = ?",
                row ->
                    new Adapter(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getInt(4),
                        Arrays.asList((String[]) row.getArray(5).getArray())),
                sha256));
  }

  /**
   * {@return the plug-in as it is kept}
   *
   * @param embedding of title and description
   * @param canonical the registration in canonical JSON, to which the log commits
   * @throws EngineException.InvalidQuery when the holder, a work or the plug-in to be replaced is
   *     not registered
   * @throws Conflict when the adapter, an identifier or a replacement is another plug-in's already
   */
  public PlugIn add(PlugIn plugIn, float[] embedding, String model, byte[] canonical) {
    return sql.transaction(
        "the plug-in could not be registered",
        () -> {
          // One at a time: a number that was given out is committed before the next is.
          sql.query("select pg_advisory_xact_lock(7210003)", row -> 0);
          Registrations.Holder holder =
              registrations
                  .holder(plugIn.holder())
                  .orElseThrow(
                      () ->
                          new EngineException.InvalidQuery(
                              "there is no rights holder "
                                  + plugIn.holder()
                                  + "; register the owner at /v1/rights-holders first"));
          List<String> words = new ArrayList<>();
          words.add(plugIn.title());
          words.add(plugIn.description());
          words.add(holder.name());
          for (String work : plugIn.works().keySet()) {
            words.add(work);
            words.add(titleOfRegistered(work));
          }
          refuseSecond(plugIn);
          insert(plugIn, String.join("\n", words), embedding, model);
          log.append(REGISTERED, plugIn.id().toString(), actor.name(), canonical);
          return find(plugIn.id()).orElseThrow();
        });
  }

  private String titleOfRegistered(String work) {
    return sql.first(
            "select coalesce(title, '') from work_registration where work = ? order by sequence desc"
                + " limit 1",
            row -> row.getString(1),
            work)
        .orElseThrow(
            () ->
                new EngineException.InvalidQuery(
                    "work " + work + " is not registered; register it at /v1/works first"));
  }

  private void refuseSecond(PlugIn plugIn) {
    adapted(plugIn.adapter())
        .ifPresent(
            other -> {
              throw new Conflict(
                  "adapter "
                      + plugIn.adapter()
                      + " is registered already, as plug-in "
                      + other.id()
                      + "; an adapter is registered once");
            });
    UUID replaced = plugIn.replaces();
    if (replaced != null) {
      PlugIn earlier =
          find(replaced)
              .orElseThrow(
                  () ->
                      new EngineException.InvalidQuery(
                          "there is no plug-in " + replaced + " that could be replaced"));
      if (!earlier.holder().equals(plugIn.holder())) {
        throw new EngineException.InvalidQuery(
            "plug-in "
                + replaced
                + " is another owner's; a plug-in is replaced by its owner's own");
      }
      if (earlier.replacedBy() != null) {
        throw new Conflict(
            "plug-in "
                + replaced
                + " is replaced already, by "
                + earlier.replacedBy()
                + "; replace that one");
      }
    }
  }

  private void insert(PlugIn plugIn, String words, float[] embedding, String model) {
    sql.insert(
        "insert into plug_in (id, created_at, index_id, base_sha256, adapter_sha256, holder_id, title,"
            + " description, terms, replaces, words, embedding, embedding_model) values (?, ?, ?, ?,"
            + " ?, ?, ?, ?, ?, ?, to_tsvector('simple', ?), ?, ?)",
        plugIn.id(),
        plugIn.createdAt(),
        plugIn.index(),
        plugIn.base(),
        plugIn.adapter(),
        plugIn.holder(),
        plugIn.title(),
        plugIn.description(),
        plugIn.terms(),
        plugIn.replaces(),
        words,
        embedding,
        model);
    plugIn
        .works()
        .forEach(
            (work, ppm) ->
                sql.insert(
                    "insert into plug_in_work (plug_in, work, ppm) values (?, ?, ?)",
                    plugIn.id(),
                    work,
                    ppm));
    for (Identifier identifier : plugIn.identifiers()) {
      int added =
          sql.insert(
              "insert into plug_in_identifier (scheme, value, plug_in) values (?, ?, ?) on conflict"
                  + " do nothing",
              identifier.scheme().id(),
              identifier.value(),
              plugIn.id());
      if (added == 0) {
        throw new Conflict(identifier + " is another plug-in's already");
      }
    }
  }

  /** {@return the plug-in of a name} */
  public Optional<PlugIn> find(UUID id) {
    return sql.transaction(READING, () -> sql.first(PLUG_IN + " where p.id = ?", this::plugIn, id));
  }

  /** {@return the plug-in of an adapter} */
  public Optional<PlugIn> adapted(String sha256) {
    return sql.transaction(
        READING, () -> sql.first(PLUG_IN + " where p.adapter_sha256 = ?", this::plugIn, sha256));
  }

  /**
   * {@return plug-ins that a text finds: first those of which it is an id (its own, an adapter's, a
   * work's or an identifier), then by how many of the words they have, then by title}
   */
  public List<PlugIn> search(String text, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                PLUG_IN
                    + " cross join (select websearch_to_tsquery('simple', ?) as query, cast(? as text)"
                    + " as id, cast(? as text) as part) s left join lateral (select p.id::text = s.id"
                    + " or p.adapter_sha256 = s.id or exists (select 1 from plug_in_work w where"
                    + " w.plug_in = p.id and w.work = s.id) or exists (select 1 from"
                    + " plug_in_identifier i where i.plug_in = p.id and i.value = s.id) as named) n on"
                    + " true where n.named or p.words @@ s.query or p.title ilike s.part escape '\\'"
                    + " order by n.named desc, ts_rank(p.words, s.query) desc, p.title, p.sequence"
                    + " limit ?",
                this::plugIn,
                text,
                text,
                Registrations.like(text),
                most));
  }

  /** {@return plug-ins in the order of their numbers, from after one on, of one index or all} */
  public List<PlugIn> after(long sequence, @Nullable String index, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                PLUG_IN
                    + " where p.sequence > ? and (? or p.index_id = ?) order by p.sequence limit ?",
                this::plugIn,
                sequence,
                index == null,
                index == null ? "" : index,
                most));
  }

  /** {@return what plug-ins mean, in the order of their numbers, from after one on} */
  public List<Meaning> meanings(long sequence, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                "select sequence, id, embedding from plug_in where sequence > ? order by sequence limit"
                    + " ?",
                row -> {
                  Float[] boxed = (Float[]) row.getArray(3).getArray();
                  float[] embedding = new float[boxed.length];
                  for (int i = 0; i < boxed.length; i++) {
                    embedding[i] = boxed[i];
                  }
                  return new Meaning(row.getLong(1), row.getObject(2, UUID.class), embedding);
                },
                sequence,
                most));
  }

  private PlugIn plugIn(ResultSet row) throws SQLException {
    UUID id = row.getObject("id", UUID.class);
    TreeMap<String, Integer> works = new TreeMap<>();
    sql.query(
            "select work, ppm from plug_in_work where plug_in = ?",
            part -> java.util.Map.entry(part.getString(1), part.getInt(2)),
            id)
        .forEach(part -> works.put(part.getKey(), part.getValue()));
    return new PlugIn(
        row.getLong("sequence"),
        id,
        Sql.instant(row, "created_at"),
        row.getString("index_id"),
        row.getString("base_sha256"),
        row.getString("adapter_sha256"),
        row.getObject("holder_id", UUID.class),
        row.getString("holder"),
        row.getString("title"),
        row.getString("description"),
        row.getString("terms"),
        works,
        sql.query(
            "select scheme, value from plug_in_identifier where plug_in = ? order by scheme, value",
            Registrations::identifier,
            id),
        row.getObject("replaces", UUID.class),
        row.getObject("replaced_by", UUID.class));
  }

  /**
   * {@return the event as it is kept: this one, or the one that its key had before}
   *
   * @param canonical the event in canonical JSON, to which the log commits
   */
  public UsageEvent meter(UsageEvent event, byte[] canonical) {
    return sql.transaction(
        "the use could not be metered",
        () -> {
          if (insert(event) > 0) {
            log.append(USED, event.plugIn().toString(), actor.name(), canonical);
          }
          return sql.first(EVENT + " where key = ?", PlugInRecords::event, event.key())
              .orElseThrow();
        });
  }

  /**
   * Keeps the uses that a batch declares, in the transaction that keeps the batch; one entry of the
   * log commits to all of them.
   *
   * @throws Conflict when a key was metered before
   */
  public void charge(UUID batch, Collection<UsageEvent> events) {
    StringBuilder all = new StringBuilder();
    for (UsageEvent event : events) {
      if (insert(event) == 0) {
        throw new Conflict("the use " + event.key() + " was metered before");
      }
      all.append(event.plugIn())
          .append(' ')
          .append(event.output())
          .append(' ')
          .append(event.weightMicros())
          .append(' ')
          .append(event.chargedAs())
          .append('\n');
    }
    if (!events.isEmpty()) {
      log.append(
          USED, batch.toString(), actor.name(), all.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private int insert(UsageEvent event) {
    return sql.insert(
        "insert into usage_event (id, created_at, plug_in, key, output_sha256, weight_micros,"
            + " charged_as) values (?, ?, ?, ?, ?, ?, ?) on conflict (key) do nothing",
        event.id(),
        event.createdAt(),
        event.plugIn(),
        event.key(),
        event.output(),
        event.weightMicros(),
        event.chargedAs());
  }

  /** {@return uses of a plug-in in the order they were metered, from after a number on} */
  public List<UsageEvent> events(UUID plugIn, long sequence, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                EVENT + " where plug_in = ? and sequence > ? order by sequence limit ?",
                PlugInRecords::event,
                plugIn,
                sequence,
                most));
  }

  /** {@return uses that were metered for an output and that no batch has declared itself} */
  public List<UsageEvent> metered(String output, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                EVENT + " where output_sha256 = ? and charged_as is null order by sequence limit ?",
                PlugInRecords::event,
                output,
                most));
  }

  private static UsageEvent event(ResultSet row) throws SQLException {
    return new UsageEvent(
        row.getLong("sequence"),
        row.getObject("id", UUID.class),
        Sql.instant(row, "created_at"),
        row.getObject("plug_in", UUID.class),
        row.getString("key"),
        row.getString("output_sha256"),
        row.getLong("weight_micros"),
        row.getString("charged_as"));
  }

  /** {@return what the meter holds of a plug-in} */
  public Metered metered(UUID plugIn) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                    "select count(*), count(charged_as), count(distinct output_sha256), max(created_at)"
                        + " as last from usage_event where plug_in = ?",
                    row ->
                        new Metered(
                            row.getLong(1),
                            row.getLong(2),
                            row.getLong(3),
                            row.getObject("last") == null ? null : Sql.instant(row, "last")),
                    plugIn)
                .get(0));
  }
}
