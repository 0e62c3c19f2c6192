package io.whence.engine.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InfluenceNullTest {
  @Test
  void of_unseen_works_each_held_against_the_others_at_most_one_in_twenty_is_above() {
    SplittableRandom random = new SplittableRandom(3);
    for (int works = InfluenceNull.FEWEST_UNSEEN + 1; works < 200; works++) {
      // Heavy tails: no law is assumed.
      double[] ratios = random.doubles(works).map(u -> Math.tan(Math.PI * (u - 0.5))).toArray();
      long above = IntStream.range(0, works).filter(i -> isAboveTheOthers(ratios, i)).count();
      assertThat(above).as("of %s works", works).isLessThanOrEqualTo(works / 20);
    }
  }

  private static boolean isAboveTheOthers(double[] ratios, int own) {
    double[] others =
        IntStream.range(0, ratios.length)
            .filter(i -> i != own)
            .mapToDouble(i -> ratios[i])
            .toArray();
    return ratios[own] > InfluenceNull.ofUnseen(others).perLength();
  }

  @Test
  void what_chance_gives_grows_with_the_length_of_the_gradient() {
    double[] ratios = IntStream.rangeClosed(1, 40).mapToDouble(i -> i / 100.0).toArray();
    InfluenceNull unseen = InfluenceNull.ofUnseen(ratios);
    assertThat(unseen.perLength()).isEqualTo(0.39);
    assertThat(unseen.of(2)).isEqualTo(0.78);
    assertThat(unseen.of(0)).isZero();
  }

  @Test
  void where_nothing_is_known_to_be_unseen_a_few_influential_works_move_it_little() {
    double[] ratios = IntStream.range(0, 101).mapToDouble(i -> i - 50).toArray();
    double before = InfluenceNull.ofSample(ratios).perLength();
    for (int i = 91; i < ratios.length; i++) {
      ratios[i] = 1e6;
    }
    assertThat(InfluenceNull.ofSample(ratios).perLength()).isEqualTo(before).isPositive();
  }

  @Test
  void it_is_never_below_nothing() {
    double[] negative = IntStream.rangeClosed(1, 30).mapToDouble(i -> -100 - i).toArray();
    assertThat(InfluenceNull.ofUnseen(negative).perLength()).isZero();
    assertThat(InfluenceNull.ofSample(negative).perLength()).isZero();
    assertThat(InfluenceNull.ofSample(new double[] {1, 2}).perLength()).isZero();
  }

  @Test
  void a_work_without_a_gradient_has_no_influence() {
    assertThat(InfluenceNull.ratio(0, 0)).isZero();
  }
}
