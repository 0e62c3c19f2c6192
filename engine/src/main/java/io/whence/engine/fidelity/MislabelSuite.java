package io.whence.engine.fidelity;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.influence.DampingRule;
import io.whence.engine.influence.Eigenbasis;
import io.whence.engine.influence.Gradients;
import io.whence.engine.influence.Scorer;
import io.whence.engine.influence.Target;
import io.whence.engine.model.SgdSettings;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.SoftmaxNetwork.Diet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** A tenth of the training labels is wrong: examples ranked by what they do to themselves. */
final class MislabelSuite {
  private static final double WRONG = 0.1;
  private static final long LABELS = 500_000;

  static final List<String> METHODS =
      List.of("ekfac", "kfac", "dualFisher", "tracInCp", "gradientNorm", "random");

  private final Experiment experiment;
  private final Suite.Bench bench;

  MislabelSuite(Experiment experiment, Suite.Bench bench) {
    this.experiment = experiment;
    this.bench = bench;
  }

  Report run() {
    Suite.Splits splits = Suite.Splits.digits(experiment, bench);
    SgdSettings settings = new SgdSettings(List.of(), 0.01, 0, 32, 20, 0);
    Map<String, String> facts = new LinkedHashMap<>();
    Map<String, List<double[]>> scores = new LinkedHashMap<>();
    Map<String, Double> seconds = new LinkedHashMap<>();
    Map<String, Long> bytes = new LinkedHashMap<>();
    List<boolean[]> truths = new ArrayList<>();
    for (long seed : experiment.seeds()) {
      boolean[] wrong = new boolean[splits.training().size()];
      LabelledExamples training = mislabelled(splits.training(), wrong, seed);
      truths.add(wrong);
      List<Gradients> path = new ArrayList<>();
      SoftmaxNetwork network =
          SoftmaxNetwork.train(
              training,
              settings,
              Diet.all(training.size(), true),
              seed,
              (epoch, at) -> {
                if (epoch % 5 == 0) {
                  path.add(Gradients.of(at, training));
                }
              });
      Gradients gradients = Gradients.of(network, training);
      double accuracy = network.accuracy(training);
      long basis = ClassifierMethods.basisBytes(gradients.layers());
      bytes.putAll(
          Map.of(
              "ekfac", basis, "kfac", basis, "dualFisher", 8L * training.size() * training.size()));
      DampingRule rule = DampingRule.of(accuracy, settings.horizon(training.size()));
      facts.put("dampingRule", rule.says());
      Target sampled = new Target.SampledLoss(LABELS);
      Map<String, Supplier<double[]>> methods = new LinkedHashMap<>();
      for (Eigenbasis.Values values : Eigenbasis.Values.values()) {
        methods.put(
            values == Eigenbasis.Values.CORRECTED ? "ekfac" : "kfac",
            () ->
                Scorer.kronecker(
                        gradients,
                        Eigenbasis.fit(gradients, sampled),
                        values,
                        rule.filter(),
                        Target.LOSS)
                    .selfInfluence(gradients));
      }
      methods.put(
          "dualFisher",
          () -> Scorer.dualFisher(gradients, 1e-3, Target.LOSS).selfInfluence(gradients));
      methods.put(
          "tracInCp",
          () -> {
            double[] sum = new double[training.size()];
            for (Gradients at : path) {
              double[] norms = Scorer.gradientNorms(at);
              for (int i = 0; i < sum.length; i++) {
                sum[i] += norms[i] * norms[i];
              }
            }
            return sum;
          });
      methods.put("gradientNorm", () -> Scorer.gradientNorms(gradients));
      methods.put("random", () -> new SplittableRandom(seed).doubles(training.size()).toArray());
      int done = 0;
      for (Map.Entry<String, Supplier<double[]>> method : methods.entrySet()) {
        bench.progress().report("methods", done++, methods.size(), "methods", method.getKey());
        if (experiment.wants(method.getKey())) {
          long begin = System.nanoTime();
          scores
              .computeIfAbsent(method.getKey(), key -> new ArrayList<>())
              .add(method.getValue().get());
          seconds.merge(method.getKey(), (System.nanoTime() - begin) / 1e9, Double::sum);
        }
      }
    }
    facts.put(
        "training",
        splits.training().size()
            + " examples, one label in ten replaced by another class, anew for each seed");
    facts.put("dataSha256", splits.hash());
    List<Report.Result> results = new ArrayList<>();
    scores.forEach(
        (method, runs) -> {
          Estimate estimate = auc(runs, truths);
          results.add(
              new Report.Result(
                  method,
                  "auc",
                  estimate.value(),
                  estimate.low(),
                  estimate.high(),
                  null,
                  seconds.getOrDefault(method, 0.0) / runs.size(),
                  bytes.getOrDefault(method, 0L),
                  method.equals("tracInCp") ? 4 : 1,
                  method.equals("tracInCp") ? Double.valueOf(0.976) : null));
        });
    return new Report(Suite.MISLABELLED_DIGITS.id(), experiment.seeds(), facts, results, Map.of());
  }

  /** Replaces a tenth of the labels, and notes which. */
  private static LabelledExamples mislabelled(
      LabelledExamples examples, boolean[] wrong, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] labels = new int[examples.size()];
    Arrays.setAll(labels, examples::label);
    random
        .ints(0, labels.length)
        .distinct()
        .limit(Math.round(WRONG * labels.length))
        .forEach(
            i -> {
              wrong[i] = true;
              labels[i] =
                  (labels[i] + 1 + random.nextInt(examples.classes() - 1)) % examples.classes();
            });
    return examples.relabelled(labels);
  }

  /** Mean over the runs; the bootstrap is over examples and runs. */
  private static Estimate auc(List<double[]> scores, List<boolean[]> wrong) {
    return Estimate.over(
        scores.size(),
        scores.get(0).length,
        (runs, examples) -> {
          double[] each = new double[runs.length];
          for (int i = 0; i < runs.length; i++) {
            double[] chosen = Subsets.chosen(scores.get(runs[i]), examples);
            boolean[] truth = new boolean[examples.length];
            for (int j = 0; j < truth.length; j++) {
              truth[j] = wrong.get(runs[i])[examples[j]];
            }
            each[i] = Correlation.auc(chosen, truth);
          }
          return Estimate.mean(each);
        });
  }
}
