package io.whence.indexbuilder;

import io.whence.engine.attribution.CodeTrace;
import io.whence.engine.attribution.SharedPassage;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.Trace.Source;
import io.whence.engine.attribution.Trace.TracedWork;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Evidence.NearVerbatimMatch;
import io.whence.engine.evidence.Evidence.RenamedMatch;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import io.whence.engine.evidence.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A trace laid out for a person at a terminal. */
final class TraceTable {
  private static final int SHOWN = 8;

  private TraceTable() {}

  static String of(Trace trace) {
    List<String> lines = new ArrayList<>();
    lines.add(
        trace.outputWords()
            + " words; "
            + trace.sources().size()
            + " sources share some of them, "
            + trace.sources().stream().filter(source -> source.words() > 0).count()
            + " more than chance would give");
    for (Source source : trace.sources().subList(0, Math.min(SHOWN, trace.sources().size()))) {
      lines.add("");
      lines.add(
          source.words()
              + " words  "
              + source.cluster()
              + (source.copies() > 1 ? ", " + source.copies() + " copies" : "")
              + (source.earliest() == null ? "" : ", earliest " + source.earliest()));
      for (TracedWork work : source.works()) {
        for (Finding finding : work.findings()) {
          lines.add(line(work, finding));
        }
      }
    }
    List<SharedPassage> passages = trace.passages();
    if (!passages.isEmpty()) {
      lines.add("");
      lines.add("passages that stand in several works:");
      for (SharedPassage passage : passages.stream().limit(SHOWN).toList()) {
        lines.add(line(passage));
      }
    }
    if (trace.negativeCertificate() != null) {
      lines.add("");
      lines.add(trace.negativeCertificate().statement());
    }
    if (trace.code() != null) {
      lines.addAll(code(trace.code()));
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static List<String> code(CodeTrace code) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        code.output().size()
            + " tokens of "
            + code.output().language().id()
            + "; "
            + code.filtered().passages().size()
            + " passages set aside");
    for (CodeTrace.Source source : code.sources()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    %s: literal %.2f, non-literal %.2f, licence %s",
              source.work().title(),
              source.similarity().literal(),
              source.similarity().nonLiteral(),
              source.licence() == null ? "not known" : source.licence()));
      source.lost().forEach(lost -> lines.add("        notice lost: " + lost.text()));
    }
    code.output()
        .faults()
        .forEach(fault -> lines.add("    line " + fault.line() + ": " + fault.reason()));
    code.licenceConflicts().forEach(conflict -> lines.add("    licences: " + conflict));
    code.personalData().forEach(data -> lines.add("    " + data.kind().id() + ": " + data.text()));
    return lines;
  }

  private static String line(SharedPassage passage) {
    Work earliest = passage.earliest();
    return String.format(
        Locale.ROOT,
        "    output characters %d-%d, %d words: %d works, %s%s",
        passage.characters().start(),
        passage.characters().end(),
        passage.words(),
        passage.places().size(),
        earliest == null
            ? "none of them dated"
            : "earliest " + earliest.title() + " (" + earliest.year() + ")",
        known(passage.known()));
  }

  private static String known(SharedPassage.@Nullable Known known) {
    return known == null
        ? ""
        : String.format(
            Locale.ROOT,
            "; %d of its words are in passage %d of the index, which %d works have that are no"
                + " copies",
            known.common(),
            known.passage().number(),
            known.passage().works());
  }

  private static String line(TracedWork work, Finding finding) {
    String found =
        switch (finding.match()) {
          case VerbatimMatch run -> run.equalWords() + " in one run";
          case RenamedMatch run ->
              run.outputTokens().length() + " tokens of code in one run, renamed";
          case NearVerbatimMatch passage -> passage.equalWords() + " with edits";
        };
    return String.format(
        Locale.ROOT,
        "    %s: %s, output characters %d-%d, work characters %d-%d, p %.2g%s",
        work.work().title(),
        found,
        finding.match().outputCharacters().start(),
        finding.match().outputCharacters().end(),
        finding.match().workCharacters().start(),
        finding.match().workCharacters().end(),
        finding.significance().pValue(),
        finding.excludedBy() != null
            ? " (set aside: " + finding.excludedBy() + ")"
            : finding.counts() ? "" : " (chance would do)");
  }
}
