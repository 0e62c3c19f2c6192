package io.whence.service.persistence;

import io.whence.engine.Sha256;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** One answer as it was sent. Never changed: the table refuses it too. */
@Entity
@Immutable
@Table(name = "attribution_record")
public class AttributionRecord {
  @Id private UUID id;

  @Column(name = "created_at", nullable = false)
  private Instant createdAt;

  @Column(name = "index_id", nullable = false)
  private String indexId;

  @Column(name = "request_sha256", nullable = false)
  @JdbcTypeCode(SqlTypes.CHAR)
  private String requestSha256;

  @Column(nullable = false)
  private byte[] body;

  @Column(name = "body_sha256", nullable = false)
  @JdbcTypeCode(SqlTypes.CHAR)
  private String bodySha256;

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

  /** {@return the checksum of the request's body} */
  public String requestSha256() {
    return requestSha256;
  }

  /** {@return the answer's bytes} */
  public byte[] body() {
    return body.clone();
  }

  /** {@return the checksum of the answer's bytes when they were stored} */
  public String bodySha256() {
    return bodySha256;
  }

  /** {@return whether the bytes are those that were stored} */
  boolean whole() {
    return Sha256.of(body).equals(bodySha256);
  }
}
