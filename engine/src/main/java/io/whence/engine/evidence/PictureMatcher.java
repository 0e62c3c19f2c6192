package io.whence.engine.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Finds the works that an output is a copy of, or a part of, or that are a part of it, though it
 * was turned or mirrored, recoloured, written over or blurred.
 *
 * <p>Three lists propose, of works and the {@link Symmetry} that was done to them: whole against
 * whole by how well parts of them agree, which stands a box pasted over them; the whole output
 * against the windows of each work, by their {@link Shape}; the windows of the output against each
 * whole work. The best of each are moved to where they agree best ({@link Pose#fitted}), a step at
 * first, the best {@value #MOVED} of these as far as it goes, and the best {@value #FITTED} of
 * these finely; that decides. Works with the very same pixels are one picture here. Every work is
 * looked at, so time grows with their number.
 *
 * <p>Immutable; the same works and output give the same matches.
 */
public final class PictureMatcher {
  /** What agrees less is not reported, whatever chance would do. */
  public static final double LEAST = 0.5;

  /** In a list stand this part of the pictures, but no fewer and no more than these. */
  private static final int LISTED_OF = 4;

  private static final int FEWEST_LISTED = 64;
  private static final int MOST_LISTED = 1000;

  private static final int MOVED = 40;
  private static final int FITTED = 6;

  private static final int COARSEST = 8;
  private static final int COARSE = 16;
  private static final int FINE = 32;
  private static final int FIRST_STEPS = 2;
  private static final int STEPS = 8;

  /** Among equals what was turned less goes first: a symmetrical picture was not mirrored. */
  private static final double TIE = 0.005;

  private final List<Appearance> works;

  /** The works with the same pixels, by the first of them. */
  private final Map<String, List<Integer>> pictures = new LinkedHashMap<>();

  /** Each picture as a whole on the coarsest grid, by its first work. */
  private final Map<Integer, double[]> wholes = new HashMap<>();

  /** Prepares to match with {@code works}, which are numbered from 0. */
  public PictureMatcher(List<Appearance> works) {
    this.works = List.copyOf(works);
    for (int work = 0; work < works.size(); work++) {
      pictures.computeIfAbsent(works.get(work).sha256(), key -> new ArrayList<>()).add(work);
    }
    for (List<Integer> same : pictures.values()) {
      wholes.put(same.get(0), whole(works.get(same.get(0)).before(Symmetry.NONE)));
    }
  }

  private static double[] whole(Canvas canvas) {
    return canvas.window(Area.WHOLE, COARSEST, COARSEST);
  }

  /** A pose of one picture, and how well it fits. */
  private record Placed(int work, Pose pose, double fit) {
    private static final Comparator<Placed> BEST_FIRST =
        Comparator.comparingDouble((Placed placed) -> -placed.ranked())
            .thenComparingInt(Placed::work)
            .thenComparing(placed -> placed.pose().done());

    private double ranked() {
      return pose.done() == Symmetry.NONE ? fit + TIE : fit;
    }
  }

  /** The best so far, no more than are wanted. */
  private static final class Best {
    private final PriorityQueue<Placed> worstFirst =
        new PriorityQueue<>(Placed.BEST_FIRST.reversed());

    private final int wanted;

    Best(int wanted) {
      this.wanted = wanted;
    }

    void add(int work, Symmetry done, boolean inWork, int window, double fit) {
      Placed least = worstFirst.peek();
      if (least != null && worstFirst.size() == wanted && fit + TIE < least.fit()) {
        return;
      }
      worstFirst.add(new Placed(work, new Pose(done, inWork, Appearance.AREAS.get(window)), fit));
      if (worstFirst.size() > wanted) {
        worstFirst.remove();
      }
    }
  }

  /** {@return the matches of an output that agree by {@link #LEAST} or more, best first} */
  public List<PictureMatch> matches(Appearance output) {
    return matches(output, work -> true, Set.of()).stream()
        .filter(match -> match.agreement() >= LEAST)
        .toList();
  }

  /**
   * {@return what agrees best with an output, however little, best first}
   *
   * @param asked whether a work is looked at
   * @param proposed works that are looked at though their hashes may be far
   */
  public List<PictureMatch> matches(
      Appearance output, IntPredicate asked, Collection<Integer> proposed) {
    List<PictureMatch> found = new ArrayList<>();
    pictures.getOrDefault(output.sha256(), List.of()).stream()
        .filter(asked::test)
        .forEach(work -> found.add(PictureMatch.exact(work, output)));
    if (output.flat()) {
      return found;
    }
    List<Canvas> before = Arrays.stream(Symmetry.values()).map(output::before).toList();
    Search search = new Search(output, before.stream().map(PictureMatcher::whole).toList());
    for (List<Integer> same : pictures.values()) {
      if (same.stream().anyMatch(asked::test) && !works.get(same.get(0)).flat()) {
        search.add(same.get(0), proposed.stream().anyMatch(same::contains));
      }
    }
    List<PictureMatch> fitted = new ArrayList<>();
    for (Placed one : fitted(search.found(), before)) {
      Appearance picture = works.get(one.work());
      Canvas canvas = before.get(one.pose().done().number());
      fitted.add(
          PictureMatch.of(
              one.work(),
              one.pose(),
              one.pose().agreement(canvas, picture.before(Symmetry.NONE), FINE),
              output,
              picture));
    }
    fitted.sort(
        Comparator.comparingDouble(PictureMatch::agreement)
            .reversed()
            .thenComparingInt(PictureMatch::work));
    for (PictureMatch match : fitted) {
      Appearance picture = works.get(match.work());
      if (!picture.sha256().equals(output.sha256())) {
        pictures.getOrDefault(picture.sha256(), List.of()).stream()
            .filter(asked::test)
            .forEach(work -> found.add(match.with(work)));
      }
    }
    return found;
  }

  private int listed() {
    return Math.clamp(pictures.size() / LISTED_OF, FEWEST_LISTED, MOST_LISTED);
  }

  /** The lists of one output. */
  private final class Search {
    private final Appearance output;
    private final List<double[]> outputWholes;
    private final Best whole = new Best(FEWEST_LISTED);
    private final Best inWork = new Best(listed());
    private final Best inOutput = new Best(listed());
    private final List<Placed> anyway = new ArrayList<>();
    private final double[] correlations = new double[Symmetry.values().length];
    private final double[] most = new double[correlations.length];
    private final int[] where = new int[correlations.length];

    Search(Appearance output, List<double[]> outputWholes) {
      this.output = output;
      this.outputWholes = outputWholes;
    }

    void add(int work, boolean regardless) {
      Appearance picture = works.get(work);
      double[] other = wholes.getOrDefault(work, new double[0]);
      for (Symmetry done : Symmetry.values()) {
        double fit = Agreement.of(outputWholes.get(done.number()), other, COARSEST).score();
        whole.add(work, done, true, 0, fit);
        if (regardless) {
          anyway.add(new Placed(work, new Pose(done, true, Area.WHOLE), fit));
        }
      }
      windows(picture, true);
      add(work, true, inWork);
      windows(picture, false);
      add(work, false, inOutput);
    }

    /** The window that correlates most with the other whole, for each symmetry. */
    private void windows(Appearance picture, boolean ofWork) {
      Arrays.fill(most, 0);
      for (int window = 1; window < Appearance.WINDOWS; window++) {
        Appearance.correlations(
            output, ofWork ? 0 : window, picture, ofWork ? window : 0, correlations);
        for (int i = 0; i < most.length; i++) {
          if (correlations[i] > most[i]) {
            most[i] = correlations[i];
            where[i] = window;
          }
        }
      }
    }

    private void add(int work, boolean ofWork, Best list) {
      for (Symmetry done : Symmetry.values()) {
        int i = done.number();
        if (most[i] > 0) {
          // A window of the output as it is lies elsewhere in the output as it was.
          int window = ofWork ? where[i] : Appearance.before(where[i], done);
          list.add(work, done, ofWork, window, most[i]);
        }
      }
    }

    List<Placed> found() {
      List<Placed> found = new ArrayList<>(anyway);
      found.addAll(whole.worstFirst);
      found.addAll(inWork.worstFirst);
      found.addAll(inOutput.worstFirst);
      return found;
    }
  }

  private List<Placed> fitted(List<Placed> found, List<Canvas> before) {
    Map<Integer, Canvas> canvases = new HashMap<>();
    List<Placed> first = new ArrayList<>();
    for (Placed one : found) {
      first.add(fitted(one, COARSEST, FIRST_STEPS, before, canvases));
    }
    first.sort(Placed.BEST_FIRST);
    List<Placed> coarse = new ArrayList<>();
    for (Placed one : first.subList(0, Math.min(MOVED, first.size()))) {
      Placed there = fitted(one, COARSEST, STEPS, before, canvases);
      coarse.add(fitted(there, COARSE, STEPS, before, canvases));
    }
    coarse.sort(Placed.BEST_FIRST);
    Map<Integer, Placed> fine = new LinkedHashMap<>();
    for (Placed one : coarse.subList(0, Math.min(FITTED, coarse.size()))) {
      fine.merge(
          one.work(),
          fitted(one, FINE, STEPS, before, canvases),
          (a, b) -> Placed.BEST_FIRST.compare(a, b) <= 0 ? a : b);
    }
    return List.copyOf(fine.values());
  }

  private Placed fitted(
      Placed from, int side, int steps, List<Canvas> before, Map<Integer, Canvas> canvases) {
    Canvas output = before.get(from.pose().done().number());
    Canvas work =
        canvases.computeIfAbsent(from.work(), key -> works.get(key).before(Symmetry.NONE));
    Pose pose = from.pose().fitted(output, work, side, steps);
    return new Placed(from.work(), pose, pose.agreement(output, work, side).score());
  }
}
