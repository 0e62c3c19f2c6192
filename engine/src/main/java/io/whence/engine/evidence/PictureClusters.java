package io.whence.engine.evidence;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Groups works that are copies of each other as whole pictures: with the same pixels, or saved
 * again, resized, recoloured, turned, mirrored or covered in part. Parts cut from a picture are not
 * grouped with it.
 *
 * <p>Of the pictures before it, a picture is held against those {@value #MOST_COMPARED} whose
 * {@link Shape} is nearest, and it is a copy of those that agree by {@value #COPY} or more ({@link
 * Agreement}). Groups are closed: copies of a copy are in one group.
 */
public final class PictureClusters {
  private static final double COPY = 0.9;
  private static final double NEAR = 0.9;
  private static final int MOST_COMPARED = 16;
  private static final int SIDE = 32;

  private final List<Appearance> works;
  private final int[] parents;

  private PictureClusters(List<Appearance> works) {
    this.works = works;
    parents = IntStream.range(0, works.size()).toArray();
  }

  /** {@return for each work the number of the first work of its group, perhaps its own} */
  public static int[] of(List<Appearance> works) {
    PictureClusters clusters = new PictureClusters(works);
    Map<String, Integer> pictures = new HashMap<>();
    int[] distinct = new int[works.size()];
    int count = 0;
    for (int work = 0; work < works.size(); work++) {
      Integer same = pictures.putIfAbsent(works.get(work).sha256(), work);
      if (same != null) {
        clusters.join(same, work);
      } else {
        clusters.compare(work, Arrays.copyOf(distinct, count));
        distinct[count++] = work;
      }
    }
    return IntStream.range(0, works.size()).map(clusters::root).toArray();
  }

  /** Another work, what would have been done to it, and how near the shapes then are. */
  private record Near(int work, Symmetry done, double correlation) {}

  private void compare(int work, int[] others) {
    Appearance picture = works.get(work);
    if (picture.flat()) {
      return;
    }
    double[] correlations = new double[Symmetry.values().length];
    List<Near> nearest =
        Arrays.stream(others)
            .mapToObj(other -> near(picture, other, correlations))
            .filter(near -> near.correlation() >= NEAR)
            .sorted(
                Comparator.comparingDouble(Near::correlation)
                    .reversed()
                    .thenComparingInt(Near::work))
            .limit(MOST_COMPARED)
            .toList();
    for (Near near : nearest) {
      Pose whole = new Pose(near.done(), true, Area.WHOLE);
      Canvas other = works.get(near.work()).before(Symmetry.NONE);
      if (root(near.work()) != root(work)
          && whole.agreement(picture.before(near.done()), other, SIDE).score() >= COPY) {
        join(near.work(), work);
      }
    }
  }

  private Near near(Appearance picture, int other, double[] correlations) {
    Appearance.correlations(picture, 0, works.get(other), 0, correlations);
    Symmetry best = Symmetry.NONE;
    for (Symmetry done : Symmetry.values()) {
      if (correlations[done.number()] > correlations[best.number()]) {
        best = done;
      }
    }
    return new Near(other, best, correlations[best.number()]);
  }

  private int root(int work) {
    int root = work;
    while (parents[root] != root) {
      root = parents[root];
    }
    parents[work] = root;
    return root;
  }

  /** The earlier work stands for both. */
  private void join(int a, int b) {
    int first = Math.min(root(a), root(b));
    parents[Math.max(root(a), root(b))] = first;
  }
}
