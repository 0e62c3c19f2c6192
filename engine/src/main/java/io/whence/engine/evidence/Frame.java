package io.whence.engine.evidence;

import java.util.Arrays;

/** The edge of one brightness that a picture may have around it, on any of its sides. */
final class Frame {
  /** Brightness that is nearer is the frame's. */
  private static final double SAME = 0.02;

  private final double[] values;
  private final int width;
  private final double brightness;
  private int left;
  private int top;
  private int right;
  private int bottom;

  private Frame(double[] values, int width, int height, int corner) {
    this.values = values;
    this.width = width;
    this.brightness = values[corner];
    this.right = width;
    this.bottom = height;
  }

  /**
   * {@return what a frame leaves of a picture; the whole if it has none, or leaves less than {@link
   * Appearance#SMALLEST_SIDE} of a side} Where a frame ends, most places are of another brightness
   * along the whole side; where a drawing's empty margin does, few are, so that is no frame.
   */
  static Area inside(Canvas canvas) {
    int width = canvas.width();
    int height = canvas.height();
    double[] values = canvas.window(Area.WHOLE, width, height);
    Area inside = Area.WHOLE;
    for (int corner : new int[] {0, width - 1, (height - 1) * width, height * width - 1}) {
      Area area = new Frame(values, width, height, corner).inside(height);
      if (area.width() >= Appearance.SMALLEST_SIDE
          && area.height() >= Appearance.SMALLEST_SIDE
          && area.width() * area.height() < inside.width() * inside.height()) {
        inside = area;
      }
    }
    return inside;
  }

  private Area inside(int height) {
    boolean cut = true;
    while (cut && left < right && top < bottom) {
      if (share(row(top)) == 0) {
        top++;
      } else if (share(row(bottom - 1)) == 0) {
        bottom--;
      } else if (share(column(left)) == 0) {
        left++;
      } else if (share(column(right - 1)) == 0) {
        right--;
      } else {
        cut = false;
      }
    }
    if (left + 1 >= right
        || top + 1 >= bottom
        || (top > 0 && share(row(top)) < 0.5)
        || (bottom < height && share(row(bottom - 1)) < 0.5)
        || (left > 0 && share(column(left)) < 0.5)
        || (right < width && share(column(right - 1)) < 0.5)) {
      return Area.WHOLE;
    }
    return new Area(
        (left + (left > 0 ? framed(column(left), column(left + 1)) : 0)) / width,
        (top + (top > 0 ? framed(row(top), row(top + 1)) : 0)) / height,
        (right - (right < width ? framed(column(right - 1), column(right - 2)) : 0)) / width,
        (bottom - (bottom < height ? framed(row(bottom - 1), row(bottom - 2)) : 0)) / height);
  }

  private double[] row(int y) {
    double[] apart = new double[right - left];
    for (int x = left; x < right; x++) {
      apart[x - left] = Math.abs(values[y * width + x] - brightness);
    }
    return apart;
  }

  private double[] column(int x) {
    double[] apart = new double[bottom - top];
    for (int y = top; y < bottom; y++) {
      apart[y - top] = Math.abs(values[y * width + x] - brightness);
    }
    return apart;
  }

  /** The share of places that are not of the frame's brightness. */
  private static double share(double[] apart) {
    return (double) Arrays.stream(apart).filter(one -> one > SAME).count() / apart.length;
  }

  /** How much of a place the frame's edge runs through is the frame's, by the place further in. */
  private static double framed(double[] outer, double[] inner) {
    return 1 - Math.min(1, median(outer) / Math.max(SAME, median(inner)));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
