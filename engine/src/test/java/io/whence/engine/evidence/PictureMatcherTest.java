package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.corpus.Picture;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of drawn pictures are found among others, and where they lie is said to the pixel. */
class PictureMatcherTest {
  private static final int WIDTH = 40;
  private static final int HEIGHT = 30;
  private static final List<Picture> WORKS =
      IntStream.range(0, 40).mapToObj(PictureMatcherTest::drawn).toList();
  private static final PictureMatcher MATCHER =
      new PictureMatcher(WORKS.stream().map(Appearance::of).toList());

  @FunctionalInterface
  private interface Grey {
    int at(int x, int y);
  }

  private static Picture picture(int width, int height, Grey grey) {
    byte[] values = new byte[width * height];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) grey.at(i % width, i / width);
    }
    return Picture.ofGrey(width, height, values);
  }

  /** Five discs of random place, size and brightness. */
  private static Picture drawn(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] discs = new int[5][];
    for (int i = 0; i < discs.length; i++) {
      discs[i] =
          new int[] {
            random.nextInt(WIDTH),
            random.nextInt(HEIGHT),
            random.nextInt(3, 11),
            random.nextInt(60, 256)
          };
    }
    return picture(
        WIDTH,
        HEIGHT,
        (x, y) -> {
          int grey = 20;
          for (int[] disc : discs) {
            int across = x - disc[0];
            int down = y - disc[1];
            grey = across * across + down * down < disc[2] * disc[2] ? disc[3] : grey;
          }
          return grey;
        });
  }

  private static int grey(Picture picture, int x, int y) {
    return picture.channel(x, y, 0);
  }

  private static PictureMatch first(Picture output) {
    return MATCHER.matches(Appearance.of(output)).get(0);
  }

  @ParameterizedTest(name = "work {0}")
  @ValueSource(ints = {0, 9, 26})
  void the_very_picture_is_exact(int work) {
    PictureMatch match = first(WORKS.get(work));

    assertThat(match.work()).isEqualTo(work);
    assertThat(match.exact()).isTrue();
    assertThat(match.output()).isEqualTo(new Region(0, 0, WIDTH, HEIGHT));
  }

  @ParameterizedTest(name = "work {0}")
  @ValueSource(ints = {1, 12, 33})
  void of_a_part_the_place_in_the_work_is_found_to_the_pixel(int work) {
    Picture part = picture(27, 22, (x, y) -> grey(WORKS.get(work), x + 8, y + 5));

    PictureMatch match = first(part);

    assertThat(match.work()).isEqualTo(work);
    assertThat(match.workRegion()).isEqualTo(new Region(8, 5, 27, 22));
    assertThat(match.output()).isEqualTo(new Region(0, 0, 27, 22));
    assertThat(match.agreement()).isCloseTo(1, within(1e-3));
  }

  @Test
  void of_a_work_in_a_larger_picture_the_place_in_the_output_is_found() {
    Picture framed =
        picture(
            56,
            44,
            (x, y) ->
                x >= 9 && x < 9 + WIDTH && y >= 6 && y < 6 + HEIGHT
                    ? grey(WORKS.get(5), x - 9, y - 6)
                    : 128);

    PictureMatch match = first(framed);

    assertThat(match.work()).isEqualTo(5);
    assertThat(match.output()).isEqualTo(new Region(9, 6, WIDTH, HEIGHT));
    assertThat(match.workRegion()).isEqualTo(new Region(0, 0, WIDTH, HEIGHT));
  }

  @ParameterizedTest
  @EnumSource(Symmetry.class)
  void what_was_done_to_the_whole_is_named_and_undone(Symmetry done) {
    Picture work = WORKS.get(17);
    int width = done.transposed() ? HEIGHT : WIDTH;
    int height = done.transposed() ? WIDTH : HEIGHT;
    int[][] now = new int[height][width];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      int[] there = done.now(i % WIDTH, i / WIDTH, width, height);
      now[there[1]][there[0]] = grey(work, i % WIDTH, i / WIDTH);
    }

    PictureMatch match = first(picture(width, height, (x, y) -> now[y][x]));

    assertThat(match.work()).isEqualTo(17);
    assertThat(match.done()).isEqualTo(done);
    assertThat(match.output()).isEqualTo(new Region(0, 0, width, height));
    assertThat(match.outputBefore()).isEqualTo(new Region(0, 0, WIDTH, HEIGHT));
  }

  @Test
  void areas_and_pixels_move_alike() {
    for (Symmetry done : Symmetry.values()) {
      int width = done.transposed() ? HEIGHT : WIDTH;
      int height = done.transposed() ? WIDTH : HEIGHT;
      int[] pixel = done.now(7, 3, width, height);

      Area area = done.now(new Area(7.0 / WIDTH, 3.0 / HEIGHT, 8.0 / WIDTH, 4.0 / HEIGHT));

      assertThat(area.pixels(width, height)).isEqualTo(new Region(pixel[0], pixel[1], 1, 1));
    }
  }

  @Test
  void a_negative_a_noisy_and_a_covered_copy_are_found() {
    SplittableRandom random = new SplittableRandom(4);
    Picture work = WORKS.get(8);
    Picture negative = picture(WIDTH, HEIGHT, (x, y) -> 240 - grey(work, x, y) / 2);
    Picture noisy =
        picture(
            WIDTH,
            HEIGHT,
            (x, y) ->
                Math.clamp(Math.round(grey(work, x, y) + 25 * random.nextGaussian()), 0, 255));
    Picture covered =
        picture(WIDTH, HEIGHT, (x, y) -> x < 14 && y < 12 ? 255 * (x / 3 % 2) : grey(work, x, y));

    assertThat(first(negative).work()).isEqualTo(8);
    assertThat(first(negative).gain()).isNegative();
    assertThat(first(noisy).work()).isEqualTo(8);
    assertThat(first(noisy).agreement()).isGreaterThan(0.64);
    assertThat(first(covered).work()).isEqualTo(8);
    assertThat(first(covered).differing()).isBetween(0.05, 0.5);
  }

  /** Thin strokes on white, of which little is left under a box or beside a cut. */
  private static final List<Picture> DRAWINGS =
      IntStream.range(0, 60).mapToObj(PictureMatcherTest::strokes).toList();

  private static Picture strokes(int seed) {
    SplittableRandom random = new SplittableRandom(1000 + seed);
    boolean[] ink = new boolean[SIDE * SIDE];
    for (int stroke = 0; stroke < 4; stroke++) {
      double x = random.nextDouble(20, SIDE - 20);
      double y = random.nextDouble(20, SIDE - 20);
      double way = random.nextDouble(2 * Math.PI);
      double bend = random.nextDouble(-0.08, 0.08);
      for (int step = 0; step < 40; step++) {
        for (int i = 0; i < 4; i++) {
          int across = Math.clamp((int) x + i % 2, 0, SIDE - 1);
          int down = Math.clamp((int) y + i / 2, 0, SIDE - 1);
          ink[down * SIDE + across] = true;
        }
        x += StrictMath.cos(way);
        y += StrictMath.sin(way);
        way += bend;
      }
    }
    return picture(SIDE, SIDE, (x, y) -> ink[y * SIDE + x] ? 0 : 255);
  }

  private static final int SIDE = 90;

  @ParameterizedTest(name = "drawing {0}")
  @ValueSource(ints = {3, 21, 44})
  void a_drawing_in_thin_strokes_is_found_by_a_part_and_with_a_box_over_it(int work) {
    PictureMatcher matcher = new PictureMatcher(DRAWINGS.stream().map(Appearance::of).toList());
    Picture drawing = DRAWINGS.get(work);
    Picture part = picture(55, 66, (x, y) -> grey(drawing, 80 - x, y + 14));
    Picture covered =
        picture(
            SIDE,
            SIDE,
            (x, y) ->
                x >= 30 && x < 68 && y >= 35 && y < 72 ? 255 * (x / 9 % 2) : grey(drawing, x, y));

    PictureMatch ofPart = matcher.matches(Appearance.of(part)).get(0);

    assertThat(ofPart.work()).isEqualTo(work);
    assertThat(ofPart.done()).isEqualTo(Symmetry.MIRRORED);
    assertThat(ofPart.workRegion()).isEqualTo(new Region(26, 14, 55, 66));
    assertThat(matcher.matches(Appearance.of(covered)).get(0).work()).isEqualTo(work);
  }

  private static Picture framed(Picture work, int left, int top, int width, int height, int grey) {
    return picture(
        width,
        height,
        (x, y) ->
            x >= left && x < left + work.width() && y >= top && y < top + work.height()
                ? grey(work, x - left, y - top)
                : grey);
  }

  @ParameterizedTest(name = "drawing {0}")
  @ValueSource(ints = {3, 21, 44})
  void a_drawing_in_thin_strokes_is_found_in_a_frame(int work) {
    PictureMatcher matcher = new PictureMatcher(DRAWINGS.stream().map(Appearance::of).toList());
    Picture output = framed(DRAWINGS.get(work), 21, 0, 131, 118, 90);

    PictureMatch match = matcher.matches(Appearance.of(output)).get(0);

    assertThat(match.work()).isEqualTo(work);
    assertThat(match.done()).isEqualTo(Symmetry.NONE);
    assertThat(match.output().left()).isBetween(20, 22);
    assertThat(match.output().width()).isBetween(88, 92);
  }

  @Test
  void what_explains_more_of_the_output_is_first_though_a_part_of_it_agrees_better() {
    Picture drawing = DRAWINGS.get(3);
    List<Picture> works = new ArrayList<>(DRAWINGS);
    works.add(picture(48, 60, (x, y) -> grey(drawing, x + 42, y + 30)));
    PictureMatcher matcher = new PictureMatcher(works.stream().map(Appearance::of).toList());
    Picture covered =
        picture(SIDE, SIDE, (x, y) -> x < 38 && y < 36 ? 255 * (x / 9 % 2) : grey(drawing, x, y));

    List<PictureMatch> matches = matcher.matches(Appearance.of(covered));

    assertThat(matches).extracting(PictureMatch::work).startsWith(3, DRAWINGS.size());
    assertThat(matches.get(0).agreement()).isLessThan(matches.get(1).agreement());
    assertThat(matches.get(0).saved()).isGreaterThan(matches.get(1).saved());
  }

  @Test
  void a_frame_of_one_brightness_is_told_from_an_empty_margin() {
    Picture drawing = DRAWINGS.get(3);
    Canvas inFrame = new Canvas(framed(drawing, 0, 12, 120, 150, 90));

    Area inside = Frame.inside(inFrame);

    assertThat(inside.left()).isZero();
    assertThat(inside.top()).isCloseTo(12 / 150.0, within(0.2 / 64));
    assertThat(inside.right()).isCloseTo(90 / 120.0, within(0.2 / 64));
    assertThat(inside.bottom()).isCloseTo(102 / 150.0, within(0.2 / 64));
    assertThat(Frame.inside(new Canvas(drawing))).isEqualTo(Area.WHOLE);
    assertThat(Frame.inside(new Canvas(picture(20, 20, (x, y) -> 77)))).isEqualTo(Area.WHOLE);
  }

  @Test
  void another_picture_agrees_less_than_any_copy() {
    PictureMatcher matcher =
        new PictureMatcher(WORKS.subList(1, 40).stream().map(Appearance::of).toList());

    assertThat(matcher.matches(Appearance.of(WORKS.get(0))))
        .allSatisfy(match -> assertThat(match.agreement()).isLessThan(0.9));
  }

  @Test
  void an_empty_picture_is_like_nothing() {
    assertThat(MATCHER.matches(Appearance.of(picture(20, 20, (x, y) -> 77)))).isEmpty();
  }

  @Test
  void works_with_the_same_pixels_are_all_given() {
    List<Picture> works = new ArrayList<>(WORKS.subList(0, 10));
    works.add(WORKS.get(3));
    works.add(0, WORKS.get(3));
    PictureMatcher matcher = new PictureMatcher(works.stream().map(Appearance::of).toList());

    assertThat(matcher.matches(Appearance.of(WORKS.get(3))))
        .filteredOn(PictureMatch::exact)
        .extracting(PictureMatch::work)
        .containsExactly(0, 4, 11);
  }

  @Test
  void copies_as_whole_pictures_are_one_cluster_and_parts_are_not() {
    Picture work = WORKS.get(2);
    List<Picture> works = new ArrayList<>(WORKS.subList(0, 10));
    works.add(picture(WIDTH, HEIGHT, (x, y) -> grey(work, WIDTH - 1 - x, y)));
    works.add(picture(2 * WIDTH, 2 * HEIGHT, (x, y) -> 255 - grey(work, x / 2, y / 2)));
    works.add(picture(22, 18, (x, y) -> grey(work, x + 5, y + 5)));

    int[] clusters = PictureClusters.of(works.stream().map(Appearance::of).toList());

    assertThat(Arrays.copyOf(clusters, 10)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(clusters[10]).isEqualTo(2);
    assertThat(clusters[11]).isEqualTo(2);
    assertThat(clusters[12]).isEqualTo(12);
  }

  @Test
  void an_appearance_is_read_as_it_was_written_and_not_when_it_ends_early() {
    Appearance look = Appearance.of(WORKS.get(6));
    ByteBuffer bytes = ByteBuffer.allocate(Appearance.MOST_BYTES);
    look.write(bytes);
    int length = bytes.position();

    Appearance again = Appearance.read(bytes.flip());

    ByteBuffer other = ByteBuffer.allocate(Appearance.MOST_BYTES);
    again.write(other);
    assertThat(other.array()).isEqualTo(bytes.array());
    assertThat(again.width()).isEqualTo(WIDTH);
    assertThatThrownBy(() -> Appearance.read(ByteBuffer.wrap(bytes.array(), 0, length - 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void the_bound_of_a_distance_is_never_above_it() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 20; i++) {
      byte[] one = new byte[3 * 90 * 70];
      byte[] other = new byte[one.length];
      random.nextBytes(one);
      random.nextBytes(other);
      Picture a = Picture.ofColours(90, 70, one);
      Picture b = Picture.ofColours(90, 70, i % 2 == 0 ? one : other);

      assertThat(Appearance.of(a).leastL2(Appearance.of(b))).isLessThanOrEqualTo(a.l2(b));
    }
    for (int i = 1; i < 10; i++) {
      double bound = Appearance.of(WORKS.get(0)).leastL2(Appearance.of(WORKS.get(i)));
      assertThat(bound).isPositive().isLessThanOrEqualTo(WORKS.get(0).l2(WORKS.get(i)));
    }
  }

  @Test
  void a_finding_measures_the_regions_and_says_what_its_tier_permits() {
    PictureNull unrelated =
        new PictureNull(300, 7, IntStream.range(0, 300).mapToObj(i -> i / 400.0).toList());
    Picture work = WORKS.get(14);
    Picture part = picture(30, 24, (x, y) -> grey(work, x + 6, y + 3));

    PictureFinding cut = PictureFinding.of(first(part), part, work, unrelated);
    PictureFinding exact = PictureFinding.of(first(work), work, work, unrelated);

    assertThat(cut.kind()).isEqualTo(PictureFinding.Kind.TRANSFORMED);
    assertThat(cut.changes()).containsExactly("cropped");
    assertThat(cut.l2()).isZero();
    assertThat(cut.pValue()).isEqualTo(1 / 301.0);
    assertThat(cut.tier()).isEqualTo(Tier.E1);
    assertThat(exact.kind()).isEqualTo(PictureFinding.Kind.EXACT);
    assertThat(exact.changes()).isEmpty();
    for (PictureFinding finding : List.of(cut, exact)) {
      assertThat(finding.tier().overstatements(finding.wording())).isEmpty();
    }
  }

  @Test
  void what_unrelated_outputs_reach_as_often_is_no_evidence() {
    PictureNull alike =
        new PictureNull(300, 7, IntStream.range(0, 9).mapToObj(i -> 0.999999).toList());
    Picture work = WORKS.get(14);
    Picture noisy =
        picture(WIDTH, HEIGHT, (x, y) -> Math.min(255, grey(work, x, y) + 9 * ((x + y) % 2)));

    PictureFinding finding = PictureFinding.of(first(noisy), noisy, work, alike);

    assertThat(finding.kind()).isEqualTo(PictureFinding.Kind.NEAR_COPY);
    assertThat(finding.pValue()).isEqualTo(10 / 301.0);
    assertThat(finding.counts()).isFalse();
    assertThat(finding.tier()).isEqualTo(Tier.E0);
    assertThat(finding.tier().overstatements(finding.wording())).isEmpty();
    assertThatThrownBy(() -> new PictureNull(1, 7, List.of(0.5, 0.4)))
        .hasMessage(
            "a null of pictures has at least 1 output and an agreement for each at the most; got 1"
                + " and 2");
  }
}
