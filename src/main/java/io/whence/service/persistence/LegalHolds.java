package io.whence.service.persistence;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Legal holds: what is under one is not erased. Each is placed for a matter and released by
 * somebody; both are events of the log.
 */
@ApplicationScoped
public class LegalHolds {
  private static final String READING = "the legal holds cannot be read now";
  private static final String HOLD =
      "select h.event, h.subject, h.kind, h.matter, h.at, h.actor, h.reason, r.event release_event,"
          + " r.at release_at, r.actor release_actor, r.reason release_reason from legal_hold h left"
          + " join legal_hold_release r on r.hold = h.event";

  /** What is held by a hold on a statement: the attributions of the outputs that it is of. */
  private static final String THROUGH_A_STATEMENT =
      "h.kind = 'statement' and exists (select 1 from statement s join batch b on b.index_id ="
          + " s.index_id and b.period = s.period join batch_output o on o.batch_id = b.id join"
          + " batch_usage u on u.key = o.key where s.id = h.subject and u.attribution_id = ?)";

  /**
   * A hold.
   *
   * @param event of the log, its place
   * @param kind of what is held
   * @param subject what is held; with a statement, the attributions of its outputs are, too
   * @param matter the dispute, by its lawyers' name
   * @param release null while it is in force
   */
  public record Hold(
      long event,
      RecordKind kind,
      UUID subject,
      String matter,
      Instant at,
      String by,
      String reason,
      @Nullable Release release) {}

  /**
   * The end of a hold.
   *
   * @param event of the log, its place
   */
  public record Release(long event, Instant at, String by, String reason) {}

  private final Sql sql;
  private final EventLog log;
  private final CurrentActor actor;

  LegalHolds(Sql sql, EventLog log, CurrentActor actor) {
    this.sql = sql;
    this.log = log;
    this.actor = actor;
  }

  /**
   * {@return the hold on a record for a matter; it is on disk and in the log} Where one is in force
   * already, it stays as it is.
   *
   * @throws Conflict when there is nothing left to hold
   */
  public Hold place(RecordKind kind, UUID subject, String matter, String by, String reason) {
    return inForce(subject, matter)
        .orElseGet(
            () ->
                sql.transaction(
                    "the hold could not be stored, so it is not in force",
                    () -> placed(kind, subject, matter, by, reason)));
  }

  private Hold placed(RecordKind kind, UUID subject, String matter, String by, String reason) {
    // From here on nobody else appends, so nothing is erased and no hold placed meanwhile.
    long event = append(kind, "held", subject, by, matter, reason);
    Optional<Hold> meanwhile = inForce(subject, matter);
    if (meanwhile.isPresent()) {
      throw new Conflict(
          "the hold " + matter + " on " + kind.id() + " " + subject + " was placed meanwhile");
    }
    int erased =
        sql.query("select 1 from erasure where id = ?", row -> row.getInt(1), subject).size();
    if (erased > 0) {
      throw new Conflict(
          kind.id() + " " + subject + " was erased; there is nothing left that could be held");
    }
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    sql.change(
        "insert into legal_hold (event, subject, kind, matter, at, actor, reason) values (?, ?, ?,"
            + " ?, ?, ?, ?)",
        event,
        subject,
        kind.id(),
        matter,
        now,
        by,
        reason);
    return new Hold(event, kind, subject, matter, now, by, reason, null);
  }

  /**
   * {@return the hold that is no longer in force; empty where there was none}
   *
   * @throws Conflict when somebody else releases it meanwhile
   */
  public Optional<Hold> release(UUID subject, String matter, String by, String reason) {
    return inForce(subject, matter)
        .map(
            hold ->
                sql.transaction(
                    "the release could not be stored, so the hold is in force",
                    () -> released(hold, by, reason)));
  }

  private Hold released(Hold hold, String by, String reason) {
    long event = append(hold.kind(), "released", hold.subject(), by, hold.matter(), reason);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    int added =
        sql.change(
            "insert into legal_hold_release (hold, event, at, actor, reason) values (?, ?, ?, ?, ?)"
                + " on conflict do nothing",
            hold.event(),
            event,
            now,
            by,
            reason);
    if (added == 0) {
      throw new Conflict(
          "the hold " + hold.matter() + " on " + hold.subject() + " was released meanwhile");
    }
    return new Hold(
        hold.event(),
        hold.kind(),
        hold.subject(),
        hold.matter(),
        hold.at(),
        hold.by(),
        hold.reason(),
        new Release(event, now, by, reason));
  }

  private long append(
      RecordKind kind, String what, UUID subject, String by, String matter, String reason) {
    return log.append(kind.event(what), subject.toString(), actor.name(by), payload(matter, reason))
        .sequence();
  }

  /** {@return what the event of a hold or a release commits to: the matter and why, a line each} */
  static byte[] payload(String matter, String reason) {
    return (matter + "\n" + reason + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private Optional<Hold> inForce(UUID subject, String matter) {
    return sql.transaction(
        READING,
        () ->
            sql.first(
                HOLD + " where h.subject = ? and h.matter = ? and r.hold is null",
                LegalHolds::hold,
                subject,
                matter));
  }

  /** {@return the holds in force that keep a record from being erased, oldest first} */
  List<Hold> on(RecordKind kind, UUID id) {
    return sql.query(
        HOLD
            + " where r.hold is null and (h.subject = ? or ? and "
            + THROUGH_A_STATEMENT
            + ") order by h.event",
        LegalHolds::hold,
        id,
        kind == RecordKind.ATTRIBUTION,
        id);
  }

  /** {@return all holds ever placed on a record itself, oldest first} */
  public List<Hold> of(UUID subject) {
    return sql.transaction(
        READING,
        () -> sql.query(HOLD + " where h.subject = ? order by h.event", LegalHolds::hold, subject));
  }

  /** {@return holds, newest first} */
  public List<Hold> newest(int most) {
    return sql.transaction(
        READING, () -> sql.query(HOLD + " order by h.event desc limit ?", LegalHolds::hold, most));
  }

  private static Hold hold(ResultSet row) throws SQLException {
    long released = row.getLong("release_event");
    return new Hold(
        row.getLong("event"),
        RecordKind.of(row.getString("kind")),
        row.getObject("subject", UUID.class),
        row.getString("matter"),
        Sql.instant(row, "at"),
        row.getString("actor"),
        row.getString("reason"),
        row.getString("release_reason") == null
            ? null
            : new Release(
                released,
                Sql.instant(row, "release_at"),
                row.getString("release_actor"),
                row.getString("release_reason")));
  }
}
