package io.whence.engine.risk;

import io.whence.engine.risk.FairUseModel.Missing;
import io.whence.engine.risk.FairUseModel.Part;
import io.whence.engine.risk.FairUseModel.PurposeClass;
import io.whence.engine.risk.FairUseModel.Range;
import io.whence.engine.risk.FairUseModel.Score;
import io.whence.engine.risk.RiskAssessment.Ends;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fitted model with the spread of its weights: each resample of the cases gives other weights,
 * and the interval holds 90 % of what they say.
 *
 * <pre>
 * low  = min(model, 5th percentile of the resamples), everything unknown at its favourable end
 * high = max(model, 95th percentile of the resamples), everything unknown at its unfavourable end
 * </pre>
 *
 * <p>The weights of every resample keep their signs, so the ends are the same for all of them, the
 * point lies inside and knowing less never narrows the interval.
 */
final class FittedModel {
  /** The model that answers. */
  static final FittedModel SERVED = read("fu-us-v1.json");

  private static final double LOW = 0.05;
  private static final double HIGH = 0.95;

  private final FairUseModel model;
  private final Fit fit;

  /** In the order of {@link FairUseModel#weights}. */
  private final double[][] vectors;

  private FittedModel(FairUseModel model, Fit fit) {
    this.model = model;
    this.fit = fit;
    this.vectors =
        fit.bootstrap.vectors.stream()
            .map(vector -> vector.stream().mapToDouble(Double::doubleValue).toArray())
            .toArray(double[][]::new);
  }

  static FittedModel read(String resource) {
    return new FittedModel(
        Resources.read(resource, FairUseModel.class), Resources.read(resource, Fit.class));
  }

  /** How the weights were found, so that they can be found again. */
  record Fit(Provenance provenance, Bootstrap bootstrap) {}

  /**
   * What the weights come from.
   *
   * @param command that fits them
   * @param data the table of cases, from the project's root
   * @param dataSha256 of its bytes
   * @param rows of the table
   * @param usable those fitted on: decided, final or a preliminary injunction, not vacated
   * @param groups disputes among them
   * @param loss what is minimised
   * @param signs which weights stay on which side of 0
   * @param crossCheck the model whose form this is and against which it is checked
   */
  record Provenance(
      String command,
      String data,
      String dataSha256,
      int rows,
      int usable,
      int groups,
      String loss,
      String signs,
      String crossCheck) {}

  /**
   * Weights fitted to resamples of the cases.
   *
   * @param resampled what is drawn with replacement
   * @param seed of {@link java.util.SplittableRandom}
   * @param order names of a vector's weights
   * @param low 5th percentile of each weight
   * @param high 95th percentile of each weight
   * @param vectors one for each resample
   */
  record Bootstrap(
      String resampled,
      long seed,
      List<String> order,
      List<Double> low,
      List<Double> high,
      List<List<Double>> vectors) {}

  /**
   * A score with its interval.
   *
   * @param point 0 to 100
   * @param low of the displayed interval
   * @param high of the displayed interval
   * @param ofWeights 90 % of the resamples at the point's own inputs
   * @param ofMissing from what is unknown or judged within a range, at the model's own weights
   * @param parts the summands of the point, in order
   * @param missing those nobody knows: the first shrinks the interval most, at the model's own
   *     weights
   */
  record Result(
      double point,
      double low,
      double high,
      Ends ofWeights,
      Ends ofMissing,
      List<Part> parts,
      List<Missing> missing) {}

  FairUseModel model() {
    return model;
  }

  Fit fit() {
    return fit;
  }

  /** {@return the score, as {@link FairUseModel#score}, with the spread of the weights} */
  Result score(@Nullable String named, Map<String, Range> known, double passThrough) {
    Score own = model.score(named, known, passThrough);
    double[] points = new double[vectors.length];
    double[] lowest = new double[vectors.length];
    double[] highest = new double[vectors.length];
    for (int i = 0; i < vectors.length; i++) {
      sum(vectors[i], named, own.parts(), i, points, lowest, highest);
    }
    return new Result(
        own.point(),
        Math.min(own.low(), FairUseModel.risk(ModelFit.percentile(lowest, LOW))),
        Math.max(own.high(), FairUseModel.risk(ModelFit.percentile(highest, HIGH))),
        new Ends(
            Math.min(own.point(), FairUseModel.risk(ModelFit.percentile(points, LOW))),
            Math.max(own.point(), FairUseModel.risk(ModelFit.percentile(points, HIGH)))),
        new Ends(own.low(), own.high()),
        own.parts(),
        own.missing());
  }

  /** Puts z by one vector of weights at place {@code i} of each array. */
  private void sum(
      double[] weights,
      @Nullable String named,
      List<Part> parts,
      int i,
      double[] points,
      double[] lowest,
      double[] highest) {
    double point = weights[0];
    double low = weights[0];
    double high = weights[0];
    int k = 1;
    for (Part part : parts) {
      if (part.label().id().equals(FairUseModel.PURPOSE)) {
        continue;
      }
      double weight = weights[k++];
      double a = weight * part.factors().low();
      double b = weight * part.factors().high();
      point += weight * part.factors().value();
      low += Math.min(a, b);
      high += Math.max(a, b);
    }
    double own = 0;
    double least = named == null ? Double.POSITIVE_INFINITY : 0;
    double most = named == null ? Double.NEGATIVE_INFINITY : 0;
    for (PurposeClass one : model.purpose().classes()) {
      double weight = weights[k++];
      if (named == null) {
        least = Math.min(least, weight);
        most = Math.max(most, weight);
      } else if (one.purposes().contains(named)) {
        own += weight;
      }
    }
    points[i] = point + own;
    lowest[i] = low + own + least;
    highest[i] = high + own + most;
  }
}
