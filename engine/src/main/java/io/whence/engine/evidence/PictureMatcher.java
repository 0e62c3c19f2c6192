package io.whence.engine.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Finds the works that an output is a copy of, or a part of, or that are a part of it, though it
 * was turned or mirrored, recoloured, written over or blurred.
 *
 * <p>Four lists propose, of works and the {@link Symmetry} that was done to them: whole against
 * whole by how well parts of them agree, and by how well their most alike windows do, which both
 * stand a box pasted over them; the whole output against the windows of each work, by their {@link
 * Shape}; the windows of the output against each whole work. What the latter two propose is slid
 * over the other picture, at the size of its pixels and at others of the same proportions ({@link
 * Slide}), and the best windows are moved as they are, whatever their proportions. What a frame of
 * one brightness leaves of the output ({@link Frame}) is held against whole works, too. All that is
 * moved to where it agrees best ({@link Pose#fitted}); what then saves most in telling the output
 * ({@link Saving}) is first. Works with the very same pixels are one picture here. Every work is
 * looked at, so time grows with their number.
 *
 * <p>Immutable; the same works and output give the same matches.
 */
public final class PictureMatcher {
  /** What agrees less is not reported, whatever chance would do. */
  public static final double LEAST = 0.25;

  /** As many as there are pictures are proposed to be slid, but no fewer and no more than these. */
  private static final int FEWEST_SLID = 64;

  private static final int MOST_SLID = 4000;

  private static final int WHOLE = 256;
  private static final int PARTS = 128;

  /** How many of these are looked at more closely. */
  private static final int STILL = 40;

  /** How many works are looked at more closely as what a frame is around. */
  private static final int FRAMED = 40;

  /** How many of the windows that are most alike count. */
  private static final int ALIKE = 5;

  /** How many places are looked at more closely, and how many of these are fitted. */
  private static final int NEAR = 100;

  private static final int PLACED = 60;
  private static final int MOVED = 100;
  private static final int FITTED = 20;

  /** How many pictures are given. */
  private static final int GIVEN = 6;

  /** The longer side of a part, where the pixels are not of one size. */
  private static final double[] LONGER_SIDES = {1, 0.9, 0.8, 0.71, 0.63, 0.56, 0.5};

  private static final int COARSEST = 8;
  private static final int COARSE = 16;
  static final int FINE = 32;
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
      wholes.put(same.get(0), whole(works.get(same.get(0)).before(Symmetry.NONE), Area.WHOLE));
    }
  }

  private static double[] whole(Canvas canvas, Area area) {
    return canvas.window(area, COARSEST, COARSEST);
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

    void add(int work, Symmetry done, boolean inWork, Area area, double fit) {
      Placed least = worstFirst.peek();
      if (least != null && worstFirst.size() == wanted && fit + TIE < least.fit()) {
        return;
      }
      worstFirst.add(new Placed(work, new Pose(done, inWork, area), fit));
      if (worstFirst.size() > wanted) {
        worstFirst.remove();
      }
    }
  }

  /**
   * {@return the matches of an output that agree by {@link #LEAST} or more, what explains most
   * first}
   */
  public List<PictureMatch> matches(Appearance output) {
    return matches(output, work -> true, Set.of()).stream()
        .filter(match -> match.agreement() >= LEAST)
        .toList();
  }

  /**
   * {@return what explains most of an output, however little, best first}
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
    Search search = new Search(output);
    for (List<Integer> same : pictures.values()) {
      if (same.stream().anyMatch(asked::test) && !works.get(same.get(0)).flat()) {
        search.add(same.get(0), proposed.stream().anyMatch(same::contains));
      }
    }
    for (Placed one : search.fitted()) {
      Appearance picture = works.get(one.work());
      PictureMatch match =
          PictureMatch.of(
              one.work(),
              one.pose(),
              one.pose().agreement(search.output(one.pose()), search.work(one.work()), FINE),
              one.fit(),
              output,
              picture);
      if (!picture.sha256().equals(output.sha256())) {
        pictures.getOrDefault(picture.sha256(), List.of()).stream()
            .filter(asked::test)
            .forEach(work -> found.add(match.with(work)));
      }
    }
    return found;
  }

  private int listed() {
    return Math.clamp(pictures.size(), FEWEST_SLID, MOST_SLID);
  }

  /** Of the output as it was before a symmetry, in parts of a work's sides. */
  private record Size(Symmetry done, double across, double down) {}

  /** The search for one output. */
  private final class Search {
    private final Appearance output;

    /** The output as it was before each symmetry. */
    private final List<Canvas> before;

    private final List<double[]> outputWholes;

    /** What a frame leaves of each of these. */
    private final List<Area> insides;

    private final List<double[]> insideWholes;
    private final Map<Integer, Canvas> canvases = new HashMap<>();
    private final Map<Integer, Slide> overWorks = new HashMap<>();
    private final Map<Symmetry, Slide> overOutput = new EnumMap<>(Symmetry.class);
    private final Map<Size, Slide.Template> templates = new HashMap<>();
    private final Best whole = new Best(WHOLE);
    private final Best parts = new Best(PARTS);
    private final Best framed = new Best(FRAMED);
    private final Best inWork = new Best(listed());
    private final Best inOutput = new Best(listed());
    private final List<Placed> anyway = new ArrayList<>();
    private final double[] correlations = new double[Symmetry.values().length];
    private final double[] most = new double[correlations.length];
    private final int[] where = new int[correlations.length];
    private final double[] alike = new double[Appearance.WINDOWS - Appearance.SMALLEST];

    Search(Appearance output) {
      this.output = output;
      this.before = Arrays.stream(Symmetry.values()).map(output::before).toList();
      this.outputWholes = before.stream().map(canvas -> whole(canvas, Area.WHOLE)).toList();
      this.insides = before.stream().map(Frame::inside).toList();
      this.insideWholes =
          IntStream.range(0, before.size())
              .mapToObj(i -> whole(before.get(i), insides.get(i)))
              .toList();
    }

    Canvas output(Pose pose) {
      return before.get(pose.done().number());
    }

    Canvas work(int work) {
      return canvases.computeIfAbsent(work, key -> works.get(key).before(Symmetry.NONE));
    }

    void add(int work, boolean regardless) {
      Appearance picture = works.get(work);
      double[] other = wholes.getOrDefault(work, new double[0]);
      for (Symmetry done : Symmetry.values()) {
        double fit = Agreement.of(outputWholes.get(done.number()), other, COARSEST).score();
        whole.add(work, done, true, Area.WHOLE, fit);
        parts.add(work, done, true, Area.WHOLE, alike(picture, done));
        Area inside = insides.get(done.number());
        if (!inside.equals(Area.WHOLE)) {
          double within = Agreement.of(insideWholes.get(done.number()), other, COARSEST).score();
          framed.add(work, done, false, inside, within);
        }
        if (regardless) {
          anyway.add(new Placed(work, new Pose(done, true, Area.WHOLE), fit));
        }
      }
      windows(picture, true);
      add(work, true, inWork);
      windows(picture, false);
      add(work, false, inOutput);
    }

    /** How well the small windows correlate that do best, each with that of the same place. */
    private double alike(Appearance picture, Symmetry done) {
      for (int i = 0; i < alike.length; i++) {
        int window = Appearance.SMALLEST + i;
        Appearance.correlations(
            output, window, picture, Appearance.before(window, done), correlations);
        alike[i] = correlations[done.number()];
      }
      Arrays.sort(alike);
      double sum = 0;
      for (int i = 0; i < ALIKE; i++) {
        sum += alike[alike.length - 1 - i];
      }
      return sum / ALIKE;
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
          list.add(work, done, ofWork, Appearance.AREAS.get(window), most[i]);
        }
      }
    }

    /** What saves most once it is moved to where it agrees best, a pose of each picture. */
    List<Placed> fitted() {
      List<Placed> fine = new ArrayList<>();
      anyway.forEach(one -> fine.add(fitted(one, FINE, FIRST_STEPS)));
      List<Placed> still = new ArrayList<>();
      for (Best list : List.of(whole, parts)) {
        list.worstFirst.forEach(one -> still.add(fitted(one, COARSE, 0)));
      }
      best(still, STILL).forEach(one -> fine.add(fitted(one, FINE, FIRST_STEPS)));
      framed.worstFirst.forEach(one -> fine.add(fitted(one, FINE, STEPS)));
      best(slid(), PLACED).forEach(one -> fine.add(fitted(one, FINE, STEPS)));
      List<Placed> moved = new ArrayList<>();
      for (Best list : List.of(inWork, inOutput)) {
        for (Placed one : best(List.copyOf(list.worstFirst), MOVED)) {
          moved.add(fitted(fitted(one, COARSEST, STEPS), COARSE, STEPS));
        }
      }
      best(moved, FITTED).forEach(one -> fine.add(fitted(one, FINE, STEPS)));
      Map<Integer, Placed> found = new LinkedHashMap<>();
      best(fine.stream().map(this::explaining).toList(), fine.size())
          .forEach(one -> found.putIfAbsent(one.work(), one));
      return found.values().stream().limit(GIVEN).toList();
    }

    private List<Placed> slid() {
      List<Placed> coarse = new ArrayList<>();
      for (Best list : List.of(inWork, inOutput)) {
        list.worstFirst.forEach(one -> slide(one, coarse));
      }
      return best(coarse, NEAR).stream()
          .map(
              one -> {
                Slide.Place there = moving(one).near(still(one), one.pose().area());
                return new Placed(
                    one.work(),
                    new Pose(one.pose().done(), one.pose().inWork(), there.area()),
                    there.correlation());
              })
          .toList();
    }

    /** Adds the best place for each size that the part may have. */
    private void slide(Placed one, List<Placed> into) {
      Pose pose = one.pose();
      Appearance picture = works.get(one.work());
      boolean turned = pose.done().transposed();
      double across = (double) (turned ? output.height() : output.width()) / picture.width();
      double down = (double) (turned ? output.width() : output.height()) / picture.height();
      if (!pose.inWork()) {
        across = 1 / across;
        down = 1 / down;
      }
      slide(one, across, down, into);
      double longer = Math.max(across, down);
      for (double side : LONGER_SIDES) {
        slide(one, across * side / longer, down * side / longer, into);
      }
    }

    private void slide(Placed one, double across, double down, List<Placed> into) {
      if (across <= 1
          && down <= 1
          && across >= Appearance.SMALLEST_SIDE
          && down >= Appearance.SMALLEST_SIDE) {
        Slide.Template template =
            one.pose().inWork()
                ? templates.computeIfAbsent(
                    new Size(one.pose().done(), across, down),
                    size -> Slide.template(output(one.pose()), across, down))
                : Slide.template(work(one.work()), across, down);
        Slide.Place place = moving(one).anywhere(template);
        into.add(
            new Placed(
                one.work(),
                new Pose(one.pose().done(), one.pose().inWork(), place.area()),
                place.correlation()));
      }
    }

    private Canvas still(Placed one) {
      return one.pose().inWork() ? output(one.pose()) : work(one.work());
    }

    private Slide moving(Placed one) {
      return one.pose().inWork()
          ? overWorks.computeIfAbsent(one.work(), key -> new Slide(work(key)))
          : overOutput.computeIfAbsent(one.pose().done(), key -> new Slide(output(one.pose())));
    }

    private Placed explaining(Placed one) {
      Pose pose = one.pose();
      return new Placed(
          one.work(),
          pose,
          pose.saved(output(pose), work(one.work()), insides.get(pose.done().number()), FINE));
    }

    private Placed fitted(Placed from, int side, int steps) {
      Canvas out = output(from.pose());
      Canvas work = work(from.work());
      Pose pose = from.pose().fitted(out, work, side, steps);
      return new Placed(from.work(), pose, pose.agreement(out, work, side).score());
    }
  }

  private static List<Placed> best(List<Placed> placed, int count) {
    return placed.stream().sorted(Placed.BEST_FIRST).limit(count).toList();
  }
}
