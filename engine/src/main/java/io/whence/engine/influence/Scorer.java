package io.whence.engine.influence;

import java.util.List;

/**
 * An influence method with its training side cached: scores of queries against every training
 * example.
 *
 * <p>Sign: positive is a proponent, without which the query's loss would be higher. Unit: nats of
 * the query's loss unless the factory says otherwise. Every method needs all training examples and
 * queries as {@link Gradients} of the same model. Not safe for several threads at once.
 */
public interface Scorer {
  /**
   * {@return the scores, {@code [queries][training]}}
   *
   * @param queries gradients of the same model as the training side's
   */
  float[][] scores(Gradients queries);

  /**
   * {@return the self-influence of each training example, {@code [n]}: how much its own loss would
   * rise without it}
   *
   * @param training the gradients that the training side was made of
   */
  default double[] selfInfluence(Gradients training) {
    float[][] all = scores(training);
    double[] self = new double[all.length];
    for (int i = 0; i < self.length; i++) {
      self[i] = all[i][i];
    }
    return self;
  }

  /**
   * {@return {@code (eta T / n) g_q . g_z}: TracIn's last checkpoint (Pruthi et al., NeurIPS 2020)}
   * One pass over the training gradients for the queries at hand; nothing is kept.
   *
   * @param horizon eta T, how far training went: the change that this many steps on the gradient as
   *     it stands would make
   */
  static Scorer gradientDot(Gradients training, double horizon) {
    return new GradientDot(training, horizon);
  }

  /** {@return the cosine of the two gradients, -1 to 1, no nats: for finding, never for credit} */
  static Scorer gradientCosine(Gradients training) {
    return new GradientDot(training);
  }

  /**
   * {@return DataInf (Kwon et al., ICLR 2024): mean and inverse swapped, layer by layer} Two passes
   * over the training gradients, n + q numbers kept for each pair of layer and query.
   *
   * @param share the damping of a layer, in units of the mean square of its gradients' entries
   */
  static Scorer dataInf(Gradients training, double share) {
    return new DataInf(training, share);
  }

  /**
   * {@return influence in the Kronecker eigenbasis of the Fisher information: K-FAC (Martens and
   * Grosse, 2015), EK-FAC (George et al., 2018; Grosse et al., 2023) with corrected eigenvalues,
   * and with {@link Filter.Unrolled} SOURCE's single segment (Bae et al., 2024)}
   *
   * @param eigenbasis of the same model's training gradients
   * @param target {@link Target#LOSS} for nats; {@link Target#MARGIN} for a kernel that {@link
   *     Ensemble#ofMargins} turns into scores
   */
  static Scorer kronecker(
      Gradients training,
      Eigenbasis eigenbasis,
      Eigenbasis.Values values,
      Filter filter,
      Target target) {
    return new KroneckerInfluence(training, eigenbasis, values, filter, target);
  }

  /**
   * {@return influence with the exact Gauss-Newton matrix by conjugate gradients (Martens, 2010):
   * for logistic regression the exact Hessian} A product for each step and query; no p x p matrix.
   * Needs a classifier.
   *
   * @param lambda damping, above 0
   * @param steps most products for a query
   */
  static Scorer conjugateGradient(Gradients training, double lambda, int steps) {
    return new ConjugateGradient(training, lambda, steps);
  }

  /**
   * {@return influence with any {@link Filter} of the exact Gauss-Newton matrix, by Lanczos
   * iteration} A product for each step and query, and as many vectors kept. Needs a classifier.
   */
  static Scorer lanczos(Gradients training, Filter filter, int steps) {
    return new Lanczos(training, filter, steps);
  }

  /**
   * {@return LiSSA (Agarwal et al., 2017; Koh and Liang, 2017): the Neumann series over random
   * batches} Needs a classifier.
   */
  static Scorer lissa(Gradients training, double lambda, int depth, int batch, long seed) {
    return new NeumannSeries(training, lambda, null, depth, batch, seed);
  }

  /**
   * {@return ASTRA (Wang et al., 2025): the Neumann series over random batches, preconditioned and
   * begun with EK-FAC} Needs a classifier.
   */
  static Scorer astra(
      Gradients training, Eigenbasis eigenbasis, double lambda, int depth, int batch, long seed) {
    return new NeumannSeries(training, lambda, eigenbasis, depth, batch, seed);
  }

  /**
   * {@return influence with the empirical Fisher through its n x n Gram matrix, without any
   * projection: {@code K_q (n lambda + K)^-1}} Keeps n x n numbers; a Cholesky factorisation in
   * double precision.
   *
   * @param share lambda in units of the mean square norm of the gradients
   * @param target as for {@link #kronecker}
   */
  static Scorer dualFisher(Gradients training, double share, Target target) {
    return DualFisher.fit(training, share, target);
  }

  /**
   * {@return LoGRA (Choe et al., 2024): each layer's gradient projected on both sides, with the
   * damped Fisher of the sketches, block by block} Keeps n x k numbers.
   *
   * @param projection random or the leading eigenvectors of the Kronecker factors
   */
  static Scorer logra(
      Gradients training, LayerProjection projection, Filter filter, Target target) {
    return LoGra.fit(training, projection, filter, target);
  }

  /**
   * {@return TrackStar (Chang et al., 2024) without an optimizer's second moment: sketches whitened
   * by the Fisher of training and queries mixed, of norm 1; cosine, no nats}
   *
   * @param mix share of the queries' Fisher, 0 to 1
   */
  static Scorer trackStar(Gradients training, LayerProjection projection, double mix) {
    return new TrackStar(training, projection, mix);
  }

  /**
   * {@return RelatIF (Barshan et al., 2020): another method's scores over the square root of each
   * training example's self-influence by it; no nats}
   */
  static Scorer relatIf(Gradients training, Scorer method) {
    return new RelatIf(training, method);
  }

  /** {@return the cosine of what the last layer reads, mean over positions; no nats} */
  static Scorer representationSimilarity(Gradients training) {
    return new RepresentationSimilarity(training);
  }

  /**
   * {@return TracInCP (Pruthi et al., 2020): the sum over checkpoints of {@code (eta / n) g_q .
   * g_z} at each} The eta of a checkpoint is the sum of the rates of the steps it stands for.
   */
  static float[][] tracIn(List<Gradients> training, List<Gradients> queries, List<Double> rates) {
    float[][] sum = new float[0][];
    for (int c = 0; c < training.size(); c++) {
      float[][] part = new GradientDot(training.get(c), rates.get(c)).scores(queries.get(c));
      sum = c == 0 ? part : Ensemble.sum(sum, part);
    }
    return sum;
  }

  /** {@return the norm of each example's gradient of the loss} */
  static double[] gradientNorms(Gradients gradients) {
    return GradientDot.norms(gradients);
  }

  /**
   * {@return SOURCE (Bae et al., 2024): the training run as segments, each with the Fisher, the
   * gradients and the metric of its own checkpoint; a segment's move is carried through the
   * curvature of those after it}
   *
   * @param segments in the order of the run
   * @param pseudo whose second moments are the curvature
   */
  static Scorer source(List<Segment> segments, Target pseudo) {
    return new Source(segments, pseudo);
  }
}
