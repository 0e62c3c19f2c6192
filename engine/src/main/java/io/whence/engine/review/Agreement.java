package io.whence.engine.review;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How far reviewers who labelled the same outputs agree, beyond what their habits alone would give.
 *
 * @param units outputs that two reviewers or more labelled; the others say nothing of agreement
 * @param reviewers who labelled one of them
 * @param labels given to them
 * @param observed share of the pairs of labels of the same output that are equal, 0 to 1; null
 *     where there is none
 * @param cohensKappa between two reviewers (Cohen, 1960), labels equal or not; null unless there
 *     are exactly two, or where both always give the same label
 * @param alphaNominal Krippendorff's alpha, labels equal or not; null where all labels are the same
 * @param alphaOrdinal Krippendorff's alpha, the labels taken as steps of a scale
 * @param seed of the bootstrap
 * @param resamples of the outputs
 */
public record Agreement(
    int units,
    int reviewers,
    int labels,
    @Nullable Double observed,
    @Nullable Figure cohensKappa,
    @Nullable Figure alphaNominal,
    @Nullable Figure alphaOrdinal,
    long seed,
    int resamples) {
  // Alpha (Krippendorff, Content Analysis; "Computing Krippendorff's Alpha-Reliability", 2011):
  // 1 - (n - 1) sum o(c,k) d(c,k) / sum n(c) n(k) d(c,k), where o counts pairs of labels within an
  // output, each weighted by 1 / (its labels - 1), n(c) = sum over k of o(c,k), and d is 1 for
  // unequal labels, or for steps of a scale ((sum of n from c to k) - (n(c) + n(k)) / 2)^2. It
  // takes any number of reviewers and missing labels. What sums to an output is kept apart for
  // each, so that a resample only adds them up again.

  /** How often the outputs are drawn anew, with replacement. */
  public static final int RESAMPLES = 1_000;

  /**
   * A coefficient: 1 is full agreement, 0 what chance would give, below 0 is worse than chance.
   *
   * @param value over all outputs
   * @param low 2.5th percentile of the resamples in which it is defined; null where it is in none
   * @param high 97.5th percentile
   */
  public record Figure(double value, @Nullable Double low, @Nullable Double high) {}

  /** Pairs of labels within one output or several, and how two reviewers crossed theirs. */
  private static final class Counts {
    private final double[][] pairs;
    private final double[][] crossed;
    private double equal;
    private double all;

    Counts(int labels) {
      pairs = new double[labels][labels];
      crossed = new double[labels][labels];
    }

    void add(Counts other) {
      for (int c = 0; c < pairs.length; c++) {
        for (int k = 0; k < pairs.length; k++) {
          pairs[c][k] += other.pairs[c][k];
          crossed[c][k] += other.crossed[c][k];
        }
      }
      equal += other.equal;
      all += other.all;
    }
  }

  /**
   * {@return the agreement of reviewers}
   *
   * @param outputs of each output, the number of the label that a reviewer gave it, from 0
   * @param labels how many labels the scale has
   * @param seed of the bootstrap
   */
  public static Agreement of(List<Map<String, Integer>> outputs, int labels, long seed) {
    List<Map<String, Integer>> shared =
        outputs.stream().filter(output -> output.size() > 1).toList();
    TreeSet<String> reviewers = new TreeSet<>();
    shared.forEach(output -> reviewers.addAll(output.keySet()));
    List<Counts> counts = shared.stream().map(output -> counts(output, labels)).toList();
    Counts all = sum(counts, null);
    return new Agreement(
        shared.size(),
        reviewers.size(),
        shared.stream().mapToInt(Map::size).sum(),
        all.all == 0 ? null : all.equal / all.all,
        reviewers.size() == 2 ? figure(counts, seed, Agreement::kappa) : null,
        figure(counts, seed, each -> alpha(each.pairs, false)),
        figure(counts, seed, each -> alpha(each.pairs, true)),
        seed,
        RESAMPLES);
  }

  private static Counts counts(Map<String, Integer> output, int labels) {
    Counts counts = new Counts(labels);
    List<Integer> given = List.copyOf(new TreeMap<>(output).values());
    for (int i = 0; i < given.size(); i++) {
      for (int j = 0; j < given.size(); j++) {
        if (i != j) {
          counts.pairs[given.get(i)][given.get(j)] += 1.0 / (given.size() - 1);
          counts.all++;
          counts.equal += given.get(i).equals(given.get(j)) ? 1 : 0;
        }
      }
    }
    counts.crossed[given.get(0)][given.get(1)]++;
    return counts;
  }

  private static Counts sum(List<Counts> counts, @Nullable SplittableRandom drawn) {
    Counts sum = new Counts(counts.isEmpty() ? 0 : counts.get(0).pairs.length);
    for (int i = 0; i < counts.size(); i++) {
      sum.add(counts.get(drawn == null ? i : drawn.nextInt(counts.size())));
    }
    return sum;
  }

  private static @Nullable Figure figure(
      List<Counts> counts, long seed, ToDoubleFunction<Counts> coefficient) {
    double value = coefficient.applyAsDouble(sum(counts, null));
    if (Double.isNaN(value)) {
      return null;
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<Double> resampled = new ArrayList<>();
    for (int i = 0; i < RESAMPLES; i++) {
      double one = coefficient.applyAsDouble(sum(counts, random));
      if (!Double.isNaN(one)) {
        resampled.add(one);
      }
    }
    resampled.sort(null);
    int last = resampled.size() - 1;
    return new Figure(
        value,
        last < 0 ? null : resampled.get((int) Math.floor(0.025 * last)),
        last < 0 ? null : resampled.get((int) Math.ceil(0.975 * last)));
  }

  private static double kappa(Counts counts) {
    double n = 0;
    double equal = 0;
    int labels = counts.crossed.length;
    double[] first = new double[labels];
    double[] second = new double[labels];
    for (int c = 0; c < labels; c++) {
      for (int k = 0; k < labels; k++) {
        n += counts.crossed[c][k];
        first[c] += counts.crossed[c][k];
        second[k] += counts.crossed[c][k];
      }
      equal += counts.crossed[c][c];
    }
    double byChance = 0;
    for (int c = 0; c < labels; c++) {
      byChance += first[c] * second[c];
    }
    // In whole numbers, so that no agreement beyond chance is 0 / 0 and not 0 / almost 0.
    return (n * equal - byChance) / (n * n - byChance);
  }

  private static double alpha(double[][] pairs, boolean ordinal) {
    int labels = pairs.length;
    double[] given = Arrays.stream(pairs).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
    double n = Arrays.stream(given).sum();
    double observed = 0;
    double expected = 0;
    for (int c = 0; c < labels; c++) {
      double between = given[c];
      for (int k = c + 1; k < labels; k++) {
        between += given[k];
        double steps = ordinal ? between - (given[c] + given[k]) / 2 : 1;
        observed += pairs[c][k] * steps * steps;
        expected += given[c] * given[k] * steps * steps;
      }
    }
    return expected == 0 ? Double.NaN : 1 - (n - 1) * observed / expected;
  }
}
