package io.whence.service.persistence;

import io.whence.engine.Sha256;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * One answer as it was sent. Never changed, but what it says may be erased: the table refuses all
 * else, too.
 */
@Entity
@Immutable
@Table(name = "attribution_record")
public class AttributionRecord {
  @Id private UUID id;

  @Column(name = "created_at", nullable = false)
  private Instant createdAt;

  @Column(name = "index_id", nullable = false)
  private String indexId;

  @Column(name = "request_sha256")
  @JdbcTypeCode(SqlTypes.CHAR)
  private @Nullable String requestSha256;

  @Column private byte @Nullable [] body;

  @Column(name = "body_sha256")
  @JdbcTypeCode(SqlTypes.CHAR)
  private @Nullable String bodySha256;

  /** For Hibernate. */
  protected AttributionRecord() {}

  /**
   * A record of {@code body}.
   *
   * @param id time-ordered, as in the body
   * @param createdAt as in the body
   * @param indexId the index that answered
   * @param requestSha256 of the request's body, 64 hexadecimal digits
   * @param body the answer as it is sent
   */
  public AttributionRecord(
      UUID id, Instant createdAt, String indexId, String requestSha256, byte[] body) {
    this.id = id;
    this.createdAt = createdAt;
    this.indexId = indexId;
    this.requestSha256 = requestSha256;
    this.body = body.clone();
    this.bodySha256 = Sha256.of(body);
  }

  /** {@return its name} */
  public UUID id() {
    return id;
  }

  /** {@return when the answer was made} */
  public Instant createdAt() {
    return createdAt;
  }

  /** {@return the index that answered} */
  public String indexId() {
    return indexId;
  }

  /** {@return the checksum of the request's body, where it was not erased} */
  public String requestSha256() {
    return Objects.requireNonNull(requestSha256);
  }

  /** {@return whether only that it was given is left} */
  public boolean erased() {
    return body == null;
  }

  /** {@return the answer's bytes, where it was not erased} */
  public byte[] body() {
    return Objects.requireNonNull(body).clone();
  }

  /** {@return the checksum of the answer's bytes when they were stored, where it was not erased} */
  public String bodySha256() {
    return Objects.requireNonNull(bodySha256);
  }

  /** {@return whether the bytes are those that were stored, or erased} */
  boolean whole() {
    return body == null || Sha256.of(body).equals(bodySha256);
  }
}
