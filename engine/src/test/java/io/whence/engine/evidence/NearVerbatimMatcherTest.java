package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.evidence.Edit.Side;
import io.whence.engine.evidence.Evidence.NearVerbatimMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NearVerbatimMatcherTest {
  private static final NearVerbatimMatcher SHORT = new NearVerbatimMatcher(2, 6);

  @Test
  void shows_what_was_put_in_left_out_and_replaced() {
    String work = "I wandered lonely as a cloud that floats on high o’er vales and hills";
    String output =
        "He said: I wandered lonely like a cloud that floats high o'er all vales and hills.";

    List<NearVerbatimMatch> matches = match(SHORT, output, work);

    assertThat(matches).hasSize(1);
    NearVerbatimMatch match = matches.get(0);
    assertThat(match.outputText())
        .isEqualTo("I wandered lonely like a cloud that floats high o'er all vales and hills");
    assertThat(match.workText()).isEqualTo(work);
    assertThat(match.edits())
        .extracting(
            edit ->
                edit.kind().id()
                    + " <"
                    + cut(work, edit.work())
                    + "> <"
                    + cut(output, edit.output())
                    + ">")
        .containsExactly(
            "equal <I wandered lonely> <I wandered lonely>",
            "substitute <as> <like>",
            "equal <a cloud that floats> <a cloud that floats>",
            "delete <on> <>",
            "equal <high o’er> <high o'er>",
            "insert <> <all>",
            "equal <vales and hills> <vales and hills>");
    assertThat(match.edits().get(3).output()).isEqualTo(new Side(10, 10, 51, 51));
    assertThat(match.equalWords()).isEqualTo(13);
    assertThat(match.longestRun()).isEqualTo(4);
  }

  private static String cut(String text, Side side) {
    return text.substring(side.characterStart(), side.characterEnd());
  }

  @Test
  void measures_how_alike_the_sides_are() {
    NearVerbatimMatch match =
        match(SHORT, "x x a b c d e f q h i j k l", "a b c d e f g h i j k l y y y y y y").get(0);

    Measures measures = match.measures();
    assertThat(measures.longestRun()).isEqualTo(6);
    assertThat(measures.lcs()).isEqualTo(11);
    assertThat(measures.rougeL()).isCloseTo(11 / 12.0, within(1e-12));
    assertThat(measures.normalisedEdit()).isCloseTo(1 / 12.0, within(1e-12));
    // abcde, bcdef and hijkl of eight on each side
    assertThat(measures.jaccard()).isCloseTo(3 / 13.0, within(1e-12));
    assertThat(measures.nvRecall()).isZero();
    assertThat(measures.outputShare()).isCloseTo(11 / 14.0, within(1e-12));
    assertThat(measures.workShare()).isCloseTo(11 / 18.0, within(1e-12));
  }

  @Test
  void counts_long_blocks_as_nearly_verbatim_recall() {
    // 150 words of 200: blocks of 25 words a word apart, then one of 19 that is too short alone.
    List<String> work = IntStream.range(0, 200).mapToObj(i -> "w" + i).toList();
    List<String> output = new ArrayList<>(work.subList(0, 175));
    for (int i = 25; i < 150; i += 26) {
      output.set(i, "other");
    }
    for (int i = 151; i < 156; i++) {
      output.set(i, "new" + i);
    }

    NearVerbatimMatch match =
        match(NearVerbatimMatcher.TEXT, String.join(" ", output), String.join(" ", work)).get(0);

    // Words 0 to 150 with single gaps are one block; 156 to 174 is shorter than twenty.
    assertThat(match.measures().nvRecall()).isCloseTo(151 / 200.0, within(1e-12));
  }

  @Test
  void leaves_plain_runs_to_the_verbatim_matcher() {
    String run = "a b c d e f g h i j k l m n o p";

    assertThat(match(SHORT, "x y " + run + " z", "p q " + run + " r")).isEmpty();
  }

  @Test
  void does_not_chain_what_lies_too_far_apart() {
    String filler = IntStream.range(0, 30).mapToObj(i -> "f" + i).collect(Collectors.joining(" "));
    String other = filler.replace("f", "g");

    assertThat(match(SHORT, "a b c d " + filler + " e f g h", "a b c d " + other + " e f g h"))
        .isEmpty();
  }

  @Test
  void weighs_a_passage_by_its_equal_words_and_the_ways_to_edit_it() {
    NearVerbatimMatch match = match(SHORT, "a b c d x f g h i", "a b c d e f g h i").get(0);

    // A million words, eight of a thousandth each, and nine places for the one substitution.
    assertThat(match.log10ExpectedByChance()).isCloseTo(6 - 24 + StrictMath.log10(9), within(1e-9));
    assertThat(match.rare()).isTrue();
  }

  @ParameterizedTest(name = "seed {0}: {1} of 100 words edited")
  @CsvSource({"1, 10, 100", "2, 10, 100", "3, 20, 97", "4, 20, 97"})
  void finds_a_planted_passage_of_sixty_words_under_edits(long seed, int percent, int least) {
    SplittableRandom random = new SplittableRandom(seed);
    int found = 0;
    for (int trial = 0; trial < 100; trial++) {
      List<String> work = words(random, 300, 2000);
      List<String> passage = edited(random, work.subList(100, 160), percent / 100.0);
      List<String> output = new ArrayList<>(words(random, 40, 2000));
      output.addAll(passage);
      output.addAll(words(random, 40, 2000));

      List<NearVerbatimMatch> matches =
          match(NearVerbatimMatcher.TEXT, String.join(" ", output), String.join(" ", work));

      for (NearVerbatimMatch match : matches) {
        assertConsistent(match, output, work);
      }
      found +=
          matches.stream()
                  .anyMatch(
                      match ->
                          match.workWords().start() < 130
                              && match.workWords().end() > 130
                              && match.workWords().length() > 30)
              ? 1
              : 0;
    }
    assertThat(found).isGreaterThanOrEqualTo(least);
  }

  private static void assertConsistent(
      NearVerbatimMatch match, List<String> output, List<String> work) {
    int i = match.outputWords().start();
    int j = match.workWords().start();
    for (Edit edit : match.edits()) {
      assertThat(edit.output().wordStart()).isEqualTo(i);
      assertThat(edit.work().wordStart()).isEqualTo(j);
      List<String> here = output.subList(i, edit.output().wordEnd());
      List<String> there = work.subList(j, edit.work().wordEnd());
      switch (edit.kind()) {
        case EQUAL -> assertThat(here).isEqualTo(there).isNotEmpty();
        case INSERT -> assertThat(there).isEmpty();
        case DELETE -> assertThat(here).isEmpty();
        case SUBSTITUTE -> assertThat(here).hasSameSizeAs(there).isNotEqualTo(there);
      }
      i = edit.output().wordEnd();
      j = edit.work().wordEnd();
    }
    assertThat(i).isEqualTo(match.outputWords().end());
    assertThat(j).isEqualTo(match.workWords().end());
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void finds_next_to_nothing_in_unrelated_texts(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 200; trial++) {
      String output = String.join(" ", words(random, 100, 60));
      String work = String.join(" ", words(random, 300, 60));

      assertThat(match(NearVerbatimMatcher.TEXT, output, work)).isEmpty();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void counts_the_longest_common_subsequence_as_the_textbook_does(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 100; trial++) {
      int[] a = random.ints(random.nextInt(1, 200), 0, 6).toArray();
      int[] b = random.ints(random.nextInt(1, 200), 0, 6).toArray();
      int[][] table = new int[a.length + 1][b.length + 1];
      for (int i = 1; i <= a.length; i++) {
        for (int j = 1; j <= b.length; j++) {
          table[i][j] =
              a[i - 1] == b[j - 1]
                  ? table[i - 1][j - 1] + 1
                  : Math.max(table[i - 1][j], table[i][j - 1]);
        }
      }

      assertThat(Measures.longestCommonSubsequence(a, b)).isEqualTo(table[a.length][b.length]);
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"na ", "la li ", "a b c d e f g h "})
  void ends_in_reasonable_time_on_texts_that_repeat_themselves(String verse) {
    String output = verse.repeat(100_000 / verse.length());
    String work = "x " + verse.repeat(90_000 / verse.length()) + " y " + verse.repeat(100);

    List<NearVerbatimMatch> matches =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> match(NearVerbatimMatcher.TEXT, output, work));

    assertThat(matches.size()).isLessThanOrEqualTo(64);
  }

  @Test
  void ends_in_reasonable_time_on_a_long_text_with_every_tenth_word_changed() {
    List<String> work = words(new SplittableRandom(1), 40_000, 1_000_000);
    List<String> output = new ArrayList<>(work);
    for (int i = 5; i < output.size(); i += 10) {
      output.set(i, "changed");
    }

    List<NearVerbatimMatch> matches =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () ->
                match(NearVerbatimMatcher.TEXT, String.join(" ", output), String.join(" ", work)));

    assertThat(matches).hasSize(1);
    assertThat(matches.get(0).equalWords()).isEqualTo(36_000);
  }

  @Test
  void refuses_seeds_without_words() {
    assertThatThrownBy(() -> new NearVerbatimMatcher(0, 3))
        .hasMessage("1 <= seed <= fewestEqual; got 0 and 3");
  }

  private static List<NearVerbatimMatch> match(
      NearVerbatimMatcher matcher, String output, String work) {
    OutputWords compared = OutputWords.of(WordTokens.of(output), output);
    return matcher.matches(
        compared, compared.work(WordTokens.of(work), work), word -> 1e-3, 1_000_000);
  }

  private static List<String> words(SplittableRandom random, int count, int alphabet) {
    return random.ints(count, 0, alphabet).mapToObj(i -> "w" + i).toList();
  }

  private static List<String> edited(
      SplittableRandom random, List<String> passage, double probability) {
    List<String> edited = new ArrayList<>();
    for (String word : passage) {
      if (random.nextDouble() >= probability) {
        edited.add(word);
        continue;
      }
      switch (random.nextInt(3)) {
        case 0 -> edited.add("new" + random.nextInt(1000));
        case 1 -> edited.addAll(List.of(word, "new" + random.nextInt(1000)));
        default -> {
          // left out
        }
      }
    }
    return edited;
  }
}
