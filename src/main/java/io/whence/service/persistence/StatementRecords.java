package io.whence.service.persistence;

import io.whence.engine.Sha256;
import io.whence.engine.statement.StatementDocument;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All statements ever issued, each entered in the log, and what became of them. However many
 * services share the database, a month of an index has one statement of each version.
 */
@ApplicationScoped
public class StatementRecords {
  private static final String READING = "the statements cannot be read now";
  private static final String STATEMENT =
      "select id, created_at, index_id, period, version, supersedes, document, document_sha256,"
          + " statement_sha256, objections_until from statement";

  /** A statement as it was issued. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Kept(
      UUID id,
      Instant createdAt,
      String index,
      YearMonth period,
      int version,
      @Nullable UUID supersedes,
      byte[] document,
      String documentSha256,
      String statementSha256,
      LocalDate objectionsUntil) {}

  /**
   * What became of a statement.
   *
   * @param place from 1
   * @param kind {@code contested}, {@code recomputed} or {@code settled}
   * @param actor who says so
   * @param successor the statement that corrects it; null unless recomputed
   */
  public record Event(
      int place, Instant at, String kind, String actor, String reason, @Nullable UUID successor) {}

  private final Sql sql;
  private final BatchRecords batches;
  private final EventLog log;
  private final CurrentActor actor;

  StatementRecords(Sql sql, BatchRecords batches, EventLog log, CurrentActor actor) {
    this.sql = sql;
    this.batches = batches;
    this.log = log;
    this.actor = actor;
  }

  /** {@return what {@code work} gives, while nobody else charges to or issues for the month} */
  public <T> T holding(String index, YearMonth period, Supplier<T> work) {
    return sql.transaction(
        "the statement could not be stored, so it is not issued",
        () -> {
          batches.hold(index, period);
          return work.get();
        });
  }

  /**
   * Keeps a statement and enters it in the log.
   *
   * @throws Conflict when the month has one of this version already
   */
  public void add(StatementDocument issued) {
    byte[] document = issued.write();
    String index = issued.statement().account().index();
    String period = issued.statement().account().period().toString();
    int added =
        sql.insert(
            "insert into statement (id, created_at, index_id, period, version, supersedes, document,"
                + " document_sha256, statement_sha256, objections_until) values (?, ?, ?, ?, ?, ?, ?,"
                + " ?, ?, ?) on conflict (index_id, period, version) do nothing",
            UUID.fromString(issued.id()),
            issued.issuedAt(),
            index,
            period,
            issued.version(),
            issued.supersedes() == null ? null : UUID.fromString(issued.supersedes()),
            document,
            Sha256.of(document),
            Sha256.of(issued.statement().canonical()),
            issued.objectionsUntil());
    if (added == 0) {
      throw new Conflict(
          period
              + " of index "
              + index
              + " has statement "
              + latest(index, issued.statement().account().period()).map(Kept::id).orElse(null)
              + " already; contest it to have it corrected");
    }
    log.append(RecordKind.STATEMENT.made(), issued.id(), actor.name(), document);
  }

  /**
   * {@return the statement of a name}
   *
   * @throws StoreFailure when the database does not answer or the document was tampered with
   */
  public Optional<Kept> find(UUID id) {
    Optional<Kept> found =
        sql.transaction(
            READING, () -> sql.first(STATEMENT + " where id = ?", StatementRecords::kept, id));
    found.ifPresent(
        kept -> {
          if (!Sha256.of(kept.document()).equals(kept.documentSha256())) {
            throw new StoreFailure(
                "statement " + id + " is not what was stored: its checksum differs", null);
          }
        });
    return found;
  }

  /** {@return the latest version of a month's statement} */
  public Optional<Kept> latest(String index, YearMonth period) {
    return sql.transaction(
        READING,
        () ->
            sql.first(
                STATEMENT + " where index_id = ? and period = ? order by version desc limit 1",
                StatementRecords::kept,
                index,
                period.toString()));
  }

  /** {@return the latest version of the statement of the last month before one} */
  public Optional<Kept> before(String index, YearMonth period) {
    return sql.transaction(
        READING,
        () ->
            sql.first(
                STATEMENT
                    + " where index_id = ? and period < ? order by period desc, version desc limit 1",
                StatementRecords::kept,
                index,
                period.toString()));
  }

  /** {@return statements, newest first, of one index or all} */
  public List<Kept> list(@Nullable String index, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                STATEMENT + " where ? or index_id = ? order by id desc limit ?",
                StatementRecords::kept,
                index == null,
                index == null ? "" : index,
                most));
  }

  private static Kept kept(ResultSet row) throws SQLException {
    return new Kept(
        row.getObject("id", UUID.class),
        Sql.instant(row, "created_at"),
        row.getString("index_id"),
        YearMonth.parse(row.getString("period")),
        row.getInt("version"),
        row.getObject("supersedes", UUID.class),
        row.getBytes("document"),
        row.getString("document_sha256"),
        row.getString("statement_sha256"),
        row.getObject("objections_until", LocalDate.class));
  }

  /** {@return what became of a statement, in order} */
  public List<Event> events(UUID statement) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                "select place, at, kind, actor, reason, successor from statement_event where"
                    + " statement_id = ? order by place",
                row ->
                    new Event(
                        row.getInt("place"),
                        Sql.instant(row, "at"),
                        row.getString("kind"),
                        row.getString("actor"),
                        row.getString("reason"),
                        row.getObject("successor", UUID.class)),
                statement));
  }

  /**
   * Keeps what became of a statement and enters it in the log.
   *
   * @throws Conflict when something else became of it meanwhile
   */
  public void add(UUID statement, Event event) {
    sql.transaction(
        "what became of the statement could not be stored",
        () -> {
          long logged =
              log.append(
                      RecordKind.STATEMENT.event(event.kind()),
                      statement.toString(),
                      actor.name(event.actor()),
                      event.reason().getBytes(StandardCharsets.UTF_8))
                  .sequence();
          int added =
              sql.insert(
                  "insert into statement_event (statement_id, place, at, kind, actor, reason,"
                      + " successor, event) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
                  statement,
                  event.place(),
                  event.at(),
                  event.kind(),
                  event.actor(),
                  event.reason(),
                  event.successor(),
                  logged);
          if (added == 0) {
            throw new Conflict(
                "something else became of statement " + statement + " meanwhile; look at it again");
          }
          return null;
        });
  }
}
