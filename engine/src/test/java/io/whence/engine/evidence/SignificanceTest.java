package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.Span;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignificanceTest {
  private static final int WORDS = 107; // tested at 100 places, each for a run and a passage

  @Test
  void is_the_chance_of_one_such_match_or_more() {
    Significance rare = of(List.of(run(-6)), null).get(0);
    Significance certain = of(List.of(run(2)), null).get(0);

    assertThat(rare.model()).isCloseTo(1e-6, within(1e-11));
    assertThat(certain.model()).isEqualTo(1);
  }

  @Test
  void corrects_for_every_place_that_was_tested_and_not_only_for_those_found() {
    List<Significance> significances = of(List.of(run(-4), run(-6), run(-5)), null);

    // Holm by hand: 200 * 1e-6, 199 * 1e-5, 198 * 1e-4, each at least the one before.
    assertThat(significances.get(1).holm()).isCloseTo(200e-6, within(1e-9));
    assertThat(significances.get(2).holm()).isCloseTo(199e-5, within(1e-7));
    assertThat(significances.get(0).holm()).isCloseTo(198e-4, within(1e-5));
    assertThat(significances)
        .extracting(Significance::significant)
        .containsExactly(false, true, true);
  }

  @Test
  void never_falls_below_a_rarer_match() {
    List<Significance> significances = of(List.of(run(-3), run(-3.0001), run(-2.9999)), null);

    assertThat(significances.get(1).holm()).isLessThanOrEqualTo(significances.get(0).holm());
    assertThat(significances.get(0).holm()).isLessThanOrEqualTo(significances.get(2).holm());
  }

  @Test
  void is_no_better_than_the_control_corpus_says() {
    // Of 999 unrelated outputs 20 have a match, ten of them very rare ones.
    List<Double> rarest =
        java.util.stream.IntStream.range(0, 20).mapToObj(i -> i < 10 ? 30.0 : 1.0).toList();
    ControlCorpus control = new ControlCorpus(999, 60, 1, rarest);

    Significance often = of(List.of(run(-20)), control).get(0);
    Significance never = of(List.of(run(-40)), control).get(0);

    assertThat(often.control()).isEqualTo(11 / 1000.0);
    assertThat(often.holm()).isLessThan(1e-15);
    assertThat(often.pValue()).isEqualTo(11 / 1000.0);
    assertThat(often.significant()).isFalse();
    assertThat(never.control()).isEqualTo(1 / 1000.0);
    assertThat(never.significant()).isTrue();
  }

  @Test
  void measures_the_rarest_match_for_the_length_of_its_output() {
    assertThat(ControlCorpus.rarest(List.of(run(-5), run(-9)), WORDS))
        .isCloseTo(9 - StrictMath.log10(200), within(1e-12));
    assertThat(ControlCorpus.rarest(List.of(), WORDS)).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void has_no_control_corpus_with_more_matches_than_outputs() {
    assertThatThrownBy(() -> new ControlCorpus(1, 60, 1, List.of(1.0, 2.0)))
        .hasMessage(
            "a control corpus has at least 1 output and a match for each at the most; got 1 and 2");
  }

  @Test
  void counts_a_finding_that_is_rare_significant_and_not_set_aside() {
    Significance sure = new Significance(0, 0, null);

    assertThat(new Finding(run(-9), sure, null).counts()).isTrue();
    assertThat(new Finding(run(-9), sure, "a-rule").counts()).isFalse();
    assertThat(new Finding(run(-2), sure, null).counts()).isFalse();
    assertThat(new Finding(run(-9), new Significance(0, 0.02, null), null).counts()).isFalse();
  }

  private static List<Significance> of(
      List<VerbatimMatch> matches, @org.jspecify.annotations.Nullable ControlCorpus control) {
    return Significance.of(matches, WORDS, control);
  }

  private static VerbatimMatch run(double log10Expected) {
    Span span = new Span(0, 9);
    return new VerbatimMatch(span, span, span, span, "x", "x", log10Expected);
  }
}
