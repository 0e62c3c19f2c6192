package io.whence.service.persistence;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** What the events of a record commit to that says why something became of it. */
@ApplicationScoped
public class EventPayloads {
  private final Sql sql;

  EventPayloads(Sql sql) {
    this.sql = sql;
  }

  /**
   * {@return payloads by the event's place: reasons of erasures, holds, objections and the like}
   */
  public Map<Long, byte[]> reasons(UUID subject) {
    Map<Long, byte[]> payloads = new TreeMap<>();
    sql.transaction(
        "the log cannot be read now",
        () -> {
          sql.query(
              "select event, reason from erasure where id = ? union all select event, reason from"
                  + " statement_event where statement_id = ? and event is not null",
              row ->
                  payloads.put(row.getLong(1), row.getString(2).getBytes(StandardCharsets.UTF_8)),
              subject,
              subject);
          return sql.query(
              "select event, matter, reason from legal_hold where subject = ? union all select"
                  + " r.event, h.matter, r.reason from legal_hold_release r join legal_hold h on"
                  + " h.event = r.hold where h.subject = ?",
              row ->
                  payloads.put(
                      row.getLong(1), LegalHolds.payload(row.getString(2), row.getString(3))),
              subject,
              subject);
        });
    return payloads;
  }
}
