package io.whence.engine.evidence;

import io.whence.engine.Span;
import java.util.Locale;

/**
 * One step from a work's words to an output's.
 *
 * @param kind what was done
 * @param output the words in the output; none where words were left out
 * @param work the words in the work; none where words were put in
 */
public record Edit(Kind kind, Side output, Side work) {
  /** What was done. */
  public enum Kind {
    /** Nothing: the words are the same. */
    EQUAL,
    /** Words of the output that the work does not have. */
    INSERT,
    /** Words of the work that the output does not have. */
    DELETE,
    /** Words of the output where the work has others. */
    SUBSTITUTE;

    /** {@return its name in answers} */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A half-open range of words, perhaps empty, in one of the two texts.
   *
   * @param wordStart the first word
   * @param wordEnd past the last word
   * @param characterStart where they start, in UTF-16 code units
   * @param characterEnd where they end; where there are none, where the word before ends
   */
  public record Side(int wordStart, int wordEnd, int characterStart, int characterEnd) {
    static Side of(WordTokens text, int start, int end) {
      int characters = end > start ? text.start(start) : start > 0 ? text.end(start - 1) : 0;
      return new Side(start, end, characters, end > start ? text.end(end - 1) : characters);
    }

    /** {@return how many words there are} */
    public int words() {
      return wordEnd - wordStart;
    }

    Span characters() {
      return new Span(characterStart, characterEnd);
    }
  }
}
