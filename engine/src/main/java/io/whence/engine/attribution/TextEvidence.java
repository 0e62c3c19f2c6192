package io.whence.engine.attribution;

import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.ControlCorpus;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.NearVerbatimMatcher;
import io.whence.engine.evidence.OutputWords;
import io.whence.engine.evidence.Significance;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.retrieval.CandidateIndex;
import io.whence.engine.retrieval.SharedRuns;
import io.whence.engine.retrieval.StoredWords;
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
   * Of the works that share no run as long as is reported, so many that share most are compared: in
   * a large index there are thousands that share five words with any output.
   */
  private static final int MOST_SHORT_RUNS = 32;

  /**
   * {@return the works that share runs of words with an output: every one that shares a run that is
   * reported and a fingerprint in it, as each run of {@link Winnowing#guarantee} words has, and
   * {@value #MOST_SHORT_RUNS} others; most shared fingerprints first}
   */
  List<SharedRuns> sharing(OutputWords output) {
    int reported = VerbatimMatcher.TEXT.shortest();
    List<SharedRuns> sharing = new ArrayList<>();
    int shorter = 0;
    for (SharedRuns runs :
        candidates.sharedRuns(
            candidates.stored(output.vocabulary()),
            output.numbers(),
            Winnowing.TEXT.everyRun(output.words()).hashes(),
            reported)) {
      if (runs.longest() >= reported || shorter++ < MOST_SHORT_RUNS) {
        sharing.add(runs);
      }
    }
    return sharing;
  }

  /**
   * {@return the findings in each of {@code among}, also where there are none: first verbatim runs,
   * then edited passages, each by place in the output}
   */
  SortedMap<Integer, List<Finding>> findings(
      OutputWords output, Collection<Integer> among, Exclusions exclusions) {
    StoredWords stored = candidates.stored(output.vocabulary());
    SortedMap<Integer, List<Evidence>> matches = new TreeMap<>();
    for (int work : among) {
      matches.put(work, matches(output, output.work(stored.numbers(work), works.get(work).text())));
    }
    List<Evidence> all = matches.values().stream().flatMap(List::stream).toList();
    List<Significance> significances = Significance.of(all, output.words().size(), control);
    Exclusions.InOutput here = exclusions.in(output);
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

  private List<Evidence> matches(OutputWords output, OutputWords.Work work) {
    List<Evidence> matches = new ArrayList<>();
    matches.addAll(
        VerbatimMatcher.TEXT.matches(output, work, candidates::probability, candidates.words()));
    matches.addAll(
        NearVerbatimMatcher.TEXT.matches(
            output, work, candidates::probability, candidates.words()));
    return matches;
  }
}
