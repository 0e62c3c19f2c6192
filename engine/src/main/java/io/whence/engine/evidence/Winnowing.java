package io.whence.engine.evidence;

import java.util.Arrays;

/**
 * Fingerprints of a text by winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): of every
 * {@code w} consecutive hashes of {@code k} words, the rightmost smallest is kept.
 *
 * <p>Two texts that share a run of {@link #guarantee} words share a fingerprint at the same place
 * of that run; no run shorter than {@code k} ever matches. This is the plain rule, not the "robust"
 * one: that keeps the guarantee for the hash but loses it for the place in repetitive text. A query
 * looks up every one of its k-grams ({@link #everyRun}), which finds more under edits for free.
 *
 * @param k words in a run, at least 1
 * @param w runs in a window, at least 1
 */
public record Winnowing(int k, int w) {
  /** For text: every shared run of 10 words is found. */
  public static final Winnowing TEXT = new Winnowing(5, 6);

  /** For normalised code: every shared run of 39 tokens is found, as by Dolos. */
  public static final Winnowing CODE = new Winnowing(23, 17);

  /** Rejects an empty run or window. */
  public Winnowing {
    if (k < 1 || w < 1) {
      throw new IllegalArgumentException("k and w are at least 1; got " + k + " and " + w);
    }
  }

  /** {@return the length in words from which a shared run cannot be missed} */
  public int guarantee() {
    return w + k - 1;
  }

  /** {@return the fingerprints that stand in an index for {@code text}} */
  public Fingerprints select(WordTokens text) {
    long[] words = words(text);
    long[] hashes = new long[words.length];
    int[] positions = new int[words.length];
    int[] count = new int[1];
    visit(
        words,
        (hash, position, firstWindow, endWindow) -> {
          hashes[count[0]] = hash;
          positions[count[0]++] = position;
        });
    return new Fingerprints(Arrays.copyOf(hashes, count[0]), Arrays.copyOf(positions, count[0]));
  }

  /** What is told of each fingerprint. */
  public interface Print {
    /**
     * Takes a fingerprint.
     *
     * @param position the first word of its run
     * @param firstWindow the first window that it was kept for; window {@code i} is of the {@link
     *     #guarantee} words from word {@code i} on
     * @param endWindow just past the last one
     */
    void at(long hash, int position, int firstWindow, int endWindow);
  }

  /**
   * Tells of every fingerprint of a text, ascending by place. Each window has one, and windows of
   * the same words have theirs at the same place in them. A text with fewer words than a window has
   * one window all the same.
   *
   * @param words the {@link #hash} of each
   */
  public void visit(long[] words, Print print) {
    long[] runs = runs(words);
    int windows = Math.max(1, runs.length - w + 1);
    int first = 0;
    int last = -1;
    for (int window = 0; window < windows && runs.length > 0; window++) {
      int smallest = window;
      for (int i = window; i < Math.min(window + w, runs.length); i++) {
        if (Long.compareUnsigned(runs[i], runs[smallest]) <= 0) {
          smallest = i;
        }
      }
      if (smallest > last) {
        if (last >= 0) {
          print.at(runs[last], last, first, window);
        }
        first = window;
        last = smallest;
      }
    }
    if (last >= 0) {
      print.at(runs[last], last, first, windows);
    }
  }

  /** {@return the hashes of every run of {@code k} words: what a query looks up} */
  public Fingerprints everyRun(WordTokens text) {
    long[] runs = runs(words(text));
    int[] positions = new int[runs.length];
    Arrays.setAll(positions, i -> i);
    return new Fingerprints(runs, positions);
  }

  private static long[] words(WordTokens text) {
    long[] words = new long[text.size()];
    Arrays.setAll(words, i -> hash(text.word(i)));
    return words;
  }

  private long[] runs(long[] words) {
    int count = Math.max(0, words.length - k + 1);
    long[] runs = new long[count];
    for (int i = 0; i < count; i++) {
      long run = 0;
      for (int j = i; j < i + k; j++) {
        run = run * 0x9E3779B97F4A7C15L + words[j];
      }
      // A polynomial alone has structure in its low bits; minima must be as if random.
      runs[i] = mix(run);
    }
    return runs;
  }

  /** {@return what a word is known by in fingerprints} */
  public static long hash(String word) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < word.length(); i++) {
      hash = (hash ^ word.charAt(i)) * 0x100000001B3L;
    }
    return mix(hash);
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
  private static long mix(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
