package io.whence.service.persistence;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** API keys as the service looks them up; they are made and revoked by {@link KeyRing}. */
@ApplicationScoped
public class ApiKeyRecords {
  private final Sql sql;

  ApiKeyRecords(Sql sql) {
    this.sql = sql;
  }

  /** {@return the key of an id, whether it is good or not} */
  public Optional<StoredKey> find(String id) {
    return sql.transaction(
        "the keys cannot be read now",
        () ->
            sql.first(
                "select " + StoredKey.COLUMNS + " from api_key where id = ?", StoredKey::of, id));
  }

  /** Notes that a key was used, once an hour. */
  public void used(StoredKey key, Instant now) {
    Instant hour = now.truncatedTo(ChronoUnit.HOURS);
    Instant last = key.lastUsedAt();
    if (last == null || last.isBefore(hour)) {
      sql.transaction(
          "the use of a key could not be noted",
          () -> sql.change("update api_key set last_used_at = ? where id = ?", hour, key.id()));
    }
  }
}
