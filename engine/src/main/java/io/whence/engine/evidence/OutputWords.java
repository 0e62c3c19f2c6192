package io.whence.engine.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.collections.api.factory.primitive.LongIntMaps;
import org.eclipse.collections.api.factory.primitive.ObjectIntMaps;
import org.eclipse.collections.api.map.primitive.MutableLongIntMap;
import org.eclipse.collections.api.map.primitive.MutableObjectIntMap;
import org.jspecify.annotations.Nullable;

/**
 * An output as it is compared with many works: its words as numbers, in the order in which they
 * first appear, and its runs hashed once for all works. For one thread.
 */
public final class OutputWords {
  private final WordTokens words;
  private final String text;
  private final int[] numbers;
  private final MutableObjectIntMap<String> numberOf = ObjectIntMaps.mutable.empty();
  private final List<String> vocabulary = new ArrayList<>();
  private final Map<Integer, Runs> runs = new HashMap<>();

  private OutputWords(WordTokens words, String text) {
    this.words = words;
    this.text = text;
    numbers = new int[words.size()];
    for (int i = 0; i < numbers.length; i++) {
      String word = words.word(i);
      int number = numberOf.getIfAbsent(word, -1);
      if (number < 0) {
        number = vocabulary.size();
        numberOf.put(word, number);
        vocabulary.add(word);
      }
      numbers[i] = number;
    }
  }

  /** {@return an output, of which {@code words} are the words of {@code text}} */
  public static OutputWords of(WordTokens words, String text) {
    return new OutputWords(words, text);
  }

  /** {@return the words, each with where it stands in the text} */
  public WordTokens words() {
    return words;
  }

  /** {@return the output} */
  public String text() {
    return text;
  }

  /** {@return the number of each word: its place in {@link #vocabulary}} */
  public int[] numbers() {
    return numbers.clone();
  }

  /** {@return each word once, by first appearance} */
  public List<String> vocabulary() {
    return List.copyOf(vocabulary);
  }

  /** {@return a work, of which {@code words} are the words of {@code text}} */
  public Work work(WordTokens words, String text) {
    int[] there = new int[words.size()];
    Arrays.setAll(there, i -> numberOf.getIfAbsent(words.word(i), Work.ELSEWHERE));
    return new Work(there, text, words);
  }

  /**
   * {@return a work whose words were numbered before; its text is read again only when something is
   * found in it}
   *
   * @param numbers of its words: places in {@link #vocabulary}, {@value Work#ELSEWHERE} for words
   *     that the output lacks
   */
  public Work work(int[] numbers, String text) {
    return new Work(numbers, text, null);
  }

  /** The numbers, not copied. */
  int[] here() {
    return numbers;
  }

  /** {@return every run of {@code length} words} */
  Runs runs(int length) {
    return runs.computeIfAbsent(length, k -> new Runs(numbers, k));
  }

  /** A work as it is compared with one output. For one thread. */
  public static final class Work {
    /** The number of every word that the output lacks. */
    public static final int ELSEWHERE = -1;

    private final int[] numbers;
    private final String text;
    private @Nullable WordTokens words;

    private Work(int[] numbers, String text, @Nullable WordTokens words) {
      this.numbers = numbers;
      this.text = text;
      this.words = words;
    }

    int[] numbers() {
      return numbers;
    }

    String text() {
      return text;
    }

    WordTokens words() {
      WordTokens known = words == null ? WordTokens.of(text) : words;
      words = known;
      return known;
    }
  }

  /** Where each run of one length stands in an output. */
  static final class Runs {
    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    private final int length;
    private final long top;
    private final MutableLongIntMap last = LongIntMaps.mutable.empty();

    // Places of one hash as a chain, numbered from 1.
    private final int[] earlier;

    private Runs(int[] numbers, int length) {
      this.length = length;
      long power = 1;
      for (int i = 1; i < length; i++) {
        power *= FACTOR;
      }
      top = power;
      earlier = new int[Math.max(0, numbers.length - length + 1) + 1];
      visit(
          numbers,
          (start, hash) -> {
            earlier[start + 1] = last.get(hash);
            last.put(hash, start + 1);
          });
    }

    /** What is told of each run of a sequence. */
    interface Run {
      void at(int start, long hash);
    }

    /** Tells of every run of the length that has no word from elsewhere, in order. */
    void visit(int[] sequence, Run run) {
      long hash = 0;
      int known = 0;
      for (int i = 0; i < sequence.length; i++) {
        if (sequence[i] < 0) {
          known = 0;
          hash = 0;
          continue;
        }
        if (known == length) {
          hash -= top * spread(sequence[i - length]);
        } else {
          known++;
        }
        hash = hash * FACTOR + spread(sequence[i]);
        if (known == length) {
          run.at(i - length + 1, hash);
        }
      }
    }

    int length() {
      return length;
    }

    /** {@return whether the output has a run of that hash} */
    boolean has(long hash) {
      return last.containsKey(hash);
    }

    /** {@return one more than the last place of a run of that hash; 0 where there is none} */
    int last(long hash) {
      return last.get(hash);
    }

    /** {@return one more than the place before {@code place}; 0 where there is none} */
    int before(int place) {
      return earlier[place];
    }

    private static long spread(int number) {
      long z = number * 0xBF58476D1CE4E5B9L + 0x94D049BB133111EBL;
      return z ^ z >>> 31;
    }
  }
}
