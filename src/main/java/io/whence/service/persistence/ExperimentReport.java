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
import org.jspecify.annotations.Nullable;

/** What an experiment measured, as it is sent. Never changed: the table refuses it too. */
@Entity
@Immutable
@Table(name = "experiment_report")
public class ExperimentReport {
  /**
   * What the figures came from.
   *
   * @param dataSha256 of the examples, or null where the suite states none
   * @param whence version of this code
   * @param java version of the virtual machine
   * @param platform operating system, architecture and processors
   */
  public record MadeWith(
      @Nullable String dataSha256, String whence, String java, String platform) {}

  @Id
  @Column(name = "experiment_id")
  private UUID experimentId;

  @Column(name = "created_at", nullable = false)
  private Instant createdAt;

  @Column(nullable = false)
  private byte[] document;

  @Column(name = "document_sha256", nullable = false)
  @JdbcTypeCode(SqlTypes.CHAR)
  private String documentSha256;

  @Column(nullable = false)
  private byte[] csv;

  @Column(name = "csv_sha256", nullable = false)
  @JdbcTypeCode(SqlTypes.CHAR)
  private String csvSha256;

  @Column(name = "data_sha256")
  private @Nullable String dataSha256;

  @Column(name = "whence_version", nullable = false)
  private String whence;

  @Column(name = "java_version", nullable = false)
  private String java;

  @Column(nullable = false)
  private String platform;

  /** For Hibernate. */
  protected ExperimentReport() {}

  /**
   * A report.
   *
   * @param experimentId whose
   * @param createdAt when it was finished
   * @param document in JSON, as it is sent
   * @param csv the figures as a table, as they are sent
   * @param madeWith what the figures came from
   */
  public ExperimentReport(
      UUID experimentId, Instant createdAt, byte[] document, byte[] csv, MadeWith madeWith) {
    this.experimentId = experimentId;
    this.createdAt = createdAt;
    this.document = document.clone();
    this.documentSha256 = Sha256.of(document);
    this.csv = csv.clone();
    this.csvSha256 = Sha256.of(csv);
    this.dataSha256 = madeWith.dataSha256();
    this.whence = madeWith.whence();
    this.java = madeWith.java();
    this.platform = madeWith.platform();
  }

  /** {@return when it was finished} */
  public Instant createdAt() {
    return createdAt;
  }

  /** {@return its bytes in JSON} */
  public byte[] document() {
    return document.clone();
  }

  /** {@return the checksum of {@link #document} when it was stored} */
  public String documentSha256() {
    return documentSha256;
  }

  /** {@return its bytes as CSV} */
  public byte[] csv() {
    return csv.clone();
  }

  /** {@return the checksum of {@link #csv} when it was stored} */
  public String csvSha256() {
    return csvSha256;
  }

  /** {@return what the figures came from} */
  public MadeWith madeWith() {
    return new MadeWith(dataSha256, whence, java, platform);
  }

  /** {@return whether the bytes are those that were stored} */
  boolean whole() {
    return Sha256.of(document).equals(documentSha256) && Sha256.of(csv).equals(csvSha256);
  }
}
