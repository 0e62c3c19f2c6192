package io.whence.engine.evidence;

import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Work;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A programming language whose sources are compared token by token. */
@SuppressWarnings("ImmutableEnumChecker") // both collections are unmodifiable
public enum CodeLanguage {
  /** Java, up to release 21. */
  JAVA(
      "java",
      List.of("java"),
      """
      abstract assert boolean break byte case catch char class const continue default do double else
      enum extends false final finally float for goto if implements import instanceof int interface
      long native new null package private protected public return short static strictfp super switch
      synchronized this throw throws transient true try void volatile while
      """),
  /** JavaScript and TypeScript, with their types and JSX as far as it is made of tokens. */
  JAVASCRIPT(
      "javascript",
      List.of("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"),
      """
      async await break case catch class const continue debugger default delete do else enum export
      extends false finally for function if implements import in instanceof interface let new null
      of private protected public readonly return static super switch this throw true try type typeof
      undefined var void while with yield
      """),
  /** Python 3. */
  PYTHON(
      "python",
      List.of("py", "pyi"),
      """
      False None True and as assert async await break class continue def del elif else except finally
      for from global if import in is lambda nonlocal not or pass raise return try while with yield
      """),
  /** C; C++ is read by the same rules, so its raw strings are not. */
  C(
      "c",
      List.of("c", "h", "cc", "cpp", "cxx", "hh", "hpp"),
      """
      alignas alignof auto bool break case catch char class const constexpr continue default delete do
      double else enum extern false float for goto if inline int long namespace new nullptr operator
      private protected public register restrict return short signed sizeof static static_assert struct
      switch template this throw true try typedef typename union unsigned using virtual void volatile
      while
      """);

  /** Prose has fewer signs, and of its words few are those of a language. */
  private static final double LEAST_SIGNS = 0.25;

  private static final double LEAST_KEYWORDS = 0.05;

  private final String id;
  private final List<String> suffixes;
  private final Set<String> keywords;

  CodeLanguage(String id, List<String> suffixes, String keywords) {
    this.id = id;
    this.suffixes = suffixes;
    this.keywords = Set.of(keywords.strip().split("\\s+"));
  }

  /** {@return the name it has in requests and answers} */
  public String id() {
    return id;
  }

  /** {@return whether {@code word} belongs to the language and is no name that somebody chose} */
  boolean isKeyword(String word) {
    return keywords.contains(word);
  }

  /** {@return the language of that id, in any case} */
  public static Optional<CodeLanguage> named(String id) {
    String name = id.toLowerCase(Locale.ROOT).equals("typescript") ? "javascript" : id;
    return Arrays.stream(values()).filter(one -> one.id.equalsIgnoreCase(name)).findFirst();
  }

  /** {@return the language of a file, by the suffix of its name} */
  public static Optional<CodeLanguage> ofFile(String name) {
    String suffix = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(one -> one.suffixes.contains(suffix)).findFirst();
  }

  /**
   * {@return the language of a work that is code: by its {@code language}, the suffix of its id,
   * title or address, or else its text; empty where it is no code or of another language}
   */
  public static Optional<CodeLanguage> of(Work work) {
    if (work.modality() != Modality.CODE) {
      return Optional.empty();
    }
    return Optional.ofNullable(work.language())
        .flatMap(CodeLanguage::named)
        .or(() -> ofFile(work.id().value()))
        .or(() -> ofFile(work.title()))
        .or(() -> Optional.ofNullable(work.url()).flatMap(CodeLanguage::ofFile))
        .or(() -> detect(work.text()));
  }

  /**
   * {@return the language that {@code text} reads as without fault and of which most of its words
   * are; empty where it does not look like code}
   */
  public static Optional<CodeLanguage> detect(String text) {
    CodeLanguage best = null;
    double most = LEAST_KEYWORDS;
    for (CodeLanguage language : values()) {
      CodeTokens tokens = CodeTokens.of(text, language);
      long signs = tokens.tokens().stream().filter(t -> t.kind() == CodeTokens.Kind.SIGN).count();
      long keywords =
          tokens.tokens().stream().filter(t -> t.kind() == CodeTokens.Kind.KEYWORD).count();
      long names = tokens.tokens().stream().filter(t -> t.kind() == CodeTokens.Kind.NAME).count();
      double share = (double) keywords / Math.max(1, keywords + names);
      if (tokens.faults().isEmpty() && signs >= LEAST_SIGNS * tokens.size() && share > most) {
        best = language;
        most = share;
      }
    }
    return Optional.ofNullable(best);
  }
}
