package io.whence.service.persistence;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Checkpoints that an authority has stamped, by the key that signed them. Only ever added to. */
@ApplicationScoped
public class LogStamps {
  private static final String READING = "the time-stamps cannot be read now";
  private static final String STAMP =
      "select size, checkpoint, token, at, authority, serial from log_stamp where key_sha256 = ?";

  /**
   * A stamped checkpoint.
   *
   * @param size events of the log then
   * @param checkpoint signed note
   * @param token DER
   * @param at the authority's time
   * @param authority subject of the certificate that signed
   * @param serial of the token, decimal
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Stamp(
      long size, String checkpoint, byte[] token, Instant at, String authority, String serial) {}

  private final Sql sql;

  LogStamps(Sql sql) {
    this.sql = sql;
  }

  /** Keeps a stamped checkpoint; the first of a size is kept. */
  public void add(String key, Stamp stamp) {
    sql.transaction(
        "the time-stamp could not be stored",
        () ->
            sql.insert(
                "insert into log_stamp (key_sha256, size, checkpoint, token, at, authority, serial)"
                    + " values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
                key,
                stamp.size(),
                stamp.checkpoint(),
                stamp.token(),
                stamp.at(),
                stamp.authority(),
                stamp.serial()));
  }

  /** {@return the latest} */
  public Optional<Stamp> latest(String key) {
    return newest(key, 1).stream().findFirst();
  }

  /** {@return the latest ones, newest first} */
  public List<Stamp> newest(String key, int most) {
    return sql.transaction(
        READING,
        () -> sql.query(STAMP + " order by size desc limit ?", LogStamps::stamp, key, most));
  }

  /** {@return all sizes that were stamped, ascending} */
  public List<Long> sizes(String key) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                "select size from log_stamp where key_sha256 = ? order by size",
                row -> row.getLong(1),
                key));
  }

  /** {@return the stamps of some sizes} */
  public List<Stamp> of(String key, Collection<Long> sizes) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                STAMP + " and size = any(?) order by size",
                LogStamps::stamp,
                key,
                sizes.toArray(Long[]::new)));
  }

  private static Stamp stamp(ResultSet row) throws SQLException {
    return new Stamp(
        row.getLong("size"),
        row.getString("checkpoint"),
        row.getBytes("token"),
        Sql.instant(row, "at"),
        row.getString("authority"),
        row.getString("serial"));
  }
}
