package io.whence.engine.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.credit.Shapley.Value;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapleyTest {
  private static final int N = 6;

  /** A value for every coalition, with owner 0 like owner 1 and owner 5 adding nothing. */
  private static Value game(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] worth = new double[1 << N];
    for (int s = 0; s < worth.length; s++) {
      worth[s] = 10 * random.nextDouble();
    }
    return coalition -> {
      int s = (int) coalition & ~(1 << 5);
      // Swapping 0 and 1 changes nothing: whichever is in counts as 0.
      int alike = (s & 3) == 2 ? s ^ 3 : s;
      return worth[alike];
    };
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void holds_the_axioms_exactly(long seed) {
    Value v = game(seed);
    Value w = game(seed + 100);

    List<Double> phi = Shapley.exact(N, v).phi();

    // Efficiency, symmetry, null player, additivity.
    assertThat(sum(phi)).isCloseTo(v.of((1 << N) - 1) - v.of(0), within(1e-9));
    assertThat(phi.get(0)).isCloseTo(phi.get(1), within(1e-9));
    assertThat(phi.get(5)).isCloseTo(0, within(1e-9));
    List<Double> both = Shapley.exact(N, s -> v.of(s) + w.of(s)).phi();
    List<Double> other = Shapley.exact(N, w).phi();
    for (int i = 0; i < N; i++) {
      assertThat(both.get(i)).isCloseTo(phi.get(i) + other.get(i), within(1e-9));
    }
  }

  /** The glove game: one left glove, two right ones; a pair is worth 1. */
  @Test
  void finds_the_textbook_answer() {
    Value gloves = s -> (s & 1) != 0 && (s & 6) != 0 ? 1 : 0;

    Shapley shapley = Shapley.exact(3, gloves);

    assertThat(shapley.phi().get(0)).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(shapley.phi().get(1)).isCloseTo(1.0 / 6, within(1e-12));
    assertThat(shapley.phi().get(2)).isCloseTo(1.0 / 6, within(1e-12));
    assertThat(sum(shapley.shares())).isCloseTo(1, within(1e-12));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void samples_within_its_stated_error(long seed) {
    Value v = game(seed);

    Shapley sampled = Shapley.sampled(N, v, 4_000, seed);

    List<Double> exact = Shapley.exact(N, v).phi();
    for (int i = 0; i < N; i++) {
      assertThat(sampled.phi().get(i))
          .isCloseTo(exact.get(i), within(sampled.error().get(i) + 1e-9));
    }
    // Every order gives all there is, so efficiency needs no error.
    assertThat(sum(sampled.phi())).isCloseTo(v.of((1 << N) - 1) - v.of(0), within(1e-9));
    assertThat(sampled.error().get(5)).isZero();
    assertThat(Shapley.sampled(N, v, 4_000, seed)).isEqualTo(sampled);
  }

  @Test
  void states_an_error_that_holds_in_about_ninety_nine_of_a_hundred() {
    int inside = 0;
    int all = 0;
    for (long seed = 1; seed <= 200; seed++) {
      Value v = game(seed);
      Shapley sampled = Shapley.sampled(N, v, 200, seed);
      List<Double> exact = Shapley.exact(N, v).phi();
      for (int i = 0; i < 5; i++) {
        all++;
        inside += Math.abs(sampled.phi().get(i) - exact.get(i)) <= sampled.error().get(i) ? 1 : 0;
      }
    }

    assertThat(inside / (double) all).isBetween(0.975, 1.0);
  }

  @Test
  void splits_nothing_where_the_owners_add_nothing() {
    assertThat(Shapley.exact(2, s -> -Long.bitCount(s)).shares()).isEmpty();
    assertThat(Shapley.exact(2, s -> 0).shares()).isEmpty();
  }

  @Test
  void refuses_what_it_cannot_compute() {
    assertThatThrownBy(() -> Shapley.exact(21, s -> 0))
        .hasMessage("between 1 and 20 owners; got 21");
    assertThatThrownBy(() -> Shapley.sampled(64, s -> 0, 10, 1))
        .hasMessage("between 1 and 63 owners; got 64");
    assertThatThrownBy(() -> Shapley.sampled(2, s -> 0, 1, 1))
        .hasMessage("at least 2 orders are sampled; got 1");
    assertThatThrownBy(() -> Shapley.exact(2, s -> Double.NaN))
        .hasMessage("a coalition is worth NaN");
  }

  @Test
  void shrinks_by_reliability_clips_and_keeps_the_sum() {
    Shrinkage shrunk =
        Shrinkage.of(List.of(0.9, 0.3, -0.2), 1, List.of(0.0, 1.0, 0.0), List.of(0.5, 0.5, 0.0));

    assertThat(shrunk.lambda()).containsExactly(1.0, 0.5, 1.0);
    assertThat(shrunk.clipped()).isCloseTo(0.2, within(1e-12));
    assertThat(shrunk.shares().get(0)).isCloseTo(0.9 / 1.3, within(1e-12));
    assertThat(shrunk.shares().get(1)).isCloseTo(0.4 / 1.3, within(1e-12));
    assertThat(shrunk.shares().get(2)).isZero();
    assertThat(sum(shrunk.shares())).isCloseTo(1, within(1e-12));
    assertThat(Shrinkage.of(List.of(-1.0), 0, List.of(0.0), List.of(1.0)).shares())
        .containsExactly(0.0);
  }

  private static double sum(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }
}
