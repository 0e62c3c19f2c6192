package io.whence.engine.attribution;

import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.CodeFiltration;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.CodeMatcher;
import io.whence.engine.evidence.CodeModel;
import io.whence.engine.evidence.CodeSimilarity;
import io.whence.engine.evidence.ControlCorpus;
import io.whence.engine.evidence.Evidence.RenamedMatch;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.PersonalData;
import io.whence.engine.evidence.Significance;
import io.whence.engine.evidence.SourceNotices;
import io.whence.engine.retrieval.CandidateIndex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the code of an output has in common with the code of works, and what that is worth.
 *
 * @param works of the index, by number
 * @param candidates of the same index: its code is what chance is reckoned from
 * @param control what unrelated code has in common with the index, where that was measured
 */
record CodeEvidence(List<Work> works, CandidateIndex candidates, @Nullable ControlCorpus control) {
  /** So many works are compared as wholes, and shown. */
  private static final int MOST_COMPARED = 10;

  /**
   * {@return the findings in each of {@code among} that is code of the output's language, by place
   * in the output}
   */
  SortedMap<Integer, List<Finding>> findings(CodeMatcher.Side output, Collection<Integer> among) {
    CodeModel model =
        new CodeModel(candidates::codeOccurrences, Math.max(1, candidates.codeTokens()));
    SortedMap<Integer, List<RenamedMatch>> matches = new TreeMap<>();
    for (int work : among) {
      source(work, output.code().language())
          .ifPresent(
              source -> matches.put(work, CodeMatcher.DEFAULT.matches(output, source, model)));
    }
    List<RenamedMatch> all = matches.values().stream().flatMap(List::stream).toList();
    List<Significance> significances = Significance.of(all, output.code().size(), control);
    CodeFiltration aside = CodeFiltration.of(output.code());
    SortedMap<Integer, List<Finding>> findings = new TreeMap<>();
    int next = 0;
    for (var entry : matches.entrySet()) {
      List<Finding> found = new ArrayList<>();
      for (RenamedMatch match : entry.getValue()) {
        CodeFiltration.Rule rule = aside.excludes(match.outputTokens());
        found.add(new Finding(match, significances.get(next++), rule == null ? null : rule.id()));
      }
      findings.put(entry.getKey(), List.copyOf(found));
    }
    return findings;
  }

  private Optional<CodeMatcher.Side> source(int work, CodeLanguage language) {
    return CodeLanguage.of(works.get(work))
        .filter(language::equals)
        .map(same -> CodeMatcher.Side.of(works.get(work).text(), same));
  }

  /**
   * {@return the output's code as a whole, beside the works that are most like it}
   *
   * @param findings in words and in code, by the number of the work
   */
  CodeTrace trace(CodeMatcher.Side output, SortedMap<Integer, List<Finding>> findings) {
    List<CodeTrace.Source> sources = new ArrayList<>();
    findings.forEach(
        (work, found) ->
            source(work, output.code().language())
                .map(source -> compared(output, works.get(work), source, found))
                .ifPresent(sources::add));
    sources.sort(
        Comparator.comparingInt((CodeTrace.Source source) -> source.counts() ? 0 : 1)
            .thenComparing(CodeTrace.Source::similarity, CodeSimilarity.MOST_ALIKE_FIRST)
            .thenComparing(source -> source.work().id()));
    return new CodeTrace(
        output.code(),
        CodeFiltration.of(output.code()),
        PersonalData.in(output.text()),
        sources.subList(0, Math.min(MOST_COMPARED, sources.size())));
  }

  private CodeTrace.Source compared(
      CodeMatcher.Side output, Work work, CodeMatcher.Side source, List<Finding> found) {
    long sources = candidates.codeWorks();
    SourceNotices notices = SourceNotices.of(source.text(), source.code());
    boolean counts = found.stream().anyMatch(Finding::counts);
    return new CodeTrace.Source(
        work,
        counts,
        CodeSimilarity.of(
            output.code(),
            source.code(),
            pair -> CodeSimilarity.rarity(candidates.codeWorksWith(pair), sources)),
        source.code(),
        CodeFiltration.of(source.code()),
        notices,
        counts ? notices.lostIn(output.words()) : List.of());
  }
}
