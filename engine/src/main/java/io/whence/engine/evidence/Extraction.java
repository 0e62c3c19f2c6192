package io.whence.engine.evidence;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether an output is a training image come out again, by the measures of Carlini et al.,
 * Extracting Training Data from Diffusion Models (USENIX Security 2023), sections 4 and 5.
 *
 * @param nearest the number of the nearest work
 * @param l2 its normalised Euclidean distance from the output, 0 to 1
 * @param relative {@code l2} over {@value #ALPHA} times the mean distance of the {@value
 *     #NEIGHBOURS} nearest works: what is near to nothing else needs no small distance to stand out
 */
public record Extraction(int nearest, double l2, double relative) {
  private static final int NEIGHBOURS = 50;
  private static final double ALPHA = 0.5;

  /**
   * {@return how near the nearest work is}
   *
   * @param works of the output's size, at least one
   */
  public static Extraction of(Picture output, List<Picture> works) {
    double[] distances = distances(output, works);
    int[] order =
        IntStream.range(0, distances.length)
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer i) -> distances[i]).thenComparingInt(i -> i))
            .limit(NEIGHBOURS)
            .mapToInt(i -> i)
            .toArray();
    double mean = Arrays.stream(order).mapToDouble(i -> distances[i]).average().orElseThrow();
    double least = distances[order[0]];
    return new Extraction(order[0], least, least == 0 ? 0 : least / (ALPHA * mean));
  }

  /** {@return whether the output is an (l, delta)-extraction: at the most {@code delta} away} */
  public boolean extracted(double delta) {
    return l2 <= delta;
  }

  /** {@return whether the output stands out among the nearest works: {@link #relative} below 1} */
  public boolean standsOut() {
    return relative < 1;
  }

  /**
   * {@return k of (k, l, delta)-eidetic memorisation: how many works are at the most {@code delta}
   * from the output}
   */
  public static int eidetic(Picture output, List<Picture> works, double delta) {
    return (int) Arrays.stream(distances(output, works)).filter(l2 -> l2 <= delta).count();
  }

  private static double[] distances(Picture output, List<Picture> works) {
    return works.stream().mapToDouble(output::l2).toArray();
  }
}
