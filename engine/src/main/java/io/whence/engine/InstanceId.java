package io.whence.engine;

/**
 * Names an instance: one window of a work that the model was trained on, the unit of influence.
 *
 * @param work the work the window was cut from
 * @param ordinal which window of the work, counted from 0
 */
public record InstanceId(WorkId work, int ordinal) {
  /** Rejects a negative ordinal. */
  public InstanceId {
    if (ordinal < 0) {
      throw new IllegalArgumentException("an instance's ordinal is at least 0; got " + ordinal);
    }
  }

  /** {@return the work's id, {@code #} and the ordinal} */
  @Override
  public String toString() {
    return work + "#" + ordinal;
  }
}
