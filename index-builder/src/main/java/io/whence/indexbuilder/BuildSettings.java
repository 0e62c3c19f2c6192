package io.whence.indexbuilder;

import io.whence.engine.EngineException;
import io.whence.engine.fidelity.LeaveOut;

/**
 * What decides how an index is built; a build can only be resumed with the same.
 *
 * @param sketch each layer's gradient is projected to at most {@code sketch x sketch}, each row of
 *     the embedding table's to at most {@code sketch}
 * @param sketchSeed of the layers' projections
 * @param shardInstances a shard is closed when it has this many instances
 * @param recallOutputs texts the model writes to measure the candidates' recall
 * @param recallTokens length of each
 * @param recallSeed they are written from
 * @param leaveOut how many rights holders the checkpoint is trained again without, one at a time,
 *     to measure {@code deltaLoss}; 0 or at least 4
 * @param device {@code cpu} or {@code cuda}
 * @param threads platform threads that compute; the index does not depend on it
 */
public record BuildSettings(
    int sketch,
    long sketchSeed,
    int shardInstances,
    int recallOutputs,
    int recallTokens,
    long recallSeed,
    int leaveOut,
    String device,
    int threads) {
  private static final int MOST_LEFT_OUT = 1000;
  private static final int INSTANCES_WITHOUT_VECTORS = 262_144;

  /** Refuses a measurement that measures nothing. */
  public BuildSettings {
    if (leaveOut != 0 && (leaveOut < LeaveOut.FEWEST_GROUPS || leaveOut > MOST_LEFT_OUT)) {
      throw new EngineException.InvalidQuery(
          "--leave-out is 0, or from "
              + LeaveOut.FEWEST_GROUPS
              + " to "
              + MOST_LEFT_OUT
              + " rights holders; got "
              + leaveOut);
    }
  }

  /** {@return these settings with rights holders to leave out} */
  public BuildSettings leavingOut(int holders) {
    return new BuildSettings(
        sketch,
        sketchSeed,
        shardInstances,
        recallOutputs,
        recallTokens,
        recallSeed,
        holders,
        device,
        threads);
  }

  /**
   * {@return these settings for an index for evidence alone, whose instances take little memory}
   */
  public BuildSettings withoutSketches() {
    return new BuildSettings(
        sketch,
        sketchSeed,
        INSTANCES_WITHOUT_VECTORS,
        recallOutputs,
        recallTokens,
        recallSeed,
        leaveOut,
        device,
        threads);
  }

  /** {@return the defaults, on a device} */
  public static BuildSettings on(String device) {
    return new BuildSettings(
        16, 20261124, 2048, 16, 64, 7, 0, device, Runtime.getRuntime().availableProcessors());
  }
}
