package io.whence.service.jobs;

import io.whence.engine.attribution.Fidelity;
import io.whence.engine.attribution.IndexManifest;

/** How an index stands. */
public sealed interface IndexState {
  /** It is being checked and loaded. */
  record Opening() implements IndexState {}

  /** It answers. */
  record Open(IndexManifest manifest, Fidelity fidelity) implements IndexState {}

  /**
   * It cannot be used.
   *
   * @param detail what is wrong with it, one sentence
   */
  record Damaged(String detail) implements IndexState {}
}
