package io.whence.service.persistence;

import org.jspecify.annotations.Nullable;

/** The database did not do what it was asked for. */
public final class StoreFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String detail;

  StoreFailure(String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.detail = detail;
  }

  /**
   * {@return {@code e} where it says what failed already, else a failure that it is the cause of}
   */
  static StoreFailure of(String detail, RuntimeException e) {
    return e instanceof StoreFailure failure ? failure : new StoreFailure(detail, e);
  }

  /** {@return one sentence for the person who made the request} */
  public String detail() {
    return detail;
  }
}
