package io.whence.engine.evidence;

/** A picture's brightness as a summed-area table, of which any window can be resampled fast. */
final class Canvas {
  /** Nothing smaller is compared, so larger pictures are reduced. */
  private static final int LARGEST = 64;

  private final int width;
  private final int height;

  /** Sums over all that lies above and to the left, {@code (height + 1, width + 1)}. */
  private final double[] sums;

  Canvas(Picture picture) {
    this(Math.min(LARGEST, picture.width()), Math.min(LARGEST, picture.height()), reduced(picture));
  }

  private Canvas(int width, int height, double[] grey) {
    this.width = width;
    this.height = height;
    this.sums = new double[(width + 1) * (height + 1)];
    for (int y = 0; y < height; y++) {
      double row = 0;
      for (int x = 0; x < width; x++) {
        row += grey[y * width + x];
        sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
      }
    }
  }

  private static double[] reduced(Picture picture) {
    double[] grey = new double[picture.width() * picture.height()];
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        grey[y * picture.width() + x] = picture.grey(x, y);
      }
    }
    return picture.width() <= LARGEST && picture.height() <= LARGEST
        ? grey
        : new Canvas(picture.width(), picture.height(), grey)
            .window(
                0,
                0,
                1,
                1,
                Math.min(LARGEST, picture.width()),
                Math.min(LARGEST, picture.height()));
  }

  /**
   * {@return a window's mean brightness in each of {@code columns} x {@code rows} cells, by rows}
   *
   * @param left of the window, and the others, as parts of the whole, 0 to 1
   */
  double[] window(double left, double top, double right, double bottom, int columns, int rows) {
    double[] means = new double[columns * rows];
    double cellWidth = (right - left) * width / columns;
    double cellHeight = (bottom - top) * height / rows;
    for (int row = 0; row < rows; row++) {
      double y = top * height + row * cellHeight;
      for (int column = 0; column < columns; column++) {
        double x = left * width + column * cellWidth;
        means[row * columns + column] =
            (sum(x + cellWidth, y + cellHeight)
                    - sum(x, y + cellHeight)
                    - sum(x + cellWidth, y)
                    + sum(x, y))
                / (cellWidth * cellHeight);
      }
    }
    return means;
  }

  /** Bilinear between the corners of a pixel is exact: a pixel is of one brightness. */
  private double sum(double x, double y) {
    int x0 = Math.max(0, Math.min(width - 1, (int) x));
    int y0 = Math.max(0, Math.min(height - 1, (int) y));
    double fx = Math.max(0, Math.min(1, x - x0));
    double fy = Math.max(0, Math.min(1, y - y0));
    int at = y0 * (width + 1) + x0;
    return (1 - fy) * ((1 - fx) * sums[at] + fx * sums[at + 1])
        + fy * ((1 - fx) * sums[at + width + 1] + fx * sums[at + width + 2]);
  }
}
