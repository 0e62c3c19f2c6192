package io.whence.engine.evidence;

import io.whence.engine.Span;
import java.util.List;

/**
 * A source as the tokens of its language, each with where it stands, and its comments beside them.
 *
 * <p>Layout is no token, except for the end of a statement's line in Python. Nothing is refused: an
 * output may begin and end in the middle of a file. What no source of the language could hold is
 * listed as a {@link Fault}, and reading goes on behind it.
 *
 * @param language by whose rules it was read
 * @param tokens in order
 * @param comments in order, with their marks, in UTF-16 code units
 * @param faults in order
 */
public record CodeTokens(
    CodeLanguage language, List<Token> tokens, List<Span> comments, List<Fault> faults) {
  /** Copies the lists. */
  public CodeTokens {
    tokens = List.copyOf(tokens);
    comments = List.copyOf(comments);
    faults = List.copyOf(faults);
  }

  /** What a token is. */
  public enum Kind {
    /** A word of the language. */
    KEYWORD("k"),
    /** A name that somebody chose. */
    NAME("n"),
    /** A number. */
    NUMBER("0"),
    /** A text or a character, with its quotes. */
    STRING("s"),
    /** A sign of the language, or the end of a line that ends a statement. */
    SIGN("");

    private final String symbol;

    Kind(String symbol) {
      this.symbol = symbol;
    }
  }

  /**
   * One token.
   *
   * @param text as it stands in the source; a line feed for the end of a Python line
   * @param start where it starts, in UTF-16 code units
   * @param end where it ends
   */
  public record Token(Kind kind, String text, int start, int end) {
    /** {@return the token with every name, number and text like every other of its kind} */
    String normalised() {
      return switch (kind) {
        case KEYWORD, SIGN -> text;
        case NAME, NUMBER, STRING -> kind.symbol;
      };
    }
  }

  /**
   * What keeps a text from being a source of its language.
   *
   * @param line from 1
   * @param reason in words
   */
  public record Fault(int line, String reason) {}

  /** {@return the tokens of {@code text}} */
  public static CodeTokens of(String text, CodeLanguage language) {
    return new CodeLexer(text, language).read();
  }

  /** {@return how many tokens there are} */
  public int size() {
    return tokens.size();
  }

  /**
   * {@return the tokens as words to be compared: keywords and signs as they are; names, numbers and
   * texts each as one word, so that renaming hides nothing}
   */
  public WordTokens normalised() {
    return words(tokens.stream().map(Token::normalised).toList());
  }

  /** {@return the tokens as words to be compared, as they are} */
  public WordTokens literal() {
    return words(tokens.stream().map(Token::text).toList());
  }

  private WordTokens words(List<String> words) {
    return WordTokens.of(
        words,
        tokens.stream().mapToInt(Token::start).toArray(),
        tokens.stream().mapToInt(Token::end).toArray());
  }

  /** {@return the characters of some tokens} */
  public Span characters(Span of) {
    return new Span(tokens.get(of.start()).start(), tokens.get(of.end() - 1).end());
  }
}
