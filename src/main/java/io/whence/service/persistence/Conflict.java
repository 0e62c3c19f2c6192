package io.whence.service.persistence;

/** What is asked contradicts what is kept already. */
public final class Conflict extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String detail;

  /** States what is asked, what is kept, and the remedy. */
  public Conflict(String detail) {
    super(detail);
    this.detail = detail;
  }

  /** {@return one sentence for the person who made the request} */
  public String detail() {
    return detail;
  }
}
