package io.whence.engine.fidelity;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.fidelity.ClassifierMethods.Method;
import io.whence.engine.influence.Gradients;
import io.whence.engine.model.SgdSettings;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.SoftmaxNetwork.Diet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What methods cost: the training side made once and {@value #QUERIES} queries scored, every method
 * in one run, on more and more examples and on a larger model.
 *
 * <p>Growth is the exponent a in cost ~ n^a (or p^a) between the ends measured. An ensemble's cost
 * holds the training of its models, as nobody has them lying about.
 */
final class CostSuite {
  private static final int QUERIES = 50;

  /** Passes enough for a model whose gradients are no longer those of its initial weights. */
  private static final int EPOCHS = 2;

  private static final double SHARE = 0.1;
  private static final SgdSettings SMALL = new SgdSettings(List.of(), 0.01, 0, 32, EPOCHS, 0);
  private static final SgdSettings LARGE =
      new SgdSettings(List.of(128, 64), 0.01, 0.9, 64, EPOCHS, 0);

  private final Experiment experiment;
  private final Suite.Bench bench;
  private final List<Report.Result> results = new ArrayList<>();

  CostSuite(Experiment experiment, Suite.Bench bench) {
    this.experiment = experiment;
    this.bench = bench;
  }

  /** One size of the task. */
  private record Setting(LabelledExamples training, SgdSettings settings, long parameters) {}

  private record Cost(double seconds, long bytes, int models) {}

  Report run() {
    Suite.Splits splits = Suite.Splits.digits(experiment, bench);
    LabelledExamples all = splits.training();
    LabelledExamples queries =
        splits.queries().range(0, Math.min(QUERIES, splits.queries().size()));
    int n = all.size();
    int few = Math.max(2, n / 4);
    long seed = experiment.seeds().get(0);
    List<Map<String, Cost>> costs = new ArrayList<>();
    List<Setting> settings = new ArrayList<>();
    for (int size : new int[] {few, n}) {
      settings.add(setting(all.range(0, size), SMALL, seed));
    }
    settings.add(setting(all.range(0, few), LARGE, seed));
    for (Setting setting : settings) {
      costs.add(costs(setting, queries, seed, costs.size(), settings.size()));
    }
    Setting whole = settings.get(1);
    costs
        .get(1)
        .forEach(
            (method, cost) -> {
              double thousands = whole.training().size() / 1000.0;
              Cost less = costs.get(0).get(method);
              Cost larger = costs.get(2).get(method);
              if (less == null || larger == null) {
                return;
              }
              double examples = n / (double) few;
              double parameters = settings.get(2).parameters() / (double) whole.parameters();
              add(method, cost, "seconds_per_1000", cost.seconds() / thousands);
              add(method, cost, "kilobytes_per_1000", cost.bytes() / 1024.0 / thousands);
              add(method, cost, "growth_n", exponent(less.seconds(), cost.seconds(), examples));
              add(
                  method,
                  cost,
                  "growth_parameters",
                  exponent(less.seconds(), larger.seconds(), parameters));
              add(
                  method,
                  cost,
                  "bytes_growth_n",
                  exponent((double) less.bytes(), (double) cost.bytes(), examples));
              add(
                  method,
                  cost,
                  "bytes_growth_parameters",
                  exponent((double) less.bytes(), (double) larger.bytes(), parameters));
            });
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "task",
        String.format(
            Locale.ROOT,
            "%d queries; %d parameters on %d and %d examples, %d parameters on %d; once each, in this"
                + " order, on %d processors",
            queries.size(),
            whole.parameters(),
            few,
            n,
            settings.get(2).parameters(),
            few,
            Runtime.getRuntime().availableProcessors()));
    facts.put("growth", "a of cost ~ n^a or parameters^a between these ends; a shared machine");
    facts.put("dataSha256", splits.hash());
    return new Report(
        Suite.COST.id(),
        experiment.seeds(),
        facts,
        results,
        Map.of(
            "seconds",
            Plot.bars("Seconds per 1,000 training examples", "seconds_per_1000", results)));
  }

  private static Setting setting(LabelledExamples training, SgdSettings settings, long seed) {
    SoftmaxNetwork shape =
        SoftmaxNetwork.train(
            training.range(0, 2),
            new SgdSettings(settings.hidden(), settings.rate(), 0, 2, 1, 0),
            Diet.all(2, false),
            seed);
    return new Setting(training, settings, Gradients.of(shape, training).parameters());
  }

  private Map<String, Cost> costs(
      Setting setting, LabelledExamples queries, long seed, int done, int of) {
    LabelledExamples training = setting.training();
    SgdSettings settings = setting.settings();
    boolean shuffled = !settings.hidden().isEmpty();
    SoftmaxNetwork network =
        SoftmaxNetwork.train(training, settings, Diet.all(training.size(), shuffled), seed);
    double horizon = settings.horizon(training.size());
    Map<String, Cost> costs = new LinkedHashMap<>();
    List<Method> methods =
        new ClassifierMethods(training, settings, network, seed)
            .all().stream().filter(method -> experiment.wants(method.id())).toList();
    for (Method method : methods) {
      bench
          .progress()
          .report(
              "costs",
              (long) done * methods.size() + costs.size(),
              (long) of * methods.size(),
              "methods",
              method.id());
      long begin = System.nanoTime();
      method.fresh().get().of(queries, horizon, SHARE);
      costs.put(
          method.id(),
          new Cost((System.nanoTime() - begin) / 1e9, method.bytes(), method.models()));
    }
    return costs;
  }

  /** NaN where nothing is kept. */
  private static double exponent(double from, double to, double ratio) {
    return from > 0 && to > 0 && ratio > 1 ? Math.log(to / from) / Math.log(ratio) : Double.NaN;
  }

  private void add(String method, Cost cost, String metric, double value) {
    results.add(
        new Report.Result(
            method,
            metric,
            value,
            null,
            null,
            null,
            cost.seconds(),
            cost.bytes(),
            cost.models(),
            null));
  }
}
