package io.whence.engine.attribution;

/** Told how long each stage of an answer took. */
@FunctionalInterface
public interface Stages {
  /** Tells nobody. */
  Stages IGNORED = (stage, nanos) -> {};

  /**
   * Reports a stage: {@code gradient}, {@code retrieval}, {@code scoring}, {@code evidence} or
   * {@code total}.
   */
  void took(String stage, long nanos);
}
