package io.whence.engine.evidence;

/**
 * What was done to a picture as a whole: the eight ways in which a rectangle can be turned and
 * mirrored.
 */
public enum Symmetry {
  /** As it was. */
  NONE("none", false, false, false),
  /** Left and right changed. */
  MIRRORED("mirrored", false, true, false),
  /** Upside down, left and right as they were. */
  FLIPPED("flipped", false, false, true),
  /** Turned by half. */
  TURNED_180("turned 180 degrees", false, true, true),
  /** Columns for rows: mirrored along the diagonal from the top left. */
  TRANSPOSED("mirrored along the diagonal from the top left", true, false, false),
  /** A quarter turn clockwise. */
  TURNED_90("turned 90 degrees clockwise", true, true, false),
  /** A quarter turn counter-clockwise. */
  TURNED_270("turned 90 degrees counter-clockwise", true, false, true),
  /** Mirrored along the other diagonal. */
  ANTI_TRANSPOSED("mirrored along the diagonal from the top right", true, true, true);

  private final String id;
  private final boolean transposed;
  private final boolean mirrored;
  private final boolean flipped;

  Symmetry(String id, boolean transposed, boolean mirrored, boolean flipped) {
    this.id = id;
    this.transposed = transposed;
    this.mirrored = mirrored;
    this.flipped = flipped;
  }

  /** {@return what people read} */
  public String id() {
    return id;
  }

  /** {@return its number, 0 to 7, in the order of the constants} */
  int number() {
    return (transposed ? 4 : 0) + (flipped ? 2 : 0) + (mirrored ? 1 : 0);
  }

  /** {@return whether width and height changed places} */
  boolean transposed() {
    return transposed;
  }

  /** {@return whether left and right changed, after that} */
  boolean mirrored() {
    return mirrored;
  }

  /** {@return whether above and below changed, after that} */
  boolean flipped() {
    return flipped;
  }

  /**
   * {@return where the pixel at {@code x, y} of the picture as it was stands now, as {@code {x,
   * y}}}
   *
   * @param width of the picture as it is now
   */
  int[] now(int x, int y, int width, int height) {
    int along = transposed ? y : x;
    int down = transposed ? x : y;
    return new int[] {mirrored ? width - 1 - along : along, flipped ? height - 1 - down : down};
  }

  /** {@return where an area of the picture as it was stands now} */
  Area now(Area area) {
    double left = transposed ? area.top() : area.left();
    double right = transposed ? area.bottom() : area.right();
    double top = transposed ? area.left() : area.top();
    double bottom = transposed ? area.right() : area.bottom();
    return new Area(
        mirrored ? 1 - right : left,
        flipped ? 1 - bottom : top,
        mirrored ? 1 - left : right,
        flipped ? 1 - top : bottom);
  }
}
