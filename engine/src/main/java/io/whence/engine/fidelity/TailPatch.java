package io.whence.engine.fidelity;

import java.util.List;

/**
 * What one more training step on an output's first proponents does to it, beside the same on
 * examples chosen by words alone and by chance (Chang et al., 2024): a test of the ranking that no
 * retraining is needed for. All gains are falls of the output's summed loss, nats.
 *
 * @param gain mean over the first proponents of all outputs
 * @param low lower end of the 95 % bootstrap interval over outputs
 * @param high upper end
 * @param bm25 the same mean over the first by BM25
 * @param random the same mean over examples drawn at random
 * @param rankCorrelation Spearman's correlation of influence and gain over all examples tried for
 *     an output, mean over outputs, -1 to 1
 * @param rankLow lower end of its 95 % bootstrap interval over outputs
 * @param rankHigh upper end
 * @param k examples of each kind for an output
 * @param outputs how many outputs were tried, written by the model itself
 * @param tokens length of each
 * @param seed they were written from
 */
public record TailPatch(
    double gain,
    double low,
    double high,
    double bm25,
    double random,
    double rankCorrelation,
    double rankLow,
    double rankHigh,
    int k,
    int outputs,
    int tokens,
    long seed) {
  /**
   * One output's trials, each kind in an order of its own.
   *
   * @param influence predicted of every example tried: proponents, then BM25's, then random ones
   * @param gain of the same
   */
  public record Trial(
      @SuppressWarnings("ArrayRecordComponent") double[] influence,
      @SuppressWarnings("ArrayRecordComponent") double[] gain) {}

  /** {@return what the trials of some outputs show, {@code k} examples of each of three kinds} */
  public static TailPatch of(List<Trial> trials, int k, int tokens, long seed) {
    Estimate gain = Estimate.over(trials.size(), 1, (outputs, one) -> mean(trials, outputs, 0, k));
    Estimate rank =
        Estimate.over(
            trials.size(),
            1,
            (outputs, one) -> {
              double[] each = new double[outputs.length];
              for (int i = 0; i < each.length; i++) {
                Trial trial = trials.get(outputs[i]);
                each[i] = Correlation.spearman(trial.influence(), trial.gain());
              }
              return Estimate.mean(each);
            });
    int[] all = java.util.stream.IntStream.range(0, trials.size()).toArray();
    return new TailPatch(
        gain.value(),
        gain.low(),
        gain.high(),
        mean(trials, all, k, 2 * k),
        mean(trials, all, 2 * k, 3 * k),
        rank.value(),
        rank.low(),
        rank.high(),
        k,
        trials.size(),
        tokens,
        seed);
  }

  private static double mean(List<Trial> trials, int[] outputs, int from, int to) {
    double sum = 0;
    for (int output : outputs) {
      for (int i = from; i < to; i++) {
        sum += trials.get(output).gain()[i];
      }
    }
    return sum / outputs.length / (to - from);
  }
}
