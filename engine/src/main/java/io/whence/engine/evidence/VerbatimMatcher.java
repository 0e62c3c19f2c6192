package io.whence.engine.evidence;

import io.whence.engine.Span;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Finds every maximal run of words that an output shares with a work. Compares the words themselves,
 * so nothing it reports is a hash collision and, for the work it is given, nothing is missed.
 *
 * @param shortest runs of fewer words are not reported
 */
public record VerbatimMatcher(int shortest) {
  /** Runs of eight words or more. */
  public static final VerbatimMatcher TEXT = new VerbatimMatcher(8);

  /**
   * {@return the runs, by where they start in the output; none lies inside another, and of several
   * places in the work the first is given}
   *
   * @param probability of a word in the corpus, above 0
   * @param corpusWords how many words the corpus has
   */
  public List<VerbatimMatch> matches(
      WordTokens output,
      String outputText,
      WordTokens work,
      String workText,
      ToDoubleFunction<String> probability,
      long corpusWords) {
    if (output.size() < shortest || work.size() < shortest) {
      return List.of();
    }
    Map<List<String>, List<Integer>> places = new HashMap<>();
    for (int i = 0; i + shortest <= work.size(); i++) {
      places
          .computeIfAbsent(work.words().subList(i, i + shortest), key -> new ArrayList<>())
          .add(i);
    }
    List<VerbatimMatch> matches = new ArrayList<>();
    int covered = 0;
    for (int i = 0; i + shortest <= output.size(); i++) {
      int longest = 0;
      int at = -1;
      for (int place :
          places.getOrDefault(output.words().subList(i, i + shortest), List.of())) {
        // What could be longer to the left was found one word earlier; in repetitive text that is
        // nearly every place.
        if (i > 0 && place > 0 && output.word(i - 1).equals(work.word(place - 1))) {
          continue;
        }
        int length = shortest;
        while (i + length < output.size()
            && place + length < work.size()
            && output.word(i + length).equals(work.word(place + length))) {
          length++;
        }
        if (length > longest) {
          longest = length;
          at = place;
        }
      }
      // A run that ends no later than one that started earlier lies inside it.
      if (longest > 0 && i + longest > covered) {
        covered = i + longest;
        matches.add(
            match(
                output,
                outputText,
                new Span(i, i + longest),
                work,
                workText,
                new Span(at, at + longest),
                probability,
                corpusWords));
      }
    }
    return matches;
  }

  private static VerbatimMatch match(
      WordTokens output,
      String outputText,
      Span inOutput,
      WordTokens work,
      String workText,
      Span inWork,
      ToDoubleFunction<String> probability,
      long corpusWords) {
    double expected = StrictMath.log10((double) corpusWords);
    for (int i = inOutput.start(); i < inOutput.end(); i++) {
      expected += StrictMath.log10(probability.applyAsDouble(output.word(i)));
    }
    Span outputCharacters = characters(output, inOutput);
    Span workCharacters = characters(work, inWork);
    return new VerbatimMatch(
        inOutput,
        outputCharacters,
        inWork,
        workCharacters,
        outputText.substring(outputCharacters.start(), outputCharacters.end()),
        workText.substring(workCharacters.start(), workCharacters.end()),
        expected);
  }

  private static Span characters(WordTokens text, Span words) {
    return new Span(text.start(words.start()), text.end(words.end() - 1));
  }

  /** {@return how many words of the output lie in one match or more} */
  public static int wordsCovered(List<VerbatimMatch> matches) {
    int covered = 0;
    int reached = 0;
    for (VerbatimMatch match : matches) {
      int from = Math.max(reached, match.outputWords().start());
      covered += Math.max(0, match.outputWords().end() - from);
      reached = Math.max(reached, match.outputWords().end());
    }
    return covered;
  }
}
