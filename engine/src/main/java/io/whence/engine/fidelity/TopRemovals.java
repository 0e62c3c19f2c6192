package io.whence.engine.fidelity;

import io.whence.engine.Sha256;
import io.whence.engine.model.SgdSettings;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.SoftmaxNetwork.Diet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What training again without a query's first k proponents does to its loss: do the scores find
 * what the prediction rests on (Ilyas et al., "Datamodels", 2022, section 4.1)? The controls'
 * proponents are removed alike.
 */
final class TopRemovals {
  /** Of n examples, how many are removed: the n-th parts. */
  private static final int[] PARTS = {500, 100, 20};

  private static final int QUERIES = 20;
  private static final int TOGETHER = 20;

  private final Suite.Splits splits;
  private final SgdSettings settings;
  private final Retrainings retrainings;
  private final long seed;

  TopRemovals(Suite.Splits splits, SgdSettings settings, Retrainings retrainings, long seed) {
    this.splits = splits;
    this.settings = settings;
    this.retrainings = retrainings;
    this.seed = seed;
  }

  /** {@return how many examples are removed at a time} */
  int[] sizes() {
    return IntStream.of(PARTS)
        .map(part -> splits.training().size() / part)
        .filter(k -> k > 0)
        .toArray();
  }

  /**
   * {@return the mean rise of the queries' losses without their first k proponents, nats, by k}
   *
   * @param scores {@code [queries][n]}, higher for what is to be removed first; the first queries
   *     are taken
   */
  Map<Integer, Estimate> rises(float[][] scores) {
    int n = splits.training().size();
    int queries = Math.min(QUERIES, scores.length);
    List<int[]> kept = new ArrayList<>();
    kept.add(IntStream.range(0, n).toArray());
    for (int k : sizes()) {
      for (int q = 0; q < queries; q++) {
        float[] row = scores[q];
        boolean[] stays = new boolean[n];
        java.util.Arrays.fill(stays, true);
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(i -> -row[i]).thenComparing(i -> i))
            .limit(k)
            .forEach(i -> stays[i] = false);
        kept.add(Subsets.members(stays));
      }
    }
    double[][] losses = new double[kept.size()][queries];
    float[][] after = retrained(kept, queries);
    for (int diet = 0; diet < losses.length; diet++) {
      for (int q = 0; q < queries; q++) {
        losses[diet][q] = after[diet / TOGETHER][diet % TOGETHER * queries + q];
      }
    }
    Map<Integer, Estimate> rises = new LinkedHashMap<>();
    int diet = 1;
    for (int k : sizes()) {
      double[] each = new double[queries];
      for (int q = 0; q < queries; q++) {
        each[q] = losses[diet++][q] - losses[0][q];
      }
      rises.put(
          k,
          Estimate.over(
              queries,
              1,
              (rows, columns) ->
                  IntStream.of(rows).mapToDouble(q -> each[q]).average().orElseThrow()));
    }
    return rises;
  }

  /** The queries' losses after each diet; kept under what the diets are, whichever method chose. */
  private float[][] retrained(List<int[]> kept, int queries) {
    Sha256 sum = new Sha256();
    for (int[] diet : kept) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * diet.length);
      bytes.asIntBuffer().put(diet);
      sum.add(bytes.array());
    }
    return retrainings.run(
        "removed-" + sum.hex().substring(0, 12) + "-" + seed,
        (kept.size() + TOGETHER - 1) / TOGETHER,
        (group, within) -> {
          List<Diet> diets =
              kept.subList(group * TOGETHER, Math.min((group + 1) * TOGETHER, kept.size())).stream()
                  .map(order -> new Diet(order, -1, false))
                  .toList();
          List<SoftmaxNetwork> networks =
              SoftmaxNetwork.trainTogether(splits.training(), settings, diets, seed);
          float[] row = new float[TOGETHER * queries];
          for (int i = 0; i < networks.size(); i++) {
            double[] losses = networks.get(i).losses(splits.queries().range(0, queries));
            for (int q = 0; q < queries; q++) {
              row[i * queries + q] = (float) losses[q];
            }
          }
          return row;
        });
  }
}
