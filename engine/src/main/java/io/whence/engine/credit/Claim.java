package io.whence.engine.credit;

import java.util.List;

/**
 * What one work, with all exact copies of it, did to an output beyond what chance would give.
 *
 * @param id the work that stands for the copies; claims are told apart by it
 * @param holders who is credited, without repeats; the copies' rights holders share alike
 * @param net influence above the null, in nats, at least 0
 * @param low the same at the lower end of the influence's interval, at most {@code net}
 * @param high the same at its upper end, at least {@code net}
 */
public record Claim(String id, List<String> holders, double net, double low, double high) {
  /** Copies the list; rejects a claim that no influence can make. */
  public Claim {
    holders = List.copyOf(holders);
    if (holders.isEmpty() || !(0 <= low && low <= net && net <= high)) {
      throw new IllegalArgumentException(
          "a claim has a holder and 0 <= low <= net <= high; got "
              + holders
              + ", "
              + low
              + ", "
              + net
              + ", "
              + high);
    }
  }
}
