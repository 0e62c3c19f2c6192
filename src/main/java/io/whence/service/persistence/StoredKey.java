package io.whence.service.persistence;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an API key; its secret is not.
 *
 * @param id twelve hexadecimal digits
 * @param name given by whoever made it: letters, digits and {@code . _ -}, so that it reads as one
 *     word in the log
 * @param roles what it may do, by name
 * @param reviewer the one person it labels as; null for any
 * @param secretSha256 of its secret
 * @param expiresAt null for never
 * @param revokedAt null for not
 * @param lastUsedAt to the hour; null for not yet
 */
public record StoredKey(
    String id,
    String name,
    List<String> roles,
    @Nullable UUID reviewer,
    String secretSha256,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt,
    @Nullable Instant lastUsedAt) {
  static final String COLUMNS =
      "id, name, roles, reviewer_id, secret_sha256, created_at, expires_at, revoked_at, last_used_at";

  /** Copies the list. */
  public StoredKey {
    roles = List.copyOf(roles);
  }

  static StoredKey of(ResultSet row) throws SQLException {
    return new StoredKey(
        row.getString("id"),
        row.getString("name"),
        List.of((String[]) row.getArray("roles").getArray()),
        row.getObject("reviewer_id", UUID.class),
        row.getString("secret_sha256"),
        Sql.instant(row, "created_at"),
        instant(row, "expires_at"),
        instant(row, "revoked_at"),
        instant(row, "last_used_at"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  /** {@return whether it opens anything} */
  public boolean good(Instant now) {
    return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
  }

  /** {@return its name and id, as the log has whoever did something} */
  public String actor() {
    return name + " (whk_" + id + ")";
  }
}
