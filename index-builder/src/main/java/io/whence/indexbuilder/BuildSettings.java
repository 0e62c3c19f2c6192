package io.whence.indexbuilder;

/**
 * What decides how an index is built; a build can only be resumed with the same.
 *
 * @param sketch each layer's gradient is projected to at most {@code sketch x sketch}
 * @param sketchSeed of all projections
 * @param shardInstances a shard is closed when it has this many instances
 * @param recallOutputs texts the model writes to measure the candidates' recall
 * @param recallTokens length of each
 * @param recallSeed they are written from
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
    String device,
    int threads) {
  /** {@return the defaults, on a device} */
  public static BuildSettings on(String device) {
    return new BuildSettings(
        16, 20261124, 2048, 16, 64, 7, device, Runtime.getRuntime().availableProcessors());
  }
}
