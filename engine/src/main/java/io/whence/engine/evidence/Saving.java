package io.whence.engine.evidence;

import java.util.Arrays;

/**
 * How much is saved in telling a picture to somebody who has the work: nats a place, the mean of a
 * grid's.
 *
 * <p>Without the work each of {@value #TILES} x {@value #TILES} tiles is told by its mean and what
 * varies about it, with the work by what is left when the work's brightness, by one gain and offset
 * for all, is taken away: half the logarithm of the one variance over the other is saved (Gaussian
 * codes). So a tile that is the same saves much, one that resembles saves little, an empty one
 * nothing, and one of something else costs. One rectangle of up to two fifths may be told without
 * the work: what was pasted over it. {@link Agreement}, a share, says how alike what is compared
 * is; this says how much that explains, by which a stroke that lies well on a stroke of many is not
 * taken for the source of all.
 */
final class Saving {
  private static final int TILES = 8;
  private static final int ROUNDS = 4;

  /** As {@link Agreement} leaves out. */
  private static final int MOST_COVERED = (int) (Agreement.MOST_COVERED * TILES * TILES);

  /** Within the frame, of it, and where its edge runs through. */
  private static final int IN = 0;

  private static final int OUT = 1;
  private static final int NEITHER = -1;

  /** An edge is known to this part of a place. */
  private static final double EDGE = 0.1;

  /** What rounding and resampling leave (square of brightness): nobody is told more precisely. */
  private static final double PRECISION = 0.03 * 0.03;

  private final double[] picture;
  private final double[] work;
  private final int[] tileOf;

  /** Whether each place is within the frame. */
  private final int[] partOf;

  /** How many places of a tile count, which are in one part. */
  private final double[] counted = new double[TILES * TILES];

  /** The variance of each tile of the picture about the mean of each part of it. */
  private final double[] varied = new double[TILES * TILES];

  private Saving(double[] picture, double[] work, int side, Area inside) {
    this.picture = picture;
    this.work = work;
    this.tileOf = Agreement.tiles(side, TILES);
    this.partOf = parts(inside, side);
    double[] sums = new double[2 * varied.length];
    double[] counts = new double[sums.length];
    for (int i = 0; i < picture.length; i++) {
      if (partOf[i] != NEITHER) {
        int part = 2 * tileOf[i] + partOf[i];
        sums[part] += picture[i];
        counts[part]++;
        counted[tileOf[i]]++;
      }
    }
    for (int i = 0; i < picture.length; i++) {
      if (partOf[i] != NEITHER) {
        int part = 2 * tileOf[i] + partOf[i];
        double apart = picture[i] - sums[part] / counts[part];
        varied[tileOf[i]] += apart * apart / counted[tileOf[i]];
      }
    }
  }

  private static int[] parts(Area inside, int side) {
    int[] across = new int[side];
    int[] down = new int[side];
    for (int i = 0; i < side; i++) {
      across[i] = part(i, inside.left() * side, inside.right() * side);
      down[i] = part(i, inside.top() * side, inside.bottom() * side);
    }
    int[] parts = new int[side * side];
    for (int i = 0; i < parts.length; i++) {
      int x = across[i % side];
      int y = down[i / side];
      parts[i] = x == OUT || y == OUT ? OUT : x == IN && y == IN ? IN : NEITHER;
    }
    return parts;
  }

  private static int part(int place, double from, double to) {
    boolean within = place >= from - EDGE && place + 1 <= to + EDGE;
    boolean without = place + 1 <= from + EDGE || place >= to - EDGE;
    return within ? IN : without ? OUT : NEITHER;
  }

  /**
   * {@return nats a place}
   *
   * @param picture {@code (side, side)}, as the work
   * @param side a multiple of {@value #TILES}
   * @param inside what a frame leaves of the picture, which may reach beyond it: what is framed and
   *     the frame are told apart without the work, and where one ends counts for none
   */
  static double of(double[] picture, double[] work, int side, Area inside) {
    Saving saving = new Saving(picture, work, side, inside);
    double[] weights = Agreement.of(picture, work, side).weights();
    // A box of another brightness may spoil the first fit; that of a copy as it is, nothing can.
    return Math.max(
        saving.most(Agreement.Line.of(picture, work, saving.tileOf, weights)),
        saving.most(Agreement.Line.SAME));
  }

  /** The most that is saved from a line on, each next one weighed by how little was left. */
  private double most(Agreement.Line from) {
    double[] left = new double[varied.length];
    double[] saved = new double[varied.length];
    double[] weights = new double[varied.length];
    Agreement.Line line = from;
    double most = Double.NEGATIVE_INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      Arrays.fill(left, 0);
      for (int i = 0; i < picture.length; i++) {
        if (partOf[i] != NEITHER) {
          double apart = (picture[i] - line.one()) - line.gain() * (work[i] - line.other());
          left[tileOf[i]] += apart * apart / counted[tileOf[i]];
        }
      }
      for (int tile = 0; tile < left.length; tile++) {
        saved[tile] =
            counted[tile]
                * Math.log((varied[tile] + PRECISION) / (left[tile] + PRECISION))
                / (2 * picture.length);
        weights[tile] = 1 / (left[tile] + PRECISION);
      }
      most = Math.max(most, uncovered(saved));
      line = Agreement.Line.of(picture, work, tileOf, weights);
    }
    return most;
  }

  /** The sum without the rectangle, if any, that costs most. */
  private static double uncovered(double[] saved) {
    double least = 0;
    double[] columns = new double[TILES];
    for (int top = 0; top < TILES; top++) {
      Arrays.fill(columns, 0);
      for (int bottom = top; bottom < TILES && bottom - top < MOST_COVERED; bottom++) {
        for (int x = 0; x < TILES; x++) {
          columns[x] += saved[bottom * TILES + x];
        }
        int widest = MOST_COVERED / (bottom - top + 1);
        for (int left = 0; left < TILES; left++) {
          double within = 0;
          for (int right = left; right < Math.min(TILES, left + widest); right++) {
            within += columns[right];
            least = Math.min(least, within);
          }
        }
      }
    }
    return Arrays.stream(saved).sum() - least;
  }
}
