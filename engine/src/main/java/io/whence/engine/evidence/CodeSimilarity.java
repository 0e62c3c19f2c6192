package io.whence.engine.evidence;

import io.whence.engine.evidence.CodeTokens.Kind;
import io.whence.engine.evidence.CodeTokens.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * How alike two sources are, at three levels of abstraction, after filtration. No level proves
 * copying: programs for one task are alike because the task is.
 *
 * <p>All three are Dice's coefficient of two bags: twice what both have over what each has. Order
 * beyond a few neighbouring tokens does not count, so moved methods and statements hide nothing.
 *
 * @param literal of runs of three tokens as they are, names included; 0 to 1
 * @param structure of pairs of neighbouring tokens with names made equal, without modifiers, braces
 *     and package names, each pair weighted by how rare it is among the sources of the corpus
 *     (inverse document frequency, Sp&auml;rck Jones, 1972); 0 to 1
 * @param constants of numbers and texts, which survive renaming and rearranging; NaN where neither
 *     source has any
 */
public record CodeSimilarity(double literal, double structure, double constants) {
  /**
   * The more alike first: by {@link #nonLiteral}, and where that is the same, as it is between
   * short programs for one task, by {@link #literal}.
   */
  public static final Comparator<CodeSimilarity> MOST_ALIKE_FIRST =
      Comparator.comparingDouble(CodeSimilarity::nonLiteral)
          .thenComparingDouble(CodeSimilarity::literal)
          .reversed();

  private static final int LITERAL_RUN = 3;

  /** A longer text in quotes is told apart by its beginning. */
  private static final int LONGEST_CONSTANT = 64;

  private static final Set<String> LEFT_OUT =
      Set.of(
          "public",
          "private",
          "protected",
          "static",
          "final",
          "abstract",
          "synchronized",
          "readonly",
          "const",
          "export",
          "{",
          "}",
          "\n");

  /** {@return mean of {@link #structure} and {@link #constants}, as far as there are any} */
  public double nonLiteral() {
    return Double.isNaN(constants) ? structure : (structure + constants) / 2;
  }

  /**
   * {@return how alike two sources are}
   *
   * @param rarity weight of a pair from {@link #pairs}, at least 0
   */
  public static CodeSimilarity of(
      CodeTokens one, CodeTokens other, ToDoubleFunction<String> rarity) {
    List<String> ofOne = constants(one);
    List<String> ofOther = constants(other);
    return new CodeSimilarity(
        dice(bag(literalRuns(one)), bag(literalRuns(other)), run -> 1),
        dice(bag(pairs(one)), bag(pairs(other)), rarity),
        ofOne.isEmpty() && ofOther.isEmpty()
            ? Double.NaN
            : dice(bag(ofOne), bag(ofOther), constant -> 1));
  }

  /**
   * {@return the weight of what stands in {@code holders} of {@code sources} sources} Half a holder
   * is added, so that what is in all of them still weighs a little.
   */
  public static double rarity(long holders, long sources) {
    return StrictMath.log((sources + 1) / (holders + 0.5));
  }

  /** {@return the pairs of neighbouring tokens that {@link #structure} compares, in order} */
  public static List<String> pairs(CodeTokens source) {
    List<String> words = new ArrayList<>();
    List<Token> kept = CodeFiltration.of(source).kept(source);
    for (int i = 0; i < kept.size(); i++) {
      Token token = kept.get(i);
      boolean ofThis =
          token.text().equals("this") && i + 1 < kept.size() && kept.get(i + 1).text().equals(".");
      if (ofThis) {
        i++;
      } else if (!LEFT_OUT.contains(token.text())) {
        i = unqualified(kept, i);
        words.add(abstracted(kept.get(i)));
      }
    }
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i + 1 < words.size(); i++) {
      pairs.add(words.get(i) + " " + words.get(i + 1));
    }
    return pairs;
  }

  /** {@return where the type's own name stands when a package's name begins here} */
  private static int unqualified(List<Token> tokens, int at) {
    int end = at;
    while (isLowerName(tokens, end)
        && end + 2 < tokens.size()
        && tokens.get(end + 1).text().equals(".")
        && tokens.get(end + 2).kind() == Kind.NAME) {
      end += 2;
    }
    return end - at >= 4 && !isLowerName(tokens, end) ? end : at;
  }

  private static boolean isLowerName(List<Token> tokens, int at) {
    return tokens.get(at).kind() == Kind.NAME
        && Character.isLowerCase(tokens.get(at).text().codePointAt(0));
  }

  private static String abstracted(Token token) {
    return switch (token.kind()) {
      case NAME -> token.normalised();
      case NUMBER -> token.text();
      // Wording, not spelling: spaces and punctuation in a message are easily changed.
      case STRING -> {
        String letters = token.text().toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
        yield "\"" + letters.substring(0, Math.min(LONGEST_CONSTANT, letters.length())) + "\"";
      }
      case KEYWORD, SIGN -> token.text();
    };
  }

  private static List<String> constants(CodeTokens source) {
    return source.tokens().stream()
        .filter(token -> token.kind() == Kind.NUMBER || token.kind() == Kind.STRING)
        .map(Token::text)
        .toList();
  }

  private static List<String> literalRuns(CodeTokens source) {
    List<Token> tokens = source.tokens();
    List<String> runs = new ArrayList<>();
    for (int i = 0; i + LITERAL_RUN <= tokens.size(); i++) {
      StringBuilder run = new StringBuilder();
      tokens.subList(i, i + LITERAL_RUN).forEach(token -> run.append(token.text()).append(' '));
      runs.add(run.toString());
    }
    return runs;
  }

  private static Map<String, Integer> bag(List<String> of) {
    Map<String, Integer> bag = new HashMap<>();
    of.forEach(one -> bag.merge(one, 1, Integer::sum));
    return bag;
  }

  private static double dice(
      Map<String, Integer> a, Map<String, Integer> b, ToDoubleFunction<String> weight) {
    double both = 0;
    double all = 0;
    // In one order, since a sum of doubles depends on it.
    for (var entry : new java.util.TreeMap<>(a).entrySet()) {
      double each = weight.applyAsDouble(entry.getKey());
      both += each * Math.min(entry.getValue(), b.getOrDefault(entry.getKey(), 0));
      all += each * entry.getValue();
    }
    for (var entry : new java.util.TreeMap<>(b).entrySet()) {
      all += weight.applyAsDouble(entry.getKey()) * entry.getValue();
    }
    return all > 0 ? 2 * both / all : 0;
  }
}
