package io.whence.engine.credit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Shapley royalty shares: what each owner adds to a value, averaged over all orders in which owners
 * could join (Shapley 1953; as royalty shares, arXiv 2404.13964).
 *
 * <pre>
 * phi(i) = sum over S without i of |S|! (n - |S| - 1)! / n! x (v(S with i) - v(S))
 * share(i) = phi(i) / sum of phi
 * </pre>
 *
 * @param phi each owner's value, in the unit of {@code v}
 * @param error half-width of each owner's 99 % interval, from sampling; 0 where computed exactly
 * @param orders how many orders were sampled; 0 where computed exactly
 * @param seed of the sampled orders; 0 where computed exactly
 */
public record Shapley(List<Double> phi, List<Double> error, int orders, long seed) {
  /** The most owners whose values are computed exactly: it takes {@code 2^n} values. */
  public static final int MOST_EXACT = 20;

  /** The most owners a coalition can name. */
  public static final int MOST = 63;

  /** Two-sided 99 % of the normal distribution. */
  private static final double Z99 = 2.5758293035489004;

  /** What a coalition is worth. */
  @FunctionalInterface
  public interface Value {
    /**
     * {@return the worth of a coalition, finite}
     *
     * @param coalition bit {@code i} is set when owner {@code i} is in it
     */
    double of(long coalition);
  }

  /** {@return the values of {@code n} owners, computed from all coalitions} */
  public static Shapley exact(int n, Value value) {
    check(n, MOST_EXACT);
    double[] worth = new double[1 << n];
    for (int s = 0; s < worth.length; s++) {
      worth[s] = finite(value, s);
    }
    double[] weight = new double[n];
    weight[0] = 1.0 / n;
    for (int size = 1; size < n; size++) {
      // s!(n-s-1)!/n! from the size before, without factorials.
      weight[size] = weight[size - 1] * size / (n - size);
    }
    List<Double> phi = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int s = 0; s < worth.length; s++) {
        if ((s & (1 << i)) == 0) {
          sum += weight[Integer.bitCount(s)] * (worth[s | (1 << i)] - worth[s]);
        }
      }
      phi.add(sum);
    }
    return new Shapley(List.copyOf(phi), zeros(n), 0, 0);
  }

  /**
   * {@return the values of {@code n} owners, estimated from random orders}
   *
   * @param orders at least 2; each takes {@code n} values
   * @param seed of the orders
   */
  public static Shapley sampled(int n, Value value, int orders, long seed) {
    check(n, MOST);
    if (orders < 2) {
      throw new IllegalArgumentException("at least 2 orders are sampled; got " + orders);
    }
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    double[] mean = new double[n];
    double[] squares = new double[n];
    double nothing = finite(value, 0);
    for (int drawn = 1; drawn <= orders; drawn++) {
      for (int i = n - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
      long coalition = 0;
      double before = nothing;
      for (int owner : order) {
        coalition |= 1L << owner;
        double after = finite(value, coalition);
        double added = after - before;
        double off = added - mean[owner];
        mean[owner] += off / drawn;
        squares[owner] += off * (added - mean[owner]);
        before = after;
      }
    }
    List<Double> phi = new ArrayList<>();
    List<Double> error = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      phi.add(mean[i]);
      error.add(Z99 * StrictMath.sqrt(squares[i] / (orders - 1.0) / orders));
    }
    return new Shapley(List.copyOf(phi), List.copyOf(error), orders, seed);
  }

  /**
   * {@return each owner's share of the royalty; empty where the owners together add nothing, and
   * all goes to the remainder}
   *
   * <p>A negative value gives a negative share here: {@link Shrinkage} clips and records it.
   */
  public List<Double> shares() {
    double sum = 0;
    for (double value : phi) {
      sum += value;
    }
    if (!(sum > 0)) {
      return List.of();
    }
    double whole = sum;
    return phi.stream().map(value -> value / whole).toList();
  }

  private static void check(int n, int most) {
    if (n < 1 || n > most) {
      throw new IllegalArgumentException("between 1 and " + most + " owners; got " + n);
    }
  }

  private static double finite(Value value, long coalition) {
    double worth = value.of(coalition);
    if (!Double.isFinite(worth)) {
      throw new IllegalArgumentException("a coalition is worth " + worth);
    }
    return worth;
  }

  private static List<Double> zeros(int n) {
    return java.util.Collections.nCopies(n, 0.0);
  }
}
