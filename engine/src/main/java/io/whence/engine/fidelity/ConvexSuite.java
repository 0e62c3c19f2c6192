package io.whence.engine.fidelity;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.influence.SoftmaxRegression;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Leave-one-out of a convex model at its optimum: what exact influence and one Newton step miss.
 */
final class ConvexSuite {
  private static final int REMOVED = 100;
  private static final double L2 = 1e-3;

  static final List<String> METHODS =
      List.of("exactInfluence", "oneStepNewton", "gradientDot", "parameterShift", "random");

  private final Experiment experiment;
  private final Suite.Bench bench;
  private final List<Report.Result> results = new ArrayList<>();

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
    long seed = experiment.seeds().get(0);
    int[] removed =
        new SplittableRandom(seed)
            .ints(0, model.size())
            .distinct()
            .limit(Math.min(REMOVED, model.size()))
            .toArray();
    double[] before = model.losses(queries, new double[model.parameters()]);
    double[][] changes = new double[removed.length][];
    double[] shifts = new double[removed.length];
    for (int r = 0; r < removed.length; r++) {
      double[] move = model.trueMove(removed[r]);
      shifts[r] = norm(move);
      double[] after = model.losses(queries, move);
      changes[r] = new double[after.length];
      for (int q = 0; q < after.length; q++) {
        changes[r][q] = after[q] - before[q];
      }
      bench.progress().report("retraining", r + 1, removed.length, "examples", "");
    }
    Removals truth = new Removals(new double[][][] {changes});
    double[][] gradients = model.queryGradients(queries);
    SplittableRandom random = new SplittableRandom(seed + 1);
    measure("exactInfluence", truth, model, removed, z -> along(gradients, model.influenceMove(z)));
    measure(
        "oneStepNewton",
        truth,
        model,
        removed,
        z -> {
          // The move is exact enough that the bend of the query's own loss shows beside it.
          double[] after = model.losses(queries, model.newtonMove(z));
          for (int q = 0; q < after.length; q++) {
            after[q] -= before[q];
          }
          return after;
        });
    measure("gradientDot", truth, model, removed, z -> along(gradients, model.trainingGradient(z)));
    measure("random", truth, model, removed, z -> random.doubles(queries.size()).toArray());
    if (wanted("parameterShift")) {
      long begin = System.nanoTime();
      double[] predicted = new double[removed.length];
      for (int r = 0; r < removed.length; r++) {
        predicted[r] = norm(model.influenceMove(removed[r]));
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      Estimate estimate =
          Subsets.rankCorrelation(new double[][] {predicted}, new double[][] {shifts});
      add("parameterShift", "loo_spearman", estimate, seconds, model);
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
    facts.put("truth", removed.length + " examples left out by weight; one answer, no noise");
    facts.put("damping", "none beside the l2 of the training loss, which is part of the Hessian");
    facts.put("dataSha256", splits.hash());
    return new Report(
        Suite.CONVEX_DIGITS.id(), experiment.seeds(), facts, results, Map.of("loo", bars()));
  }

  private Plot bars() {
    return new Plot.Bars(
        "Leave-one-out, Spearman per query, " + Suite.CONVEX_DIGITS.id(),
        "loo_spearman",
        results.stream()
            .filter(result -> result.metric().equals("loo_spearman"))
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

  private boolean wanted(String method) {
    return experiment.methods().isEmpty() || experiment.methods().contains(method);
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

  private void measure(
      String method,
      Removals truth,
      SoftmaxRegression model,
      int[] removed,
      IntFunction<double[]> changes) {
    if (!wanted(method)) {
      return;
    }
    long begin = System.nanoTime();
    double[][] predicted = new double[truth.queries()][removed.length];
    for (int r = 0; r < removed.length; r++) {
      double[] each = changes.apply(removed[r]);
      for (int q = 0; q < predicted.length; q++) {
        predicted[q][r] = each[q];
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    add(method, "loo_spearman", truth.spearman(predicted), seconds, model);
    add(method, "loo_pearson", truth.pearson(predicted), seconds, model);
    if (!method.equals("random") && !method.equals("gradientDot")) {
      Calibration as = new Calibration(1, Double.NaN, 0);
      double[][] measured = truth.byQuery();
      add(method, "slope", as.slope(predicted, measured), seconds, model);
      add(method, "r2", as.r2(predicted, measured), seconds, model);
    }
  }

  private void add(
      String method, String metric, Estimate estimate, double seconds, SoftmaxRegression model) {
    long bytes = 8L * model.parameters() * model.parameters();
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
