package io.whence.engine.evidence;

import io.whence.engine.corpus.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A match of pictures with what it is worth, measured on the pictures themselves.
 *
 * @param match where
 * @param l2 normalised Euclidean distance of the two regions, the output's turned back; 0 to 1
 * @param l2Tiles the largest of any of 4 x 4 tiles
 * @param l2Recoloured what is left of {@code l2} when each of the output's colours is fitted by the
 *     work's three and a constant
 * @param differenceHash bits of dHash in which the two whole pictures differ, 0 to 64
 * @param frequencyHash the same of pHash
 * @param changes what was done to the work to give the output, in words; empty for a copy as it is
 * @param pValue share of unrelated outputs that agree with some work as well
 */
public record PictureFinding(
    PictureMatch match,
    double l2,
    double l2Tiles,
    double l2Recoloured,
    int differenceHash,
    int frequencyHash,
    List<String> changes,
    double pValue) {
  /** A finding that chance would give more often is no evidence. */
  private static final double LEVEL = Significance.LEVEL;

  private static final double WHOLE = 0.97;
  private static final double SAME_SIZE = 0.02;
  private static final double LEFT_BY_RECOLOURING = 0.7;
  private static final double VISIBLE = 0.02;
  private static final double OVERLAID = 0.04;

  /** How near a copy is. */
  public enum Kind {
    /** Every pixel is the same. */
    EXACT("exact"),
    /** The whole of both at one size, as it was but for noise or compression. */
    NEAR_COPY("nearCopy"),
    /** Something was done to it. */
    TRANSFORMED("transformed");

    private final String id;

    Kind(String id) {
      this.id = id;
    }

    /** {@return the name in JSON} */
    public String id() {
      return id;
    }
  }

  /**
   * {@return the finding of a match}
   *
   * @param output the picture that was traced
   * @param work the work's
   */
  public static PictureFinding of(
      PictureMatch match, Picture output, Picture work, PictureNull unrelated) {
    Symmetry done = match.done();
    Region before = match.outputBefore();
    Region region = match.workRegion();
    boolean same = before.width() == region.width() && before.height() == region.height();
    int columns = same ? region.width() : cells(before.width(), region.width());
    int rows = same ? region.height() : cells(before.height(), region.height());
    double[][] out = new double[Picture.CHANNELS][];
    double[][] in = new double[Picture.CHANNELS][];
    for (int i = 0; i < Picture.CHANNELS; i++) {
      int channel = i;
      out[i] =
          Canvas.means(
              (x, y) -> {
                int[] now = done.now(x, y, output.width(), output.height());
                return output.channel(now[0], now[1], channel) / 255.0;
              },
              before,
              columns,
              rows);
      in[i] = Canvas.means((x, y) -> work.channel(x, y, channel) / 255.0, region, columns, rows);
    }
    PerceptualHash one = PerceptualHash.of(output);
    PerceptualHash other = PerceptualHash.of(work);
    double l2 = Math.sqrt(meanSquare(out, in, columns, 0, 0, columns, rows));
    double left = recoloured(out, in);
    return new PictureFinding(
        match,
        l2,
        tiles(out, in, columns, rows),
        left,
        Long.bitCount(one.difference() ^ other.difference()),
        Long.bitCount(one.frequency() ^ other.frequency()),
        changes(match, output, work, l2 > VISIBLE && left < LEFT_BY_RECOLOURING * l2),
        unrelated.pValue(match.exact() ? 1 : match.agreement()));
  }

  private static List<String> changes(
      PictureMatch match, Picture output, Picture work, boolean recoloured) {
    List<String> changes = new ArrayList<>();
    if (match.done() != Symmetry.NONE) {
      changes.add(match.done().id());
    }
    if (match.workRegion().pixels() < WHOLE * work.width() * work.height()) {
      changes.add("cropped");
    }
    if (match.output().pixels() < WHOLE * output.width() * output.height()) {
      changes.add("part of a larger picture");
    }
    double across = (double) match.outputBefore().width() / match.workRegion().width();
    double down = (double) match.outputBefore().height() / match.workRegion().height();
    // A pixel more or less is the rounding of the regions.
    if (apart(across, match.workRegion().width()) || apart(down, match.workRegion().height())) {
      changes.add("resized");
    }
    if (match.gain() < 0) {
      changes.add("negative");
    } else if (recoloured) {
      changes.add("recoloured");
    }
    if (match.differing() > OVERLAID) {
      changes.add("partly covered");
    }
    return List.copyOf(changes);
  }

  private static boolean apart(double scale, int pixels) {
    return Math.abs(scale - 1) > Math.max(SAME_SIZE, 1.5 / pixels);
  }

  /** Regions of two sizes are compared at the smaller, of larger ones no more than needed. */
  private static int cells(int one, int other) {
    return Math.min(256, Math.min(one, other));
  }

  private static double meanSquare(
      double[][] one, double[][] other, int columns, int left, int top, int right, int bottom) {
    double sum = 0;
    for (int channel = 0; channel < one.length; channel++) {
      for (int y = top; y < bottom; y++) {
        for (int i = y * columns + left; i < y * columns + right; i++) {
          double difference = one[channel][i] - other[channel][i];
          sum += difference * difference;
        }
      }
    }
    return sum / ((double) one.length * (right - left) * (bottom - top));
  }

  private static double tiles(double[][] one, double[][] other, int columns, int rows) {
    int count = Math.min(4, Math.min(columns, rows));
    double most = 0;
    for (int i = 0; i < count * count; i++) {
      int column = i % count;
      int row = i / count;
      most =
          Math.max(
              most,
              meanSquare(
                  one,
                  other,
                  columns,
                  column * columns / count,
                  row * rows / count,
                  (column + 1) * columns / count,
                  (row + 1) * rows / count));
    }
    return Math.sqrt(most);
  }

  /** The residual of least squares, each channel of the one by all of the other and a constant. */
  private static double recoloured(double[][] one, double[][] other) {
    double sum = 0;
    for (double[] channel : one) {
      sum += LinearFit.residual(channel, other);
    }
    return Math.sqrt(sum / ((double) one.length * one[0].length));
  }

  /** {@return the finding of another work with the very same pixels} */
  public PictureFinding of(PictureMatch other) {
    return new PictureFinding(
        other, l2, l2Tiles, l2Recoloured, differenceHash, frequencyHash, changes, pValue);
  }

  /** {@return how near a copy it is} */
  public Kind kind() {
    if (match.exact()) {
      return Kind.EXACT;
    }
    return changes.isEmpty() ? Kind.NEAR_COPY : Kind.TRANSFORMED;
  }

  /** {@return whether the match is evidence: beyond chance} */
  public boolean counts() {
    return pValue < LEVEL;
  }

  /** {@return how far it carries} */
  public Tier tier() {
    return counts() ? Tier.E1 : Tier.E0;
  }

  /** {@return the sentence that may be printed beside it} */
  public String wording() {
    if (!counts()) {
      return String.format(
          Locale.ROOT,
          "the output resembles this work; %.0f in 100 outputs that owe nothing to the index agree"
              + " as well with one of its works",
          Math.ceil(100 * pValue));
    }
    String how =
        switch (kind()) {
          case EXACT -> "the output matches this work in every pixel";
          case NEAR_COPY -> "the output matches the whole of this work";
          case TRANSFORMED ->
              "the output matches "
                  + (changes.contains("cropped") ? "a part" : "the whole")
                  + " of this work, "
                  + String.join(", ", changes);
        };
    return String.format(
        Locale.ROOT,
        "%s; of outputs that owe nothing to the index, less than %.2g in 100 agree as well with one"
            + " of its works",
        how,
        100 * pValue);
  }
}
