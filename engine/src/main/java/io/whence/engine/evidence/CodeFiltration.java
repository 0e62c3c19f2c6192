package io.whence.engine.evidence;

import io.whence.engine.Span;
import io.whence.engine.evidence.CodeTokens.Kind;
import io.whence.engine.evidence.CodeTokens.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a source is set aside before it is compared, and why: the second step of
 * abstraction-filtration-comparison (Computer Associates v. Altai, 982 F.2d 693, 2d Cir. 1992).
 *
 * @param passages in order; none overlaps another
 */
public record CodeFiltration(List<Passage> passages) {
  /** Copies the list. */
  public CodeFiltration {
    passages = List.copyOf(passages);
  }

  /** Why nobody owns a passage. */
  public enum Rule {
    /** Package, import and include lines. */
    IMPORT("dictated by the libraries used (external factors)"),
    /** The head of a program's entry point. */
    ENTRY_POINT("dictated by the platform (external factors)"),
    /** A method that only reads or sets one field. */
    ACCESSOR("an idea that can be written in few ways (merger)"),
    /** Nothing but numbers and texts. */
    CONSTANTS("a table of constants: facts, compared as they are and not by their pattern");

    private final String reason;

    Rule(String reason) {
      this.reason = reason;
    }

    /** {@return why, in words} */
    public String reason() {
      return reason;
    }

    /** {@return the name it has in answers} */
    public String id() {
      return switch (this) {
        case IMPORT -> "import";
        case ENTRY_POINT -> "entryPoint";
        case ACCESSOR -> "accessor";
        case CONSTANTS -> "constants";
      };
    }
  }

  /**
   * Tokens that are set aside.
   *
   * @param tokens which
   */
  public record Passage(Span tokens, Rule rule) {}

  /** A match is set aside when this part of its tokens is. */
  private static final double MOST = 0.8;

  private static final int SHORTEST_TABLE = 16;

  private static final Set<String> IMPORTS = Set.of("import", "package", "from");
  private static final Set<String> IN_TABLES = Set.of(",", "-", "{", "}", "[", "]", "(", ")", ":");

  /** Accessors as they are normalised; {@code n} is any name, {@code k} a name or basic type. */
  private static final List<List<String>> ACCESSORS =
      List.of(
          pattern("k n ( ) { return n ; }"),
          pattern("k n ( ) { return this . n ; }"),
          pattern("void n ( k n ) { n = n ; }"),
          pattern("void n ( k n ) { this . n = n ; }"));

  private static final List<List<String>> ENTRY_POINTS =
      List.of(
          pattern("public static void main ( n [ ] n )"),
          pattern("public static void main ( n n [ ] )"),
          pattern("int main ( int n , char * * n )"),
          pattern("int main ( int n , char * n [ ] )"),
          pattern("int main ( void )"),
          pattern("if n == s :"));

  private static List<String> pattern(String text) {
    return Arrays.asList(text.split(" ", -1));
  }

  /** {@return what is set aside of a source} */
  public static CodeFiltration of(CodeTokens source) {
    List<Token> tokens = source.tokens();
    List<Passage> passages = new ArrayList<>();
    int at = 0;
    while (at < tokens.size()) {
      Passage passage = passageAt(source, at);
      if (passage == null) {
        at++;
        continue;
      }
      at = passage.tokens().end();
      Passage last = passages.isEmpty() ? null : passages.get(passages.size() - 1);
      if (last != null
          && last.rule() == passage.rule()
          && last.tokens().end() == passage.tokens().start()) {
        passages.set(
            passages.size() - 1, new Passage(new Span(last.tokens().start(), at), last.rule()));
      } else {
        passages.add(passage);
      }
    }
    return new CodeFiltration(passages);
  }

  private static @Nullable Passage passageAt(CodeTokens source, int at) {
    List<Token> tokens = source.tokens();
    int end = importEnd(source, at);
    if (end > at) {
      return new Passage(new Span(at, end), Rule.IMPORT);
    }
    for (List<String> head : ENTRY_POINTS) {
      if (matches(tokens, at, head)) {
        return new Passage(new Span(at, at + head.size()), Rule.ENTRY_POINT);
      }
    }
    for (List<String> accessor : ACCESSORS) {
      if (matches(tokens, at, accessor)) {
        return new Passage(new Span(at, at + accessor.size()), Rule.ACCESSOR);
      }
    }
    end = at;
    while (end < tokens.size() && isOfTable(tokens.get(end))) {
      end++;
    }
    return end - at >= SHORTEST_TABLE ? new Passage(new Span(at, end), Rule.CONSTANTS) : null;
  }

  private static int importEnd(CodeTokens source, int at) {
    List<Token> tokens = source.tokens();
    String first = tokens.get(at).text();
    boolean starts = at == 0 || List.of(";", "\n", "}").contains(tokens.get(at - 1).text());
    if (source.language() == CodeLanguage.C) {
      boolean include =
          first.equals("#")
              && at + 1 < tokens.size()
              && tokens.get(at + 1).text().equals("include");
      return include ? includeEnd(tokens, at + 2) : at;
    }
    if (!starts || !IMPORTS.contains(first) || !importsHere(source, at)) {
      return at;
    }
    String stop = source.language() == CodeLanguage.PYTHON ? "\n" : ";";
    int end = at;
    while (end < tokens.size() && !tokens.get(end).text().equals(stop)) {
      end++;
    }
    return Math.min(tokens.size(), end + 1);
  }

  /** {@code import(...)} in JavaScript is a call; {@code from} begins a line in Python alone. */
  private static boolean importsHere(CodeTokens source, int at) {
    boolean call = at + 1 < source.size() && source.tokens().get(at + 1).text().equals("(");
    return switch (source.language()) {
      case JAVA -> !source.tokens().get(at).text().equals("from");
      case JAVASCRIPT -> source.tokens().get(at).text().equals("import") && !call;
      case PYTHON -> !source.tokens().get(at).text().equals("package");
      case C -> false;
    };
  }

  private static int includeEnd(List<Token> tokens, int from) {
    if (from >= tokens.size() || !tokens.get(from).text().equals("<")) {
      return Math.min(tokens.size(), from + 1);
    }
    int end = from;
    while (end < tokens.size() && !tokens.get(end).text().equals(">")) {
      end++;
    }
    return Math.min(tokens.size(), end + 1);
  }

  private static boolean matches(List<Token> tokens, int at, List<String> pattern) {
    if (at + pattern.size() > tokens.size()) {
      return false;
    }
    for (int i = 0; i < pattern.size(); i++) {
      Token token = tokens.get(at + i);
      boolean same =
          switch (pattern.get(i)) {
            case "n" -> token.kind() == Kind.NAME;
            case "s" -> token.kind() == Kind.STRING;
            case "k" -> token.kind() == Kind.NAME || token.kind() == Kind.KEYWORD;
            default -> token.text().equals(pattern.get(i));
          };
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOfTable(Token token) {
    return token.kind() == Kind.NUMBER
        || token.kind() == Kind.STRING
        || (token.kind() == Kind.SIGN && IN_TABLES.contains(token.text()));
  }

  /** {@return the rule that sets aside a match over {@code tokens}, or null} */
  public @Nullable Rule excludes(Span tokens) {
    int aside = 0;
    Rule rule = null;
    for (Passage passage : passages) {
      int common =
          Math.min(tokens.end(), passage.tokens().end())
              - Math.max(tokens.start(), passage.tokens().start());
      if (common > 0) {
        aside += common;
        rule = rule == null ? passage.rule() : rule;
      }
    }
    return aside >= MOST * tokens.length() ? rule : null;
  }

  /**
   * {@return the characters of {@code source} that are set aside, in order, in UTF-16 code units}
   */
  public List<Span> characters(CodeTokens source) {
    return passages.stream().map(passage -> source.characters(passage.tokens())).toList();
  }

  /** {@return the tokens that are left, in order} */
  List<Token> kept(CodeTokens source) {
    List<Token> kept = new ArrayList<>(source.size());
    int at = 0;
    for (Passage passage : passages) {
      kept.addAll(source.tokens().subList(at, passage.tokens().start()));
      at = passage.tokens().end();
    }
    kept.addAll(source.tokens().subList(at, source.size()));
    return kept;
  }
}
