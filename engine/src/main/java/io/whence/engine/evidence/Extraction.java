package io.whence.engine.evidence;

import io.whence.engine.corpus.Picture;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Whether an output is a training image come out again, by the measures of Carlini et al.,
 * Extracting Training Data from Diffusion Models (USENIX Security 2023), sections 4 and 5.
 *
 * @param nearest the number of the nearest work
 * @param l2 its normalised Euclidean distance from the output, 0 to 1
 * @param relative {@code l2} over {@value #ALPHA} times the mean distance of the {@value
 *     #NEIGHBOURS} nearest works: what is near to nothing else needs no small distance to stand out
 * @param compared how many works have the output's size; only these have a distance
 * @param nearer distances of all works within {@value #WIDEST} of the output, ascending
 */
public record Extraction(
    int nearest, double l2, double relative, int compared, List<Double> nearer) {
  /** The largest delta that works are counted within. */
  public static final double WIDEST = 0.15;

  private static final int NEIGHBOURS = 50;
  private static final double ALPHA = 0.5;

  /** Copies the list. */
  public Extraction {
    nearer = List.copyOf(nearer);
  }

  /** A work and how far it is, or at least is. */
  private record Far(int work, double l2) {
    private static final Comparator<Far> NEAREST_FIRST =
        Comparator.comparingDouble(Far::l2).thenComparingInt(Far::work);
  }

  /**
   * {@return how near the nearest work is}
   *
   * @param works of the output's size, at least one
   */
  public static Extraction of(Picture output, List<Picture> works) {
    return of(
            output,
            works.stream().map(Appearance::of).toList(),
            IntStream.range(0, works.size()).boxed().toList(),
            works::get)
        .orElseThrow();
  }

  /**
   * {@return how near the nearest work of the output's size is; empty where none has that size}
   *
   * <p>Exact: pictures are read in the order of a lower bound of their distance, {@link
   * Appearance#leastL2}, until no other can be among the nearest or within {@value #WIDEST}.
   *
   * @param looks of all works
   * @param works which of them are compared
   * @param pictures reads a work's picture
   */
  public static Optional<Extraction> of(
      Picture output, List<Appearance> looks, List<Integer> works, IntFunction<Picture> pictures) {
    Appearance look = Appearance.of(output);
    List<Far> bounds =
        works.stream()
            .filter(
                work ->
                    looks.get(work).width() == output.width()
                        && looks.get(work).height() == output.height())
            .map(work -> new Far(work, look.leastL2(looks.get(work))))
            .sorted(Far.NEAREST_FIRST)
            .toList();
    if (bounds.isEmpty()) {
      return Optional.empty();
    }
    List<Far> exact = new ArrayList<>();
    for (Far bound : bounds) {
      boolean among = exact.size() < NEIGHBOURS || bound.l2() <= exact.get(NEIGHBOURS - 1).l2();
      if (!among && bound.l2() > WIDEST) {
        break;
      }
      exact.add(new Far(bound.work(), output.l2(pictures.apply(bound.work()))));
      exact.sort(Far.NEAREST_FIRST);
    }
    double mean = exact.stream().limit(NEIGHBOURS).mapToDouble(Far::l2).average().orElseThrow();
    double least = exact.get(0).l2();
    return Optional.of(
        new Extraction(
            exact.get(0).work(),
            least,
            least == 0 ? 0 : least / (ALPHA * mean),
            bounds.size(),
            exact.stream().map(Far::l2).filter(l2 -> l2 <= WIDEST).toList()));
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
   *
   * @param delta 0 to {@value #WIDEST}
   */
  public int eidetic(double delta) {
    if (!(delta >= 0 && delta <= WIDEST)) {
      throw new IllegalArgumentException(
          "works are counted within 0 to " + WIDEST + "; got " + delta);
    }
    return (int) nearer.stream().filter(distance -> distance <= delta).count();
  }
}
