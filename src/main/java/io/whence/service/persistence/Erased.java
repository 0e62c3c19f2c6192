package io.whence.service.persistence;

/** What is asked for was there and was erased. */
public final class Erased extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String detail;

  Erased(Erasures.Erasure erasure) {
    super(erasure.said());
    this.detail = erasure.said();
  }

  /** {@return one sentence that says when it was erased, at whose request and why} */
  public String detail() {
    return detail;
  }
}
