package io.whence.engine.evidence;

import io.whence.engine.corpus.Picture;

/** A picture's brightness as a summed-area table, of which any window can be resampled fast. */
final class Canvas {
  /** Nothing smaller is compared, so larger pictures are reduced. */
  static final int LARGEST = 64;

  private final int width;
  private final int height;

  /** Sums over all that lies above and to the left, {@code (height + 1, width + 1)}. */
  private final double[] sums;

  Canvas(Picture picture) {
    this(columns(picture), rows(picture), reduced(picture));
  }

  /** A canvas of {@code width} x {@code height} values of brightness, by rows. */
  Canvas(int width, int height, double[] grey) {
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

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  static int columns(Picture picture) {
    return Math.min(LARGEST, picture.width());
  }

  static int rows(Picture picture) {
    return Math.min(LARGEST, picture.height());
  }

  /** {@return the brightness of a picture that is no larger than a canvas holds} */
  static double[] reduced(Picture picture) {
    return means(
        picture::grey,
        new Region(0, 0, picture.width(), picture.height()),
        columns(picture),
        rows(picture));
  }

  /** A value for each pixel. */
  @FunctionalInterface
  interface Values {
    double at(int x, int y);
  }

  /** {@return a region's mean values in each of {@code columns} x {@code rows} cells, by rows} */
  static double[] means(Values values, Region region, int columns, int rows) {
    double[] means = new double[columns * rows];
    double cellWidth = (double) region.width() / columns;
    double cellHeight = (double) region.height() / rows;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        double sum = 0;
        for (int y = (int) (row * cellHeight); y < (row + 1) * cellHeight; y++) {
          double high = overlap(y, row * cellHeight, (row + 1) * cellHeight);
          for (int x = (int) (column * cellWidth); x < (column + 1) * cellWidth; x++) {
            if (x < region.width() && y < region.height()) {
              sum +=
                  high
                      * overlap(x, column * cellWidth, (column + 1) * cellWidth)
                      * values.at(region.left() + x, region.top() + y);
            }
          }
        }
        means[row * columns + column] = sum / (cellWidth * cellHeight);
      }
    }
    return means;
  }

  /** How much of the pixel from {@code at} to {@code at + 1} lies between two places. */
  private static double overlap(int at, double from, double to) {
    return Math.max(0, Math.min(at + 1, to) - Math.max(at, from));
  }

  /**
   * {@return a window's mean brightness in each of {@code columns} x {@code rows} cells, by rows}
   */
  double[] window(Area area, int columns, int rows) {
    double[] corners = new double[(columns + 1) * (rows + 1)];
    double[] across = new double[columns + 1];
    for (int column = 0; column <= columns; column++) {
      across[column] = (area.left() + column * area.width() / columns) * width;
    }
    for (int row = 0; row <= rows; row++) {
      double y = (area.top() + row * area.height() / rows) * height;
      int y0 = Math.clamp((int) y, 0, height - 1);
      double fy = Math.clamp(y - y0, 0, 1);
      int upper = y0 * (width + 1);
      for (int column = 0; column <= columns; column++) {
        double x = across[column];
        int x0 = Math.clamp((int) x, 0, width - 1);
        double fx = Math.clamp(x - x0, 0, 1);
        int at = upper + x0;
        // Bilinear between the corners of a pixel is exact: a pixel is of one brightness.
        corners[row * (columns + 1) + column] =
            (1 - fy) * ((1 - fx) * sums[at] + fx * sums[at + 1])
                + fy * ((1 - fx) * sums[at + width + 1] + fx * sums[at + width + 2]);
      }
    }
    double cell = area.width() * width / columns * (area.height() * height / rows);
    double[] means = new double[columns * rows];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int at = row * (columns + 1) + column;
        means[row * columns + column] =
            (corners[at + columns + 2] - corners[at + columns + 1] - corners[at + 1] + corners[at])
                / cell;
      }
    }
    return means;
  }
}
