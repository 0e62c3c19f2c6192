package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.List;

/** Products of gradients, times a rate or as cosines. */
final class GradientDot extends Preconditioned {
  private final boolean cosine;
  private final double rate;

  /** The cosine. */
  GradientDot(Gradients training) {
    super(training, Target.LOSS);
    this.cosine = true;
    this.rate = 1;
  }

  /** A run of gradient descent of this length in place of any curvature. */
  GradientDot(Gradients training, double rate) {
    super(training, Target.LOSS);
    this.cosine = false;
    this.rate = rate;
  }

  @Override
  List<NDArray> precondition(NDManager scope, List<NDArray> queries) {
    return queries.stream().map(side -> side.mul(Torch.constant(scope, rate))).toList();
  }

  @Override
  public float[][] scores(Gradients queries) {
    float[][] scores = super.scores(queries);
    if (cosine) {
      double[] z = norms(training);
      double[] q = norms(queries);
      for (int i = 0; i < q.length; i++) {
        for (int j = 0; j < z.length; j++) {
          // A gradient of zero has no direction.
          double length = q[i] * z[j];
          scores[i][j] = length > 0 ? (float) (scores[i][j] * training.positions() / length) : 0;
        }
      }
    }
    return scores;
  }

  static double[] norms(Gradients gradients) {
    double[] norms = new double[gradients.size()];
    for (double[] layer : squares(gradients, Target.LOSS)) {
      for (int i = 0; i < norms.length; i++) {
        norms[i] += layer[i];
      }
    }
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(norms[i]);
    }
    return norms;
  }
}
