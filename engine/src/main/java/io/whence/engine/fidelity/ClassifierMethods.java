package io.whence.engine.fidelity;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.influence.Eigenbasis;
import io.whence.engine.influence.Ensemble;
import io.whence.engine.influence.Filter;
import io.whence.engine.influence.Gradients;
import io.whence.engine.influence.LayerProjection;
import io.whence.engine.influence.Scorer;
import io.whence.engine.influence.Segment;
import io.whence.engine.influence.Target;
import io.whence.engine.influence.Trak;
import io.whence.engine.model.SgdSettings;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.SoftmaxNetwork.Diet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Every influence method and control that a classifier can be asked with, ready to be compared. */
final class ClassifierMethods {
  private static final int MODELS = 10;
  private static final int CHECKPOINTS = 10;
  private static final int SEGMENTS = 3;
  private static final int SKETCH = 32;
  private static final int TRAK_WIDTH = 512;

  /** Seeds of what is random beside the truth's runs. */
  private static final long ENSEMBLE_HALVES = 300_000;

  private static final long PROJECTION = 400_000;
  private static final long LABELS = 500_000;
  private static final Target SAMPLED = new Target.SampledLoss(LABELS);

  /** Figures of dattri's benchmark (Deng et al., 2024) that stand beside ours. */
  private static final Map<String, Published> REGRESSION =
      Map.of(
          "exactInfluence", new Published(0.80, 0.878),
          "conjugateGradient", new Published(0.80, 0.878),
          "lissa", new Published(0.79, 0.864),
          "trak", new Published(0.645, 0.735),
          "tracInCp", new Published(0.33, 0.28),
          "gradientDot", new Published(0.33, 0.28),
          "gradientCosine", new Published(0.19, 0.16));

  private static final Map<String, Published> PERCEPTRON =
      Map.of(
          "conjugateGradient", new Published(0.257, 0.018),
          "lissa", new Published(0.137, null),
          "trak", new Published(0.332, null),
          "tracInCp", new Published(0.145, null),
          "gradientDot", new Published(0.10, null),
          "gradientCosine", new Published(0.123, null));

  private final LabelledExamples training;
  private final SgdSettings settings;
  private final SoftmaxNetwork network;
  private final long seed;
  private final boolean regression;
  private final List<Gradients.Layer> layers;
  private final LayerProjection random;
  private final long basisBytes;
  private final Map<Integer, SoftmaxNetwork> halfModels = new ConcurrentHashMap<>();

  /**
   * Prepares the methods; each does its own work when it is first asked.
   *
   * @param network trained on {@code training} with {@code settings} from {@code seed}
   */
  ClassifierMethods(
      LabelledExamples training, SgdSettings settings, SoftmaxNetwork network, long seed) {
    this.training = training;
    this.settings = settings;
    this.network = network;
    this.seed = seed;
    this.regression = settings.hidden().isEmpty();
    this.layers = Gradients.of(network, training).layers();
    this.random = LayerProjection.random(layers, SKETCH, PROJECTION);
    this.basisBytes = basisBytes(layers);
  }

  /** {@return what the factors and eigenvalues of the layers take in float32} */
  static long basisBytes(List<Gradients.Layer> layers) {
    long bytes = 0;
    for (Gradients.Layer layer : layers) {
      bytes +=
          4L * ((long) layer.in() * layer.in() + (long) layer.out() * layer.out() + layer.size());
    }
    return bytes;
  }

  /** The linear datamodelling score and leave-one-out correlation that others published. */
  record Published(@Nullable Double lds, @Nullable Double loo) {
    static final Published NOTHING = new Published(null, null);
  }

  /** A method at work: scores of queries. */
  interface Scoring {
    /**
     * {@return the scores, {@code [queries][n]}}
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
  record Method(
      String id,
      int models,
      boolean tuned,
      boolean nats,
      long bytes,
      Published published,
      java.util.function.Supplier<Scoring> fresh) {}

  /** What a method's numbers are, and whether it has a damping to tune. */
  private enum Kind {
    NATS,
    TUNED_NATS,
    RANKS
  }

  /** A trained model and, as they are first asked for, what methods make of it. */
  private final class Model {
    final SoftmaxNetwork network;
    final Gradients training;
    private final long projection;
    private final Map<Target, Eigenbasis> eigenbases = new LinkedHashMap<>();
    private @Nullable Trak trak;

    Model(SoftmaxNetwork network, long projection) {
      this.network = network;
      this.projection = projection;
      this.training = Gradients.of(network, ClassifierMethods.this.training);
    }

    Eigenbasis eigenbasis(Target pseudo) {
      return eigenbases.computeIfAbsent(pseudo, key -> Eigenbasis.fit(training, key));
    }

    Trak trak() {
      if (trak == null) {
        trak = Trak.fit(training, TRAK_WIDTH, projection);
      }
      return trak;
    }

    Gradients of(LabelledExamples queries) {
      return Gradients.of(network, queries);
    }

    Scorer kronecker(Eigenbasis.Values values, double share) {
      return Scorer.kronecker(
          training, eigenbasis(SAMPLED), values, new Filter.OfMean(share), Target.LOSS);
    }
  }

  /** A method of one model. */
  private interface OfModel {
    Scorer scorer(Model model, double horizon, double share);
  }

  /** {@return all of them, in the order of reports} */
  List<Method> all() {
    int n = training.size();
    int steps = regression ? 40 : 20;
    long sketch = 4L * n * random.size();
    List<Method> all = new ArrayList<>();
    all.add(
        single(
            "exactInfluence",
            Kind.NATS,
            0,
            (model, horizon, share) ->
                Scorer.lanczos(model.training, new Filter.Unrolled(horizon), steps)));
    all.add(
        single(
            "conjugateGradient",
            Kind.NATS,
            0,
            (model, horizon, share) ->
                Scorer.conjugateGradient(model.training, 1 / horizon, steps)));
    all.add(
        single(
            "lissa",
            Kind.NATS,
            0,
            (model, horizon, share) -> Scorer.lissa(model.training, 1 / horizon, 300, 100, seed)));
    all.add(
        single(
            "astra",
            Kind.NATS,
            basisBytes,
            (model, horizon, share) ->
                Scorer.astra(
                    model.training, model.eigenbasis(SAMPLED), 1 / horizon, 30, 500, seed)));
    all.add(
        ofPath(
            "source",
            SEGMENTS,
            SEGMENTS * basisBytes,
            (path, queries, horizon) ->
                Scorer.source(
                        gradients(path, training).stream()
                            .map(at -> new Segment(at, horizon / path.size(), null))
                            .toList(),
                        SAMPLED)
                    .scores(Gradients.of(path.get(path.size() - 1), queries))));
    all.add(
        single(
            "ekfac",
            Kind.TUNED_NATS,
            basisBytes,
            (model, horizon, share) -> model.kronecker(Eigenbasis.Values.CORRECTED, share)));
    all.add(
        single(
            "kfac",
            Kind.TUNED_NATS,
            basisBytes,
            (model, horizon, share) -> model.kronecker(Eigenbasis.Values.KRONECKER, share)));
    all.add(
        single(
            "dualFisher",
            Kind.TUNED_NATS,
            8L * n * n,
            (model, horizon, share) -> Scorer.dualFisher(model.training, share, Target.LOSS)));
    all.add(
        single(
            "logra",
            Kind.TUNED_NATS,
            sketch,
            (model, horizon, share) ->
                Scorer.logra(model.training, random, new Filter.OfMean(share), Target.LOSS)));
    all.add(
        single(
            "lograPca",
            Kind.TUNED_NATS,
            sketch,
            (model, horizon, share) ->
                Scorer.logra(
                    model.training,
                    LayerProjection.principal(
                        model.training.layers(), model.eigenbasis(SAMPLED), SKETCH),
                    new Filter.OfMean(share),
                    Target.LOSS)));
    all.add(
        margins(
            "trak",
            true,
            4L * n * TRAK_WIDTH * MODELS,
            (model, share) -> model.trak().damped(share)));
    all.add(
        margins(
            "marginEkfac",
            false,
            basisBytes * MODELS,
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
            (model, share) -> Scorer.dualFisher(model.training, 1e-3, Target.MARGIN)));
    all.add(
        ofPath(
            "tracInCp",
            CHECKPOINTS,
            0,
            (path, queries, horizon) ->
                Scorer.tracIn(
                    gradients(path, training),
                    gradients(path, queries),
                    path.stream().map(at -> horizon / path.size()).toList())));
    all.add(
        single(
            "dataInf",
            Kind.TUNED_NATS,
            0,
            (model, horizon, share) -> Scorer.dataInf(model.training, share)));
    all.add(
        single(
            "relatIf",
            Kind.RANKS,
            basisBytes,
            (model, horizon, share) ->
                Scorer.relatIf(model.training, model.kronecker(Eigenbasis.Values.CORRECTED, 0.1))));
    all.add(
        single(
            "trackStar",
            Kind.RANKS,
            sketch,
            (model, horizon, share) -> Scorer.trackStar(model.training, random, 0.1)));
    all.add(
        single(
            "representationSimilarity",
            Kind.RANKS,
            4L * n * layers.get(layers.size() - 1).in(),
            (model, horizon, share) -> Scorer.representationSimilarity(model.training)));
    all.add(
        single(
            "gradientDot",
            Kind.NATS,
            0,
            (model, horizon, share) -> Scorer.gradientDot(model.training, horizon)));
    all.add(
        single(
            "gradientCosine",
            Kind.RANKS,
            0,
            (model, horizon, share) -> Scorer.gradientCosine(model.training)));
    all.add(
        control("embeddingCosine", (queries, i, j) -> Controls.cosine(queries, i, training, j)));
    all.add(control("sameLabel", (queries, i, j) -> queries.label(i) == training.label(j) ? 1 : 0));
    double[] norms = Controls.gradientNorms(Gradients.of(network, training));
    all.add(control("gradientNorm", (queries, i, j) -> -norms[j]));
    all.add(
        control(
            "random",
            (queries, i, j) -> new SplittableRandom(seed + 1_000_000L * i + j).nextDouble()));
    return List.copyOf(all);
  }

  private Method method(
      String id,
      int models,
      boolean tuned,
      boolean nats,
      long bytes,
      java.util.function.Supplier<Scoring> fresh) {
    return new Method(
        id,
        models,
        tuned,
        nats,
        bytes,
        (regression ? REGRESSION : PERCEPTRON).getOrDefault(id, Published.NOTHING),
        fresh);
  }

  private Method single(String id, Kind kind, long bytes, OfModel scorer) {
    return method(
        id,
        1,
        kind == Kind.TUNED_NATS,
        kind != Kind.RANKS,
        bytes,
        () -> {
          Model model = new Model(network, PROJECTION);
          return (queries, horizon, share) ->
              scorer.scorer(model, horizon, share).scores(model.of(queries));
        });
  }

  private Method control(String id, Controls.Score score) {
    return method(
        id,
        0,
        false,
        false,
        0,
        () -> (queries, horizon, share) -> Controls.scores(queries, training.size(), score));
  }

  /** A method of a model's checkpoints. */
  private interface OfPath {
    float[][] scores(List<SoftmaxNetwork> path, LabelledExamples queries, double horizon);
  }

  private Method ofPath(String id, int count, long bytes, OfPath scores) {
    return method(
        id,
        count,
        false,
        true,
        bytes,
        () -> {
          List<SoftmaxNetwork> path = checkpoints(count);
          return (queries, horizon, share) -> scores.scores(path, queries, horizon);
        });
  }

  private static List<Gradients> gradients(List<SoftmaxNetwork> path, LabelledExamples of) {
    return path.stream().map(at -> Gradients.of(at, of)).toList();
  }

  /** The model after each of equal parts of its training. */
  private List<SoftmaxNetwork> checkpoints(int count) {
    List<SoftmaxNetwork> path = new ArrayList<>();
    int every = Math.max(1, settings.epochs() / count);
    SoftmaxNetwork.train(
        training,
        settings,
        Diet.all(training.size(), !regression),
        seed,
        (epoch, reached) -> {
          if (epoch % every == 0 && path.size() < count) {
            path.add(reached);
          }
        });
    return List.copyOf(path);
  }

  /** Kernels of margins of models trained on halves, brackets averaged apart. */
  private Method margins(
      String id,
      boolean tuned,
      long bytes,
      java.util.function.BiFunction<Model, Double, Scorer> method) {
    return method(
        id,
        MODELS,
        tuned,
        false,
        bytes,
        () -> {
          List<Model> models = ensemble();
          return (queries, horizon, share) ->
              ofMargins(models, queries, model -> method.apply(model, share));
        });
  }

  /** Each has a projection of its own, whose errors their mean then has less of. */
  private List<Model> ensemble() {
    boolean[][] kept = Subsets.halves(MODELS, training.size(), ENSEMBLE_HALVES);
    IntStream.range(0, MODELS)
        .parallel()
        .forEach(
            m ->
                halfModels.computeIfAbsent(
                    m,
                    key ->
                        SoftmaxNetwork.train(
                            training,
                            settings,
                            new Diet(Subsets.members(kept[key]), -1, true),
                            ENSEMBLE_HALVES + key)));
    return IntStream.range(0, MODELS)
        .mapToObj(m -> new Model(Objects.requireNonNull(halfModels.get(m)), PROJECTION + m))
        .toList();
  }

  private static float[][] ofMargins(
      List<Model> models, LabelledExamples queries, Function<Model, Scorer> method) {
    List<float[][]> kernels = new ArrayList<>();
    List<double[]> residuals = new ArrayList<>();
    List<double[]> asked = new ArrayList<>();
    for (Model model : models) {
      kernels.add(method.apply(model).scores(model.of(queries)));
      residuals.add(model.training.residuals());
      asked.add(model.of(queries).residuals());
    }
    return Ensemble.ofMargins(kernels, residuals, asked);
  }
}
