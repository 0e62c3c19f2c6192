package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExclusionsTest {
  private static final String COUNTS = "counts";

  @Test
  void sets_a_licence_header_aside_and_names_the_rule() {
    String text =
        "Permission is hereby granted, free of charge, to any person obtaining a copy of this software";

    assertThat(excluded(Exclusions.LISTED, text, text)).containsExactly("mit-licence");
  }

  @Test
  void leaves_what_is_mostly_not_listed() {
    String text =
        "he said lead us not into temptation and went to the market where apples were cheap";

    assertThat(excluded(Exclusions.LISTED, text, text)).containsExactly(COUNTS);
  }

  @ParameterizedTest(name = "{0} of 10 words listed: {1}")
  @CsvSource({"7, counts", "8, lords-prayer"})
  void needs_four_fifths_of_the_words(int listed, String rule) {
    String[] prayer = "give us this day our daily bread and forgive us".split(" ", -1);
    for (int i = listed; i < prayer.length; i++) {
      prayer[i] = "other" + i;
    }
    String text = String.join(" ", prayer);

    assertThat(excluded(Exclusions.LISTED, text, text)).containsExactly(rule);
  }

  @Test
  void sets_nothing_aside_without_rules() {
    String text = "we hold these truths to be self evident that all men are created equal";

    assertThat(excluded(Exclusions.NONE, text, text)).containsExactly(COUNTS);
    assertThat(excluded(Exclusions.LISTED, text, text))
        .containsExactly("declaration-of-independence");
  }

  @Test
  void every_rule_has_a_name_of_its_own_and_sets_its_own_words_aside() {
    assertThat(Exclusions.LISTED.rules()).extracting(Exclusions.Rule::name).doesNotHaveDuplicates();
    for (Exclusions.Rule rule : Exclusions.LISTED.rules()) {
      assertThat(rule.reason()).isNotBlank();
      assertThat(excluded(Exclusions.LISTED, rule.phrase(), rule.phrase()))
          .as(rule.name())
          .isNotEmpty()
          .doesNotContain(COUNTS);
    }
  }

  private static List<String> excluded(Exclusions exclusions, String output, String work) {
    OutputWords compared = OutputWords.of(WordTokens.of(output), output);
    List<VerbatimMatch> matches =
        new VerbatimMatcher(6)
            .matches(compared, compared.work(WordTokens.of(work), work), word -> 0.001, 1000);
    Exclusions.InOutput here = exclusions.in(compared);
    return matches.stream()
        .map(match -> Objects.requireNonNullElse(here.excludes(match), COUNTS))
        .toList();
  }
}
