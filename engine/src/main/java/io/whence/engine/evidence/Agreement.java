package io.whence.engine.evidence;

import java.util.Arrays;

/**
 * How well two square windows of brightness agree, whatever was done to their brightness and
 * contrast, and where they do not.
 *
 * <p>The one is fitted to the other by a gain and an offset; then each of up to {@value
 * #MOST_TILES} x {@value #MOST_TILES} tiles has 1 less the residual's share of the structure of
 * both there: 1 where they are the same, 0 and less where they have nothing to do with each other.
 * The whole is the mean of the eighth powers of what is above 0, each tile weighed by its
 * structure, so empty tiles say nothing. One rectangle may be left out, and costs half its share of
 * the window: what is pasted over a drawing may hide most of its strokes, and the others are as
 * they were. The fit is repeated with each tile weighed by how well it agreed, so that it is that
 * of the tiles that do, and a tile's structure in the first picture counts no more than an even
 * share of the second's.
 *
 * @param score 0 to 1
 * @param gain of the first over the second; negative for a negative
 * @param tiles of each, by rows: 1 it agrees, -1 it does not, 0 it is empty on both sides
 * @param weights of each tile, by which it would be fitted next
 */
record Agreement(
    double score,
    double gain,
    @SuppressWarnings("ArrayRecordComponent") byte[] tiles,
    @SuppressWarnings("ArrayRecordComponent") double[] weights) {
  private static final int MOST_TILES = 8;
  private static final int ROUNDS = 3;

  /** A rectangle of no more than this part of the window may be another picture's. */
  static final double MOST_COVERED = 0.4;

  /** So much of the structure is left outside of it. */
  private static final double LEAST_UNCOVERED = 0.25;

  /** A tile with less of the structure than this part of an even share is empty. */
  private static final double EMPTY = 0.02;

  /** A tile that agrees less is another picture's. */
  private static final double AGREES = 0.5;

  /** {@return how well {@code one} agrees with {@code other}, {@code (side, side)} both} */
  static Agreement of(double[] one, double[] other, int side) {
    int count = Math.min(MOST_TILES, side / 2);
    int[] tileOf = tiles(side, count);
    double[] weights = new double[count * count];
    Arrays.fill(weights, 1);
    double[] agreement = new double[weights.length];
    double[] structure = new double[weights.length];
    double[] fitted = new double[weights.length];
    double gain = 0;
    for (int round = 0; round < ROUNDS; round++) {
      gain = fit(one, other, tileOf, weights, agreement, structure, fitted);
      for (int tile = 0; tile < weights.length; tile++) {
        // Never none: a first fit that a pasted part has spoilt can come back.
        double above = Math.max(0.05, agreement[tile]);
        weights[tile] = above * above;
      }
    }
    double mean = Arrays.stream(fitted).average().orElse(0);
    double[] agreed = new double[structure.length];
    double all = 0;
    for (int tile = 0; tile < structure.length; tile++) {
      structure[tile] = fitted[tile] + Math.min(structure[tile] - fitted[tile], mean);
      double square = Math.max(0, agreement[tile]) * Math.max(0, agreement[tile]);
      // The eighth power: a tile that agrees perfectly counts for much more than one that does
      // well.
      agreed[tile] = structure[tile] * square * square * square * square;
      all += structure[tile];
    }
    byte[] tiles = new byte[structure.length];
    for (int tile = 0; tile < tiles.length; tile++) {
      tiles[tile] =
          (byte)
              (structure[tile] * tiles.length < EMPTY * all
                  ? 0
                  : agreement[tile] < AGREES ? -1 : 1);
    }
    return new Agreement(uncovered(agreed, structure, count), gain, tiles, weights);
  }

  /**
   * {@return the tile, of {@code count} x {@code count}, of each of {@code side} x {@code side}}
   */
  static int[] tiles(int side, int count) {
    int[] tileOf = new int[side * side];
    for (int i = 0; i < tileOf.length; i++) {
      tileOf[i] = i / side * count / side * count + i % side * count / side;
    }
    return tileOf;
  }

  /**
   * The first of two windows as a line of the second: {@code one + gain * (second - other)}.
   *
   * @param one mean of the first
   * @param other mean of the second
   */
  record Line(double gain, double one, double other) {
    /** Where nothing was done to the brightness. */
    static final Line SAME = new Line(1, 0, 0);

    /** {@return the line of least squares, a place weighed as its tile is} */
    static Line of(double[] one, double[] other, int[] tileOf, double[] weights) {
      double n = 0;
      double x = 0;
      double y = 0;
      double xx = 0;
      double xy = 0;
      for (int i = 0; i < one.length; i++) {
        double w = weights[tileOf[i]];
        n += w;
        x += w * other[i];
        y += w * one[i];
        xx += w * other[i] * other[i];
        xy += w * other[i] * one[i];
      }
      double variance = xx - x * x / n;
      return new Line(variance > 1e-9 * n ? (xy - x * y / n) / variance : 0, y / n, x / n);
    }
  }

  /**
   * The share of the structure that agrees outside of the rectangle, if any, whose leaving out
   * makes it largest.
   */
  private static double uncovered(double[] agreed, double[] structure, int count) {
    double all = Arrays.stream(structure).sum();
    if (all <= 0) {
      return 0;
    }
    double good = Arrays.stream(agreed).sum();
    double most = good / all;
    int covered = (int) (MOST_COVERED * count * count);
    double[] goodOf = new double[count];
    double[] allOf = new double[count];
    for (int top = 0; top < count; top++) {
      Arrays.fill(goodOf, 0);
      Arrays.fill(allOf, 0);
      for (int bottom = top; bottom < count && bottom - top < covered; bottom++) {
        for (int x = 0; x < count; x++) {
          goodOf[x] += agreed[bottom * count + x];
          allOf[x] += structure[bottom * count + x];
        }
        int widest = covered / (bottom - top + 1);
        for (int left = 0; left < count; left++) {
          double goodLeft = good;
          double allLeft = all;
          for (int right = left; right < Math.min(count, left + widest); right++) {
            goodLeft -= goodOf[right];
            allLeft -= allOf[right];
            if (allLeft >= LEAST_UNCOVERED * all) {
              double share = (double) (bottom - top + 1) * (right - left + 1) / structure.length;
              most = Math.max(most, goodLeft / allLeft * (1 - share / 2));
            }
          }
        }
      }
    }
    return most;
  }

  /** Fits, and gives each tile's agreement and structure; the gain is returned. */
  private static double fit(
      double[] one,
      double[] other,
      int[] tileOf,
      double[] weights,
      double[] agreement,
      double[] structure,
      double[] fitted) {
    Line line = Line.of(one, other, tileOf, weights);
    double gain = line.gain();
    Arrays.fill(structure, 0);
    Arrays.fill(fitted, 0);
    double[] residual = new double[structure.length];
    for (int i = 0; i < one.length; i++) {
      double a = one[i] - line.one();
      double b = gain * (other[i] - line.other());
      structure[tileOf[i]] += a * a + b * b;
      fitted[tileOf[i]] += b * b;
      residual[tileOf[i]] += (a - b) * (a - b);
    }
    for (int tile = 0; tile < structure.length; tile++) {
      agreement[tile] = structure[tile] > 0 ? 1 - residual[tile] / structure[tile] : 0;
    }
    return gain;
  }

  /**
   * {@return what is left of the window when rows and columns of tiles at its edges are left out of
   * which most do not agree; the whole when nothing would be left}
   */
  Area agreed() {
    int left = 0;
    int top = 0;
    int count = across();
    int right = count;
    int bottom = count;
    boolean cut = true;
    while (cut && left < right && top < bottom) {
      if (disagrees(left, top, left + 1, bottom)) {
        left++;
      } else if (disagrees(right - 1, top, right, bottom)) {
        right--;
      } else if (disagrees(left, top, right, top + 1)) {
        top++;
      } else if (disagrees(left, bottom - 1, right, bottom)) {
        bottom--;
      } else {
        cut = false;
      }
    }
    return left >= right || top >= bottom
        ? Area.WHOLE
        : new Area(
            (double) left / count,
            (double) top / count,
            (double) right / count,
            (double) bottom / count);
  }

  private int across() {
    return (int) Math.round(Math.sqrt(tiles.length));
  }

  private boolean disagrees(int left, int top, int right, int bottom) {
    int not = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        not += tiles[y * across() + x] < 0 ? 1 : 0;
      }
    }
    return 2 * not > (right - left) * (bottom - top);
  }

  /** {@return the share of tiles with something in them that do not agree} */
  double differing() {
    int not = 0;
    int filled = 0;
    for (byte tile : tiles) {
      not += tile < 0 ? 1 : 0;
      filled += tile != 0 ? 1 : 0;
    }
    return filled == 0 ? 0 : (double) not / filled;
  }
}
