package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.influence.SoftmaxRegression;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Leave-one-out and leave-group-out of a convex model at its optimum: what exact influence, its
 * second order and one Newton step miss.
 */
final class ConvexSuite {
  private static final int REMOVED = 100;
  private static final double L2 = 1e-3;

  /** Groups are the n-th part of all examples. */
  private static final int[] GROUP_SHARES = {100, 30, 20};

  static final List<String> METHODS =
      List.of(
          "exactInfluence",
          "secondOrder",
          "oneStepNewton",
          "gradientDot",
          "parameterShift",
          "random");

  /** Those whose predictions are changes of loss, to be held against the true ones one to one. */
  private static final Set<String> IN_NATS =
      Set.of("exactInfluence", "secondOrder", "oneStepNewton");

  private final Experiment experiment;
  private final Suite.Bench bench;
  private final List<Report.Result> results = new ArrayList<>();
  private final Map<String, Plot> plots = new LinkedHashMap<>();
  private long bytes;

  ConvexSuite(Experiment experiment, Suite.Bench bench) {
    this.experiment = experiment;
    this.bench = bench;
  }

  Report run() {
    // Pixels of 0 to 16 as 0 to 1.
    Suite.Splits splits =
        experiment.data() == null
            ? Suite.Splits.read(bench.ownData().resolve("digits")).normalised(16, 0, 1)
            : Suite.Splits.read(experiment.data()).standardised();
    LabelledExamples queries = splits.queries();
    SoftmaxRegression model = SoftmaxRegression.fit(splits.training(), L2);
    bytes = 8L * model.parameters() * model.parameters();
    long seed = experiment.seeds().get(0);
    double[] before = model.losses(queries, new double[model.parameters()]);
    double[][] gradients = model.queryGradients(queries);
    IntFunction<int[]> alone = z -> new int[] {z};
    int[][] examples =
        new SplittableRandom(seed)
            .ints(0, model.size())
            .distinct()
            .limit(Math.min(REMOVED, model.size()))
            .mapToObj(alone)
            .toArray(int[][]::new);
    int[][] groups = groups(splits.training(), seed + 2);
    if (groups.length < Subsets.FEWEST) {
      throw new EngineException.InvalidQuery(
          "the data have "
              + splits.training().size()
              + " training examples, too few for groups of a hundredth of them; use 1,000 or more");
    }
    double[][] moves = new double[examples.length][];
    Truth loo = truth("loo", model, queries, before, examples, moves);
    Truth byGroup = truth("group", model, queries, before, groups, new double[groups.length][]);
    SplittableRandom random = new SplittableRandom(seed + 1);
    Function<double[], double[]> firstOrder = move -> along(gradients, move);
    // These moves are exact enough that the bend of the query's own loss shows beside them.
    Function<double[], double[]> bent =
        move -> {
          double[] after = model.losses(queries, move);
          for (int q = 0; q < after.length; q++) {
            after[q] -= before[q];
          }
          return after;
        };
    for (Truth truth : List.of(loo, byGroup)) {
      measure("exactInfluence", truth, u -> firstOrder.apply(model.influenceMove(u)));
      measure("secondOrder", truth, u -> bent.apply(model.secondOrderMove(u)));
      measure("oneStepNewton", truth, u -> bent.apply(model.newtonMove(u)));
      measure("gradientDot", truth, u -> firstOrder.apply(model.trainingGradient(u)));
      measure("random", truth, u -> random.doubles(queries.size()).toArray());
    }
    if (experiment.wants("parameterShift")) {
      long begin = System.nanoTime();
      double[] predicted = new double[examples.length];
      double[] shifts = new double[examples.length];
      for (int r = 0; r < examples.length; r++) {
        predicted[r] = norm(model.influenceMove(examples[r]));
        shifts[r] = norm(moves[r]);
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      Estimate estimate =
          Subsets.rankCorrelation(new double[][] {predicted}, new double[][] {shifts});
      add("parameterShift", "loo_spearman", estimate, seconds);
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "training",
        model.size()
            + " examples, "
            + model.parameters()
            + " parameters, l2 = "
            + L2
            + ", every optimum to a gradient below 1e-12, in double precision");
    facts.put(
        "truth",
        examples.length
            + " examples, and "
            + groups.length
            + " groups of one label each, left out by weight; one answer, no noise");
    facts.put("damping", "none beside the l2 of the training loss, which is part of the Hessian");
    facts.put("dataSha256", splits.hash());
    plots.put("loo", bars("Leave-one-out", "loo_spearman"));
    plots.put("groups", bars("Groups left out", "group_pearson"));
    return new Report(Suite.CONVEX_DIGITS.id(), experiment.seeds(), facts, results, plots);
  }

  private Plot bars(String title, String metric) {
    return new Plot.Bars(
        title + ", per query, " + Suite.CONVEX_DIGITS.id(),
        metric,
        results.stream()
            .filter(result -> result.metric().equals(metric))
            .sorted(Comparator.comparingDouble(result -> -result.value()))
            .map(
                result ->
                    new Plot.Bar(
                        result.method(),
                        result.value(),
                        orNaN(result.low()),
                        orNaN(result.high()),
                        Double.NaN,
                        Double.NaN))
            .toList());
  }

  private static double orNaN(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }

  private static double norm(double[] vector) {
    double square = 0;
    for (double value : vector) {
      square += value * value;
    }
    return Math.sqrt(square);
  }

  /** The change of each query's loss to first order. */
  private static double[] along(double[][] gradients, double[] move) {
    double[] changes = new double[gradients.length];
    for (int q = 0; q < changes.length; q++) {
      for (int j = 0; j < move.length; j++) {
        changes[q] += gradients[q][j] * move[j];
      }
    }
    return changes;
  }

  /** What leaving out really does, one entry of {@code removed} at a time. */
  private record Truth(
      String kind, Removals changes, @SuppressWarnings("ArrayRecordComponent") int[][] removed) {}

  private Truth truth(
      String kind,
      SoftmaxRegression model,
      LabelledExamples queries,
      double[] before,
      int[][] removed,
      double[][] moves) {
    double[][] changes = new double[removed.length][];
    for (int r = 0; r < removed.length; r++) {
      moves[r] = model.trueMove(removed[r]);
      double[] after = model.losses(queries, moves[r]);
      changes[r] = new double[after.length];
      for (int q = 0; q < after.length; q++) {
        changes[r][q] = after[q] - before[q];
      }
      bench
          .progress()
          .report(
              kind.equals("loo") ? "leave-one-out" : "leave-group-out",
              r + 1,
              removed.length,
              "retrainings",
              "");
    }
    return new Truth(kind, new Removals(new double[][][] {changes}), removed);
  }

  /** Examples of one label at a time, a hundredth, a thirtieth and a twentieth of all. */
  private static int[][] groups(LabelledExamples training, long seed) {
    List<int[]> groups = new ArrayList<>();
    for (int label = 0; label < training.classes(); label++) {
      List<Integer> members = new ArrayList<>();
      for (int i = 0; i < training.size(); i++) {
        if (training.label(i) == label) {
          members.add(i);
        }
      }
      for (int share : GROUP_SHARES) {
        Collections.shuffle(members, new Random(seed + 1000L * label + share));
        int size = training.size() / share;
        if (size > 1 && size < members.size()) {
          groups.add(members.subList(0, size).stream().mapToInt(i -> i).toArray());
        }
      }
    }
    return groups.toArray(int[][]::new);
  }

  private void measure(String method, Truth truth, Function<int[], double[]> changes) {
    if (!experiment.wants(method)) {
      return;
    }
    long begin = System.nanoTime();
    double[][] predicted = new double[truth.changes().queries()][truth.removed().length];
    for (int r = 0; r < truth.removed().length; r++) {
      double[] each = changes.apply(truth.removed()[r]);
      for (int q = 0; q < predicted.length; q++) {
        predicted[q][r] = each[q];
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    add(method, truth.kind() + "_spearman", truth.changes().spearman(predicted), seconds);
    add(method, truth.kind() + "_pearson", truth.changes().pearson(predicted), seconds);
    if (IN_NATS.contains(method)) {
      Calibration as = Calibration.AS_IT_IS;
      double[][] measured = truth.changes().byQuery();
      boolean alone = truth.kind().equals("loo");
      // The release checks know leave-one-out's by these names alone.
      String prefix = alone ? "" : truth.kind() + "_";
      add(method, prefix + "slope", as.slope(predicted, measured), seconds);
      add(method, prefix + "r2", as.r2(predicted, measured), seconds);
      if (alone) {
        plots.put(
            "predicted-" + method,
            as.picture("Change of loss without one example: " + method, predicted, measured));
      }
    }
  }

  private void add(String method, String metric, Estimate estimate, double seconds) {
    results.add(
        new Report.Result(
            method,
            metric,
            estimate.value(),
            estimate.low(),
            estimate.high(),
            null,
            seconds,
            method.equals("random") || method.equals("gradientDot") ? 0 : bytes,
            1,
            null));
  }
}
