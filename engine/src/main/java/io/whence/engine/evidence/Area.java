package io.whence.engine.evidence;

/**
 * A rectangle in a picture, as parts of its width and height: 0 is the left or upper edge, 1 the
 * right or lower.
 */
record Area(double left, double top, double right, double bottom) {
  /** The whole picture. */
  static final Area WHOLE = new Area(0, 0, 1, 1);

  double width() {
    return right - left;
  }

  double height() {
    return bottom - top;
  }

  /** {@return the part of this area that {@code part} is, seen as a picture of its own} */
  Area within(Area part) {
    return new Area(
        left + part.left * width(),
        top + part.top * height(),
        left + part.right * width(),
        top + part.bottom * height());
  }

  /**
   * {@return another area as parts of this one's sides, below 0 and above 1 where it reaches out}
   */
  Area seen(Area other) {
    return new Area(
        (other.left - left) / width(),
        (other.top - top) / height(),
        (other.right - left) / width(),
        (other.bottom - top) / height());
  }

  /** {@return the area in pixels of a picture of that size, at least one each way} */
  Region pixels(int width, int height) {
    int x = Math.clamp(Math.round(left * width), 0, width - 1);
    int y = Math.clamp(Math.round(top * height), 0, height - 1);
    return new Region(
        x,
        y,
        Math.clamp(Math.round(right * width) - x, 1, width - x),
        Math.clamp(Math.round(bottom * height) - y, 1, height - y));
  }
}
