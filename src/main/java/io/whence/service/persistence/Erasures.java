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

/**
 * Erases what records say. That they were made, and when, stays in the log, whose commitments then
 * say nothing: the salts by which a payload could be guessed are deleted with it.
 */
@ApplicationScoped
public class Erasures {
  private static final String READING = "the erasures cannot be read now";

  /**
   * An erasure.
   *
   * @param kind attribution or screening
   * @param id of the record
   * @param by who asked for it
   * @param event of the log, its place
   */
  public record Erasure(
      RecordKind kind, UUID id, Instant at, String by, String reason, long event) {
    String said() {
      return kind.id()
          + " "
          + id
          + " was erased at "
          + at
          + ", as "
          + by
          + " asked: "
          + reason
          + "; the log still proves that it was made";
    }
  }

  private final Sql sql;
  private final EventLog log;
  private final LegalHolds holds;
  private final CurrentActor actor;

  Erasures(Sql sql, EventLog log, LegalHolds holds, CurrentActor actor) {
    this.sql = sql;
    this.log = log;
    this.holds = holds;
    this.actor = actor;
  }

  /**
   * {@return the erasure of a record that is there; it is on disk and in the log} With an
   * attribution go those whose risk was assessed again, before and after: they have the same
   * output.
   *
   * @throws Conflict when one of them is under a legal hold
   * @throws Erased when it was erased before
   */
  public Erasure erase(RecordKind kind, UUID id, String by, String reason) {
    return sql.transaction(
        "the " + kind.id() + " could not be erased, so it is not",
        () -> {
          Erasure erasure = one(kind, id, by, reason);
          if (kind == RecordKind.ATTRIBUTION) {
            for (UUID other : sameOutput(id)) {
              one(kind, other, by, reason);
            }
          }
          return erasure;
        });
  }

  private Erasure one(RecordKind kind, UUID id, String by, String reason) {
    // From here on nobody else appends, so nobody places a hold meanwhile.
    long event =
        log.append(
                kind.event("erased"),
                id.toString(),
                actor.name(by),
                reason.getBytes(StandardCharsets.UTF_8))
            .sequence();
    refuseErased(id);
    List<LegalHolds.Hold> inForce = holds.on(kind, id);
    if (!inForce.isEmpty()) {
      throw new Conflict(refusal(kind, id, inForce));
    }
    Erasure erasure =
        new Erasure(kind, id, Instant.now().truncatedTo(ChronoUnit.MILLIS), by, reason, event);
    sql.change(
        "insert into erasure (id, kind, at, actor, reason, event) values (?, ?, ?, ?, ?, ?)",
        id,
        kind.id(),
        erasure.at(),
        by,
        reason,
        event);
    forget(kind, id);
    return erasure;
  }

  /** The other records of the output that are still there. */
  private List<UUID> sameOutput(UUID id) {
    return sql.query(
        "with recursive same (id) as (values (cast(? as uuid)) union select case when r.earlier ="
            + " s.id then r.attribution_id else r.earlier end from reassessment r join same s on"
            + " s.id in (r.earlier, r.attribution_id)) select id from same where id <> ? and not"
            + " exists (select 1 from erasure e where e.id = same.id) order by id",
        row -> row.getObject(1, UUID.class),
        id,
        id);
  }

  private static String refusal(RecordKind kind, UUID id, List<LegalHolds.Hold> holds) {
    LegalHolds.Hold first = holds.get(0);
    return kind.id()
        + " "
        + id
        + " is under the legal hold "
        + first.matter()
        + (first.subject().equals(id) ? "" : " on " + first.kind().id() + " " + first.subject())
        + ", placed at "
        + first.at()
        + " by "
        + first.by()
        + (holds.size() == 1 ? "" : ", and " + (holds.size() - 1) + " more")
        + "; it is erased once every hold is released";
  }

  private void forget(RecordKind kind, UUID id) {
    sql.change(
        "update "
            + kind.id()
            + "_record set body = null, body_sha256 = null, request_sha256 = null where id = ?",
        id);
    if (kind == RecordKind.ATTRIBUTION) {
      sql.change("update attribution_key set request_sha256 = null where attribution_id = ?", id);
      sql.change(
          "update batch_output set request = null where key in (select key from batch_usage where"
              + " attribution_id = ?)",
          id);
    }
    // Of all but those that commit to what was said of the record, not by it.
    sql.change(
        "delete from log_salt where sequence in (select sequence from log_event where subject = ?"
            + " and kind not in (?, ?, ?))",
        id.toString(),
        kind.event("erased"),
        kind.event("held"),
        kind.event("released"));
  }

  /**
   * Passes where a record was not erased.
   *
   * @throws Erased where it was
   */
  void refuseErased(UUID id) {
    of(id)
        .ifPresent(
            erasure -> {
              throw new Erased(erasure);
            });
  }

  /** {@return the erasure of a record} */
  Optional<Erasure> of(UUID id) {
    return sql.transaction(
        READING,
        () ->
            sql.first(
                "select kind, id, at, actor, reason, event from erasure where id = ?",
                Erasures::erasure,
                id));
  }

  private static Erasure erasure(ResultSet row) throws SQLException {
    return new Erasure(
        RecordKind.of(row.getString("kind")),
        row.getObject("id", UUID.class),
        Sql.instant(row, "at"),
        row.getString("actor"),
        row.getString("reason"),
        row.getLong("event"));
  }
}
