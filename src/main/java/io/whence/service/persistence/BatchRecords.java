package io.whence.service.persistence;

import io.whence.engine.statement.Usage;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Outputs that were sent together and are charged to a month. Only ever added to. */
@ApplicationScoped
public class BatchRecords {
  private static final String READING = "the batches cannot be read now";
  private static final String BATCH =
      "select id, created_at, job_id, index_id, period, idempotency_key, request_sha256, outputs,"
          + " actor from batch";
  private static final int PAGE = 500;

  /** Outputs that are entered at once. */
  private static final int CHUNK = 1_000;

  /**
   * A batch as it was accepted.
   *
   * @param period the month its outputs are charged to
   * @param key that the request had, or null
   * @param requestSha256 of the request's body
   * @param outputs how many
   * @param actor who sent it, as the log has it
   */
  public record Batch(
      UUID id,
      Instant createdAt,
      UUID jobId,
      String index,
      YearMonth period,
      @Nullable String key,
      String requestSha256,
      int outputs,
      String actor) {}

  /**
   * An output that waits.
   *
   * @param key under which it is charged
   * @param request JSON
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Output(String key, byte[] request) {}

  /** An output that was attributed. */
  public record Done(String key, UUID attribution) {}

  private final Sql sql;

  BatchRecords(Sql sql) {
    this.sql = sql;
  }

  /**
   * Holds the account of an index and a month until the transaction ends: outputs are charged and
   * statements issued one after the other.
   */
  void hold(String index, YearMonth period) {
    sql.query(
        "select pg_advisory_xact_lock(hashtextextended(?, 7210002))",
        row -> 0,
        index + " " + period);
  }

  /**
   * Keeps a batch, in the transaction that keeps its job.
   *
   * @throws Conflict when the month is closed, or an output was charged before
   */
  public void add(Batch batch, List<Output> outputs) {
    sql.transaction(
        "the batch could not be stored, so it is not accepted",
        () -> {
          hold(batch.index(), batch.period());
          sql.first(
                  "select id from statement where index_id = ? and period = ?",
                  row -> row.getString(1),
                  batch.index(),
                  batch.period().toString())
              .ifPresent(
                  statement -> {
                    throw new Conflict(
                        batch.period()
                            + " of index "
                            + batch.index()
                            + " is closed by statement "
                            + statement
                            + "; charge these outputs to a later month");
                  });
          sql.insert(
              "insert into batch (id, created_at, job_id, index_id, period, idempotency_key,"
                  + " request_sha256, outputs, actor) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              batch.id(),
              batch.createdAt(),
              batch.jobId(),
              batch.index(),
              batch.period().toString(),
              batch.key(),
              batch.requestSha256(),
              batch.outputs(),
              batch.actor());
          for (int from = 0; from < outputs.size(); from += CHUNK) {
            charge(batch.id(), from, outputs.subList(from, Math.min(from + CHUNK, outputs.size())));
          }
          return null;
        });
  }

  private void charge(UUID batch, int from, List<Output> outputs) {
    String[] keys = outputs.stream().map(Output::key).toArray(String[]::new);
    int added =
        sql.insert(
            "insert into batch_output (batch_id, place, key, request) select ?, ? + t.place - 1,"
                + " t.key, t.request from unnest(cast(? as text[]), cast(? as bytea[])) with"
                + " ordinality as t (key, request, place) on conflict (key) do nothing",
            batch,
            from,
            keys,
            outputs.stream().map(Output::request).toArray(byte[][]::new));
    if (added < keys.length) {
      String taken =
          sql.query(
                  "select key from batch_output where key = any(?) and batch_id <> ? order by key"
                      + " limit 1",
                  row -> row.getString(1),
                  keys,
                  batch)
              .get(0);
      throw new Conflict(
          "the output with the key " + taken + " was charged before; an output is charged once");
    }
  }

  /** {@return the batch of a name} */
  public Optional<Batch> find(UUID id) {
    return sql.transaction(
        READING, () -> sql.first(BATCH + " where id = ?", BatchRecords::batch, id));
  }

  /** {@return the batch that a request with a key made} */
  public Optional<Batch> ofKey(String key) {
    return sql.transaction(
        READING, () -> sql.first(BATCH + " where idempotency_key = ?", BatchRecords::batch, key));
  }

  /** {@return the batches of some jobs, oldest first} */
  public List<Batch> ofJobs(Collection<UUID> jobs) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                BATCH + " where job_id = any(cast(? as uuid[])) order by id",
                BatchRecords::batch,
                (Object) jobs.stream().map(UUID::toString).toArray(String[]::new)));
  }

  private static Batch batch(ResultSet row) throws SQLException {
    return new Batch(
        row.getObject("id", UUID.class),
        Sql.instant(row, "created_at"),
        row.getObject("job_id", UUID.class),
        row.getString("index_id"),
        YearMonth.parse(row.getString("period")),
        row.getString("idempotency_key"),
        row.getString("request_sha256"),
        row.getInt("outputs"),
        row.getString("actor"));
  }

  /** {@return the first outputs of a batch that were not attributed yet} */
  public List<Output> waiting(UUID batch, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                "select key, request from batch_output o where batch_id = ? and not exists (select 1"
                    + " from batch_usage u where u.key = o.key) order by place limit ?",
                row -> new Output(row.getString(1), row.getBytes(2)),
                batch,
                most));
  }

  /** {@return how many outputs of a batch were attributed} */
  public int done(UUID batch) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                    "select count(*) from batch_output o join batch_usage u on u.key = o.key where"
                        + " batch_id = ?",
                    row -> row.getInt(1),
                    batch)
                .get(0));
  }

  /** {@return attributed outputs of a batch, by key, from after {@code key} on} */
  public List<Done> outputs(UUID batch, String key, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                "select o.key, u.attribution_id from batch_output o join batch_usage u on u.key ="
                    + " o.key where batch_id = ? and o.key collate \"C\" > ? order by o.key collate"
                    + " \"C\" limit ?",
                row -> new Done(row.getString(1), row.getObject(2, UUID.class)),
                batch,
                key,
                most));
  }

  /**
   * Keeps what an output gives, in the transaction that keeps its attribution.
   *
   * @throws Conflict when another has kept it meanwhile
   */
  public void add(Usage usage, UUID attribution) {
    int added =
        sql.insert(
            "insert into batch_usage (key, attribution_id, usage) values (?, ?, ?) on conflict (key)"
                + " do nothing",
            usage.key(),
            attribution,
            usage.canonical());
    if (added == 0) {
      throw new Conflict("output " + usage.key() + " was attributed meanwhile");
    }
  }

  /** Hands over everything charged to an index's month, by key, a page in memory at a time. */
  public void usages(String index, YearMonth period, Consumer<Usage> usages) {
    String last = "";
    while (true) {
      String after = last;
      List<Usage> page =
          sql.transaction(
              READING,
              () ->
                  sql.query(
                      "select u.usage from batch b join batch_output o on o.batch_id = b.id join"
                          + " batch_usage u on u.key = o.key where b.index_id = ? and b.period = ? and"
                          + " u.key collate \"C\" > ? order by u.key collate \"C\" limit ?",
                      row -> Usage.read(row.getBytes(1)),
                      index,
                      period.toString(),
                      after,
                      PAGE));
      if (page.isEmpty()) {
        return;
      }
      page.forEach(usages);
      last = page.get(page.size() - 1).key();
    }
  }

  /** {@return jobs of an index's month that have not ended} */
  public List<UUID> open(String index, YearMonth period) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                "select j.id from batch b join job j on j.id = b.job_id where b.index_id = ? and"
                    + " b.period = ? and j.ended_at is null order by j.id",
                row -> row.getObject(1, UUID.class),
                index,
                period.toString()));
  }
}
