package io.whence.engine.evidence;

import io.whence.engine.Sha256;
import io.whence.engine.Span;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A text as normalised words, each with where it stands in the original.
 *
 * <p>A word is a longest run of letters, digits and their marks; in scripts written without spaces
 * (Han, kana, Thai, Lao, Khmer, Myanmar) each code point with its marks is a word of its own. Words
 * are compared after NFKC and case folding, so typography and case do not hide a copy: ligatures,
 * full-width forms and the four Turkish letters i all fold. What cannot be seen (soft hyphens,
 * zero-width characters, variation selectors) does not count. Everything else separates words:
 * spaces, line breaks, symbols, superscript numerals, hyphens and every kind of apostrophe, so
 * {@code don't} is two words however it is typed. A word broken by a visible hyphen at the end of a
 * line stays two words.
 */
public final class WordTokens {
  private static final int LONGEST_CLUSTER = 30;
  private static final char SOFT_HYPHEN = 0xAD;
  private static final char MODIFIER_APOSTROPHE = 0x2BC;
  private static final char DOT_ABOVE = 0x307;

  private final List<String> words;
  private final int[] starts;
  private final int[] ends;
  private final String wordless;

  private WordTokens(List<String> words, int[] starts, int[] ends, String wordless) {
    this.words = words;
    this.starts = starts;
    this.ends = ends;
    this.wordless = wordless;
  }

  /** {@return the words of {@code text}} */
  public static WordTokens of(String text) {
    Segmenter segmenter = new Segmenter();
    int at = 0;
    while (at < text.length()) {
      int end = clusterEnd(text, at);
      segmenter.cluster(text, at, end);
      at = end;
    }
    return segmenter.finish(text);
  }

  /** {@return words that were found by other rules, with where each stands in its text} */
  static WordTokens of(List<String> words, int[] starts, int[] ends) {
    return new WordTokens(List.copyOf(words), starts, ends, "");
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

  /** {@return the words that begin inside {@code characters}; empty where none does} */
  public Optional<Span> within(Span characters) {
    int from = firstFrom(characters.start());
    int to = firstFrom(characters.end());
    return from < to ? Optional.of(new Span(from, to)) : Optional.empty();
  }

  private int firstFrom(int character) {
    int place = Arrays.binarySearch(starts, character);
    return place < 0 ? -place - 1 : place;
  }

  /**
   * {@return the SHA-256 of the words, as 64 hexadecimal digits} Two texts have the same key when
   * they have the same words in the same order: they are exact duplicates, whatever their
   * punctuation and layout. Texts without a single word have the same key only when they are equal.
   */
  public String contentKey() {
    Sha256 sum = new Sha256();
    for (String word : words) {
      sum.add(word).add("\n");
    }
    // No list of words starts with a line break, so none has the key of a wordless text.
    return wordless.isEmpty() ? sum.hex() : sum.add("\n").add(wordless).hex();
  }

  /**
   * A code point with what attaches to it, the unit that is normalised: normalising a text cluster
   * by cluster gives what normalising it whole gives. At most {@value #LONGEST_CLUSTER} code points
   * attach, as in Unicode's stream-safe text, since ordering marks takes quadratic time.
   */
  private static int clusterEnd(String text, int start) {
    int end = start + Character.charCount(text.codePointAt(start));
    for (int attached = 0; end < text.length() && attached < LONGEST_CLUSTER; attached++) {
      // Nothing before the soft hyphen attaches: most text is done with here.
      if (text.charAt(end) < SOFT_HYPHEN) {
        return end;
      }
      int next = text.codePointAt(end);
      if (!attaches(next)) {
        return end;
      }
      end += Character.charCount(next);
    }
    return end;
  }

  private static boolean attaches(int codePoint) {
    return isMark(codePoint)
        || isInvisible(codePoint)
        || switch (codePoint) {
          // Letters by type, but their NFKC starts with a mark.
          case 0x0E33, 0x0EB3, 0xFF9E, 0xFF9F -> true;
          // Vowels and finals of Hangul, which compose with the letter before.
          default ->
              (codePoint >= 0x1160 && codePoint <= 0x11FF)
                  || (codePoint >= 0xD7B0 && codePoint <= 0xD7FB);
        };
  }

  private static boolean isMark(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK
        || type == Character.ENCLOSING_MARK;
  }

  private static boolean isInvisible(int codePoint) {
    return Character.getType(codePoint) == Character.FORMAT
        || codePoint == 0x034F
        || (codePoint >= 0x180B && codePoint <= 0x180F)
        || (codePoint >= 0xFE00 && codePoint <= 0xFE0F)
        || (codePoint >= 0xE0100 && codePoint <= 0xE01EF);
  }

  private static boolean isLetterOrDigit(int codePoint) {
    return (Character.isLetterOrDigit(codePoint) && codePoint != MODIFIER_APOSTROPHE)
        || Character.getType(codePoint) == Character.LETTER_NUMBER;
  }

  private static boolean standsAlone(int codePoint) {
    if (codePoint < 0x0E00) {
      return false;
    }
    return switch (Character.UnicodeScript.of(codePoint)) {
      case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> true;
      // The long-vowel mark is common to both kana.
      default -> codePoint == 0x30FC;
    };
  }

  private static String fold(String cluster) {
    StringBuilder visible = new StringBuilder();
    cluster.codePoints().filter(c -> !isInvisible(c)).forEach(visible::appendCodePoint);
    StringBuilder folded = new StringBuilder();
    Normalizer.normalize(visible, Normalizer.Form.NFKC)
        .codePoints()
        // Down, up and down again brings together what Unicode's full case folding does (ss and
        // sharp s, both small sigmas) without looking at neighbours; Java has no case folding.
        .mapToObj(c -> Character.toString(Character.toLowerCase(c)).toUpperCase(Locale.ROOT))
        .flatMapToInt(String::codePoints)
        .map(Character::toLowerCase)
        // A dotted capital I in lower case is an i with a second dot.
        .filter(
            c -> c != DOT_ABOVE || folded.isEmpty() || folded.charAt(folded.length() - 1) != 'i')
        .forEach(folded::appendCodePoint);
    return Normalizer.normalize(folded, Normalizer.Form.NFKC);
  }

  /** Collects words from the clusters of a text, in order. */
  private static final class Segmenter {
    private final List<String> words = new ArrayList<>();
    private final Map<String, String> folded = new HashMap<>();
    private int[] starts = new int[16];
    private int[] ends = new int[16];

    private final StringBuilder open = new StringBuilder();
    private boolean openStandsAlone;
    private int start;
    private int end;

    void cluster(String text, int from, int to) {
      int first = text.codePointAt(from);
      if (first < 0x80 && to == from + 1) {
        add(Character.toLowerCase(first), from, to);
      } else if (isLetterOrDigit(first) || isMark(first) || isInvisible(first)) {
        folded
            .computeIfAbsent(text.substring(from, to), WordTokens::fold)
            .codePoints()
            .forEach(c -> add(c, from, to));
      } else {
        close();
      }
    }

    private void add(int codePoint, int from, int to) {
      if (isMark(codePoint)) {
        if (!open.isEmpty()) {
          open.appendCodePoint(codePoint);
          end = to;
        }
        return;
      }
      if (!isLetterOrDigit(codePoint)) {
        close();
        return;
      }
      boolean alone = standsAlone(codePoint);
      if (alone || openStandsAlone) {
        close();
      }
      if (open.isEmpty()) {
        start = from;
        openStandsAlone = alone;
      }
      open.appendCodePoint(codePoint);
      end = to;
    }

    private void close() {
      if (open.isEmpty()) {
        return;
      }
      if (words.size() == starts.length) {
        starts = Arrays.copyOf(starts, 2 * starts.length);
        ends = Arrays.copyOf(ends, 2 * ends.length);
      }
      starts[words.size()] = start;
      ends[words.size()] = end;
      words.add(open.toString());
      open.setLength(0);
      openStandsAlone = false;
    }

    WordTokens finish(String text) {
      close();
      return new WordTokens(
          List.copyOf(words),
          Arrays.copyOf(starts, words.size()),
          Arrays.copyOf(ends, words.size()),
          words.isEmpty() ? text : "");
    }
  }
}
