package io.whence.engine.corpus;

/** What kind of thing a work is. */
public enum Modality {
  /** Prose, verse, lyrics. */
  TEXT,
  /** Program source. */
  CODE,
  /** A picture. */
  IMAGE
}
