package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.Span;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerbatimMatcherTest {
  private static final String SONNET =
      "Shall I compare thee to a summer’s day?\r\nThou art more lovely and more temperate:";

  @Test
  void finds_a_quotation_and_shows_both_originals() {
    String output = "He wrote: \"Thou art more lovely, and more TEMPERATE\", she said.";

    List<VerbatimMatch> matches = match(new VerbatimMatcher(4), output, SONNET);

    assertThat(matches).hasSize(1);
    VerbatimMatch match = matches.get(0);
    assertThat(match.outputText()).isEqualTo("Thou art more lovely, and more TEMPERATE");
    assertThat(match.workText()).isEqualTo("Thou art more lovely and more temperate");
    assertThat(match.outputWords()).isEqualTo(new Span(2, 9));
    assertThat(match.workWords()).isEqualTo(new Span(9, 16));
    assertThat(match.outputCharacters()).isEqualTo(new Span(11, 51));
    assertThat(match.workCharacters()).isEqualTo(new Span(41, 80));
  }

  @Test
  void finds_nothing_in_a_run_one_word_too_short() {
    assertThat(match(VerbatimMatcher.TEXT, "a b c d e f g", "a b c d e f g h")).isEmpty();
    assertThat(match(VerbatimMatcher.TEXT, "a b c d e f g h", "a b c d e f g h")).hasSize(1);
  }

  @Test
  void finds_nothing_in_empty_texts() {
    assertThat(match(VerbatimMatcher.TEXT, "", SONNET)).isEmpty();
    assertThat(match(VerbatimMatcher.TEXT, SONNET, "…")).isEmpty();
  }

  @Test
  void gives_the_earliest_of_several_places_in_the_work() {
    List<VerbatimMatch> matches = match(new VerbatimMatcher(3), "x a b c y", "q a b c r a b c s");

    assertThat(matches).extracting(VerbatimMatch::workWords).containsExactly(new Span(1, 4));
  }

  @Test
  void reports_a_run_once_for_every_place_in_the_output() {
    List<VerbatimMatch> matches = match(new VerbatimMatcher(3), "a b c x a b c", "a b c");

    assertThat(matches)
        .extracting(VerbatimMatch::outputWords)
        .containsExactly(new Span(0, 3), new Span(4, 7));
  }

  @Test
  void keeps_runs_that_overlap_but_not_runs_inside_others() {
    List<VerbatimMatch> matches =
        match(new VerbatimMatcher(3), "a b c d e f", "a b c d x c d e f x b c d");

    assertThat(matches)
        .extracting(VerbatimMatch::outputWords)
        .containsExactly(new Span(0, 4), new Span(2, 6));
  }

  @ParameterizedTest(name = "seed {0}, {1} distinct words")
  @CsvSource({"1, 2", "2, 2", "3, 3", "4, 4", "5, 8", "6, 30", "7, 1", "8, 2", "9, 3"})
  void agrees_with_comparing_every_place_with_every_place(long seed, int alphabet) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 200; trial++) {
      VerbatimMatcher matcher = new VerbatimMatcher(1 + random.nextInt(5));
      String output = randomText(random, random.nextInt(40), alphabet);
      String work = randomText(random, random.nextInt(60), alphabet);

      assertThat(match(matcher, output, work))
          .extracting(m -> List.of(m.outputWords(), m.workWords()))
          .isEqualTo(byBruteForce(matcher.shortest(), output, work));
    }
  }

  @Test
  void weighs_a_run_by_how_often_its_words_would_meet_by_chance() {
    OutputWords output = OutputWords.of(WordTokens.of("a b c"), "a b c");

    List<VerbatimMatch> matches =
        new VerbatimMatcher(3)
            .matches(output, output.work(WordTokens.of("a b c"), "a b c"), w -> 0.01, 1000);

    assertThat(matches.get(0).log10ExpectedByChance()).isCloseTo(3 - 6, within(1e-12));
    assertThat(matches.get(0).rare()).isFalse();
  }

  @Test
  void takes_no_word_to_be_impossible_and_no_corpus_to_be_empty() {
    OutputWords output = OutputWords.of(WordTokens.of("a b c"), "a b c");
    OutputWords.Work work = output.work(WordTokens.of("a b c"), "a b c");
    VerbatimMatcher matcher = new VerbatimMatcher(3);

    assertThatThrownBy(() -> matcher.matches(output, work, w -> 0, 9))
        .hasMessage("the probability of a is above 0 and at most 1; got 0.0");
    assertThatThrownBy(() -> matcher.matches(output, work, w -> 0.5, 0))
        .hasMessage("a corpus has at least 1 word; got 0");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"na ", "la li ", "一二三"})
  void ends_in_reasonable_time_on_a_megabyte_that_repeats_itself(String verse) {
    String output = verse.repeat(1_000_000 / verse.length());
    String work = verse.repeat(900_000 / verse.length());

    List<VerbatimMatch> matches =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> match(VerbatimMatcher.TEXT, output, work));

    assertThat(matches.get(0).workWords().start()).isZero();
    assertThat(matches.get(0).workWords().length()).isEqualTo(WordTokens.of(work).size());
  }

  @Test
  void reports_no_more_than_covers_an_output_that_repeats_itself() {
    String output = "la ".repeat(1000) + "x " + "la ".repeat(5);

    List<VerbatimMatch> matches = match(new VerbatimMatcher(3), output, "la ".repeat(300));

    assertThat(matches)
        .extracting(VerbatimMatch::outputWords)
        .containsExactly(
            new Span(0, 300),
            new Span(300, 600),
            new Span(600, 900),
            new Span(700, 1000),
            new Span(1001, 1006));
  }

  @Test
  void counts_covered_positions_once() {
    assertThat(VerbatimMatcher.covered(List.of(new Span(8, 9), new Span(0, 4), new Span(2, 6))))
        .isEqualTo(7);
    assertThat(VerbatimMatcher.covered(List.of())).isZero();
    assertThat(
            VerbatimMatcher.wordsCovered(
                match(new VerbatimMatcher(3), "a b c d e f x", "a b c d x c d e f")))
        .isEqualTo(6);
  }

  private static List<VerbatimMatch> match(VerbatimMatcher matcher, String output, String work) {
    OutputWords compared = OutputWords.of(WordTokens.of(output), output);
    return matcher.matches(
        compared, compared.work(WordTokens.of(work), work), word -> 1e-3, 1_000_000);
  }

  private static String randomText(SplittableRandom random, int words, int alphabet) {
    return random.ints(words, 0, alphabet).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
  }

  /**
   * Longest run at each place of the output; those that end no later than one before are inside.
   */
  private static List<List<Span>> byBruteForce(int shortest, String outputText, String workText) {
    List<String> output = WordTokens.of(outputText).words();
    List<String> work = WordTokens.of(workText).words();
    List<List<Span>> runs = new ArrayList<>();
    int covered = 0;
    for (int i = 0; i < output.size(); i++) {
      int longest = 0;
      int at = 0;
      for (int j = 0; j < work.size(); j++) {
        int length = 0;
        while (i + length < output.size()
            && j + length < work.size()
            && output.get(i + length).equals(work.get(j + length))) {
          length++;
        }
        if (length > longest) {
          longest = length;
          at = j;
        }
      }
      if (longest >= shortest && i + longest > covered) {
        covered = i + longest;
        runs.add(List.of(new Span(i, i + longest), new Span(at, at + longest)));
      }
    }
    return runs;
  }
}
