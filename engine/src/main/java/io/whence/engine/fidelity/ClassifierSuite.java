package io.whence.engine.fidelity;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.influence.DampingRule;
import io.whence.engine.influence.Eigenbasis;
import io.whence.engine.influence.Ensemble;
import io.whence.engine.influence.Filter;
import io.whence.engine.influence.Gradients;
import io.whence.engine.influence.LayerProjection;
import io.whence.engine.influence.Scorer;
import io.whence.engine.influence.Target;
import io.whence.engine.influence.Trak;
import io.whence.engine.model.SgdSettings;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.SoftmaxNetwork.Diet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
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
  private static final int MODELS = 10;

  /** Leave-one-out trainings side by side: their weights fit the processor's cache. */
  private static final int TOGETHER = 50;

  private static final int CHECKPOINTS = 10;
  private static final int SKETCH = 32;
  private static final int TRAK_WIDTH = 512;
  private static final double[] SHARES = {1e-4, 1e-3, 1e-2, 0.1, 1, 10};

  /** Seeds of what is random beside the truth's runs. */
  private static final long REPORTED_HALVES = 100_000;

  private static final long TUNING_HALVES = 200_000;
  private static final long ENSEMBLE_HALVES = 300_000;
  private static final long PROJECTION = 400_000;
  private static final long LABELS = 500_000;

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
  private final Map<Integer, SoftmaxNetwork> halfModels = new ConcurrentHashMap<>();

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

  /** A trained model and, as they are first asked for, what methods make of it. */
  private final class Model {
    final SoftmaxNetwork network;
    final Gradients training;
    private final Map<Target, Eigenbasis> eigenbases = new LinkedHashMap<>();
    private @Nullable Trak trak;

    Model(SoftmaxNetwork network) {
      this.network = network;
      this.training = Gradients.of(network, splits.training());
    }

    Eigenbasis eigenbasis(Target pseudo) {
      return eigenbases.computeIfAbsent(pseudo, key -> Eigenbasis.fit(training, key));
    }

    Trak trak() {
      if (trak == null) {
        trak = Trak.fit(training, TRAK_WIDTH, PROJECTION);
      }
      return trak;
    }

    Gradients of(LabelledExamples queries) {
      return Gradients.of(network, queries);
    }
  }

  /** One method, ready to score queries. */
  private interface Scoring {
    /**
     * {@return the scores}
     *
     * @param horizon of the training whose effect is predicted
     * @param share the method's damping, where it has one
     */
    float[][] of(LabelledExamples queries, double horizon, double share);
  }

  /**
   * One method in the comparison.
   *
   * @param tuned whether its damping is chosen on the validation queries
   * @param nats whether its numbers are changes of the loss
   * @param bytes kept of the training side
   * @param fresh makes the method anew, nothing cached
   */
  private record Entry(
      String id,
      int models,
      boolean tuned,
      boolean nats,
      long bytes,
      @Nullable Double publishedLds,
      @Nullable Double publishedLoo,
      java.util.function.Supplier<Scoring> fresh) {}

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
            + new Model(network).training.parameters()
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
    List<Entry> entries = entries(network, base);
    int done = 0;
    for (Entry entry : entries) {
      bench.progress().report("methods", done++, entries.size(), "methods", entry.id());
      measure(entry, reported, tuning, loo);
    }
    bench.progress().report("methods", done, entries.size(), "methods", "");
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
              s -> floats(half(kept[s], halvesFrom + seed * 1_000_003 + s).losses(queries)));
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
            group -> {
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

  private void measure(Entry entry, Subsets reported, Subsets tuning, @Nullable LeaveOneOut loo) {
    int n = splits.training().size();
    double halfHorizon = settings.horizon(n / 2);
    double share = entry.tuned() ? tuned(entry, tuning, halfHorizon) : Double.NaN;
    long begin = System.nanoTime();
    Scoring scoring = entry.fresh().get();
    float[][] scores = scoring.of(splits.queries(), halfHorizon, share);
    double seconds = (System.nanoTime() - begin) / 1e9;
    add(entry, "lds", reported.lds(scores), reported.ceiling(), seconds, entry.publishedLds());
    if (loo == null) {
      return;
    }
    double horizon = settings.horizon(n);
    float[][] full = scoring.of(splits.queries(), horizon, share);
    double[][] predicted = Removals.predictions(full, loo.removed());
    double ceiling = loo.weightless().ceiling();
    add(
        entry,
        "loo_pearson",
        loo.weightless().pearson(predicted),
        Double.NaN,
        seconds,
        entry.publishedLoo());
    add(
        entry,
        "loo_pearson_dropped",
        loo.dropped().pearson(predicted),
        Double.NaN,
        seconds,
        entry.publishedLoo());
    add(entry, "loo_spearman", loo.weightless().spearman(predicted), ceiling, seconds, null);
    new TopRemovals(splits, settings, retrainings, experiment.seeds().get(0))
        .rises(full)
        .forEach((k, rise) -> add(entry, "removal_" + k, rise, Double.NaN, seconds, null));
    if (entry.nats()) {
      calibrated(entry, loo, scoring.of(splits.validation(), horizon, share), full, seconds);
    }
  }

  private void calibrated(
      Entry entry, LeaveOneOut loo, float[][] validation, float[][] full, double seconds) {
    Calibration calibration =
        Calibration.fit(
            Removals.predictions(validation, loo.calibrationRemoved()),
            loo.calibration().byQuery(),
            Calibration.scales(validation));
    double[][] predicted = Removals.predictions(full, loo.removed());
    double[][] measured = loo.weightless().byQuery();
    double[] scales = Calibration.scales(full);
    add(entry, "slope", calibration.slope(predicted, measured), Double.NaN, seconds, null);
    add(entry, "r2", calibration.r2(predicted, measured), Double.NaN, seconds, null);
    add(
        entry,
        "coverage",
        calibration.coverage(predicted, measured, scales),
        Double.NaN,
        seconds,
        null);
    facts.put(
        "calibration " + entry.id(),
        String.format(
            Locale.ROOT,
            "true = %.3f x predicted, 90 %% within %.3f x the query's root mean square",
            calibration.slope(),
            calibration.reach()));
    if (entry.id().equals("exactInfluence")) {
      plots.put(
          "predicted",
          new Plot.Scatter(
              "Change of loss without one example: exact influence, calibrated",
              "predicted, nats",
              "retrained, nats",
              flat(predicted, calibration.slope()),
              flat(measured, 1)));
    }
  }

  private static double[] flat(double[][] rows, double factor) {
    return java.util.Arrays.stream(rows)
        .flatMapToDouble(row -> java.util.Arrays.stream(row).map(x -> x * factor))
        .toArray();
  }

  private void add(
      Entry entry,
      String metric,
      Estimate estimate,
      double ceiling,
      double seconds,
      @Nullable Double published) {
    results.add(
        new Report.Result(
            entry.id(),
            metric,
            estimate.value(),
            estimate.low(),
            estimate.high(),
            ceiling,
            seconds,
            entry.bytes(),
            entry.models(),
            published));
  }

  /** The damping that predicts best what the validation queries did on the tuning halves. */
  private double tuned(Entry entry, Subsets tuning, double horizon) {
    Scoring scoring = entry.fresh().get();
    double[] scores = new double[SHARES.length];
    int best = 0;
    for (int i = 0; i < SHARES.length; i++) {
      scores[i] = tuning.lds(scoring.of(splits.validation(), horizon, SHARES[i])).value();
      best = scores[i] > scores[best] ? i : best;
    }
    plots.put(
        "damping-" + entry.id(),
        new Plot.Curve(
            "Damping of " + entry.id() + ", on validation queries and halves alone",
            "damping, in units of the mean eigenvalue or as its factory says",
            "lds",
            SHARES,
            scores,
            SHARES[best]));
    facts.put(
        "damping " + entry.id(),
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

  private List<Model> ensemble() {
    int n = splits.training().size();
    boolean[][] kept = Subsets.halves(MODELS, n, ENSEMBLE_HALVES);
    IntStream.range(0, MODELS)
        .parallel()
        .forEach(m -> halfModels.computeIfAbsent(m, key -> half(kept[key], ENSEMBLE_HALVES + key)));
    return IntStream.range(0, MODELS)
        .mapToObj(m -> new Model(java.util.Objects.requireNonNull(halfModels.get(m))))
        .toList();
  }

  /** Kernels of margins of several models, brackets averaged apart. */
  private static float[][] ofMargins(
      List<Model> models, LabelledExamples queries, Function<Model, Scorer> method) {
    List<float[][]> kernels = new ArrayList<>();
    List<double[]> training = new ArrayList<>();
    List<double[]> asked = new ArrayList<>();
    for (Model model : models) {
      kernels.add(method.apply(model).scores(model.of(queries)));
      training.add(model.training.residuals());
      asked.add(model.of(queries).residuals());
    }
    return Ensemble.ofMargins(kernels, training, asked);
  }

  private List<Entry> entries(SoftmaxNetwork network, long base) {
    Target sampled = new Target.SampledLoss(LABELS);
    boolean lr = leaveOneOut;
    int n = splits.training().size();
    Gradients shape = Gradients.of(network, splits.training());
    long basis = 0;
    for (Gradients.Layer layer : shape.layers()) {
      basis +=
          4L * ((long) layer.in() * layer.in() + (long) layer.out() * layer.out() + layer.size());
    }
    LayerProjection random = LayerProjection.random(shape.layers(), SKETCH, PROJECTION);
    long sketch = 4L * n * random.size();
    List<Entry> all = new ArrayList<>();
    all.add(
        single(
            "exactInfluence",
            network,
            false,
            true,
            0,
            lr ? 0.80 : null,
            lr ? 0.878 : null,
            (model, queries, horizon, share) ->
                Scorer.lanczos(model.training, new Filter.Unrolled(horizon), lr ? 40 : 20)
                    .scores(model.of(queries))));
    all.add(
        single(
            "conjugateGradient",
            network,
            false,
            true,
            0,
            lr ? 0.80 : 0.257,
            lr ? 0.878 : 0.018,
            (model, queries, horizon, share) ->
                Scorer.conjugateGradient(model.training, 1 / horizon, lr ? 40 : 20)
                    .scores(model.of(queries))));
    all.add(
        single(
            "lissa",
            network,
            false,
            true,
            0,
            lr ? 0.79 : 0.137,
            lr ? 0.864 : null,
            (model, queries, horizon, share) ->
                Scorer.lissa(model.training, 1 / horizon, 300, 100, base)
                    .scores(model.of(queries))));
    all.add(
        single(
            "astra",
            network,
            false,
            true,
            basis,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.astra(model.training, model.eigenbasis(sampled), 1 / horizon, 30, 500, base)
                    .scores(model.of(queries))));
    all.add(
        new Entry(
            "source",
            3,
            false,
            true,
            3 * basis,
            null,
            null,
            () -> {
              List<SoftmaxNetwork> path = checkpoints(base, 3);
              return (queries, horizon, share) -> source(path, queries, horizon, sampled);
            }));
    all.add(
        single(
            "ekfac",
            network,
            true,
            true,
            basis,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.kronecker(
                        model.training,
                        model.eigenbasis(sampled),
                        Eigenbasis.Values.CORRECTED,
                        new Filter.OfMean(share),
                        Target.LOSS)
                    .scores(model.of(queries))));
    all.add(
        single(
            "kfac",
            network,
            true,
            true,
            basis,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.kronecker(
                        model.training,
                        model.eigenbasis(sampled),
                        Eigenbasis.Values.KRONECKER,
                        new Filter.OfMean(share),
                        Target.LOSS)
                    .scores(model.of(queries))));
    all.add(
        single(
            "dualFisher",
            network,
            true,
            true,
            8L * n * n,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.dualFisher(model.training, share, Target.LOSS).scores(model.of(queries))));
    all.add(
        single(
            "logra",
            network,
            true,
            true,
            sketch,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.logra(model.training, random, new Filter.OfMean(share), Target.LOSS)
                    .scores(model.of(queries))));
    all.add(
        single(
            "lograPca",
            network,
            true,
            true,
            sketch,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.logra(
                        model.training,
                        LayerProjection.principal(
                            shape.layers(), model.eigenbasis(sampled), SKETCH),
                        new Filter.OfMean(share),
                        Target.LOSS)
                    .scores(model.of(queries))));
    all.add(
        margins(
            "trak",
            true,
            4L * n * TRAK_WIDTH * MODELS,
            lr ? 0.645 : 0.332,
            lr ? 0.735 : null,
            (model, share) -> model.trak().damped(share)));
    all.add(
        margins(
            "marginEkfac",
            false,
            basis * MODELS,
            null,
            null,
            (model, share) ->
                Scorer.kronecker(
                    model.training,
                    model.eigenbasis(Target.MARGIN),
                    Eigenbasis.Values.CORRECTED,
                    new Filter.OfMean(1),
                    Target.MARGIN)));
    all.add(
        margins(
            "marginDualFisher",
            false,
            8L * n * n,
            null,
            null,
            (model, share) -> Scorer.dualFisher(model.training, 1e-3, Target.MARGIN)));
    all.add(
        new Entry(
            "tracInCp",
            CHECKPOINTS,
            false,
            true,
            0,
            lr ? 0.33 : 0.145,
            lr ? 0.28 : null,
            () -> {
              List<SoftmaxNetwork> path = checkpoints(base, CHECKPOINTS);
              return (queries, horizon, share) ->
                  Scorer.tracIn(
                      path.stream().map(at -> Gradients.of(at, splits.training())).toList(),
                      path.stream().map(at -> Gradients.of(at, queries)).toList(),
                      path.stream().map(at -> horizon / CHECKPOINTS).toList());
            }));
    all.add(
        single(
            "dataInf",
            network,
            true,
            true,
            0,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.dataInf(model.training, share).scores(model.of(queries))));
    all.add(
        single(
            "relatIf",
            network,
            false,
            false,
            basis,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.relatIf(
                        model.training,
                        Scorer.kronecker(
                            model.training,
                            model.eigenbasis(sampled),
                            Eigenbasis.Values.CORRECTED,
                            new Filter.OfMean(0.1),
                            Target.LOSS))
                    .scores(model.of(queries))));
    all.add(
        single(
            "trackStar",
            network,
            false,
            false,
            sketch,
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.trackStar(model.training, random, 0.1).scores(model.of(queries))));
    all.add(
        single(
            "representationSimilarity",
            network,
            false,
            false,
            4L * n * shape.layers().get(shape.layers().size() - 1).in(),
            null,
            null,
            (model, queries, horizon, share) ->
                Scorer.representationSimilarity(model.training).scores(model.of(queries))));
    all.add(
        single(
            "gradientDot",
            network,
            false,
            true,
            0,
            lr ? 0.33 : 0.10,
            lr ? 0.28 : null,
            (model, queries, horizon, share) ->
                Scorer.gradientDot(model.training, horizon).scores(model.of(queries))));
    all.add(
        single(
            "gradientCosine",
            network,
            false,
            false,
            0,
            lr ? 0.19 : 0.123,
            lr ? 0.16 : null,
            (model, queries, horizon, share) ->
                Scorer.gradientCosine(model.training).scores(model.of(queries))));
    all.add(
        control(
            "embeddingCosine",
            (queries, i, j) -> Controls.cosine(queries, i, splits.training(), j)));
    all.add(
        control(
            "sameLabel",
            (queries, i, j) -> queries.label(i) == splits.training().label(j) ? 1 : 0));
    double[] norms = Controls.gradientNorms(shape);
    all.add(control("gradientNorm", (queries, i, j) -> -norms[j]));
    all.add(
        control(
            "random",
            (queries, i, j) -> new SplittableRandom(base + 1_000_000L * i + j).nextDouble()));
    return all.stream()
        .filter(
            entry -> experiment.methods().isEmpty() || experiment.methods().contains(entry.id()))
        .toList();
  }

  private interface OneModel {
    float[][] of(Model model, LabelledExamples queries, double horizon, double share);
  }

  private Entry single(
      String id,
      SoftmaxNetwork network,
      boolean tuned,
      boolean nats,
      long bytes,
      @Nullable Double lds,
      @Nullable Double loo,
      OneModel method) {
    return new Entry(
        id,
        1,
        tuned,
        nats,
        bytes,
        lds,
        loo,
        () -> {
          Model model = new Model(network);
          return (queries, horizon, share) -> method.of(model, queries, horizon, share);
        });
  }

  private Entry margins(
      String id,
      boolean tuned,
      long bytes,
      @Nullable Double lds,
      @Nullable Double loo,
      java.util.function.BiFunction<Model, Double, Scorer> method) {
    return new Entry(
        id,
        MODELS,
        tuned,
        false,
        bytes,
        lds,
        loo,
        () -> {
          List<Model> models = ensemble();
          return (queries, horizon, share) ->
              ofMargins(models, queries, model -> method.apply(model, share));
        });
  }

  private Entry control(String id, Controls.Score score) {
    return new Entry(
        id,
        0,
        false,
        false,
        0,
        null,
        null,
        () ->
            (queries, horizon, share) -> Controls.scores(queries, splits.training().size(), score));
  }

  /** The model after each of equal parts of its training. */
  private List<SoftmaxNetwork> checkpoints(long seed, int count) {
    List<SoftmaxNetwork> path = new ArrayList<>();
    int every = Math.max(1, settings.epochs() / count);
    SoftmaxNetwork.train(
        splits.training(),
        settings,
        Diet.all(splits.training().size(), !leaveOneOut),
        seed,
        (epoch, network) -> {
          if (epoch % every == 0 && path.size() < count) {
            path.add(network);
          }
        });
    return List.copyOf(path);
  }

  /** SOURCE: each segment with the eigenbasis and gradients of the checkpoint at its end. */
  private float[][] source(
      List<SoftmaxNetwork> path, LabelledExamples queries, double horizon, Target sampled) {
    return Scorer.source(
        path.stream().map(at -> Gradients.of(at, splits.training())).toList(),
        Gradients.of(path.get(path.size() - 1), queries),
        horizon / path.size(),
        sampled);
  }
}
