package io.whence.engine.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Coefficients against worked examples that others published. */
class AgreementTest {
  private static final double THREE_PLACES = 0.0005;

  /** One line a reviewer, one character an output: a digit from 1, or a point for none. */
  private static List<Map<String, Integer>> outputs(String... reviewers) {
    List<Map<String, Integer>> outputs = new ArrayList<>();
    for (int unit = 0; unit < reviewers[0].length(); unit++) {
      Map<String, Integer> labels = new HashMap<>();
      for (int i = 0; i < reviewers.length; i++) {
        char label = reviewers[i].charAt(unit);
        if (label != '.') {
          labels.put("reviewer " + i, label - '1');
        }
      }
      outputs.add(labels);
    }
    return outputs;
  }

  private static double value(Agreement.@Nullable Figure figure) {
    return Objects.requireNonNull(figure).value();
  }

  /** Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, table 18.1. */
  @Test
  void cohens_kappa_is_that_of_the_diagnoses_of_fleiss_levin_and_paik() {
    int[][] table = {{75, 1, 4}, {5, 4, 1}, {0, 0, 10}};
    List<Map<String, Integer>> outputs = new ArrayList<>();
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        outputs.addAll(Collections.nCopies(table[a][b], Map.of("A", a, "B", b)));
      }
    }

    Agreement agreement = Agreement.of(outputs, 3, 1);

    assertThat(value(agreement.cohensKappa())).isEqualTo(0.676, within(THREE_PLACES));
    assertThat(agreement.observed()).isEqualTo(0.89, within(1e-12));
    assertThat(agreement.units()).isEqualTo(100);
  }

  /** Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example A. */
  @Test
  void alpha_of_two_observers_and_binary_data_is_krippendorffs() {
    Agreement agreement = Agreement.of(outputs("1211111121", "2221121111"), 2, 1);

    assertThat(value(agreement.alphaNominal())).isEqualTo(0.095, within(THREE_PLACES));
  }

  /** The same, example B. */
  @Test
  void alpha_of_two_observers_and_nominal_data_is_krippendorffs() {
    Agreement agreement = Agreement.of(outputs("112243335441", "212223335444"), 5, 1);

    assertThat(value(agreement.alphaNominal())).isEqualTo(0.692, within(THREE_PLACES));
  }

  /** The same, example C: four observers, labels missing, one output that one alone labelled. */
  @Test
  void alpha_of_four_observers_with_missing_labels_is_krippendorffs() {
    Agreement agreement =
        Agreement.of(outputs("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 5, 1);

    assertThat(value(agreement.alphaNominal())).isEqualTo(0.743, within(THREE_PLACES));
    assertThat(value(agreement.alphaOrdinal())).isEqualTo(0.815, within(THREE_PLACES));
    assertThat(agreement.cohensKappa()).isNull();
    assertThat(agreement.units()).isEqualTo(11);
    assertThat(agreement.labels()).isEqualTo(40);
  }

  @Test
  void steps_of_the_scale_count_by_how_far_they_are_apart() {
    Agreement near = Agreement.of(outputs("1122334455", "1222344455"), 5, 1);
    Agreement far = Agreement.of(outputs("1122334455", "1522314455"), 5, 1);

    assertThat(near.observed()).isEqualTo(far.observed());
    assertThat(value(near.alphaOrdinal())).isGreaterThan(value(far.alphaOrdinal()) + 0.2);
  }

  @Test
  void full_agreement_is_one_and_always_the_other_label_is_below_zero() {
    assertThat(value(Agreement.of(outputs("12121", "12121"), 2, 1).cohensKappa())).isEqualTo(1);
    assertThat(value(Agreement.of(outputs("1212", "2121"), 2, 1).cohensKappa())).isEqualTo(-1);
    assertThat(value(Agreement.of(outputs("1212", "2121"), 2, 1).alphaNominal())).isNegative();
  }

  @Test
  void where_chance_explains_everything_there_is_no_figure() {
    Agreement one = Agreement.of(outputs("11111", "11111"), 2, 1);
    Agreement none = Agreement.of(outputs("12..", "..12"), 2, 1);

    assertThat(one.observed()).isEqualTo(1);
    assertThat(one.cohensKappa()).isNull();
    assertThat(one.alphaNominal()).isNull();
    assertThat(none.units()).isZero();
    assertThat(none.observed()).isNull();
    assertThat(none.alphaOrdinal()).isNull();
  }

  /**
   * By hand: six labels, three of each; one output of three disagrees: 1 - (6 - 1) x 1 / (3 x 3).
   */
  @Test
  void alpha_is_what_its_formula_gives_by_hand() {
    Agreement agreement = Agreement.of(outputs("112", "122"), 2, 1);

    assertThat(value(agreement.alphaNominal())).isEqualTo(1 - 5.0 * 1 / 9, within(1e-12));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void the_interval_holds_the_value_and_the_same_seed_gives_the_same_bytes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder a = new StringBuilder();
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      int label = random.nextInt(5);
      a.append((char) ('1' + label));
      b.append((char) ('1' + (random.nextInt(3) == 0 ? random.nextInt(5) : label)));
    }
    List<Map<String, Integer>> outputs = outputs(a.toString(), b.toString());

    Agreement agreement = Agreement.of(outputs, 5, seed);

    Agreement.Figure kappa = Objects.requireNonNull(agreement.cohensKappa());
    double low = Objects.requireNonNull(kappa.low());
    double high = Objects.requireNonNull(kappa.high());
    assertThat(kappa.value()).isBetween(low, high);
    assertThat(high - low).isBetween(0.1, 0.5);
    assertThat(Agreement.of(outputs, 5, seed)).isEqualTo(agreement);
    assertThat(Agreement.of(outputs, 5, seed + 1)).isNotEqualTo(agreement);
  }
}
