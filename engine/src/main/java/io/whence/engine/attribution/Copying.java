package io.whence.engine.attribution;

import io.whence.engine.Span;
import io.whence.engine.attribution.ImageTrace.SimilarImage;
import io.whence.engine.attribution.ImageTrace.TracedImage;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.CodeFiltration;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.CodeTokens;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.PictureFinding;
import io.whence.engine.evidence.SourceNotices;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.risk.CopiedWork;
import io.whence.engine.risk.Shared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an output took from a work, measured as the risk counts it: in words, code or pixels. */
final class Copying {
  private static final Set<String> FILTERS =
      Arrays.stream(CodeFiltration.Rule.values())
          .map(CodeFiltration.Rule::id)
          .collect(Collectors.toUnmodifiableSet());

  private Copying() {}

  /**
   * {@return what an output has of the words of a work}
   *
   * @param words of {@code output}
   * @param licence of the work
   * @param copies how many other works are copies of it
   * @param findings all that was found in it
   */
  static CopiedWork ofWords(
      String output,
      WordTokens words,
      Work work,
      @Nullable String licence,
      int copies,
      List<Finding> findings) {
    // Common phrases are no protected expression: they count for nothing that is measured.
    List<Evidence> rare = findings.stream().filter(Finding::counts).map(Finding::match).toList();
    List<Evidence> all = findings.stream().map(Finding::match).toList();
    return new CopiedWork(
        work.id(),
        work.title(),
        licence,
        work.year(),
        VerbatimMatcher.covered(inWork(rare)) / (double) work.text().length(),
        VerbatimMatcher.covered(inOutput(rare)) / (double) output.length(),
        copies,
        rare.isEmpty() ? List.of() : lost(work, words),
        new Shared.Words(
            (rare.isEmpty() ? all : rare).stream().mapToInt(Evidence::longestRun).max().orElse(0),
            !rare.isEmpty()));
  }

  /**
   * {@return what an output has of the code of a work, after what a filter sets aside is taken away
   * on both sides}
   *
   * @param words of {@code output}
   * @param aside characters of the output that the filter sets aside; empty where it is no code
   * @param language of the work
   * @param licence of the work
   * @param copies how many other works are copies of it
   * @param findings all that was found in it
   * @param compared the two as wholes; null where they were not compared as such
   */
  static CopiedWork ofCode(
      String output,
      WordTokens words,
      List<Span> aside,
      Work work,
      CodeLanguage language,
      @Nullable String licence,
      int copies,
      List<Finding> findings,
      CodeTrace.@Nullable Source compared) {
    CodeTokens code = compared == null ? CodeTokens.of(work.text(), language) : compared.code();
    CodeFiltration filtered = compared == null ? CodeFiltration.of(code) : compared.filtered();
    List<Span> workAside = filtered.characters(code);
    WordTokens workWords = WordTokens.of(work.text());
    List<Evidence> raw = new ArrayList<>();
    List<Evidence> left = new ArrayList<>();
    Set<String> rules = new TreeSet<>();
    for (Finding finding : findings) {
      Evidence match = finding.match();
      String excluded = finding.excludedBy();
      boolean byFilter = excluded != null && FILTERS.contains(excluded);
      if (!match.rare()
          || !finding.significance().significant()
          || (excluded != null && !byFilter)) {
        continue;
      }
      raw.add(match);
      if (byFilter) {
        rules.add(excluded);
      }
      for (Span run : match.equalWorkCharacters()) {
        filtered.passages().stream()
            .filter(passage -> overlap(run, code.characters(passage.tokens())))
            .forEach(passage -> rules.add(passage.rule().id()));
      }
      // Words know of no filter: of a run that is imports through and through too few are left.
      int wordsLeft = 0;
      for (Span run : without(match.equalWorkCharacters(), workAside)) {
        wordsLeft += count(workWords, run);
      }
      if (!byFilter && wordsLeft >= VerbatimMatcher.TEXT.shortest()) {
        left.add(match);
      }
    }
    List<Span> ofWork = without(inWork(left), workAside);
    boolean beyondChance = !ofWork.isEmpty();
    return new CopiedWork(
        work.id(),
        work.title(),
        licence,
        work.year(),
        share(ofWork, work.text().length(), workAside),
        share(without(inOutput(left), aside), output.length(), aside),
        copies,
        beyondChance ? lost(work, words) : List.of(),
        new Shared.Code(
            ofWork.stream().mapToInt(run -> count(workWords, run)).max().orElse(0),
            beyondChance,
            share(inWork(raw), work.text().length(), List.of()),
            share(inOutput(raw), output.length(), List.of()),
            List.copyOf(rules),
            compared == null
                ? null
                : new Shared.Likeness(
                    compared.similarity().literal(), compared.similarity().structure())));
  }

  /** {@return what an image has of a work's pixels; what is covered there does not count} */
  static CopiedWork ofPixels(ImageTrace output, TracedImage traced, int copies) {
    PictureFinding finding = traced.finding();
    double agreeing = finding.counts() ? Math.clamp(1 - finding.match().differing(), 0, 1) : 0;
    return image(
        traced.work(),
        agreeing * finding.match().workRegion().pixels() / pixels(traced.width(), traced.height()),
        agreeing * finding.match().output().pixels() / pixels(output.width(), output.height()),
        copies,
        new Shared.Pixels(finding.counts(), finding.wording()));
  }

  /** {@return what an image has of a work that it is near to by an embedding alone} */
  static CopiedWork ofStyle(SimilarImage similar, int copies) {
    return image(similar.work(), 0, 0, copies, new Shared.Style(similar.wording()));
  }

  /** {@return what an image has of a work that nothing was found of} */
  static CopiedWork ofNothing(Work work, int copies) {
    return image(
        work,
        0,
        0,
        copies,
        new Shared.Pixels(false, "nothing of this work was found in the image"));
  }

  private static CopiedWork image(
      Work work, double amountOfWork, double amountOfOutput, int copies, Shared shared) {
    return new CopiedWork(
        work.id(),
        work.title(),
        work.licence(),
        work.year(),
        Math.min(1, amountOfWork),
        Math.min(1, amountOfOutput),
        copies,
        List.of(),
        shared);
  }

  private static double pixels(int width, int height) {
    return (double) width * height;
  }

  private static List<String> lost(Work work, WordTokens output) {
    return SourceNotices.of(work).lostIn(output).stream()
        .map(SourceNotices.Copyright::text)
        .toList();
  }

  private static List<Span> inWork(List<Evidence> matches) {
    return matches.stream().flatMap(match -> match.equalWorkCharacters().stream()).toList();
  }

  private static List<Span> inOutput(List<Evidence> matches) {
    return matches.stream().flatMap(match -> match.equalOutputCharacters().stream()).toList();
  }

  /** The share of what is left of a text that some of it is, 0 to 1; 0 where nothing is left. */
  private static double share(List<Span> of, int length, List<Span> aside) {
    int left = length - VerbatimMatcher.covered(aside);
    return left == 0 ? 0 : VerbatimMatcher.covered(of) / (double) left;
  }

  private static int count(WordTokens words, Span characters) {
    return words.within(characters).map(Span::length).orElse(0);
  }

  private static boolean overlap(Span one, Span other) {
    return one.start() < other.end() && other.start() < one.end();
  }

  /** The pieces of spans that lie in none of {@code aside}. */
  private static List<Span> without(List<Span> spans, List<Span> aside) {
    List<Span> sorted = aside.stream().sorted(Comparator.comparingInt(Span::start)).toList();
    List<Span> left = new ArrayList<>();
    for (Span span : spans) {
      int from = span.start();
      for (Span cut : sorted) {
        if (overlap(span, cut)) {
          if (from < cut.start()) {
            left.add(new Span(from, cut.start()));
          }
          from = Math.max(from, cut.end());
        }
      }
      if (from < span.end()) {
        left.add(new Span(from, span.end()));
      }
    }
    return left;
  }
}
