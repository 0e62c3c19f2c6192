package io.whence.service.jobs;

/** Too much is asked of the service at once; the same request may do later. */
public final class Busy extends RuntimeException {
  /** When to try again, in seconds. */
  public static final int RETRY_AFTER_SECONDS = 2;

  private static final long serialVersionUID = 1;

  private final String detail;

  Busy(String detail) {
    super(detail);
    this.detail = detail;
  }

  /** {@return one sentence for the person who made the request} */
  public String detail() {
    return detail;
  }
}
