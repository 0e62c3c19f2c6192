package io.whence.service.persistence;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A job as it last stood. Once it has ended it never changes: the table refuses it. */
@Entity
@Table(name = "job")
public class JobRecord {
  /**
   * What changes while a job lives.
   *
   * @param state {@code queued}, {@code running}, {@code finished}, {@code failed} or {@code
   *     cancelled}
   * @param attempts how often it was begun and not put back
   * @param startedAt when the latest attempt began, or null before the first
   * @param endedAt when it ended, or null
   * @param cancelRequested whether somebody asked to cancel it
   * @param detail why it failed, or null
   */
  public record Standing(
      String state,
      int attempts,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt,
      boolean cancelRequested,
      @Nullable String detail) {}

  @Id private UUID id;

  @Column(nullable = false)
  private String kind;

  @Column(name = "created_at", nullable = false)
  private Instant createdAt;

  @Column(nullable = false)
  private String state;

  @Column(nullable = false)
  private int attempts;

  @Column(name = "started_at")
  private @Nullable Instant startedAt;

  @Column(name = "ended_at")
  private @Nullable Instant endedAt;

  @Column(name = "cancel_requested", nullable = false)
  private boolean cancelRequested;

  @Column private @Nullable String detail;

  /** For Hibernate. */
  protected JobRecord() {}

  /**
   * A job that nobody has begun.
   *
   * @param id time-ordered
   * @param kind {@code experiment} or {@code batch}
   * @param createdAt when it was accepted
   */
  public JobRecord(UUID id, String kind, Instant createdAt) {
    this.id = id;
    this.kind = kind;
    this.createdAt = createdAt;
    this.state = "queued";
  }

  /** {@return its name} */
  public UUID id() {
    return id;
  }

  /** {@return what it does} */
  public String kind() {
    return kind;
  }

  /** {@return when it was accepted} */
  public Instant createdAt() {
    return createdAt;
  }

  /** {@return how it stands} */
  public Standing standing() {
    return new Standing(state, attempts, startedAt, endedAt, cancelRequested, detail);
  }

  void stands(Standing now) {
    state = now.state();
    attempts = now.attempts();
    startedAt = now.startedAt();
    endedAt = now.endedAt();
    cancelRequested = now.cancelRequested();
    detail = now.detail();
  }
}
