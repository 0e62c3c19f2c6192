package io.whence.engine.evidence;

/**
 * A rectangle in a picture.
 *
 * @param left columns to the left of it
 * @param top rows above it
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 */
public record Region(int left, int top, int width, int height) {
  /** {@return how many pixels it has} */
  public long pixels() {
    return (long) width * height;
  }
}
