package io.whence.engine.credit;

import java.util.ArrayList;
import java.util.List;

/**
 * Shares drawn towards a base by how little they can be relied on: what an attribution cannot tell
 * from noise is paid as if nothing were known.
 *
 * <pre>
 * lambda = signal variance / (signal variance + noise variance)
 * share  = lambda x share + (1 - lambda) x base, negative ones clipped to 0, then made to sum to 1
 * </pre>
 *
 * @param shares at least 0 each; they sum to 1, or are all 0 where nothing was left to share
 * @param lambda reliability of each, 0 to 1
 * @param clipped what was below 0 before it was clipped, as a positive number
 */
public record Shrinkage(List<Double> shares, List<Double> lambda, double clipped) {

  /**
   * {@return shares shrunk towards a base}
   *
   * @param shares as attributed; they may be negative
   * @param signalVariance of the shares themselves, at least 0
   * @param noiseVariance of each share's measurement, at least 0
   * @param base at least 0 each, what is paid where nothing is known
   */
  public static Shrinkage of(
      List<Double> shares, double signalVariance, List<Double> noiseVariance, List<Double> base) {
    if (shares.size() != noiseVariance.size() || shares.size() != base.size()) {
      throw new IllegalArgumentException(
          "shares, noise and base have one entry for each owner; got "
              + shares.size()
              + ", "
              + noiseVariance.size()
              + " and "
              + base.size());
    }
    List<Double> lambda = new ArrayList<>();
    List<Double> shrunk = new ArrayList<>();
    double clipped = 0;
    double sum = 0;
    for (int i = 0; i < shares.size(); i++) {
      double noise = noiseVariance.get(i);
      if (!(signalVariance >= 0 && noise >= 0 && base.get(i) >= 0)) {
        throw new IllegalArgumentException(
            "variances and bases are at least 0; got "
                + signalVariance
                + ", "
                + noise
                + " and "
                + base.get(i));
      }
      // Without any variance there is no noise to shrink for.
      double reliability = noise == 0 ? 1 : signalVariance / (signalVariance + noise);
      double share = reliability * shares.get(i) + (1 - reliability) * base.get(i);
      clipped += Math.max(0, -share);
      shrunk.add(Math.max(0, share));
      sum += Math.max(0, share);
      lambda.add(reliability);
    }
    double whole = sum;
    return new Shrinkage(
        shrunk.stream().map(share -> whole > 0 ? share / whole : 0).toList(),
        List.copyOf(lambda),
        clipped);
  }
}
