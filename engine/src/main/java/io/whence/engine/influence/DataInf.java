package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * DataInf. A layer's {@code (1/n) sum_i (g_i g_i' + lambda)^-1} takes the place of the inverse of
 * the mean: {@code A v = (1 / (n lambda)) sum_i (v - (v . g_i) / (lambda + |g_i|^2) g_i)}.
 */
final class DataInf extends Preconditioned {
  private final double share;

  DataInf(Gradients training, double share) {
    super(training, Target.LOSS);
    this.share = share;
  }

  @Override
  List<NDArray> precondition(NDManager scope, List<NDArray> queries) {
    double[][] squares = squares(training, Target.LOSS);
    int layers = queries.size();
    double[] lambda = new double[layers];
    for (int l = 0; l < layers; l++) {
      for (double square : squares[l]) {
        lambda[l] += square / training.size() / training.layers().get(l).size();
      }
      lambda[l] = Math.max(share * lambda[l], Float.MIN_NORMAL);
    }
    List<NDArray> sums = new ArrayList<>();
    for (NDArray side : queries) {
      sums.add(side.zerosLike());
    }
    training.each(
        Target.LOSS,
        batch -> {
          for (int l = 0; l < layers; l++) {
            NDArray flat = batch.flat(l);
            float[] weights = new float[batch.size()];
            for (int i = 0; i < weights.length; i++) {
              weights[i] = (float) (1 / (lambda[l] + squares[l][batch.first() + i]));
            }
            NDArray products =
                flat.matMul(queries.get(l).transpose())
                    .mul(Torch.owned(batch.manager(), weights, weights.length, 1));
            sums.get(l).addi(products.transpose().matMul(flat));
          }
        });
    List<NDArray> sides = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      NDArray mean = sums.get(l).mul(Torch.constant(scope, 1.0 / training.size()));
      sides.add(queries.get(l).sub(mean).mul(Torch.constant(scope, 1 / lambda[l])));
    }
    return sides;
  }
}
