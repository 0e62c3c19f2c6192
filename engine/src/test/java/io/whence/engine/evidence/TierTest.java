package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.Span;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TierTest {
  @Test
  void says_matches_only_of_a_rare_run_and_with_its_chance() {
    List<Finding> matches = List.of(run(9, -2), run(43, -9.2), run(12, -20));

    assertThat(Tier.of(matches)).isEqualTo(Tier.E1);
    assertThat(Tier.E1.wording(matches))
        .isEqualTo(
            "the output matches 43 words of this work in one run; expected by chance less than once"
                + " in 10^9 corpora of this size, if words fell independently");
  }

  @Test
  void says_resembles_of_a_common_phrase() {
    List<Finding> matches = List.of(run(8, -1), run(9, -3));

    assertThat(Tier.of(matches)).isEqualTo(Tier.E0);
    assertThat(Tier.E0.wording(matches))
        .isEqualTo(
            "the output resembles this work; the longest run of words they share, 9, is a common"
                + " phrase");
  }

  @Test
  void says_resembles_where_no_text_is_shared() {
    assertThat(Tier.E0.wording(List.of()))
        .isEqualTo("the output resembles this work; no run of words that they share was found");
  }

  @Test
  void says_of_an_edited_passage_that_it_was_edited() {
    List<Finding> matches = List.of(run(9, -4), passage(30, -12.5));

    assertThat(Tier.of(matches)).isEqualTo(Tier.E1);
    assertThat(Tier.E1.wording(matches))
        .isEqualTo(
            "the output matches 30 words of this work in one passage, with edits between them;"
                + " expected by chance less than once in 10^12 corpora of this size, if words fell"
                + " independently");
    assertThat(Tier.E0.wording(List.of(passage(12, -1))))
        .isEqualTo(
            "the output resembles this work; the 12 words they share in one passage, with edits,"
                + " would meet by chance");
  }

  private static Finding passage(int equal, double log10Expected) {
    Span span = new Span(0, equal + 1);
    Edit.Side half = new Edit.Side(0, equal / 2, 0, equal / 2);
    Edit.Side rest = new Edit.Side(equal / 2 + 1, equal + 1, equal / 2 + 1, equal + 1);
    Edit.Side other = new Edit.Side(equal / 2, equal / 2 + 1, equal / 2, equal / 2 + 1);
    return found(
        new Evidence.NearVerbatimMatch(
            span,
            span,
            span,
            span,
            "x",
            "x",
            List.of(
                new Edit(Edit.Kind.EQUAL, half, half),
                new Edit(Edit.Kind.SUBSTITUTE, other, other),
                new Edit(Edit.Kind.EQUAL, rest, rest)),
            new Measures(equal / 2, equal, 1, 0, 0, 0, 1, 1),
            log10Expected));
  }

  @ParameterizedTest(name = "10^{0} is less than once in 10^{1}")
  @CsvSource({"-3.01, 3", "-4.0, 3", "-4.5, 4", "-4.999, 4"})
  void never_overstates_how_rare_a_run_is(double log10Expected, int power) {
    assertThat(Tier.E1.wording(List.of(run(10, log10Expected)))).contains("10^" + power + " ");
  }

  @Test
  void has_no_words_for_a_tier_that_the_matches_do_not_reach() {
    assertThatThrownBy(() -> Tier.E5.wording(List.of(run(10, -9))))
        .hasMessage("these matches are of tier E1; asked for were the words of E5");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "E0, The output matches this work, matches",
    "E0, It is derived from this work, derived from",
    "E1, The model was trained on this work, was trained on",
    "E1, It scores like training members at FPR 0.01, scores like training members",
    "E2, This proves training on it, proves training",
    "E4, The model stores a file, stores a file",
    "E4, The work was in the training set, was in the training set",
    "E5, It caused infringement, caused infringement",
  })
  void finds_words_above_a_tier(Tier tier, String sentence, String words) {
    assertThat(tier.overstatements(sentence)).containsExactly(words);
  }

  @Test
  void finds_nothing_to_object_to_in_its_own_words() {
    assertThat(Tier.E0.overstatements(Tier.E0.wording(List.of()))).isEmpty();
    assertThat(Tier.E0.overstatements(Tier.E0.wording(List.of(run(8, 0))))).isEmpty();
    assertThat(Tier.E1.overstatements(Tier.E1.wording(List.of(run(20, -9))))).isEmpty();
    for (Tier tier : Tier.values()) {
      assertThat(tier.overstatements("it " + tier.permitted() + " it")).isEmpty();
    }
    assertThat(Tier.E5.overstatements("the model was trained on it")).isEmpty();
  }

  private static Finding run(int words, double log10Expected) {
    Span span = new Span(0, words);
    return found(new VerbatimMatch(span, span, span, span, "x", "x", log10Expected));
  }

  private static Finding found(Evidence match) {
    return new Finding(match, new Significance(0, 0, null), null);
  }
}
