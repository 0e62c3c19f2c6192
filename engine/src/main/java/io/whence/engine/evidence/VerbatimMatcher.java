package io.whence.engine.evidence;

import io.whence.engine.Span;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.eclipse.collections.api.factory.primitive.IntLists;
import org.eclipse.collections.api.list.primitive.MutableIntList;

/**
 * Finds every maximal run of words that an output shares with a work. Compares the words
 * themselves, so nothing it reports is a hash collision and, for the work it is given, nothing is
 * missed. Takes time in proportion to the two texts together, however repetitive they are.
 *
 * <p>One exception keeps the answer in proportion, too. In an output that repeats itself the runs
 * may overlap so much that together they hold its words more than {@value #MOST_TIMES_OVER} times
 * over. Then the first of the longest is reported, and of the others only as many as it takes to
 * cover every word that lies in a run.
 *
 * @param shortest runs of fewer words are not reported; at least 1
 */
public record VerbatimMatcher(int shortest) {
  /** Runs of eight words or more. */
  public static final VerbatimMatcher TEXT = new VerbatimMatcher(8);

  private static final int MOST_TIMES_OVER = 16;

  /** Rejects a run without words. */
  public VerbatimMatcher {
    if (shortest < 1) {
      throw new IllegalArgumentException("the shortest run has at least 1 word; got " + shortest);
    }
  }

  /**
   * {@return the runs, by where they start in the output; none lies inside another, and of several
   * places in the work the first is given}
   *
   * @param probability of a word in the corpus, above 0 and at most 1
   * @param corpusWords how many words the corpus has, at least 1
   */
  public List<VerbatimMatch> matches(
      OutputWords output,
      OutputWords.Work work,
      ToDoubleFunction<String> probability,
      long corpusWords) {
    int[] places = sharedPlaces(output, work.numbers());
    if (places.length == 0) {
      return List.of();
    }
    int[] inWork = new int[places.length];
    Arrays.setAll(
        inWork, i -> places[i] < 0 ? OutputWords.Work.ELSEWHERE : work.numbers()[places[i]]);

    List<Run> runs = new ArrayList<>();
    new RunAutomaton(inWork).compare(output.here(), new Runs(runs));
    return thinned(runs, output.words().size()).stream()
        .map(
            run -> {
              int workEnd = places[run.endInWork() - 1] + 1;
              Span outputWords = new Span(run.start(), run.end());
              Span workWords = new Span(workEnd - run.length(), workEnd);
              Span outputCharacters = characters(output.words(), outputWords);
              Span workCharacters = characters(work.words(), workWords);
              return new VerbatimMatch(
                  outputWords,
                  outputCharacters,
                  workWords,
                  workCharacters,
                  output.text().substring(outputCharacters.start(), outputCharacters.end()),
                  work.text().substring(workCharacters.start(), workCharacters.end()),
                  expectedByChance(output.words(), outputWords, probability, corpusWords));
            })
        .toList();
  }

  /** A run, by the numbers of the output's words and, in the work, by those compared. */
  private record Run(int end, int length, int endInWork) {
    int start() {
      return end - length;
    }
  }

  /** Collects the runs that do not go on; none of them lies inside another. */
  private final class Runs implements RunAutomaton.Agreement {
    private final List<Run> found;

    Runs(List<Run> found) {
      this.found = found;
    }

    @Override
    public void at(int end, int length, int endInWork) {
      if (length < shortest) {
        return;
      }
      Run run = new Run(end, length, endInWork);
      if (!found.isEmpty() && found.get(found.size() - 1).start() == run.start()) {
        found.remove(found.size() - 1);
      }
      found.add(run);
    }
  }

  private static List<Run> thinned(List<Run> runs, int outputWords) {
    long words = runs.stream().mapToLong(Run::length).sum();
    if (words <= MOST_TIMES_OVER * (long) outputWords) {
      return runs;
    }
    int longest = runs.stream().mapToInt(Run::length).max().orElseThrow();
    List<Run> kept = new ArrayList<>();
    int reached = 0;
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      reached = Math.max(reached, run.start());
      boolean nextDoesIt = i + 1 < runs.size() && runs.get(i + 1).start() <= reached;
      boolean firstLongest = run.length() == longest;
      if (!nextDoesIt || firstLongest) {
        kept.add(run);
        reached = run.end();
      }
      if (firstLongest) {
        longest = Integer.MAX_VALUE;
      }
    }
    return kept;
  }

  /**
   * {@return the places of the work that lie in a run of the shortest length whose hash the output
   * has, in order, with a -1 for every gap} Most works share no such run, and no more is done.
   */
  private int[] sharedPlaces(OutputWords output, int[] work) {
    OutputWords.Runs known = output.runs(shortest);
    MutableIntList places = IntLists.mutable.empty();
    int[] reached = new int[1];
    known.visit(
        work,
        (start, hash) -> {
          if (!known.has(hash)) {
            return;
          }
          if (start > reached[0] && places.notEmpty()) {
            places.add(-1);
          }
          for (int i = Math.max(reached[0], start); i < start + shortest; i++) {
            places.add(i);
          }
          reached[0] = start + shortest;
        });
    return places.toArray();
  }

  private static double expectedByChance(
      WordTokens output, Span words, ToDoubleFunction<String> probability, long corpusWords) {
    if (corpusWords < 1) {
      throw new IllegalArgumentException("a corpus has at least 1 word; got " + corpusWords);
    }
    return StrictMath.log10((double) corpusWords)
        + log10Probability(output, words.start(), words.end(), probability);
  }

  /** {@return log10 of the probability of a run of words that fall independently} */
  static double log10Probability(
      WordTokens output, int start, int end, ToDoubleFunction<String> probability) {
    double sum = 0;
    for (int i = start; i < end; i++) {
      double p = probability.applyAsDouble(output.word(i));
      if (!(p > 0 && p <= 1)) {
        throw new IllegalArgumentException(
            "the probability of " + output.word(i) + " is above 0 and at most 1; got " + p);
      }
      sum += StrictMath.log10(p);
    }
    return sum;
  }

  private static Span characters(WordTokens text, Span words) {
    return new Span(text.start(words.start()), text.end(words.end() - 1));
  }

  /** {@return how many words of the output are equal in one match or more} */
  public static int wordsCovered(List<? extends Evidence> matches) {
    return covered(matches.stream().flatMap(match -> match.equalOutputWords().stream()).toList());
  }

  /** {@return how many positions lie in one span or more; the spans may overlap, in any order} */
  public static int covered(List<Span> spans) {
    int covered = 0;
    int reached = 0;
    for (Span span : spans.stream().sorted(Comparator.comparingInt(Span::start)).toList()) {
      covered += Math.max(0, span.end() - Math.max(reached, span.start()));
      reached = Math.max(reached, span.end());
    }
    return covered;
  }
}
