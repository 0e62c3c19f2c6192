package io.whence.engine.credit;

import java.util.List;

/**
 * What one work, with all its copies, exact, edited or in part, did to an output beyond what chance
 * would give. Copies are one claim: what they did is counted once, against chance once.
 *
 * @param id the work that stands for the copies; claims are told apart by it
 * @param net influence above the null, in nats, at least 0 and finite
 * @param low the same at the lower end of the influence's interval, at most {@code net}
 * @param high the same at its upper end, at least {@code net}
 * @param claimants of the copies, in any order; each counts once and they share alike
 */
public record Claim(String id, double net, double low, double high, List<Claimant> claimants) {
  /** Sorts the claimants; rejects a claim that no influence can make. */
  public Claim {
    claimants = claimants.stream().sorted().distinct().toList();
    if (claimants.isEmpty()
        || !(0 <= low && low <= net && net <= high && high < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a claim has a claimant and 0 <= low <= net <= high < infinity; got "
              + claimants
              + ", "
              + low
              + ", "
              + net
              + ", "
              + high);
    }
  }
}
