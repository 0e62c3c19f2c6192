package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SOURCE over segments: {@code (1/n) sum_l g_q' [product over l' > l of exp(-h H_l')] r(H_l) g_z at
 * l}, r(sigma) = (1 - exp(-h sigma)) / sigma, in the EK-FAC eigenbasis of each segment, and in the
 * coordinates of each segment's steps.
 */
final class Source implements Scorer {
  private final List<Segment> segments;
  private final List<Eigenbasis> eigenbases;

  Source(List<Segment> segments, Target pseudo) {
    this.segments = List.copyOf(segments);
    this.eigenbases =
        segments.stream().map(segment -> Eigenbasis.fit(segment.stepped(), pseudo)).toList();
  }

  @Override
  public float[][] scores(Gradients queries) {
    return Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            List<NDArray> carried = Preconditioned.flat(scope, queries, Target.LOSS);
            float[][] sum = new float[0][];
            for (int l = segments.size() - 1; l >= 0; l--) {
              Segment segment = segments.get(l);
              Eigenbasis basis = eigenbases.get(l);
              Eigenbasis.Values values = Eigenbasis.Values.CORRECTED;
              List<NDArray> stepped = scaled(scope, carried, segment.metric(), false);
              List<NDArray> sides =
                  basis.apply(scope, stepped, values, new Filter.Unrolled(segment.horizon()));
              Gradients at = segment.stepped();
              float[][] part = Preconditioned.dots(at, Target.LOSS, sides, 1.0 / at.positions());
              sum = sum.length == 0 ? part : Ensemble.sum(sum, part);
              List<NDArray> left =
                  basis.apply(scope, stepped, values, new Filter.Decayed(segment.horizon()));
              carried = scaled(scope, left, segment.metric(), true);
            }
            return sum;
          }
        });
  }

  /** Into the coordinates of a metric, or out of them. */
  private static List<NDArray> scaled(
      NDManager scope, List<NDArray> sides, @Nullable StepMetric metric, boolean back) {
    if (metric == null) {
      return sides;
    }
    List<NDArray> scaled = new ArrayList<>();
    for (int l = 0; l < sides.size(); l++) {
      NDArray weights = metric.weights(scope, l);
      scaled.add(back ? sides.get(l).div(weights) : sides.get(l).mul(weights));
    }
    return scaled;
  }
}
