package io.whence.service.persistence;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** The salt of an event's commitment. */
@Entity
@Table(name = "log_salt")
class EventSalt {
  @Id private long sequence;

  @Column(nullable = false)
  private byte[] salt;

  /** For Hibernate. */
  protected EventSalt() {}

  EventSalt(long sequence, byte[] salt) {
    this.sequence = sequence;
    this.salt = salt.clone();
  }

  byte[] salt() {
    return salt.clone();
  }
}
