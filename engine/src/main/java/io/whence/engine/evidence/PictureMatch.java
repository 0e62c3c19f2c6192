package io.whence.engine.evidence;

/**
 * An output that looks like a work, or a part of the one like the other.
 *
 * @param work its number
 * @param exact whether every pixel is the same
 * @param done to the work as a whole
 * @param output the region of the output, in its pixels as they are
 * @param outputBefore the same in the output as it was before {@code done}, which is how the work's
 *     region lies
 * @param workRegion the region of the work
 * @param agreement how well the brightness of the two agrees, 0 to 1, as {@link Agreement} says
 * @param saved nats a place of the output that having the work saves in telling it, by which
 *     pictures are ranked, as {@link Saving} says
 * @param gain of the output's brightness over the work's
 * @param differing the share of what can be seen there that does not agree
 */
public record PictureMatch(
    int work,
    boolean exact,
    Symmetry done,
    Region output,
    Region outputBefore,
    Region workRegion,
    double agreement,
    double saved,
    double gain,
    double differing) {
  static PictureMatch of(
      int number,
      Pose pose,
      Agreement agreement,
      double saved,
      Appearance output,
      Appearance work) {
    Area agreed = agreement.agreed();
    Area before = pose.outputArea().within(agreed);
    boolean turned = pose.done().transposed();
    return new PictureMatch(
        number,
        false,
        pose.done(),
        pose.done().now(before).pixels(output.width(), output.height()),
        before.pixels(
            turned ? output.height() : output.width(), turned ? output.width() : output.height()),
        pose.workArea().within(agreed).pixels(work.width(), work.height()),
        agreement.score(),
        saved,
        agreement.gain(),
        agreement.differing());
  }

  static PictureMatch exact(int number, Appearance output) {
    Canvas look = output.before(Symmetry.NONE);
    Region whole = new Region(0, 0, output.width(), output.height());
    double saved =
        new Pose(Symmetry.NONE, true, Area.WHOLE)
            .saved(look, look, Area.WHOLE, PictureMatcher.FINE);
    return new PictureMatch(number, true, Symmetry.NONE, whole, whole, whole, 1, saved, 1, 0);
  }

  PictureMatch with(int number) {
    return new PictureMatch(
        number, exact, done, output, outputBefore, workRegion, agreement, saved, gain, differing);
  }
}
