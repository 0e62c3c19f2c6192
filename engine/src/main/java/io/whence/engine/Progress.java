package io.whence.engine;

/** Told how far long work has come. Called from one thread at a time. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress SILENT = (stage, done, total, unit, note) -> {};

  /**
   * Reports a stage.
   *
   * @param stage what is being done, a few words
   * @param done how much of it, 0 to {@code total}
   * @param total how much there is
   * @param unit what is counted, in the plural
   * @param note anything worth seeing beside the bar, or empty
   */
  void report(String stage, long done, long total, String unit, String note);
}
