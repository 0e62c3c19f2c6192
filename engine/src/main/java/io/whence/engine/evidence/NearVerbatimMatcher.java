package io.whence.engine.evidence;

import io.whence.engine.Span;
import io.whence.engine.evidence.Edit.Kind;
import io.whence.engine.evidence.Evidence.NearVerbatimMatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Finds the passages that an output and a work have in common but for some words inserted, left out
 * or replaced.
 *
 * <p>Every run of a few words that both have is a seed; seeds in the same order and near each other
 * on both sides are chained; what lies between two seeds of a chain, and a little beyond its ends,
 * is aligned word by word. A passage is reported when it has enough equal words, these are most of
 * it, and it is more than one verbatim run. Of passages over the same words of the output the one
 * of the highest score is given. Unlike {@link VerbatimMatcher} this makes no promise to find
 * everything.
 *
 * <p><b>Bounds.</b> At most {@value #STEPS_A_WORD} comparisons for each word of the two texts find
 * the seeds; where repetitive texts need more, longer seeds are taken until they do not. A stretch
 * between seeds has at most {@value #GAP} words on a side, so time and memory grow with the two
 * lengths, but for the subsequence measure of a match, which takes their product over 64.
 *
 * @param seed words in the shortest seed, at least 1
 * @param fewestEqual matches with fewer equal words are not reported
 */
public record NearVerbatimMatcher(int seed, int fewestEqual) {
  /** Seeds of three words, passages of twelve equal words or more. */
  public static final NearVerbatimMatcher TEXT = new NearVerbatimMatcher(3, 12);

  private static final int STEPS_A_WORD = 32;
  private static final int GAP = 24;
  private static final int DRIFT = 12;
  private static final int LOOK_BACK = 128;
  private static final int MOST_MATCHES = 64;

  private static final int EQUAL = 2;
  private static final int EDIT = -3;

  /** Of the aligned places, at least this part must be equal words. */
  private static final double LEAST_IDENTITY = 0.6;

  /** Rejects a seed without words. */
  public NearVerbatimMatcher {
    if (seed < 1 || fewestEqual < seed) {
      throw new IllegalArgumentException(
          "1 <= seed <= fewestEqual; got " + seed + " and " + fewestEqual);
    }
  }

  /**
   * {@return the passages, by where they start in the output}
   *
   * @param probability of a word in the corpus, above 0 and at most 1
   * @param corpusWords how many words the corpus has, at least 1
   */
  public List<NearVerbatimMatch> matches(
      OutputWords output,
      OutputWords.Work work,
      ToDoubleFunction<String> probability,
      long corpusWords) {
    int[] here = output.here();
    int[] there = work.numbers();
    List<Seeds.Seed> seeds =
        Seeds.common(output, there, seed, STEPS_A_WORD * ((long) here.length + there.length));
    List<NearVerbatimMatch> matches = new ArrayList<>();
    for (List<Seeds.Seed> chain : chains(seeds)) {
      Alignment alignment = alignment(chain, here, there);
      if (!worthReporting(alignment)) {
        continue;
      }
      List<Edit> edits = alignment.edits(output.words(), work.words());
      if (isNew(edits, matches)) {
        matches.add(match(edits, output, work, probability, corpusWords));
        if (matches.size() == MOST_MATCHES) {
          break;
        }
      }
    }
    matches.sort(
        Comparator.comparingInt((NearVerbatimMatch match) -> match.outputWords().start())
            .thenComparingInt(match -> match.workWords().start()));
    return List.copyOf(matches);
  }

  /** {@return chains of seeds in order on both sides, the best first; no seed is in two} */
  private static List<List<Seeds.Seed>> chains(List<Seeds.Seed> seeds) {
    int[] score = new int[seeds.size()];
    int[] before = new int[seeds.size()];
    for (int x = 0; x < score.length; x++) {
      Seeds.Seed seed = seeds.get(x);
      score[x] = EQUAL * seed.length();
      before[x] = -1;
      for (int y = x - 1; y >= Math.max(0, x - LOOK_BACK); y--) {
        int joined = score[y] + gain(seeds.get(y), seed);
        if (joined > score[x]) {
          score[x] = joined;
          before[x] = y;
        }
      }
    }
    Integer[] order = new Integer[score.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingInt((Integer x) -> -score[x]).thenComparingInt(x -> x));
    boolean[] used = new boolean[score.length];
    List<List<Seeds.Seed>> chains = new ArrayList<>();
    for (int last : order) {
      List<Seeds.Seed> chain = new ArrayList<>();
      for (int x = last; x >= 0 && !used[x]; x = before[x]) {
        used[x] = true;
        chain.add(seeds.get(x));
      }
      if (!chain.isEmpty()) {
        chains.add(chain.reversed());
      }
    }
    return chains;
  }

  /** {@return what {@code next} adds to a chain that ends with {@code last}; very little if not} */
  private static int gain(Seeds.Seed last, Seeds.Seed next) {
    int overlap =
        Math.max(0, Math.max(last.outputEnd() - next.output(), last.workEnd() - next.work()));
    int outputGap = next.output() + overlap - last.outputEnd();
    int workGap = next.work() + overlap - last.workEnd();
    if (overlap >= next.length()
        || next.output() <= last.output()
        || next.work() <= last.work()
        || outputGap > GAP
        || workGap > GAP
        || Math.abs(outputGap - workGap) > DRIFT) {
      return Integer.MIN_VALUE / 2;
    }
    return EQUAL * (next.length() - overlap)
        + EDIT * Math.abs(outputGap - workGap)
        - Math.min(outputGap, workGap);
  }

  private static Alignment alignment(List<Seeds.Seed> chain, int[] here, int[] there) {
    Alignment alignment = new Alignment(here, there, EQUAL, EDIT);
    Seeds.Seed first = chain.get(0);
    alignment.extendLeft(first.output(), first.work(), GAP);
    int i = first.output();
    int j = first.work();
    for (Seeds.Seed seed : chain) {
      int overlap = Math.max(0, Math.max(i - seed.output(), j - seed.work()));
      alignment.between(i, seed.output() + overlap, j, seed.work() + overlap);
      alignment.equal(seed.length() - overlap);
      i = seed.outputEnd();
      j = seed.workEnd();
    }
    alignment.extendRight(i, j, GAP);
    return alignment;
  }

  private boolean worthReporting(Alignment alignment) {
    int equal = 0;
    int longest = 0;
    int run = 0;
    for (Kind step : alignment.steps()) {
      run = step == Kind.EQUAL ? run + 1 : 0;
      equal += step == Kind.EQUAL ? 1 : 0;
      longest = Math.max(longest, run);
    }
    int places = alignment.steps().size();
    return equal >= fewestEqual && equal >= longest + seed && equal >= LEAST_IDENTITY * places;
  }

  /** Passages that lie for the most part over one that is better are the same find again. */
  private static boolean isNew(List<Edit> edits, List<NearVerbatimMatch> found) {
    int start = edits.get(0).output().wordStart();
    int end = edits.get(edits.size() - 1).output().wordEnd();
    for (NearVerbatimMatch better : found) {
      int common =
          Math.min(end, better.outputWords().end()) - Math.max(start, better.outputWords().start());
      if (2 * common > end - start) {
        return false;
      }
    }
    return true;
  }

  private static NearVerbatimMatch match(
      List<Edit> edits,
      OutputWords output,
      OutputWords.Work work,
      ToDoubleFunction<String> probability,
      long corpusWords) {
    Edit first = edits.get(0);
    Edit last = edits.get(edits.size() - 1);
    Span outputCharacters = new Span(first.output().characterStart(), last.output().characterEnd());
    Span workCharacters = new Span(first.work().characterStart(), last.work().characterEnd());
    return new NearVerbatimMatch(
        new Span(first.output().wordStart(), last.output().wordEnd()),
        outputCharacters,
        new Span(first.work().wordStart(), last.work().wordEnd()),
        workCharacters,
        output.text().substring(outputCharacters.start(), outputCharacters.end()),
        work.text().substring(workCharacters.start(), workCharacters.end()),
        edits,
        Measures.of(edits, output.here(), work.numbers()),
        expectedByChance(edits, output.words(), probability, corpusWords));
  }

  /** The chance of the equal words, times the ways in which the edits could have fallen. */
  private static double expectedByChance(
      List<Edit> edits, WordTokens output, ToDoubleFunction<String> probability, long corpusWords) {
    double expected = 0;
    int places = 0;
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    for (Edit edit : edits) {
      int words = Math.max(edit.output().words(), edit.work().words());
      places += words;
      counts.merge(edit.kind(), words, Integer::sum);
      if (edit.kind() == Kind.EQUAL) {
        expected +=
            VerbatimMatcher.log10Probability(
                output, edit.output().wordStart(), edit.output().wordEnd(), probability);
      }
    }
    double ways = log10Factorial(places);
    for (int count : counts.values()) {
      ways -= log10Factorial(count);
    }
    return StrictMath.log10((double) corpusWords) + expected + ways;
  }

  private static double log10Factorial(int n) {
    double sum = 0;
    for (int i = 2; i <= n; i++) {
      sum += StrictMath.log10(i);
    }
    return sum;
  }
}
