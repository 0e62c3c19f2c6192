package io.whence.engine.evidence;

/**
 * A picture that others are slid over: where the whole of another correlates most with a part of
 * it, by trying every place. Registration by the gradient ({@link Pose#fitted}) finds a place only
 * from within a stroke's width of it, which thin drawings never are from.
 *
 * <p>Correlations are without their sign, so a negative counts as its picture does, and 0 where
 * nothing is in the part.
 */
final class Slide {
  /** Cells a side at which every place is tried. */
  private static final int COARSE = 16;

  /** Cells a side near a place, where steps are half of one, as far as a coarse cell. */
  private static final int FINE = 32;

  private static final int STEPS = 4;
  private static final double STEP = 0.5 / FINE;

  /** What varies less (square of brightness) has no shape. */
  private static final double FLAT = 1e-4;

  /** A place, and how well the part there correlates: 0 to 1. */
  record Place(Area area, double correlation) {
    private Place orBetter(double left, double top, double there) {
      return there > correlation
          ? new Place(placed(left, top, area.width(), area.height()), there)
          : this;
    }
  }

  private final Canvas moving;
  private final Cells coarse;

  Slide(Canvas moving) {
    this.moving = moving;
    this.coarse = new Cells(moving, Area.WHOLE, COARSE, COARSE);
  }

  /**
   * {@return a picture to be slid, as large as {@code across} x {@code down} of this one's sides}
   */
  static Template template(Canvas still, double across, double down) {
    return new Template(still, across, down, COARSE);
  }

  /** {@return the best place of all, to a coarse cell} */
  Place anywhere(Template template) {
    Place best = new Place(placed(0, 0, template.across, template.down), 0);
    for (int y = 0; y + template.rows <= COARSE; y++) {
      for (int x = 0; x + template.columns <= COARSE; x++) {
        best =
            best.orBetter(
                (double) x / COARSE, (double) y / COARSE, template.correlation(coarse, x, y));
      }
    }
    return best;
  }

  /** {@return the best place of the same size within a coarse cell of {@code area}} */
  Place near(Canvas still, Area area) {
    Template template = new Template(still, area.width(), area.height(), FINE);
    Place best = new Place(area, 0);
    for (int down = 0; down < 2; down++) {
      for (int across = 0; across < 2; across++) {
        double left = area.left() + (across - STEPS) * STEP;
        double top = area.top() + (down - STEPS) * STEP;
        int columns = template.columns + STEPS - across;
        int rows = template.rows + STEPS - down;
        Area around =
            new Area(left, top, left + (double) columns / FINE, top + (double) rows / FINE);
        Cells cells = new Cells(moving, around, columns, rows);
        for (int y = 0; y + template.rows <= rows; y++) {
          for (int x = 0; x + template.columns <= columns; x++) {
            double thereLeft = left + (double) x / FINE;
            double thereTop = top + (double) y / FINE;
            if (thereLeft >= 0
                && thereTop >= 0
                && thereLeft + area.width() <= 1
                && thereTop + area.height() <= 1) {
              best = best.orBetter(thereLeft, thereTop, template.correlation(cells, x, y));
            }
          }
        }
      }
    }
    return best;
  }

  private static Area placed(double left, double top, double across, double down) {
    double x = Math.clamp(left, 0, Math.max(0, 1 - across));
    double y = Math.clamp(top, 0, Math.max(0, 1 - down));
    return new Area(x, y, Math.min(1, x + across), Math.min(1, y + down));
  }

  /**
   * Cells of a picture, with the sums of all above and to the left of each and of their squares.
   */
  private static final class Cells {
    private final int columns;
    private final double[] values;
    private final double[] sums;
    private final double[] squares;

    Cells(Canvas canvas, Area area, int columns, int rows) {
      this.columns = columns;
      this.values = canvas.window(area, columns, rows);
      this.sums = new double[(columns + 1) * (rows + 1)];
      this.squares = new double[sums.length];
      for (int y = 0; y < rows; y++) {
        double sum = 0;
        double square = 0;
        for (int x = 0; x < columns; x++) {
          double value = values[y * columns + x];
          sum += value;
          square += value * value;
          int at = (y + 1) * (columns + 1) + x + 1;
          sums[at] = sums[at - columns - 1] + sum;
          squares[at] = squares[at - columns - 1] + square;
        }
      }
    }

    /** The variance of {@code across} x {@code down} cells, times their number. */
    double variance(int x, int y, int across, int down) {
      double sum = within(sums, x, y, across, down);
      return within(squares, x, y, across, down) - sum * sum / (across * down);
    }

    private double within(double[] table, int x, int y, int across, int down) {
      int upper = y * (columns + 1) + x;
      int lower = upper + down * (columns + 1);
      return table[lower + across] - table[lower] - table[upper + across] + table[upper];
    }
  }

  /**
   * A picture in as many whole cells of another as it covers there: what is left over at its right
   * and lower edge is not looked at.
   */
  static final class Template {
    private final double across;
    private final double down;
    private final int columns;
    private final int rows;

    /** Less their mean. */
    private final double[] values;

    private final double variance;

    private Template(Canvas still, double across, double down, int side) {
      this.across = across;
      this.down = down;
      this.columns = cells(across, side);
      this.rows = cells(down, side);
      this.values =
          still.window(
              new Area(
                  0, 0, Math.min(1, columns / (across * side)), Math.min(1, rows / (down * side))),
              columns,
              rows);
      double mean = 0;
      for (double value : values) {
        mean += value / values.length;
      }
      double squares = 0;
      for (int i = 0; i < values.length; i++) {
        values[i] -= mean;
        squares += values[i] * values[i];
      }
      this.variance = squares;
    }

    private static int cells(double part, int side) {
      // What was 12 / 16 may have become a little less.
      return Math.clamp((int) (part * side + 1e-9), 1, side);
    }

    private double correlation(Cells cells, int left, int top) {
      double there = cells.variance(left, top, columns, rows);
      if (Math.min(there, variance) < FLAT * values.length) {
        return 0;
      }
      double product = 0;
      for (int y = 0; y < rows; y++) {
        int at = (top + y) * cells.columns + left;
        for (int x = 0; x < columns; x++) {
          product += values[y * columns + x] * cells.values[at + x];
        }
      }
      return Math.abs(product) / Math.sqrt(there * variance);
    }
  }
}
