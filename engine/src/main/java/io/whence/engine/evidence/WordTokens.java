package io.whence.engine.evidence;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A text as normalised words, each with where it stands in the original.
 *
 * <p>A word is a longest run of letters, digits and marks; in scripts written without spaces (Han,
 * kana, Thai, Lao, Khmer, Myanmar) each code point is a word of its own. Words are compared after
 * NFKC and lower-casing without a locale, so typography and case do not hide a copy; punctuation,
 * spaces and line breaks never count.
 */
public final class WordTokens {
  private final List<String> words;
  private final int[] starts;
  private final int[] ends;

  private WordTokens(List<String> words, int[] starts, int[] ends) {
    this.words = words;
    this.starts = starts;
    this.ends = ends;
  }

  /** {@return the words of {@code text}} */
  public static WordTokens of(String text) {
    List<String> words = new ArrayList<>();
    int[] starts = new int[16];
    int[] ends = new int[16];
    int at = 0;
    while (at < text.length()) {
      int first = text.codePointAt(at);
      int end = at + Character.charCount(first);
      if (!inWord(first)) {
        at = end;
        continue;
      }
      if (standsAlone(first)) {
        end = past(text, end, WordTokens::isMark);
      } else {
        end = past(text, end, c -> inWord(c) && !standsAlone(c));
      }
      String word = normalise(text.substring(at, end));
      if (!word.isEmpty()) {
        if (words.size() == starts.length) {
          starts = Arrays.copyOf(starts, 2 * starts.length);
          ends = Arrays.copyOf(ends, 2 * ends.length);
        }
        starts[words.size()] = at;
        ends[words.size()] = end;
        words.add(word);
      }
      at = end;
    }
    return new WordTokens(
        List.copyOf(words),
        Arrays.copyOf(starts, words.size()),
        Arrays.copyOf(ends, words.size()));
  }

  private static int past(String text, int from, java.util.function.IntPredicate belongs) {
    int end = from;
    while (end < text.length()) {
      int next = text.codePointAt(end);
      if (!belongs.test(next)) {
        break;
      }
      end += Character.charCount(next);
    }
    return end;
  }

  private static boolean inWord(int codePoint) {
    return Character.isLetterOrDigit(codePoint) || isMark(codePoint);
  }

  private static boolean isMark(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK
        || type == Character.ENCLOSING_MARK;
  }

  private static boolean standsAlone(int codePoint) {
    if (codePoint < 0x0E00) {
      return false;
    }
    return switch (Character.UnicodeScript.of(codePoint)) {
      case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> !isMark(codePoint);
      default -> false;
    };
  }

  private static String normalise(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (word.charAt(i) > 0x7F) {
        String folded = Normalizer.normalize(word, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        return Normalizer.normalize(folded, Normalizer.Form.NFKC);
      }
    }
    return word.toLowerCase(Locale.ROOT);
  }

  /** {@return how many words there are} */
  public int size() {
    return words.size();
  }

  /** {@return the words, normalised, in order} */
  public List<String> words() {
    return words;
  }

  /** {@return word {@code i}, normalised} */
  public String word(int i) {
    return words.get(i);
  }

  /** {@return where word {@code i} starts in the original, in UTF-16 code units} */
  public int start(int i) {
    return starts[i];
  }

  /** {@return where word {@code i} ends in the original, in UTF-16 code units} */
  public int end(int i) {
    return ends[i];
  }
}
