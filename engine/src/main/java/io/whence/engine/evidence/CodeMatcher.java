package io.whence.engine.evidence;

import io.whence.engine.Span;
import io.whence.engine.evidence.CodeTokens.Kind;
import io.whence.engine.evidence.CodeTokens.Token;
import io.whence.engine.evidence.Evidence.RenamedMatch;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds every maximal run of code that an output shares with a work when names, numbers and texts
 * count as equal: the same code renamed, a clone of type 2 (Roy and Cordy, 2007). Runs in which
 * nothing was renamed are {@link VerbatimMatcher}'s and are left to it.
 *
 * @param shortest runs of fewer tokens are not reported
 */
public record CodeMatcher(int shortest) {
  /** As long as a fingerprinted run of {@link Winnowing#CODE}. */
  public static final CodeMatcher DEFAULT = new CodeMatcher(Winnowing.CODE.k());

  /**
   * An output or a work that is compared.
   *
   * @param code of {@code text}
   * @param words of {@code text}
   */
  public record Side(String text, CodeTokens code, WordTokens words) {
    /** {@return a source, read by the rules of a language} */
    public static Side of(String text, CodeLanguage language) {
      return new Side(text, CodeTokens.of(text, language), WordTokens.of(text));
    }
  }

  /** {@return the runs, by where they start in the output; none lies inside another} */
  public List<RenamedMatch> matches(Side output, Side work, CodeModel model) {
    WordTokens here = output.code().normalised();
    List<RenamedMatch> matches = new ArrayList<>();
    OutputWords compared = OutputWords.of(here, output.text());
    for (VerbatimMatch run :
        new VerbatimMatcher(shortest)
            .matches(
                compared, compared.work(work.code().normalised(), work.text()), token -> 1, 1)) {
      Optional<Span> outputWords = output.words().within(run.outputCharacters());
      Optional<Span> workWords = work.words().within(run.workCharacters());
      List<RenamedMatch.Renaming> renamings =
          renamings(tokens(output.code(), run.outputWords()), tokens(work.code(), run.workWords()));
      if (outputWords.isPresent() && workWords.isPresent() && !renamings.isEmpty()) {
        matches.add(
            new RenamedMatch(
                outputWords.get(),
                run.outputCharacters(),
                workWords.get(),
                run.workCharacters(),
                run.outputText(),
                run.workText(),
                run.outputWords(),
                run.workWords(),
                renamings,
                model.log10Expected(here, run.outputWords().start(), run.outputWords().end())));
      }
    }
    return matches;
  }

  private static List<Token> tokens(CodeTokens code, Span which) {
    return code.tokens().subList(which.start(), which.end());
  }

  /** What stands for what, where it is not the same, by first place in the work. */
  private static List<RenamedMatch.Renaming> renamings(List<Token> output, List<Token> work) {
    Map<String, Set<String>> counterparts = new LinkedHashMap<>();
    for (int i = 0; i < work.size(); i++) {
      if (work.get(i).kind() == Kind.NAME
          || work.get(i).kind() == Kind.NUMBER
          || work.get(i).kind() == Kind.STRING) {
        counterparts
            .computeIfAbsent(work.get(i).text(), key -> new LinkedHashSet<>())
            .add(output.get(i).text());
      }
    }
    List<RenamedMatch.Renaming> renamings = new ArrayList<>();
    counterparts.forEach(
        (name, others) -> {
          if (others.size() > 1 || !others.contains(name)) {
            renamings.add(new RenamedMatch.Renaming(name, List.copyOf(others)));
          }
        });
    return renamings;
  }
}
