package io.whence.engine.fidelity;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.fidelity.ClassifierMethods.Method;
import io.whence.engine.fidelity.ClassifierMethods.Scoring;
import io.whence.engine.influence.DampingRule;
import io.whence.engine.influence.Gradients;
import io.whence.engine.model.SgdSettings;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.SoftmaxNetwork.Diet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Influence methods on a classifier, against training on random halves and leave-one-out.
 *
 * <p>Every method with a damping of its own is tuned on the validation queries and on halves that
 * are not reported; the damping rule is not tuned at all. Ensembles are trained on halves of their
 * own.
 */
final class ClassifierSuite {
  private static final int SUBSETS = 100;
  private static final int TUNING_SUBSETS = 30;
  private static final int REMOVED = 400;
  private static final int CALIBRATION_REMOVED = 100;

  /** Leave-one-out trainings side by side: their weights fit the processor's cache. */
  private static final int TOGETHER = 50;

  private static final double[] SHARES = {1e-4, 1e-3, 1e-2, 0.1, 1, 10};

  /** Seeds of what is random beside the truth's runs. */
  private static final long REPORTED_HALVES = 100_000;

  private static final long TUNING_HALVES = 200_000;

  static final List<String> METHODS =
      List.of(
          "exactInfluence",
          "conjugateGradient",
          "lissa",
          "astra",
          "source",
          "ekfac",
          "kfac",
          "dualFisher",
          "logra",
          "lograPca",
          "trak",
          "marginEkfac",
          "marginDualFisher",
          "tracInCp",
          "dataInf",
          "relatIf",
          "trackStar",
          "representationSimilarity",
          "gradientDot",
          "gradientCosine",
          "embeddingCosine",
          "sameLabel",
          "gradientNorm",
          "random");

  private final Suite suite;
  private final Experiment experiment;
  private final Suite.Bench bench;
  private final SgdSettings settings;
  private final boolean leaveOneOut;
  private final Suite.Splits splits;
  private final Retrainings retrainings;
  private final List<Report.Result> results = new ArrayList<>();
  private final Map<String, Plot> plots = new LinkedHashMap<>();
  private final Map<String, String> facts = new LinkedHashMap<>();

  ClassifierSuite(Experiment experiment, Suite.Bench bench, SgdSettings settings) {
    this.suite = experiment.suite();
    this.experiment = experiment;
    this.bench = bench;
    this.settings = settings;
    // Without noise of initial weights, one example more or less shows; else it drowns.
    this.leaveOneOut = settings.hidden().isEmpty();
    this.splits = Suite.Splits.digits(experiment, bench);
    this.retrainings =
        new Retrainings(
            bench.truthOf(suite.id(), splits.hash(), settings), bench.threads(), bench.progress());
  }

  Report run() {
    int n = splits.training().size();
    long base = experiment.seeds().get(0);
    SoftmaxNetwork network =
        SoftmaxNetwork.train(splits.training(), settings, Diet.all(n, !leaveOneOut), base);
    double accuracy = network.accuracy(splits.training());
    DampingRule whole = DampingRule.of(accuracy, settings.horizon(n));
    facts.put(
        "training",
        n
            + " examples, "
            + Gradients.of(network, splits.training()).parameters()
            + " parameters; SGD rate "
            + settings.rate()
            + ", momentum "
            + settings.momentum()
            + ", batch "
            + settings.batch()
            + ", "
            + settings.epochs()
            + " epochs, dropout "
            + settings.dropout());
    facts.put(
        "accuracy",
        String.format(
            Locale.ROOT,
            "training %.4f, queries %.4f",
            accuracy,
            network.accuracy(splits.queries())));
    facts.put("dampingRule", whole.says());
    facts.put("dataSha256", splits.hash());
    Subsets reported = subsets("halves", SUBSETS, REPORTED_HALVES, splits.queries());
    Subsets tuning = subsets("tuning", TUNING_SUBSETS, TUNING_HALVES, splits.validation());
    @Nullable LeaveOneOut loo = leaveOneOut ? leaveOneOut(base) : null;
    facts.put(
        "truth",
        SUBSETS
            + " half subsets x "
            + experiment.seeds().size()
            + " runs"
            + (loo == null
                ? ""
                : "; "
                    + REMOVED
                    + " examples left out (without weight, and dropped) x "
                    + experiment.seeds().size()
                    + " runs"));
    facts.put(
        "tunedOn",
        TUNING_SUBSETS
            + " other half subsets and "
            + splits.validation().size()
            + " other queries; calibrated on "
            + CALIBRATION_REMOVED
            + " other examples left out and"
            + " the same other queries");
    List<Method> methods =
        new ClassifierMethods(splits.training(), settings, network, base)
            .all().stream().filter(method -> experiment.wants(method.id())).toList();
    int done = 0;
    for (Method method : methods) {
      bench.progress().report("methods", done++, methods.size(), "methods", method.id());
      measure(method, reported, tuning, loo);
    }
    bench.progress().report("methods", done, methods.size(), "methods", "");
    plots.put("lds", Plot.bars("Linear datamodelling score, " + suite.id(), "lds", results));
    if (loo != null) {
      plots.put(
          "loo",
          Plot.bars("Leave-one-out, Pearson per query, " + suite.id(), "loo_pearson", results));
      int hundredth = n / 100;
      plots.put(
          "removal",
          Plot.bars(
              "Rise of a query's loss without its first " + hundredth + " proponents, nats",
              "removal_" + hundredth,
              results));
    }
    return new Report(suite.id(), experiment.seeds(), facts, results, plots);
  }

  /** Trains on random halves, once a run, and notes every query's loss. */
  private Subsets subsets(String name, int count, long halvesFrom, LabelledExamples queries) {
    boolean[][] kept = Subsets.halves(count, splits.training().size(), halvesFrom);
    float[][][] losses = new float[experiment.seeds().size()][][];
    for (int run = 0; run < losses.length; run++) {
      long seed = experiment.seeds().get(run);
      losses[run] =
          retrainings.run(
              name + "-" + seed,
              count,
              (s, within) ->
                  floats(half(kept[s], halvesFrom + seed * 1_000_003 + s).losses(queries)));
    }
    return new Subsets(kept, losses);
  }

  private SoftmaxNetwork half(boolean[] kept, long seed) {
    Diet diet = new Diet(Subsets.members(kept), -1, true);
    return SoftmaxNetwork.train(splits.training(), settings, diet, seed);
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /**
   * What leave-one-out did.
   *
   * @param removed the reported examples
   * @param weightless changes of the queries' losses with an example's weight set to 0
   * @param dropped the same with the example taken out of the order, later ones moving up
   * @param calibrationRemoved examples that only calibration sees
   * @param calibration changes of the validation queries' losses without them
   */
  private record LeaveOneOut(
      @SuppressWarnings("ArrayRecordComponent") int[] removed,
      Removals weightless,
      Removals dropped,
      @SuppressWarnings("ArrayRecordComponent") int[] calibrationRemoved,
      Removals calibration) {}

  private LeaveOneOut leaveOneOut(long base) {
    int n = splits.training().size();
    int all = Math.min(n, REMOVED + CALIBRATION_REMOVED);
    int[] drawn = new SplittableRandom(base).ints(0, n).distinct().limit(all).toArray();
    int reported = all * 4 / 5;
    int[] removed = java.util.Arrays.copyOf(drawn, reported);
    int[] others = java.util.Arrays.copyOfRange(drawn, reported, all);
    List<double[][]> weightless = new ArrayList<>();
    List<double[][]> dropped = new ArrayList<>();
    List<double[][]> calibration = new ArrayList<>();
    for (long seed : experiment.seeds()) {
      double[][] without = changes("weightless", seed, all, z -> Diet.withoutWeight(n, drawn[z]));
      double[][] gone = changes("dropped", seed, reported, z -> Diet.without(n, removed[z]));
      int q = splits.queries().size();
      int v = splits.validation().size();
      weightless.add(part(without, 0, reported, 0, q));
      dropped.add(part(gone, 0, reported, 0, q));
      calibration.add(part(without, reported, all, q, q + v));
    }
    return new LeaveOneOut(
        removed,
        new Removals(weightless.toArray(double[][][]::new)),
        new Removals(dropped.toArray(double[][][]::new)),
        others,
        new Removals(calibration.toArray(double[][][]::new)));
  }

  /** Changes of every loss by each diet, some diets trained together, each beside a whole one. */
  private double[][] changes(String stage, long seed, int count, IntFunction<Diet> diet) {
    int n = splits.training().size();
    int width = splits.queries().size() + splits.validation().size();
    int groups = (count + TOGETHER - 1) / TOGETHER;
    float[][] rows =
        retrainings.run(
            stage + "-" + seed,
            groups,
            (group, within) -> {
              int from = group * TOGETHER;
              List<Diet> diets = new ArrayList<>();
              diets.add(Diet.all(n, false));
              IntStream.range(from, Math.min(from + TOGETHER, count))
                  .forEach(i -> diets.add(diet.apply(i)));
              List<SoftmaxNetwork> networks =
                  SoftmaxNetwork.trainTogether(splits.training(), settings, diets, seed);
              double[] before = bothLosses(networks.get(0));
              float[] row = new float[TOGETHER * width];
              for (int i = 1; i < networks.size(); i++) {
                double[] after = bothLosses(networks.get(i));
                for (int q = 0; q < width; q++) {
                  row[(i - 1) * width + q] = (float) (after[q] - before[q]);
                }
              }
              return row;
            });
    double[][] changes = new double[count][width];
    for (int i = 0; i < count; i++) {
      for (int q = 0; q < width; q++) {
        changes[i][q] = rows[i / TOGETHER][i % TOGETHER * width + q];
      }
    }
    return changes;
  }

  private double[] bothLosses(SoftmaxNetwork network) {
    return java.util.stream.DoubleStream.concat(
            java.util.Arrays.stream(network.losses(splits.queries())),
            java.util.Arrays.stream(network.losses(splits.validation())))
        .toArray();
  }

  private static double[][] part(double[][] rows, int from, int to, int first, int last) {
    double[][] part = new double[to - from][];
    for (int r = from; r < to; r++) {
      part[r - from] = java.util.Arrays.copyOfRange(rows[r], first, last);
    }
    return part;
  }

  private void measure(Method method, Subsets reported, Subsets tuning, @Nullable LeaveOneOut loo) {
    int n = splits.training().size();
    double halfHorizon = settings.horizon(n / 2);
    double share = method.tuned() ? tuned(method, tuning, halfHorizon) : Double.NaN;
    long begin = System.nanoTime();
    Scoring scoring = method.fresh().get();
    float[][] scores = scoring.of(splits.queries(), halfHorizon, share);
    double seconds = (System.nanoTime() - begin) / 1e9;
    add(method, "lds", reported.lds(scores), reported.ceiling(), seconds, method.published().lds());
    if (loo == null) {
      return;
    }
    double horizon = settings.horizon(n);
    float[][] full = scoring.of(splits.queries(), horizon, share);
    double[][] predicted = Removals.predictions(full, loo.removed());
    double ceiling = loo.weightless().ceiling();
    add(
        method,
        "loo_pearson",
        loo.weightless().pearson(predicted),
        Double.NaN,
        seconds,
        method.published().loo());
    add(
        method,
        "loo_pearson_dropped",
        loo.dropped().pearson(predicted),
        Double.NaN,
        seconds,
        method.published().loo());
    add(method, "loo_spearman", loo.weightless().spearman(predicted), ceiling, seconds, null);
    new TopRemovals(splits, settings, retrainings, experiment.seeds().get(0))
        .rises(full)
        .forEach((k, rise) -> add(method, "removal_" + k, rise, Double.NaN, seconds, null));
    if (method.nats()) {
      calibrated(method, loo, scoring.of(splits.validation(), horizon, share), full, seconds);
    }
  }

  private void calibrated(
      Method method, LeaveOneOut loo, float[][] validation, float[][] full, double seconds) {
    Calibration calibration =
        Calibration.fit(
            Removals.predictions(validation, loo.calibrationRemoved()),
            loo.calibration().byQuery(),
            Calibration.scales(validation));
    double[][] predicted = Removals.predictions(full, loo.removed());
    double[][] measured = loo.weightless().byQuery();
    double[] scales = Calibration.scales(full);
    add(method, "slope", calibration.slope(predicted, measured), Double.NaN, seconds, null);
    double explicable = loo.weightless().explicable();
    add(method, "r2", calibration.r2(predicted, measured), explicable, seconds, null);
    add(
        method,
        "coverage",
        calibration.coverage(predicted, measured, scales),
        Double.NaN,
        seconds,
        null);
    facts.put("calibration " + method.id(), calibration.inWords());
    plots.put(
        "predicted-" + method.id(),
        calibration.picture(
            "Change of loss without one example: " + method.id() + ", calibrated",
            predicted,
            measured));
  }

  private void add(
      Method method,
      String metric,
      Estimate estimate,
      double ceiling,
      double seconds,
      @Nullable Double published) {
    results.add(
        new Report.Result(
            method.id(),
            metric,
            estimate.value(),
            estimate.low(),
            estimate.high(),
            ceiling,
            seconds,
            method.bytes(),
            method.models(),
            published));
  }

  /** The damping that predicts best what the validation queries did on the tuning halves. */
  private double tuned(Method method, Subsets tuning, double horizon) {
    Scoring scoring = method.fresh().get();
    double[] scores = new double[SHARES.length];
    int best = 0;
    for (int i = 0; i < SHARES.length; i++) {
      scores[i] = tuning.lds(scoring.of(splits.validation(), horizon, SHARES[i])).value();
      best = scores[i] > scores[best] ? i : best;
    }
    plots.put(
        "damping-" + method.id(),
        new Plot.Curve(
            "Damping of " + method.id() + ", on validation queries and halves alone",
            "damping, in units of the mean eigenvalue or as its factory says",
            "lds",
            SHARES,
            scores,
            SHARES[best]));
    facts.put(
        "damping " + method.id(),
        String.format(
            Locale.ROOT,
            "%.0e of %s, lds on tuning data %s",
            SHARES[best],
            java.util.Arrays.toString(SHARES),
            java.util.Arrays.stream(scores)
                .mapToObj(x -> String.format(Locale.ROOT, "%.3f", x))
                .toList()));
    return SHARES[best];
  }
}
