package io.whence.engine.evidence;

import io.whence.engine.corpus.Picture;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What an index keeps of a picture to find its copies: its size, the sum of its pixels, its
 * brightness at no more than 64 x 64 places, and the {@link Shape} of each of {@value #WINDOWS}
 * windows of it, the whole one first. A window has four fifths of another's side or so and overlaps
 * its neighbours, so that a part cut from the picture, down to {@value #SMALLEST_SIDE} of each
 * side, is near one of them.
 *
 * <p>Immutable.
 */
public final class Appearance {
  /** The shortest side of a window, as a part of the picture's. */
  static final double SMALLEST_SIDE = 0.48;

  private static final double[] SIDES = {1, 0.8, 0.62, SMALLEST_SIDE};
  private static final int[] PLACES = {1, 3, 4, 5};

  static final List<Area> AREAS = areas();
  static final int WINDOWS = 169;

  /** The first of the windows that are smallest both ways. */
  static final int SMALLEST = WINDOWS - 25;

  /** No picture has this sum. */
  private static final String NO_PIXELS = "0".repeat(64);

  private static final int[][] BEFORE =
      Arrays.stream(Symmetry.values()).map(Appearance::windowsBefore).toArray(int[][]::new);

  private final int width;
  private final int height;
  private final String sha256;
  private final int columns;
  private final int rows;
  private final byte[] grey;
  private final byte[] shapes;

  private Appearance(
      int width, int height, String sha256, int columns, int rows, byte[] grey, byte[] shapes) {
    this.width = width;
    this.height = height;
    this.sha256 = sha256;
    this.columns = columns;
    this.rows = rows;
    this.grey = grey;
    this.shapes = shapes;
  }

  /** {@return how a picture looks} */
  public static Appearance of(Picture picture) {
    double[] reduced = Canvas.reduced(picture);
    byte[] grey = new byte[reduced.length];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = (byte) Math.round(reduced[i] * 255);
    }
    return new Appearance(
        picture.width(),
        picture.height(),
        picture.sha256(),
        Canvas.columns(picture),
        Canvas.rows(picture),
        grey,
        shapes(canvas(Canvas.columns(picture), Canvas.rows(picture), grey)));
  }

  private static List<Area> areas() {
    return IntStream.range(0, SIDES.length * SIDES.length)
        .boxed()
        .flatMap(
            i -> {
              int across = i % SIDES.length;
              int down = i / SIDES.length;
              return IntStream.range(0, PLACES[across] * PLACES[down])
                  .mapToObj(
                      j -> {
                        double left = place(across, j % PLACES[across]);
                        double top = place(down, j / PLACES[across]);
                        return new Area(left, top, left + SIDES[across], top + SIDES[down]);
                      });
            })
        .toList();
  }

  /** The windows lie the same from every side, so each is another one's after any symmetry. */
  private static int[] windowsBefore(Symmetry done) {
    int[] before = new int[WINDOWS];
    for (int window = 0; window < WINDOWS; window++) {
      Area now = done.now(AREAS.get(window));
      for (int other = 0; other < WINDOWS; other++) {
        Area area = AREAS.get(other);
        if (Math.abs(area.left() - now.left()) < 1e-9
            && Math.abs(area.top() - now.top()) < 1e-9
            && Math.abs(area.right() - now.right()) < 1e-9
            && Math.abs(area.bottom() - now.bottom()) < 1e-9) {
          before[other] = window;
        }
      }
    }
    return before;
  }

  private static double place(int side, int number) {
    return number == 0 ? 0 : number * (1 - SIDES[side]) / (PLACES[side] - 1);
  }

  private static Canvas canvas(int columns, int rows, byte[] grey) {
    double[] values = new double[grey.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (grey[i] & 255) / 255.0;
    }
    return new Canvas(columns, rows, values);
  }

  private static byte[] shapes(Canvas canvas) {
    byte[] shapes = new byte[WINDOWS * Shape.LENGTH];
    for (int window = 0; window < WINDOWS; window++) {
      Shape.write(
          canvas.window(AREAS.get(window), Shape.SIDE, Shape.SIDE), shapes, window * Shape.LENGTH);
    }
    return shapes;
  }

  /** {@return how it looked before {@code done} was done to it} */
  Canvas before(Symmetry done) {
    if (done == Symmetry.NONE) {
      return canvas(columns, rows, grey);
    }
    int across = done.transposed() ? rows : columns;
    int down = done.transposed() ? columns : rows;
    byte[] turned = new byte[grey.length];
    for (int y = 0; y < down; y++) {
      for (int x = 0; x < across; x++) {
        int[] now = done.now(x, y, columns, rows);
        turned[y * across + x] = grey[now[1] * columns + now[0]];
      }
    }
    return canvas(across, down, turned);
  }

  /**
   * {@return a part of the picture as a picture of its own, as well as it is known here} It has
   * three fifths of each side or more.
   */
  public Appearance part(SplittableRandom random) {
    int across = side(columns, random);
    int down = side(rows, random);
    int left = random.nextInt(columns - across + 1);
    int top = random.nextInt(rows - down + 1);
    byte[] cut = new byte[across * down];
    for (int y = 0; y < down; y++) {
      System.arraycopy(grey, (top + y) * columns + left, cut, y * across, across);
    }
    return new Appearance(
        across, down, NO_PIXELS, across, down, cut, shapes(canvas(across, down, cut)));
  }

  private static int side(int whole, SplittableRandom random) {
    return Math.clamp(Math.round(whole * random.nextDouble(0.6, 1)), 1, whole);
  }

  /** {@return pixels of the picture in a row} */
  public int width() {
    return width;
  }

  /** {@return rows of the picture} */
  public int height() {
    return height;
  }

  /** {@return the sum of the picture's pixels, {@link Picture#sha256}} */
  public String sha256() {
    return sha256;
  }

  /** {@return whether there is nothing in the picture to be told from another} */
  boolean flat() {
    for (int i = 0; i < Shape.LENGTH; i++) {
      if (shapes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** {@return which window a window of the picture was before {@code done} was done to it} */
  static int before(int window, Symmetry done) {
    return BEFORE[done.number()][window];
  }

  /**
   * Gives the correlation of one window of an output with one of a work for each symmetry, as
   * {@link Shape#correlations} does.
   */
  static void correlations(
      Appearance output, int window, Appearance work, int other, double[] into) {
    Shape.correlations(
        output.shapes, window * Shape.LENGTH, work.shapes, other * Shape.LENGTH, into);
  }

  /** {@return the hashes by which people know pictures} */
  public PerceptualHash perceptualHash() {
    return PerceptualHash.of(before(Symmetry.NONE));
  }

  /**
   * {@return no more than {@link Picture#l2} of the two pictures} Brightness is a weighted sum of a
   * pixel's values, and a mean varies no more than what it is the mean of.
   *
   * @param other of a picture of the same size
   */
  double leastL2(Appearance other) {
    double sum = 0;
    for (int i = 0; i < grey.length; i++) {
      // Either was rounded by half a step at the most.
      double difference = Math.max(0, Math.abs((grey[i] & 255) - (other.grey[i] & 255)) - 1.0);
      sum += difference * difference;
    }
    return Math.sqrt(sum / grey.length / (255.0 * 255.0) / LUMA);
  }

  /** Three times the sum of the squares of brightness's weights: Cauchy and Schwarz's bound. */
  private static final double LUMA = 3 * (0.299 * 0.299 + 0.587 * 0.587 + 0.114 * 0.114);

  /** Bytes of the longest that is written. */
  public static final int MOST_BYTES =
      32 + 4 * Integer.BYTES + Canvas.LARGEST * Canvas.LARGEST + WINDOWS * Shape.LENGTH;

  /**
   * Writes the appearance: int32 width, height, columns and rows, the 32 bytes of the sum, the
   * brightness of each place, then the shapes, 24 signed bytes each.
   */
  public void write(ByteBuffer out) {
    out.putInt(width).putInt(height).putInt(columns).putInt(rows);
    out.put(HexFormat.of().parseHex(sha256)).put(grey);
    out.put(shapes);
  }

  /**
   * {@return what {@link #write} wrote}
   *
   * @throws IllegalArgumentException when it cannot be that
   */
  public static Appearance read(ByteBuffer in) {
    try {
      int width = in.getInt();
      int height = in.getInt();
      int columns = in.getInt();
      int rows = in.getInt();
      if (columns < 1 || columns > Canvas.LARGEST || rows < 1 || rows > Canvas.LARGEST) {
        throw new IllegalArgumentException(
            "a picture is kept at up to 64 x 64 places; got " + columns + " x " + rows);
      }
      byte[] sum = new byte[32];
      in.get(sum);
      byte[] grey = new byte[columns * rows];
      in.get(grey);
      byte[] shapes = new byte[WINDOWS * Shape.LENGTH];
      in.get(shapes);
      return new Appearance(
          width, height, HexFormat.of().formatHex(sum), columns, rows, grey, shapes);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a picture's appearance ends early", e);
    }
  }
}
