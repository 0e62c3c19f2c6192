package io.whence.engine.fidelity;

import static java.util.Objects.requireNonNull;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Instance;
import io.whence.engine.corpus.InstanceCutter;
import io.whence.engine.corpus.Work;
import io.whence.engine.influence.Eigenbasis;
import io.whence.engine.influence.Ensemble;
import io.whence.engine.influence.Filter;
import io.whence.engine.influence.Gradients;
import io.whence.engine.influence.Influence;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.influence.LayerProjection;
import io.whence.engine.influence.Scorer;
import io.whence.engine.influence.Segment;
import io.whence.engine.influence.SketchedInfluence;
import io.whence.engine.influence.StepMetric;
import io.whence.engine.influence.Target;
import io.whence.engine.influence.Trak;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.TextEmbedder;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.Trainer;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.model.TrainingSettings;
import io.whence.engine.model.Windows;
import io.whence.engine.sketch.Sketch;
import io.whence.engine.sketch.SketchShard;
import io.whence.engine.sketch.SketchSpec;
import io.whence.engine.sketch.Sketcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A language model trained on works by rights holders: each of those with most tokens left out,
 * and, where the suite says so, random halves of the works. The queries are the works the model
 * never saw.
 *
 * <p>The checkpoint at hand says by its training record how to train it again, so this suite
 * measures whatever model a user has, in as long as its own training takes. Each seed gives a model
 * trained on everything, the checkpoint's own seed the checkpoint itself, and what its loss is
 * without each group; influences are those of that very model, which is what whoever has a model
 * asks for, and truth and influences are averaged over the seeds alike.
 */
final class PoemsSuite {
  private static final int HALVES = 100;
  private static final int SKETCH = 16;
  private static final long SKETCH_SEED = 600_000;
  private static final int TRAK_WIDTH = 512;
  private static final long HALVES_SEED = 100_000;
  private static final long PROJECTION = 400_000;
  private static final long LABELS = 500_000;

  /** A query in {@value} tunes dampings and calibrates; the others are reported on. */
  private static final int TUNING_SHARE = 3;

  private static final double[] SHARES = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1};

  static final List<String> METHODS =
      List.of(
          "source",
          "ekfac",
          "kfac",
          "wordEmbeddingFisher",
          "sketchedFisher",
          "secondOrder",
          "logra",
          "dataInf",
          "trak",
          "gradientDot",
          "gradientCosine",
          "representationSimilarity",
          "bm25",
          "embeddingCosine",
          "gradientNorm",
          "tokenCount",
          "random");

  /** Those that no model is asked for. */
  private static final Set<String> CONTROLS =
      Set.of("bm25", "embeddingCosine", "tokenCount", "random");

  /** Those with a damping that is chosen on the tuning queries. */
  private static final Set<String> TUNED = Set.of("ekfac", "kfac", "logra", "dataInf", "trak");

  /** Those that predict nats, and so can be calibrated. */
  private static final Set<String> IN_NATS =
      Arrays.stream(InfluenceMethod.values())
          .filter(method -> method.unit() == InfluenceMethod.Unit.NATS)
          .map(InfluenceMethod::id)
          .collect(Collectors.toUnmodifiableSet());

  /** Those that are measured by what an index keeps, intervals too. */
  private static final Map<String, InfluenceMethod> SKETCHED =
      Stream.of(InfluenceMethod.WORD_EMBEDDING_FISHER, InfluenceMethod.SKETCHED_FISHER)
          .collect(Collectors.toUnmodifiableMap(InfluenceMethod::id, method -> method));

  private final Experiment experiment;
  private final Suite.Bench bench;
  private final List<Report.Result> results = new ArrayList<>();
  private final Map<String, Plot> plots = new LinkedHashMap<>();
  private final Map<String, String> facts = new LinkedHashMap<>();

  PoemsSuite(Experiment experiment, Suite.Bench bench) {
    this.experiment = experiment;
    this.bench = bench;
  }

  Report run() {
    Path data = experiment.data();
    Corpus corpus =
        Corpus.read(
            List.of(data == null ? bench.ownData().resolve("poems-gutenberg/poems.jsonl") : data));
    try (Checkpoint checkpoint = Checkpoint.open(bench.model(), bench.device())) {
      TrainingRecord record =
          checkpoint
              .training()
              .orElseThrow(
                  () ->
                      new EngineException.InvalidCheckpoint(
                          bench.model()
                              + " has no training.json, so nobody knows how to train it again;"
                              + " make a checkpoint with whence train"));
      return new Run(corpus, checkpoint, record).report();
    }
  }

  /**
   * What leaving out did to some of the queries.
   *
   * @param halves random halves of the works; null where the suite trains on none
   */
  private record Truth(Removals holders, @Nullable Subsets halves) {}

  /** Windows of works, in the order that training takes them in, and whose each is. */
  private record Cut(
      List<TokenWindow> windows, @SuppressWarnings("ArrayRecordComponent") int[] work) {
    /** The same, shortest first, so that batches are little padded. */
    Cut shortestFirst() {
      int[] order =
          IntStream.range(0, work.length)
              .boxed()
              .sorted(Comparator.comparingInt(i -> windows.get(i).inputs()))
              .mapToInt(i -> i)
              .toArray();
      return new Cut(
          IntStream.of(order).mapToObj(windows::get).toList(),
          IntStream.of(order).map(i -> work[i]).toArray());
    }
  }

  /** One comparison of methods. */
  private final class Run {
    private final Checkpoint checkpoint;
    private final TrainingRecord record;
    private final List<Work> training = new ArrayList<>();
    private final List<Work> unseen = new ArrayList<>();
    private final Cut asTrained;
    private final Cut trained;
    private final Cut asked;
    private final List<String> holders;
    private final int[] tuning;
    private final int[] reported;
    private final List<List<TokenWindow>> texts = new ArrayList<>();
    private final Path store;
    private final CheckpointTruth shipped;
    private final Retrainings retrainings;
    private final List<Model> models = new ArrayList<>();
    private double[][] noise = new double[0][];

    Run(Corpus corpus, Checkpoint checkpoint, TrainingRecord record) {
      this.checkpoint = checkpoint;
      this.record = record;
      Set<String> heldOut = new HashSet<>(record.heldOut());
      for (Work work : corpus.works()) {
        (heldOut.contains(work.contentHash()) ? unseen : training).add(work);
      }
      if (unseen.size() < 2 * TUNING_SHARE || training.size() < 2 * Subsets.FEWEST) {
        throw new EngineException.InvalidQuery(
            "the checkpoint's record holds out "
                + unseen.size()
                + " of this corpus' works, too few to ask with; use the corpus it was trained on");
      }
      asTrained = cut(training);
      trained = asTrained.shortestFirst();
      asked = cut(unseen);
      for (int i = 0; i < unseen.size(); i++) {
        texts.add(new ArrayList<>());
      }
      for (int i = 0; i < asked.work().length; i++) {
        texts.get(asked.work()[i]).add(asked.windows().get(i));
      }
      Map<String, Long> tokens = new TreeMap<>();
      for (int i = 0; i < trained.windows().size(); i++) {
        tokens.merge(
            training.get(trained.work()[i]).creditedTo(),
            (long) trained.windows().get(i).scored(),
            Long::sum);
      }
      holders =
          tokens.entrySet().stream()
              .sorted(
                  Map.Entry.<String, Long>comparingByValue()
                      .reversed()
                      .thenComparing(Map.Entry.comparingByKey()))
              .limit(requireNonNull(experiment.rightsHolders()))
              .map(Map.Entry::getKey)
              .toList();
      if (holders.size() < LeaveOut.FEWEST_GROUPS) {
        throw new EngineException.InvalidQuery(
            "the works trained on have "
                + holders.size()
                + " rights holders, too few to rank; "
                + LeaveOut.FEWEST_GROUPS
                + " are needed, so train on more");
      }
      tuning = IntStream.range(0, unseen.size()).filter(i -> i % TUNING_SHARE == 0).toArray();
      reported = IntStream.range(0, unseen.size()).filter(i -> i % TUNING_SHARE != 0).toArray();
      store =
          bench.truth().resolve(CheckpointTruth.name(corpus.hash(), record, checkpoint.sha256()));
      shipped = CheckpointTruth.of(bench.model(), corpus.hash(), record, checkpoint.sha256());
      retrainings = new Retrainings(store, shipped.directory(), unseen.size(), 1, bench.progress());
    }

    private Cut cut(List<Work> works) {
      InstanceCutter cutter =
          new InstanceCutter(checkpoint.config().context(), checkpoint.config().context());
      List<TokenWindow> windows = new ArrayList<>();
      IntStream.Builder owners = IntStream.builder();
      for (int w = 0; w < works.size(); w++) {
        int[] ids = checkpoint.tokenizer().encode(works.get(w).text()).ids();
        for (Instance instance : cutter.cut(w, ids.length)) {
          windows.add(
              Windows.ofInstance(ids, instance.tokens(), checkpoint.tokenizer().endOfText()));
          owners.add(w);
        }
      }
      return new Cut(windows, owners.build().toArray());
    }

    /** The loss of every unseen work after training without some of the works. */
    private float[] without(IntPredicate leftOut, long seed, Progress progress) {
      BitSet gone = new BitSet();
      for (int i = 0; i < asTrained.windows().size(); i++) {
        gone.set(i, leftOut.test(asTrained.work()[i]));
      }
      return without(gone, seed, progress);
    }

    /** The same without one window: what training again does by itself, whatever is left out. */
    private float[] withoutOneWindow(long seed, Progress progress) {
      BitSet gone = new BitSet();
      gone.set(new SplittableRandom(seed).nextInt(asTrained.windows().size()));
      return without(gone, seed, progress);
    }

    private float[] without(BitSet gone, long seed, Progress progress) {
      float[] each =
          LeaveOut.losses(
              checkpoint,
              record,
              bench.device(),
              seed,
              asTrained.windows(),
              gone,
              asked.windows(),
              progress);
      float[] losses = new float[unseen.size()];
      for (int i = 0; i < each.length; i++) {
        losses[asked.work()[i]] += each[i];
      }
      return losses;
    }

    /**
     * The model of a seed that groups are left out of: the checkpoint itself where it is its seed,
     * else trained when it is not there yet.
     */
    private Model model(long seed) {
      if (seed == record.seed() && (hasKept() || !experiment.wants("source"))) {
        return new Model(bench.model());
      }
      Path directory = store.resolve("model-" + seed);
      if (!Files.exists(directory)) {
        TrainingSettings settings =
            TrainingSettings.of(checkpoint.config(), record, bench.device())
                .with(record.epochs(), seed, bench.device());
        new Trainer(settings, bench.progress())
            .trainAgain(bench.model(), asTrained.windows(), asked.windows(), directory);
      }
      return new Model(directory);
    }

    /** Whether the checkpoints that were kept on the way are still there. */
    private boolean hasKept() {
      return record.checkpoints().stream()
          .allMatch(kept -> Files.isDirectory(bench.model().resolve(kept.directory())));
    }

    Report report() {
      try {
        return measured();
      } finally {
        models.forEach(Model::close);
      }
    }

    private Report measured() {
      double[][][] holderChanges = new double[experiment.seeds().size()][][];
      float[][] wholes = new float[holderChanges.length][];
      noise = new double[holderChanges.length][unseen.size()];
      for (int run = 0; run < holderChanges.length; run++) {
        long seed = experiment.seeds().get(run);
        wholes[run] =
            retrainings
                .run(
                    CheckpointTruth.onEverything(seed),
                    1,
                    (i, within) -> without(work -> false, seed, within))[0];
        float[][] gone =
            retrainings.run(
                CheckpointTruth.withoutHolders(seed),
                holders.size(),
                (h, within) ->
                    without(
                        work -> training.get(work).creditedTo().equals(holders.get(h)),
                        seed,
                        within));
        holderChanges[run] = Removals.changes(wholes[run], gone);
      }
      for (int run = 0; run < noise.length; run++) {
        long seed = experiment.seeds().get(run);
        float[] one =
            retrainings
                .run(
                    CheckpointTruth.withoutOneWindow(seed),
                    1,
                    (i, within) -> withoutOneWindow(seed, within))[0];
        for (int i = 0; i < one.length; i++) {
          noise[run][i] = one[i] - (double) wholes[run][i];
        }
      }
      int subsets = subsets();
      boolean[][] kept = Subsets.halves(subsets, training.size(), HALVES_SEED);
      float[][][] halves = new float[holderChanges.length][][];
      for (int run = 0; run < halves.length; run++) {
        long seed = experiment.seeds().get(run);
        halves[run] =
            retrainings.run(
                "halves-" + seed,
                subsets,
                (s, within) -> without(work -> !kept[s][work], seed, within));
      }
      facts.put(
          "training",
          String.format(
              java.util.Locale.ROOT,
              "%d works of %d rights holders, %d windows; %d unseen works asked with, %d of them only"
                  + " to tune and calibrate; %d epochs, made again %d times",
              training.size(),
              training.stream().map(Work::creditedTo).distinct().count(),
              trained.windows().size(),
              unseen.size(),
              tuning.length,
              record.epochs(),
              halves.length * (2 + subsets + holders.size())));
      facts.put(
          "models",
          "influences are those of each seed's own model, averaged over the seeds like the truth");
      facts.put("checkpoint", checkpoint.sha256());
      String known =
          experiment.seeds().stream()
              .filter(seed -> shipped.rightsHolders(seed) > 0)
              .map(
                  seed ->
                      "seed "
                          + seed
                          + ", the first "
                          + Math.min(shipped.rightsHolders(seed), holders.size())
                          + " rights holders")
              .collect(Collectors.joining("; "));
      if (!known.isEmpty()) {
        facts.put("truth", "what came with the checkpoint: " + known);
      }
      Truth toReport = truth(kept, halves, holderChanges, reported);
      Truth toTune = truth(kept, halves, holderChanges, tuning);
      for (long seed : experiment.seeds()) {
        models.add(model(seed));
      }
      facts.put("again", again(wholes, holderChanges));
      int done = 0;
      for (String method : METHODS) {
        if (experiment.wants(method)) {
          bench.progress().report("methods", done, METHODS.size(), "methods", method);
          measure(method, toReport, toTune);
        }
        done++;
      }
      plots.put(
          "holders",
          Plot.bars("Rights holders left out, Spearman per query", "group_spearman", results));
      if (toReport.halves() != null) {
        plots.put(
            "lds",
            Plot.bars("Linear datamodelling score over halves of the works", "lds", results));
      }
      return new Report(experiment.suite().id(), experiment.seeds(), facts, results, plots);
    }

    /**
     * The share of what was measured that is not what training again does by itself. One seed gives
     * an upper bound alone, for a rights holder stirs a run more than one window does.
     */
    private double explicable(Removals removals) {
      if (removals.changes().length > 1) {
        return removals.explicable();
      }
      double[][] measured = removals.byQuery();
      double alone =
          Arrays.stream(noise)
              .mapToDouble(
                  run -> rootMeanSquare(Arrays.stream(reported).mapToDouble(i -> run[i]).toArray()))
              .map(each -> each * each)
              .average()
              .orElseThrow();
      double all =
          rootMeanSquare(Arrays.stream(measured).flatMapToDouble(Arrays::stream).toArray());
      return Math.max(0, 1 - alone / noise.length / (all * all));
    }

    /** How near training again comes to the models that are asked, beside what is measured. */
    private String again(float[][] wholes, double[][][] holderChanges) {
      double[] apart =
          IntStream.range(0, wholes.length)
              .boxed()
              .flatMapToDouble(
                  run -> {
                    double[] own = models.get(run).losses();
                    return IntStream.range(0, own.length).mapToDouble(i -> wholes[run][i] - own[i]);
                  })
              .toArray();
      double[] changes =
          Arrays.stream(holderChanges)
              .flatMap(Arrays::stream)
              .flatMapToDouble(Arrays::stream)
              .toArray();
      return String.format(
          java.util.Locale.ROOT,
          "training on everything again moves the loss of an unseen work by %.2f nats from that of the"
              + " model asked, leaving one window out by %.2f, a rights holder by %.2f; root mean"
              + " squares",
          rootMeanSquare(apart),
          rootMeanSquare(Arrays.stream(noise).flatMapToDouble(Arrays::stream).toArray()),
          rootMeanSquare(changes));
    }

    private static double rootMeanSquare(double[] values) {
      return Math.sqrt(Arrays.stream(values).map(value -> value * value).average().orElseThrow());
    }

    /** How many random halves are trained on, with each seed. */
    private int subsets() {
      return experiment.suite() == Suite.POEMS_LM ? HALVES : 0;
    }

    private Truth truth(
        boolean[][] kept, float[][][] halves, double[][][] holderChanges, int[] queries) {
      return new Truth(
          new Removals(holderChanges).of(queries),
          subsets() == 0 ? null : new Subsets(kept, chosen(halves, queries)));
    }

    /** What a damping is chosen by, on the tuning queries: halves where there are any. */
    private Estimate tuned(float[][] scores, Truth toTune) {
      float[][] byWork = byWork(scores, tuning);
      return toTune.halves() == null
          ? toTune.holders().spearman(byHolder(byWork))
          : toTune.halves().lds(byWork);
    }

    private void measure(String method, Truth toReport, Truth toTune) {
      boolean tuned = TUNED.contains(method);
      double share = 0.1;
      if (tuned) {
        double best = Double.NEGATIVE_INFINITY;
        double[] curve = new double[SHARES.length];
        for (int i = 0; i < SHARES.length; i++) {
          curve[i] = tuned(scores(method, SHARES[i]), toTune).value();
          if (curve[i] > best) {
            best = curve[i];
            share = SHARES[i];
          }
        }
        plots.put(
            "damping-" + method,
            new Plot.Curve(
                "Damping of " + method + ", on tuning queries alone",
                "damping, in units of the mean eigenvalue",
                toTune.halves() == null ? "group_spearman" : "lds",
                SHARES,
                curve,
                share));
        facts.put("damping " + method, "%.0e, chosen on the tuning queries".formatted(share));
      }
      long begin = System.nanoTime();
      float[][] scores = scores(method, share);
      double seconds = (System.nanoTime() - begin) / 1e9;
      boolean secondOrder = method.equals("secondOrder");
      Subsets halves = toReport.halves();
      if (halves != null && !secondOrder) {
        // Half of everything is no small group: there is no second order to it.
        add(method, "lds", halves.lds(byWork(scores, reported)), halves.ceiling(), seconds);
      }
      double[][] predicted =
          secondOrder ? secondOrder(reported) : byHolder(byWork(scores, reported));
      Removals removals = toReport.holders();
      add(method, "group_spearman", removals.spearman(predicted), removals.ceiling(), seconds);
      if (IN_NATS.contains(method)) {
        double[][] tuningPredicted =
            secondOrder ? secondOrder(tuning) : byHolder(byWork(scores, tuning));
        Calibration calibration =
            Calibration.fit(
                tuningPredicted, toTune.holders().byQuery(), Calibration.scales(tuningPredicted));
        double[][] measured = removals.byQuery();
        facts.put("calibration " + method, calibration.inWords());
        plots.put(
            "predicted-" + method,
            calibration.picture(
                "Change of loss without a rights holder: " + method + ", calibrated",
                predicted,
                measured));
        add(method, "slope", calibration.slope(predicted, measured), Double.NaN, seconds);
        add(method, "r2", calibration.r2(predicted, measured), explicable(removals), seconds);
        add(
            method,
            "coverage",
            calibration.coverage(predicted, measured, Calibration.scales(predicted)),
            Double.NaN,
            seconds);
        InfluenceMethod own = SKETCHED.get(method);
        if (own != null) {
          add(
              method,
              "own_coverage",
              Calibration.AS_IT_IS.coverage(predicted, measured, ownHalves(own, reported)),
              Double.NaN,
              seconds);
        }
      }
    }

    private void add(
        String method, String metric, Estimate estimate, double ceiling, double seconds) {
      boolean control = CONTROLS.contains(method);
      results.add(
          new Report.Result(
              method,
              metric,
              estimate.value(),
              estimate.low(),
              estimate.high(),
              ceiling,
              seconds,
              control ? 0 : models.stream().mapToLong(model -> model.bytes(method)).sum(),
              control ? 1 : models.size(),
              null));
    }

    /** {@code [unseen works][training windows]}, a work's score the sum over its windows. */
    private float[][] scores(String method, double share) {
      return switch (method) {
        case "bm25" -> perWork(Controls.bm25(texts(unseen), texts(training)));
        case "embeddingCosine" -> perWork(embeddings());
        case "tokenCount" -> {
          float[] tokens = new float[trained.windows().size()];
          for (int i = 0; i < tokens.length; i++) {
            tokens[i] = trained.windows().get(i).scored();
          }
          float[][] rows = new float[unseen.size()][];
          Arrays.fill(rows, tokens);
          yield rows;
        }
        case "random" -> {
          SplittableRandom random = new SplittableRandom(experiment.seeds().get(0));
          float[][] rows = new float[unseen.size()][trained.windows().size()];
          for (float[] row : rows) {
            for (int i = 0; i < row.length; i++) {
              // Of both signs, or the sum over works would tell how many there are.
              row[i] = (float) (random.nextDouble() - 0.5);
            }
          }
          yield rows;
        }
        default ->
            Ensemble.mean(models.stream().map(model -> model.scores(method, share)).toList());
      };
    }

    /** {@code [queries][holders]}, each holder's group to second order. */
    private double[][] secondOrder(int[] queries) {
      double[][] predicted = new double[queries.length][holders.size()];
      for (Model model : models) {
        for (int h = 0; h < holders.size(); h++) {
          double[] changes = model.secondOrder(holders.get(h));
          for (int i = 0; i < queries.length; i++) {
            predicted[i][h] += changes[queries[i]] / models.size();
          }
        }
      }
      return predicted;
    }

    /** Half widths of the intervals that an index's own projection gives, for each holder. */
    private double[][] ownHalves(InfluenceMethod method, int[] queries) {
      double[][] squares = new double[queries.length][holders.size()];
      for (Model model : models) {
        for (int h = 0; h < holders.size(); h++) {
          double[] halves = model.ownHalves(method, holders.get(h));
          for (int i = 0; i < queries.length; i++) {
            squares[i][h] += halves[queries[i]] * halves[queries[i]];
          }
        }
      }
      for (double[] row : squares) {
        for (int h = 0; h < row.length; h++) {
          row[h] = Math.sqrt(row[h]) / models.size();
        }
      }
      return squares;
    }

    private static List<String> texts(List<Work> works) {
      return works.stream().map(Work::text).toList();
    }

    private float[][] embeddings() {
      try (TextEmbedder embedder = TextEmbedder.open()) {
        float[][] mine = embedder.embed(texts(unseen), bench.threads());
        float[][] theirs = embedder.embed(texts(training), bench.threads());
        float[][] cosines = new float[mine.length][theirs.length];
        for (int i = 0; i < mine.length; i++) {
          for (int j = 0; j < theirs.length; j++) {
            for (int k = 0; k < mine[i].length; k++) {
              cosines[i][j] += mine[i][k] * theirs[j][k];
            }
          }
        }
        return cosines;
      }
    }

    /** A work's score, at the first of its windows alone. */
    private float[][] perWork(float[][] byWork) {
      float[][] rows = new float[byWork.length][trained.windows().size()];
      boolean[] given = new boolean[training.size()];
      for (int i = 0; i < trained.work().length; i++) {
        int work = trained.work()[i];
        if (!given[work]) {
          given[work] = true;
          for (int query = 0; query < rows.length; query++) {
            rows[query][i] = byWork[query][work];
          }
        }
      }
      return rows;
    }

    /** One seed's model, and what methods keep of it. */
    private final class Model implements AutoCloseable {
      private final Path directory;
      private final Checkpoint whole;
      private final TrainingRecord run;
      private final Gradients z;
      private final Gradients q;
      private @Nullable Eigenbasis eigenbasis;
      private @Nullable Trak trak;
      private @Nullable Sketched sketched;

      Model(Path directory) {
        this.directory = directory;
        whole = Checkpoint.open(directory, bench.device());
        run = whole.training().orElseThrow();
        z = Gradients.of(whole, trained.windows());
        q = Gradients.ofTexts(whole, texts);
      }

      /** The loss of each unseen work, nats. */
      double[] losses() {
        return texts.stream()
            .mapToDouble(text -> Arrays.stream(whole.losses(text)).sum())
            .toArray();
      }

      /** {@code [unseen works][training windows]}. */
      float[][] scores(String method, double share) {
        Filter filter = new Filter.OfMean(share);
        return switch (method) {
          case "source" -> source();
          case "ekfac" -> kronecker(Eigenbasis.Values.CORRECTED, filter);
          case "kfac" -> kronecker(Eigenbasis.Values.KRONECKER, filter);
          case "wordEmbeddingFisher", "secondOrder" ->
              sketched().scores(InfluenceMethod.WORD_EMBEDDING_FISHER);
          case "sketchedFisher" -> sketched().scores(InfluenceMethod.SKETCHED_FISHER);
          case "logra" ->
              Scorer.logra(
                      z,
                      LayerProjection.random(z.layers(), SKETCH, PROJECTION),
                      filter,
                      Target.LOSS)
                  .scores(q);
          case "dataInf" -> Scorer.dataInf(z, share).scores(q);
          case "trak" -> trak().damped(share).scores(q);
          case "gradientDot" -> Scorer.gradientDot(z, run.learningRateSum()).scores(q);
          case "gradientCosine" -> Scorer.gradientCosine(z).scores(q);
          case "representationSimilarity" -> Scorer.representationSimilarity(z).scores(q);
          case "gradientNorm" -> {
            float[] norms = new float[z.size()];
            double[] each = Controls.gradientNorms(z);
            for (int i = 0; i < norms.length; i++) {
              norms[i] = (float) -each[i];
            }
            float[][] rows = new float[texts.size()][];
            Arrays.fill(rows, norms);
            yield rows;
          }
          default -> throw new IllegalStateException(method);
        };
      }

      /** {@return what a method keeps of the training side, once it has scored} */
      long bytes(String method) {
        return switch (method) {
          case "source" -> run.checkpoints().size() * ClassifierMethods.basisBytes(z.layers());
          case "ekfac", "kfac" -> ClassifierMethods.basisBytes(z.layers());
          case "wordEmbeddingFisher", "secondOrder" -> sketched().tableBytes();
          case "sketchedFisher" -> sketched().blockBytes();
          case "logra" ->
              (long) Float.BYTES
                  * z.size()
                  * LayerProjection.random(z.layers(), SKETCH, PROJECTION).size();
          case "trak" -> (long) Float.BYTES * z.size() * TRAK_WIDTH;
          case "representationSimilarity" -> (long) Float.BYTES * z.size() * whole.config().width();
          default -> 0;
        };
      }

      private float[][] kronecker(Eigenbasis.Values values, Filter filter) {
        if (eigenbasis == null) {
          eigenbasis = Eigenbasis.fit(z, new Target.SampledLoss(LABELS));
        }
        return Scorer.kronecker(z, eigenbasis, values, filter, Target.LOSS).scores(q);
      }

      /** The checkpoints kept on the way are the ends of the segments. */
      private float[][] source() {
        List<Checkpoint> path = new ArrayList<>();
        try {
          List<Segment> segments = new ArrayList<>();
          double before = 0;
          for (TrainingRecord.Kept kept : run.checkpoints()) {
            Checkpoint at = Checkpoint.open(directory.resolve(kept.directory()), bench.device());
            path.add(at);
            Gradients training = Gradients.of(at, trained.windows());
            segments.add(
                new Segment(
                    training,
                    kept.learningRateSum() - before,
                    StepMetric.fit(training, run.rootSecondMoment())));
            before = kept.learningRateSum();
          }
          return Scorer.source(segments, new Target.SampledLoss(LABELS)).scores(q);
        } finally {
          path.forEach(Checkpoint::close);
        }
      }

      private Trak trak() {
        if (trak == null) {
          trak = Trak.fit(z, TRAK_WIDTH, PROJECTION);
        }
        return trak;
      }

      private Sketched sketched() {
        if (sketched == null) {
          SketchSpec spec = SketchSpec.of(whole.config(), SKETCH, SKETCH_SEED);
          Sketch[] training = new Sketch[z.size()];
          List<Sketch> queries = new ArrayList<>();
          try (Sketcher sketcher = new Sketcher(whole, spec)) {
            sketcher.sketch(
                trained.windows(), bench.threads(), (i, sketch, loss) -> training[i] = sketch);
            for (List<TokenWindow> text : texts) {
              queries.add(sketcher.whole(text).sketch());
            }
          }
          sketched = kept(spec, training, queries);
        }
        return sketched;
      }

      private Sketched kept(SketchSpec spec, Sketch[] rows, List<Sketch> queries) {
        Path directory = null;
        try {
          directory = Files.createTempDirectory("whence-sketches");
          Path blocks = directory.resolve("blocks");
          Path table = directory.resolve("table");
          try (SketchShard.Writer writer =
              new SketchShard.Writer(blocks, table, trained.windows(), spec)) {
            for (int i = 0; i < rows.length; i++) {
              writer.write(i, rows[i]);
            }
          }
          SketchShard shard = SketchShard.open(blocks, table, rows.length, spec);
          return new Sketched(
              SketchedInfluence.fit(spec, List.of(shard), i -> true, run.tokens(), run),
              List.of(rows),
              queries,
              Files.size(blocks),
              Files.size(table));
        } catch (IOException e) {
          throw new EngineException.CannotWrite(
              "cannot keep sketches in " + directory + ": " + e, e);
        } finally {
          if (directory != null) {
            directory.resolve("blocks").toFile().delete();
            directory.resolve("table").toFile().delete();
            directory.toFile().delete();
          }
        }
      }

      /** The change of each unseen work's loss without a holder, to second order. */
      double[] secondOrder(String holder) {
        Sketched sketches = sketched();
        InfluenceMethod method = InfluenceMethod.WORD_EMBEDDING_FISHER;
        Sketch group = sketches.influence().secondOrder(members(holder), method);
        double[] changes = new double[texts.size()];
        for (int i = 0; i < changes.length; i++) {
          changes[i] = sketches.influence().deltaLoss(sketches.side(i, method), group);
        }
        return changes;
      }

      /** Half the interval of each unseen work's change without a holder. */
      double[] ownHalves(InfluenceMethod method, String holder) {
        Sketched sketches = sketched();
        Sketch sum = Sketch.sum(members(holder));
        double[] halves = new double[texts.size()];
        for (int i = 0; i < halves.length; i++) {
          Influence influence = sketches.influence().influence(sketches.side(i, method), sum);
          halves[i] = (influence.high() - influence.low()) / 2;
        }
        return halves;
      }

      private List<Sketch> members(String holder) {
        List<Sketch> members = new ArrayList<>();
        for (int i = 0; i < trained.work().length; i++) {
          if (training.get(trained.work()[i]).creditedTo().equals(holder)) {
            members.add(sketched().training().get(i));
          }
        }
        return members;
      }

      @Override
      public void close() {
        whole.close();
      }
    }

    private float[][] byWork(float[][] scores, int[] queries) {
      float[][] sums = new float[queries.length][training.size()];
      for (int i = 0; i < queries.length; i++) {
        for (int j = 0; j < trained.work().length; j++) {
          sums[i][trained.work()[j]] += scores[queries[i]][j];
        }
      }
      return sums;
    }

    private double[][] byHolder(float[][] works) {
      double[][] sums = new double[works.length][holders.size()];
      for (int w = 0; w < training.size(); w++) {
        int holder = holders.indexOf(training.get(w).creditedTo());
        if (holder >= 0) {
          for (int i = 0; i < works.length; i++) {
            sums[i][holder] += works[i][w];
          }
        }
      }
      return sums;
    }
  }

  /** What an index of a checkpoint would say: sketches of windows, and of whole texts. */
  private record Sketched(
      SketchedInfluence influence,
      List<Sketch> training,
      List<Sketch> asked,
      long blockBytes,
      long tableBytes) {
    SketchedInfluence.QuerySide side(int query, InfluenceMethod method) {
      return influence.querySide(asked.get(query), method);
    }

    float[][] scores(InfluenceMethod method) {
      float[][] scores = new float[asked.size()][training.size()];
      for (int i = 0; i < scores.length; i++) {
        SketchedInfluence.QuerySide side = side(i, method);
        for (int j = 0; j < training.size(); j++) {
          scores[i][j] = (float) influence.deltaLoss(side, training.get(j));
        }
      }
      return scores;
    }
  }

  private static float[][][] chosen(float[][][] runs, int[] queries) {
    float[][][] chosen = new float[runs.length][][];
    for (int run = 0; run < runs.length; run++) {
      chosen[run] = new float[runs[run].length][queries.length];
      for (int s = 0; s < runs[run].length; s++) {
        for (int i = 0; i < queries.length; i++) {
          chosen[run][s][i] = runs[run][s][queries[i]];
        }
      }
    }
    return chosen;
  }
}
