package io.whence.engine.influence;

import io.whence.engine.model.TrainingRecord;
import io.whence.engine.sketch.SketchSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * How far from convergence each layer is taken to be: the lambda added to its curvature.
 *
 * @param rule how the values were found, for people
 * @param values one for each module of the sketch and then one for the embedding table, above 0
 */
public record Damping(String rule, List<Double> values) {
  /** Share of a layer's mean eigenvalue that is used where no training record says better. */
  static final double WITHOUT_RECORD = 0.1;

  /** Copies the list. */
  public Damping {
    values = List.copyOf(values);
  }

  /**
   * {@return lambda = rms(v) / sum of learning rates}
   *
   * <p>T steps of size eta leave a direction of curvature sigma unconverged as if lambda = 1 / (eta
   * T) had been added to it. Adam measures a step in units of the root of its second moment v, so
   * in a layer's own units eta is the learning rate over the mean root of v, and eta T the sum of
   * the learning rates over it. Empty when the record lacks a layer; where it lacks the embedding
   * table, as older records do, that has its share of the mean eigenvalue.
   */
  static Optional<Damping> fromTraining(
      SketchSpec spec, TrainingRecord training, TableCurvature table) {
    if (!(training.learningRateSum() > 0)) {
      return Optional.empty();
    }
    java.util.ArrayList<Double> values = new java.util.ArrayList<>();
    for (SketchSpec.Module module : spec.modules()) {
      Double root = training.rootSecondMoment().get(module.name());
      if (root == null || !(root > 0)) {
        return Optional.empty();
      }
      values.add(root / training.learningRateSum());
    }
    String rule =
        "training record: mean root of Adam's second moment over the sum of learning rates";
    Double root = training.rootSecondMoment().get(TableCurvature.NAME);
    if (root != null && root > 0) {
      values.add(root / training.learningRateSum());
    } else {
      // Where nothing was trained on, the layers' own: any number above 0 does.
      double known = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
      values.add(table.mean() > 0 ? share(table.mean()) : known);
      rule +=
          "; of the embedding table, which it lacks, " + WITHOUT_RECORD + " of the mean eigenvalue";
    }
    return Optional.of(new Damping(rule, values));
  }

  /** {@return a tenth of each layer's mean eigenvalue, for a checkpoint of unknown training} */
  static Damping fromEigenvalues(List<Spectrum> layers, TableCurvature table) {
    return new Damping(
        "no training record: " + WITHOUT_RECORD + " of each layer's mean eigenvalue",
        DoubleStream.concat(
                layers.stream().mapToDouble(Spectrum::mean), DoubleStream.of(table.mean()))
            .mapToObj(Damping::share)
            .toList());
  }

  private static double share(double mean) {
    return Math.max(WITHOUT_RECORD * mean, (double) Float.MIN_NORMAL);
  }
}
