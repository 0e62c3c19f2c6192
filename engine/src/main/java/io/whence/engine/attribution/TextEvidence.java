package io.whence.engine.attribution;

import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.ControlCorpus;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.NearVerbatimMatcher;
import io.whence.engine.evidence.Significance;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.retrieval.CandidateIndex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the words of an output have in common with works, and what that is worth.
 *
 * @param works of the index, by number
 * @param candidates of the same index: its words are what chance is reckoned from
 * @param control what unrelated outputs have in common with the index, where that was measured
 */
record TextEvidence(List<Work> works, CandidateIndex candidates, @Nullable ControlCorpus control) {

  /**
   * {@return the findings in each of {@code among}, also where there are none: first verbatim runs,
   * then edited passages, each by place in the output}
   */
  SortedMap<Integer, List<Finding>> findings(
      String output, WordTokens words, Collection<Integer> among, Exclusions exclusions) {
    SortedMap<Integer, List<Evidence>> matches = new TreeMap<>();
    for (int work : among) {
      matches.put(work, matches(output, words, work));
    }
    List<Evidence> all = matches.values().stream().flatMap(List::stream).toList();
    List<Significance> significances = Significance.of(all, words.size(), control);
    Exclusions.InOutput here = exclusions.in(words);
    SortedMap<Integer, List<Finding>> findings = new TreeMap<>();
    int next = 0;
    for (var entry : matches.entrySet()) {
      List<Finding> found = new ArrayList<>();
      for (Evidence match : entry.getValue()) {
        found.add(new Finding(match, significances.get(next++), here.excludes(match)));
      }
      findings.put(entry.getKey(), List.copyOf(found));
    }
    return findings;
  }

  private List<Evidence> matches(String output, WordTokens words, int work) {
    String text = works.get(work).text();
    WordTokens workWords = WordTokens.of(text);
    List<Evidence> matches = new ArrayList<>();
    matches.addAll(
        VerbatimMatcher.TEXT.matches(
            words, output, workWords, text, candidates::probability, candidates.words()));
    matches.addAll(
        NearVerbatimMatcher.TEXT.matches(
            words, output, workWords, text, candidates::probability, candidates.words()));
    return matches;
  }
}
