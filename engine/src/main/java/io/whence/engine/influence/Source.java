package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.List;

/**
 * SOURCE over segments: {@code (1/n) sum_l g_q' [product over l' > l of exp(-h H_l')] r(H_l) g_z at
 * l}, r(sigma) = (1 - exp(-h sigma)) / sigma, in the EK-FAC eigenbasis of each segment.
 */
final class Source implements Scorer {
  private final List<Gradients> training;
  private final double horizon;
  private final List<Eigenbasis> eigenbases;

  Source(List<Gradients> training, double horizon, Target pseudo) {
    this.training = training;
    this.horizon = horizon;
    this.eigenbases = training.stream().map(at -> Eigenbasis.fit(at, pseudo)).toList();
  }

  @Override
  public float[][] scores(Gradients queries) {
    return Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            List<NDArray> carried = Preconditioned.flat(scope, queries, Target.LOSS);
            float[][] sum = new float[0][];
            for (int segment = training.size() - 1; segment >= 0; segment--) {
              Eigenbasis basis = eigenbases.get(segment);
              Gradients at = training.get(segment);
              List<NDArray> sides =
                  basis.apply(
                      scope, carried, Eigenbasis.Values.CORRECTED, new Filter.Unrolled(horizon));
              float[][] part = Preconditioned.dots(at, Target.LOSS, sides, 1.0 / at.positions());
              sum = sum.length == 0 ? part : Ensemble.sum(sum, part);
              carried =
                  basis.apply(
                      scope, carried, Eigenbasis.Values.CORRECTED, new Filter.Decayed(horizon));
            }
            return sum;
          }
        });
  }
}
