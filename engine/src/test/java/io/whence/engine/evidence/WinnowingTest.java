package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WinnowingTest {
  private static final Winnowing TEXT = Winnowing.TEXT;

  @ParameterizedTest(name = "k {0}, w {1}, {2} distinct words")
  @CsvSource({
    "5, 6, 2",
    "5, 6, 3",
    "5, 6, 4",
    "5, 6, 1000",
    "7, 10, 2",
    "7, 10, 3",
    "7, 10, 1000",
    "13, 38, 2",
    "13, 38, 4",
    "13, 38, 1000",
    "23, 17, 2",
    "23, 17, 1000",
    "4, 1, 2"
  })
  void shares_a_fingerprint_on_the_diagonal_of_every_run_as_long_as_the_guarantee(
      int k, int w, int alphabet) {
    Winnowing winnowing = new Winnowing(k, w);
    SplittableRandom random = new SplittableRandom(31L * k + alphabet);

    for (int trial = 0; trial < 2_000; trial++) {
      int[] run = random.ints(winnowing.guarantee(), 0, alphabet).toArray();
      int before = random.nextInt(30);
      int beforeInOther = random.nextInt(30);
      WordTokens work = planted(random, run, before, alphabet);
      WordTokens output = planted(random, run, beforeInOther, alphabet);

      assertThat(sharedWithin(winnowing, work, before, output, beforeInOther))
          .as("trial %d", trial)
          .isTrue();
    }
  }

  @Test
  void never_matches_runs_shorter_than_k() {
    SplittableRandom random = new SplittableRandom(7);
    int[] run = {0, 1, 2, 3};
    Set<Long> hashes = new HashSet<>();
    for (long hash : TEXT.select(text(random, "x", run)).hashes()) {
      hashes.add(hash);
    }

    long[] query = TEXT.everyRun(text(random, "y", run)).hashes();

    assertThat(Arrays.stream(query).anyMatch(hashes::contains)).isFalse();
  }

  @ParameterizedTest(name = "{0} words")
  @ValueSource(ints = {5, 6, 9})
  void selects_the_one_rightmost_minimum_of_a_text_shorter_than_the_guarantee(int length) {
    WordTokens text = WordTokens.of("a b c d e f g h i".substring(0, 2 * length - 1));
    long[] all = TEXT.everyRun(text).hashes();

    Fingerprints selected = TEXT.select(text);

    assertThat(selected.size()).isEqualTo(1);
    assertThat(selected.hashes()[0])
        .isEqualTo(Arrays.stream(all).boxed().min(Long::compareUnsigned).orElseThrow());
  }

  @Test
  void selects_nothing_from_a_text_shorter_than_k() {
    assertThat(TEXT.select(WordTokens.of("a b c d")).size()).isZero();
    assertThat(TEXT.everyRun(WordTokens.of("")).size()).isZero();
  }

  @Test
  void prefers_the_rightmost_of_equal_minima() {
    Fingerprints selected = TEXT.select(WordTokens.of("a ".repeat(10)));

    assertThat(selected.positions()).containsExactly(5);
  }

  @Test
  void selects_by_the_rule_that_defines_winnowing() {
    SplittableRandom random = new SplittableRandom(11);
    for (int trial = 0; trial < 200; trial++) {
      WordTokens text = planted(random, new int[0], random.nextInt(10, 200), 1 + random.nextInt(5));
      long[] hashes = TEXT.everyRun(text).hashes();
      Set<Integer> expected = new HashSet<>();
      for (int from = 0; from + TEXT.w() <= hashes.length; from++) {
        int window = from;
        expected.add(
            IntStream.range(from, from + TEXT.w())
                .boxed()
                .reduce((a, b) -> Long.compareUnsigned(hashes[b], hashes[a]) <= 0 ? b : a)
                .orElse(window));
      }
      if (!expected.isEmpty()) {
        assertThat(TEXT.select(text).positions())
            .containsExactly(expected.stream().sorted().mapToInt(i -> i).toArray());
      }
    }
  }

  @Test
  void keeps_two_of_w_plus_one_hashes_of_ordinary_text() {
    WordTokens text = planted(new SplittableRandom(3), new int[0], 100_000, 50_000);

    double density = TEXT.select(text).size() / 100_000.0;

    assertThat(density).isBetween(0.280, 0.292);
  }

  @Test
  void keeps_its_hashes_from_release_to_release() {
    // Indexes on disk hold these.
    assertThat(TEXT.everyRun(WordTokens.of("shall i compare thee to a")).hashes())
        .containsExactly(GOLDEN);
  }

  private static final long[] GOLDEN = {4628572459131738775L, 4763708489844334208L};

  private static WordTokens planted(SplittableRandom random, int[] run, int before, int alphabet) {
    IntStream words =
        IntStream.concat(
            IntStream.concat(random.ints(before, 0, alphabet), Arrays.stream(run)),
            random.ints(random.nextInt(30), 0, alphabet));
    return WordTokens.of(words.mapToObj(i -> "w" + i).collect(Collectors.joining(" ")));
  }

  private static WordTokens text(SplittableRandom random, String own, int[] run) {
    String around =
        random.ints(20, 0, 1000).mapToObj(i -> own + i).collect(Collectors.joining(" "));
    String shared = Arrays.stream(run).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
    return WordTokens.of(around + " " + shared + " " + around);
  }

  private static boolean sharedWithin(
      Winnowing winnowing, WordTokens work, int inWork, WordTokens output, int inOutput) {
    Fingerprints indexed = winnowing.select(work);
    long[] query = winnowing.everyRun(output).hashes();
    for (int i = 0; i < indexed.size(); i++) {
      int offset = indexed.positions()[i] - inWork;
      if (offset >= 0
          && offset + winnowing.k() <= winnowing.guarantee()
          && query[inOutput + offset] == indexed.hashes()[i]) {
        return true;
      }
    }
    return false;
  }
}
