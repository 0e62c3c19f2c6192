package io.whence.engine.evidence;

import io.whence.engine.Span;
import io.whence.engine.evidence.CodeTokens.Fault;
import io.whence.engine.evidence.CodeTokens.Kind;
import io.whence.engine.evidence.CodeTokens.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** Cuts one source into tokens, from left to right, in one pass. */
final class CodeLexer {
  /** Signs of more than one character, longest first. */
  private static final List<String> SIGNS =
      List.of(
          ">>>=", "<<=", ">>=", ">>>", "...", "**=", "//=", "===", "!==", "&&=", "||=", "??=", "=>",
          "->", "::", "++", "--", "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=",
          "&=", "|=", "^=", "<<", ">>", "**", "//", "??", "?.", ":=");

  private static final String BRACKETS = "([{)]}";

  /** What has more is no source; the first tell as much as all. */
  private static final int MOST_FAULTS = 20;

  private final String text;
  private final CodeLanguage language;
  private final List<Token> tokens = new ArrayList<>();
  private final List<Span> comments = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private final Deque<Character> open = new ArrayDeque<>();
  private int at;

  CodeLexer(String text, CodeLanguage language) {
    this.text = text;
    this.language = language;
  }

  CodeTokens read() {
    while (at < text.length()) {
      next();
    }
    return new CodeTokens(language, tokens, comments, faults);
  }

  private void next() {
    int character = text.codePointAt(at);
    int start = at;
    if (character == '\n') {
      at++;
      if (language == CodeLanguage.PYTHON && open.isEmpty() && endsStatement()) {
        tokens.add(new Token(Kind.SIGN, "\n", start, at));
      }
    } else if (Character.isWhitespace(character) || character == 0xFEFF) {
      at += Character.charCount(character);
    } else if (continuesLine()) {
      at = lineEnd(at) + 1;
    } else if (isComment()) {
      comment();
    } else if (Character.isUnicodeIdentifierStart(character)
        || character == '_'
        || character == '$'
        || (character == '#' && isPrivateName())) {
      word();
    } else if (isDigit(at) || (character == '.' && isDigit(at + 1))) {
      number();
    } else if (character == '"' || character == '\'') {
      quoted(start);
    } else if (character == '`' && language == CodeLanguage.JAVASCRIPT) {
      template();
    } else if (character == '/' && language == CodeLanguage.JAVASCRIPT && mayBeRegex()) {
      regex();
    } else if (character < 0x80 && character > ' ' && character != 0x7F) {
      sign();
    } else {
      fault(
          start,
          "the character " + String.format(Locale.ROOT, "U+%04X", character) + " begins no token");
      at += Character.charCount(character);
    }
  }

  private boolean endsStatement() {
    return !tokens.isEmpty() && !tokens.get(tokens.size() - 1).text().equals("\n");
  }

  private boolean continuesLine() {
    return text.charAt(at) == '\\'
        && (language == CodeLanguage.PYTHON || language == CodeLanguage.C)
        && (text.startsWith("\\\n", at) || text.startsWith("\\\r\n", at));
  }

  private boolean isComment() {
    return language == CodeLanguage.PYTHON
        ? text.charAt(at) == '#'
        : text.startsWith("//", at) || text.startsWith("/*", at);
  }

  private void comment() {
    int start = at;
    if (text.startsWith("/*", at)) {
      int end = text.indexOf("*/", at + 2);
      if (end < 0) {
        fault(at, "the comment has no end");
      }
      at = end < 0 ? text.length() : end + 2;
    } else {
      at = lineEnd(at);
    }
    comments.add(new Span(start, at));
  }

  private boolean isPrivateName() {
    return language == CodeLanguage.JAVASCRIPT
        && at + 1 < text.length()
        && Character.isUnicodeIdentifierStart(text.codePointAt(at + 1));
  }

  private void word() {
    int start = at;
    at += Character.charCount(text.codePointAt(at));
    while (at < text.length()
        && (Character.isUnicodeIdentifierPart(text.codePointAt(at)) || text.charAt(at) == '$')) {
      at += Character.charCount(text.codePointAt(at));
    }
    String word = text.substring(start, at);
    boolean quote = at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'');
    boolean prefix =
        switch (language) {
          case PYTHON -> word.matches("(?i)[rbfu]|[rbf][rbf]");
          case C -> word.matches("L|u8?|U");
          case JAVA, JAVASCRIPT -> false;
        };
    if (quote && prefix) {
      quoted(start);
    } else {
      add(language.isKeyword(word) ? Kind.KEYWORD : Kind.NAME, start);
    }
  }

  private boolean isDigit(int place) {
    return place < text.length() && text.charAt(place) >= '0' && text.charAt(place) <= '9';
  }

  private void number() {
    int start = at;
    boolean hexadecimal = text.startsWith("0x", at) || text.startsWith("0X", at);
    while (at < text.length()) {
      char character = text.charAt(at);
      boolean exponent =
          at > start
              && (character == '+' || character == '-')
              && (hexadecimal ? "pP" : "eE").indexOf(text.charAt(at - 1)) >= 0;
      boolean digitSeparator =
          language == CodeLanguage.C && character == '\'' && isDigit(at + 1) && at > start;
      if (!Character.isLetterOrDigit(character)
          && character != '.'
          && character != '_'
          && !exponent
          && !digitSeparator) {
        break;
      }
      at++;
    }
    add(Kind.NUMBER, start);
  }

  /** A text in quotes, from {@code start}, where its prefix is; {@code at} is on the quote. */
  private void quoted(int start) {
    String quote = text.substring(at, at + 1);
    boolean block =
        text.startsWith(quote.repeat(3), at)
            && (language == CodeLanguage.PYTHON
                || (language == CodeLanguage.JAVA && quote.equals("\"")));
    String end = block ? quote.repeat(3) : quote;
    at += end.length();
    while (at < text.length() && !text.startsWith(end, at)) {
      if (text.charAt(at) == '\n' && !block) {
        fault(start, "the text in quotes has no end");
        add(Kind.STRING, start);
        return;
      }
      at += text.charAt(at) == '\\' && at + 1 < text.length() ? 2 : 1;
    }
    if (at >= text.length()) {
      fault(start, "the text in quotes has no end");
      at = text.length();
    } else {
      at += end.length();
    }
    add(Kind.STRING, start);
  }

  /** What stands in the braces of a template is part of its text. */
  private void template() {
    int start = at++;
    int braces = 0;
    while (at < text.length() && (text.charAt(at) != '`' || braces > 0)) {
      if (text.startsWith("${", at)) {
        braces++;
      } else if (text.charAt(at) == '}' && braces > 0) {
        braces--;
      }
      at += text.charAt(at) == '\\' && at + 1 < text.length() ? 2 : 1;
    }
    if (at >= text.length()) {
      fault(start, "the template has no end");
    }
    at = Math.min(text.length(), at + 1);
    add(Kind.STRING, start);
  }

  /** A slash divides after a value and begins a pattern elsewhere. */
  private boolean mayBeRegex() {
    int end = regexEnd();
    if (end < 0) {
      return false;
    }
    if (tokens.isEmpty()) {
      return true;
    }
    Token last = tokens.get(tokens.size() - 1);
    return switch (last.kind()) {
      case NAME, NUMBER, STRING -> false;
      case KEYWORD -> !List.of("this", "super", "null", "true", "false").contains(last.text());
      case SIGN -> !List.of(")", "]", "}", "++", "--").contains(last.text());
    };
  }

  private int regexEnd() {
    boolean inClass = false;
    for (int i = at + 1; i < text.length() && text.charAt(i) != '\n'; i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '[' -> inClass = true;
        case ']' -> inClass = false;
        case '/' -> {
          if (!inClass) {
            return i + 1;
          }
        }
        default -> {}
      }
    }
    return -1;
  }

  private void regex() {
    int start = at;
    at = regexEnd();
    while (at < text.length() && Character.isLetter(text.charAt(at))) {
      at++;
    }
    add(Kind.STRING, start);
  }

  private void sign() {
    int start = at;
    at +=
        SIGNS.stream()
            .filter(sign -> text.startsWith(sign, start))
            .mapToInt(String::length)
            .findFirst()
            .orElse(1);
    String sign = text.substring(start, at);
    int bracket = sign.length() == 1 ? BRACKETS.indexOf(sign) : -1;
    if (bracket >= 3) {
      // A fragment may close what it did not open.
      char opener = BRACKETS.charAt(bracket - 3);
      if (!open.isEmpty() && open.pop() != opener) {
        fault(start, sign + " closes another bracket");
      }
    } else if (bracket >= 0) {
      open.push(sign.charAt(0));
    }
    add(Kind.SIGN, start);
  }

  private void add(Kind kind, int start) {
    tokens.add(new Token(kind, text.substring(start, at), start, at));
  }

  private void fault(int place, String reason) {
    if (faults.size() == MOST_FAULTS) {
      return;
    }
    int line = 1 + (int) text.substring(0, place).chars().filter(c -> c == '\n').count();
    faults.add(new Fault(line, reason));
  }

  private int lineEnd(int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }
}
