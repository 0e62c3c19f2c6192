package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * A method of the form {@code (1/n) <A(G_q), G_z>}: the queries' gradients are transformed once,
 * and the training gradients stream past them.
 */
abstract class Preconditioned implements Scorer {
  final Gradients training;
  private final Target target;

  Preconditioned(Gradients training, Target target) {
    this.training = training;
    this.target = target;
  }

  /**
   * {@return A of the queries' gradients}
   *
   * @param scope where the results live
   * @param queries for each layer {@code [q, out * in]}
   */
  abstract List<NDArray> precondition(NDManager scope, List<NDArray> queries);

  @Override
  public float[][] scores(Gradients queries) {
    return Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            List<NDArray> sides = precondition(scope, flat(scope, queries, target));
            return dots(training, target, sides, 1.0 / training.positions());
          }
        });
  }

  /** A batch at a time: neither all gradients nor n x n scores are ever held. */
  @Override
  public double[] selfInfluence(Gradients fitted) {
    double[] self = new double[fitted.size()];
    return Torch.onAllCores(
        () -> {
          fitted.each(
              target,
              batch -> {
                try (NDManager scope = Torch.newManager("cpu")) {
                  List<NDArray> own = new ArrayList<>();
                  for (int l = 0; l < fitted.layers().size(); l++) {
                    own.add(batch.flat(l));
                  }
                  List<NDArray> sides = precondition(scope, own);
                  for (int l = 0; l < sides.size(); l++) {
                    float[] products =
                        Torch.floats(own.get(l).mul(sides.get(l)).sum(new int[] {1}));
                    for (int i = 0; i < products.length; i++) {
                      self[batch.first() + i] += products[i] / (double) training.positions();
                    }
                  }
                }
              });
          return self;
        });
  }

  /** {@return the gradients of all examples, for each layer {@code [n, out * in]}, in scope} */
  static List<NDArray> flat(NDManager scope, Gradients gradients, Target target) {
    int layers = gradients.layers().size();
    List<NDList> parts = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      parts.add(new NDList());
    }
    gradients.each(
        target,
        batch -> {
          for (int l = 0; l < layers; l++) {
            float[] values = Torch.floats(batch.flat(l));
            parts
                .get(l)
                .add(Torch.owned(scope, values, batch.size(), gradients.layers().get(l).size()));
          }
        });
    List<NDArray> all = new ArrayList<>();
    for (NDList part : parts) {
      all.add(part.size() == 1 ? part.get(0) : NDArrays.concat(part, 0));
      if (part.size() > 1) {
        part.forEach(NDArray::close);
      }
    }
    return all;
  }

  /**
   * {@return the inner products of query sides with the training gradients, times a factor}
   *
   * @param sides for each layer {@code [q, out * in]}
   */
  static float[][] dots(Gradients training, Target target, List<NDArray> sides, double factor) {
    int queries = (int) sides.get(0).getShape().get(0);
    float[][] scores = new float[queries][training.size()];
    training.each(
        target,
        batch -> {
          NDArray sum = null;
          for (int l = 0; l < sides.size(); l++) {
            // The batch's array comes first, so that the product is freed with the batch.
            NDArray part = batch.flat(l).matMul(sides.get(l).transpose());
            sum = sum == null ? part : sum.add(part);
          }
          float[] rows = Torch.floats(java.util.Objects.requireNonNull(sum));
          for (int i = 0; i < batch.size(); i++) {
            for (int q = 0; q < queries; q++) {
              scores[q][batch.first() + i] = (float) (rows[i * queries + q] * factor);
            }
          }
        });
    return scores;
  }

  /** {@return the squared norm of every gradient, for each layer {@code [n]}} */
  static double[][] squares(Gradients gradients, Target target) {
    double[][] squares = new double[gradients.layers().size()][gradients.size()];
    Torch.onAllCores(
        () -> {
          gradients.each(
              target,
              batch -> {
                for (int l = 0; l < squares.length; l++) {
                  NDArray flat = batch.flat(l);
                  float[] norms = Torch.floats(flat.mul(flat).sum(new int[] {1}));
                  for (int i = 0; i < norms.length; i++) {
                    squares[l][batch.first() + i] = norms[i];
                  }
                }
              });
          return true;
        });
    return squares;
  }
}
