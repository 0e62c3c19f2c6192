package io.whence.service.persistence;

import io.whence.engine.record.LogEvent;
import io.whence.engine.record.MerkleTree;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** One event of the log. Never changed: the table refuses it too. */
@Entity
@Immutable
@Table(name = "log_event")
public class LoggedEvent {
  @Id private long sequence;

  @Column(nullable = false)
  private String kind;

  @Column(nullable = false)
  private String subject;

  @Column(nullable = false)
  private byte[] event;

  @Column(nullable = false)
  private byte[] leaf;

  /** For Hibernate. */
  protected LoggedEvent() {}

  LoggedEvent(LogEvent event) {
    this.sequence = event.sequence();
    this.kind = event.kind();
    this.subject = event.subject();
    this.event = event.canonical();
    this.leaf = MerkleTree.leaf(this.event);
  }

  /** {@return its place in the log, from 0} */
  public long sequence() {
    return sequence;
  }

  /** {@return what happened} */
  public String kind() {
    return kind;
  }

  /** {@return what it happened to} */
  public String subject() {
    return subject;
  }

  /** {@return the event in canonical JSON} */
  public byte[] event() {
    return event.clone();
  }

  /** {@return its hash as a leaf} */
  byte[] leaf() {
    return leaf.clone();
  }
}
