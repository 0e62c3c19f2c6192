package io.whence.engine.evidence;

import io.whence.engine.Span;
import java.util.List;
import java.util.stream.Stream;

/** One reason to link an output to a work. */
public sealed interface Evidence {
  /** A match expected more often than this by chance is a common phrase, not evidence. */
  double RARE = -3;

  /** {@return where in the output, in words} */
  Span outputWords();

  /** {@return where in the output, in UTF-16 code units} */
  Span outputCharacters();

  /** {@return where in the work, in words} */
  Span workWords();

  /** {@return where in the work, in UTF-16 code units} */
  Span workCharacters();

  /** {@return the output's characters, as they stand there} */
  String outputText();

  /** {@return the work's characters, as they stand there} */
  String workText();

  /**
   * {@return log10 of how often such a match would stand in a corpus of this size if words fell
   * independently, each with its own frequency} An optimistic model for idioms and formulae.
   */
  double log10ExpectedByChance();

  /** {@return how many words are the same on both sides} */
  int equalWords();

  /** {@return the longest stretch of equal words} */
  int longestRun();

  /** {@return the stretches of equal words in the output, in words} */
  List<Span> equalOutputWords();

  /** {@return the stretches of equal words in the output, in UTF-16 code units} */
  List<Span> equalOutputCharacters();

  /** {@return the stretches of equal words in the work, in UTF-16 code units} */
  List<Span> equalWorkCharacters();

  /** {@return whether chance alone would give such a match less than once in a thousand corpora} */
  default boolean rare() {
    return log10ExpectedByChance() < RARE;
  }

  /**
   * The same words in the output and in the work, in the same order without a gap, and not part of
   * a longer such run.
   */
  record VerbatimMatch(
      Span outputWords,
      Span outputCharacters,
      Span workWords,
      Span workCharacters,
      String outputText,
      String workText,
      double log10ExpectedByChance)
      implements Evidence {
    /** Rejects spans that cannot be of the same words. */
    public VerbatimMatch {
      if (outputWords.length() != workWords.length()) {
        throw new IllegalArgumentException(
            "a match has as many words on both sides; got "
                + outputWords.length()
                + " and "
                + workWords.length());
      }
    }

    @Override
    public int equalWords() {
      return outputWords.length();
    }

    @Override
    public int longestRun() {
      return outputWords.length();
    }

    @Override
    public List<Span> equalOutputWords() {
      return List.of(outputWords);
    }

    @Override
    public List<Span> equalOutputCharacters() {
      return List.of(outputCharacters);
    }

    @Override
    public List<Span> equalWorkCharacters() {
      return List.of(workCharacters);
    }
  }

  /**
   * The same code but for names, numbers and texts: the same tokens otherwise, in the same order
   * without a gap, and not part of a longer such run. Its words are those that stand among the
   * tokens, and count as equal though some were replaced.
   *
   * @param outputTokens where in the output's code
   * @param workTokens where in the work's code
   * @param renamings what was replaced by what, by first place in the work; not empty
   * @param log10ExpectedByChance here in code that goes on as the corpus's code does, token by
   *     token: {@link CodeModel}
   */
  record RenamedMatch(
      Span outputWords,
      Span outputCharacters,
      Span workWords,
      Span workCharacters,
      String outputText,
      String workText,
      Span outputTokens,
      Span workTokens,
      List<Renaming> renamings,
      double log10ExpectedByChance)
      implements Evidence {
    /**
     * One name, number or text of the work.
     *
     * @param inOutput what stands in its places in the output, in order: where code was renamed as
     *     a whole, one for each
     */
    public record Renaming(String inWork, List<String> inOutput) {}

    /** Copies the list; rejects spans that cannot be of the same tokens. */
    public RenamedMatch {
      renamings = List.copyOf(renamings);
      if (outputTokens.length() != workTokens.length()) {
        throw new IllegalArgumentException(
            "a match has as many tokens on both sides; got "
                + outputTokens.length()
                + " and "
                + workTokens.length());
      }
    }

    /** {@return the share of what was replaced that always has the same in its place, 0 to 1} */
    public double consistency() {
      long consistent =
          renamings.stream().filter(renaming -> renaming.inOutput().size() == 1).count();
      return (double) consistent / renamings.size();
    }

    @Override
    public int equalWords() {
      return outputWords.length();
    }

    @Override
    public int longestRun() {
      return outputWords.length();
    }

    @Override
    public List<Span> equalOutputWords() {
      return List.of(outputWords);
    }

    @Override
    public List<Span> equalOutputCharacters() {
      return List.of(outputCharacters);
    }

    @Override
    public List<Span> equalWorkCharacters() {
      return List.of(workCharacters);
    }
  }

  /**
   * Mostly the same words in the same order, with others inserted, left out or put in their place.
   *
   * @param edits what turns the work's words into the output's, in order and without a gap: the
   *     first and the last are {@link Edit.Kind#EQUAL}, and no two neighbours are of one kind
   * @param measures how alike the two sides are
   * @param log10ExpectedByChance here any match counts that has the same words equal and as many
   *     edits of each kind, wherever they fall
   */
  record NearVerbatimMatch(
      Span outputWords,
      Span outputCharacters,
      Span workWords,
      Span workCharacters,
      String outputText,
      String workText,
      List<Edit> edits,
      Measures measures,
      double log10ExpectedByChance)
      implements Evidence {
    /** Copies the edits; rejects edits that begin or end a match. */
    public NearVerbatimMatch {
      edits = List.copyOf(edits);
      if (edits.isEmpty()
          || edits.get(0).kind() != Edit.Kind.EQUAL
          || edits.get(edits.size() - 1).kind() != Edit.Kind.EQUAL) {
        throw new IllegalArgumentException("a match begins and ends with equal words");
      }
    }

    @Override
    public int equalWords() {
      return equal().mapToInt(edit -> edit.output().words()).sum();
    }

    @Override
    public int longestRun() {
      return measures.longestRun();
    }

    @Override
    public List<Span> equalOutputWords() {
      return equal()
          .map(edit -> new Span(edit.output().wordStart(), edit.output().wordEnd()))
          .toList();
    }

    @Override
    public List<Span> equalOutputCharacters() {
      return equal().map(edit -> edit.output().characters()).toList();
    }

    @Override
    public List<Span> equalWorkCharacters() {
      return equal().map(edit -> edit.work().characters()).toList();
    }

    private Stream<Edit> equal() {
      return edits.stream().filter(edit -> edit.kind() == Edit.Kind.EQUAL);
    }
  }
}
