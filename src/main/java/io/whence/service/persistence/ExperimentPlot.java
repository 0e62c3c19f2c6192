package io.whence.service.persistence;

import io.whence.engine.Sha256;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** One picture of a report, as it is sent. Never changed: the table refuses it too. */
@Entity
@Immutable
@Table(name = "experiment_plot")
public class ExperimentPlot {
  @Id private UUID id;

  @Column(name = "experiment_id", nullable = false)
  private UUID experimentId;

  @Column(nullable = false)
  private String name;

  @Column(nullable = false)
  private byte[] svg;

  @Column(name = "svg_sha256", nullable = false)
  @JdbcTypeCode(SqlTypes.CHAR)
  private String svgSha256;

  /** For Hibernate. */
  protected ExperimentPlot() {}

  /**
   * A picture.
   *
   * @param id any
   * @param experimentId whose
   * @param name what it is asked for by
   * @param svg as it is sent
   */
  public ExperimentPlot(UUID id, UUID experimentId, String name, byte[] svg) {
    this.id = id;
    this.experimentId = experimentId;
    this.name = name;
    this.svg = svg.clone();
    this.svgSha256 = Sha256.of(svg);
  }

  /** {@return what it is asked for by} */
  public String name() {
    return name;
  }

  /** {@return its bytes} */
  public byte[] svg() {
    return svg.clone();
  }

  /** {@return the checksum of its bytes when they were stored} */
  public String svgSha256() {
    return svgSha256;
  }

  /** {@return whether the bytes are those that were stored} */
  boolean whole() {
    return Sha256.of(svg).equals(svgSha256);
  }
}
