package io.whence.engine.credit;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Splits a whole number by whole weights: floors first, then one unit more for the largest
 * fractions, ties for the earlier place. The parts always sum to the whole, without fractions.
 */
public final class LargestRemainder {
  private LargestRemainder() {}

  /**
   * {@return the parts, in the order of the weights}
   *
   * @param whole at least 0
   * @param weights at least 0 each, not all 0
   */
  public static long[] split(long whole, long[] weights) {
    BigInteger sum = BigInteger.ZERO;
    for (long weight : weights) {
      if (weight < 0) {
        throw new IllegalArgumentException("a weight is at least 0; got " + weight);
      }
      sum = sum.add(BigInteger.valueOf(weight));
    }
    if (whole < 0 || sum.signum() == 0) {
      throw new IllegalArgumentException(
          "a whole of at least 0 is split by weights that are not all 0; got " + whole);
    }
    long[] parts = new long[weights.length];
    BigInteger[] remainders = new BigInteger[weights.length];
    long left = whole;
    for (int i = 0; i < weights.length; i++) {
      BigInteger[] divided =
          BigInteger.valueOf(whole)
              .multiply(BigInteger.valueOf(weights[i]))
              .divideAndRemainder(sum);
      parts[i] = divided[0].longValueExact();
      remainders[i] = divided[1];
      left -= parts[i];
    }
    int[] largestFirst =
        IntStream.range(0, weights.length)
            .boxed()
            .sorted(Comparator.<Integer, BigInteger>comparing(i -> remainders[i]).reversed())
            .mapToInt(i -> i)
            .toArray();
    for (int i = 0; i < left; i++) {
      parts[largestFirst[i]]++;
    }
    return parts;
  }
}
