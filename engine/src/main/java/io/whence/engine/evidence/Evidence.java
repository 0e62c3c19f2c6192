package io.whence.engine.evidence;

import io.whence.engine.Span;

/** One reason to link an output to a work. */
public sealed interface Evidence {
  /**
   * The same words in the output and in the work, in the same order without a gap, and not part of
   * a longer such run.
   *
   * @param outputWords where in the output, in words
   * @param outputCharacters where in the output, in UTF-16 code units
   * @param workWords where in the work, in words
   * @param workCharacters where in the work, in UTF-16 code units
   * @param outputText the output's characters, as they stand there
   * @param workText the work's characters, as they stand there
   * @param log10ExpectedByChance log10 of how often a run of these words would stand in a corpus of
   *     this size if words fell independently, each with its own frequency; an optimistic model for
   *     idioms and formulae
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

    /** A run expected more often than this by chance is a common phrase, not evidence. */
    public static final double RARE = -3;

    /** {@return whether chance alone would give such a run less than once in a thousand corpora} */
    public boolean rare() {
      return log10ExpectedByChance < RARE;
    }
  }
}
