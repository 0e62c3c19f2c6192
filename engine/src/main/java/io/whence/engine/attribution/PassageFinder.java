package io.whence.engine.attribution;

import io.whence.engine.Progress;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.retrieval.WordNumbers;
import java.util.Arrays;
import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.eclipse.collections.api.factory.primitive.IntSets;
import org.eclipse.collections.api.set.primitive.MutableIntSet;
import org.eclipse.collections.impl.list.mutable.primitive.IntArrayList;
import org.eclipse.collections.impl.list.mutable.primitive.LongArrayList;

/**
 * Finds the passages of an index: runs of words in works that are no copies of each other, each as
 * long as it can be without losing a place where it stands.
 *
 * <p>Every run of {@link #SHORTEST} words (a ten) has one fingerprint, and equal tens have theirs
 * at the same place in them. So fingerprints are sorted, and among the places of one the tens
 * around it are put together, by hash and then word by word. A ten that works of two clusters or
 * more have is widened as long as all places where it stands agree on the next word; what comes out
 * is a passage, and its places are all that there are. Tens that have the same places have the same
 * passage, which is widened once. No place is compared with every other, so what stands in very
 * many works takes no more time for each of them than what stands in two, and nothing is left out
 * as too common.
 *
 * <p><b>Bounds.</b> Fingerprints are looked at in rounds, by their hash, of some {@value
 * #PRINTS_A_ROUND} each, for which the texts are winnowed again: 18 bytes each are on the heap, 300
 * MB at the most. A place of a passage takes some 36 bytes until the file is written and a passage
 * some 120; {@value #MOST_PLACES} places are kept. What is beyond either is counted and left out.
 */
final class PassageFinder {
  /** Words in the shortest passage: from there on no shared run is missed. */
  static final int SHORTEST = Winnowing.TEXT.guarantee();

  /** Most places of all passages together. */
  static final int MOST_PLACES = 1 << 24;

  private static final int PRINTS_A_ROUND = 1 << 23;

  // Of a sorted key the last bits say where in the round the fingerprint is.
  private static final int INDEX_BITS = 24;
  private static final long INDEX = (1L << INDEX_BITS) - 1;
  private static final long FACTOR = 0x9E3779B97F4A7C15L;

  private final WordNumbers words;
  private final int[] clusters;
  private final long[] hashes;

  // The fingerprints of a round, by work and place: where each is, and how many words before it the
  // first of the tens begins that it stands for, and the last.
  private final long[] prints;
  private final byte[] farthest;
  private final byte[] nearest;
  private final long[] keys;
  private int count;
  private long[] tens = new long[64];

  private final int[] one = new int[SHORTEST];
  private final int[] other = new int[SHORTEST];

  // The passages, in the order they are found.
  private final IntArrayList lengths = new IntArrayList();
  private final IntArrayList works = new IntArrayList();
  private final IntArrayList firsts = IntArrayList.newListWith(0);
  private final LongArrayList places = new LongArrayList();
  private final NavigableMap<Known, Integer> lengthOf = new TreeMap<>();
  private long leftOut;

  private PassageFinder(WordNumbers words, long[] hashes, int[] clusters, long prints) {
    this.words = words;
    this.clusters = clusters;
    this.hashes = hashes;
    int capacity = (int) Math.min(prints, 1L << INDEX_BITS);
    this.prints = new long[capacity];
    farthest = new byte[capacity];
    nearest = new byte[capacity];
    keys = new long[capacity];
  }

  /** Passages with as many places and the same first one are the same where they overlap. */
  private record Known(int places, int work, int start) implements Comparable<Known> {
    private static final Comparator<Known> ORDER =
        Comparator.comparingInt(Known::places)
            .thenComparingInt(Known::work)
            .thenComparingInt(Known::start);

    @Override
    public int compareTo(Known known) {
      return ORDER.compare(this, known);
    }
  }

  /**
   * What was found. Passages are ordered by their first place, the longest first.
   *
   * @param lengths of each passage, in words
   * @param works how many works that are no copies of each other have it
   * @param firsts where the places of each begin, and where those of the last end
   * @param places work and first word of each, as one number, ascending within a passage
   * @param leftOut of what bounds kept out, fingerprints and tens
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Found(int[] lengths, int[] works, int[] firsts, long[] places, long leftOut) {}

  static int work(long place) {
    return (int) (place >>> Integer.SIZE);
  }

  static int start(long place) {
    return (int) place;
  }

  private static long place(int work, int start) {
    return ((long) work << Integer.SIZE) | start;
  }

  /**
   * {@return the passages}
   *
   * @param clusters for each work the first of which it is a copy
   */
  static Found find(WordNumbers words, int[] clusters, Progress progress) {
    long[] hashes = words.vocabulary().stream().mapToLong(Winnowing::hash).toArray();
    long[] all = new long[1];
    for (int work = 0; work < clusters.length; work++) {
      winnow(words, hashes, work, (hash, position, first, end) -> all[0]++);
    }
    PassageFinder finder = new PassageFinder(words, hashes, clusters, all[0]);
    int rounds = (int) (1 + all[0] / PRINTS_A_ROUND);
    for (int round = 0; round < rounds; round++) {
      progress.report("passages", round, rounds, "rounds", "");
      finder.collect(round, rounds);
      finder.compare();
    }
    progress.report("passages", rounds, rounds, "rounds", "");
    return finder.ordered();
  }

  private static void winnow(WordNumbers words, long[] hashes, int work, Winnowing.Print print) {
    int[] numbers = new int[words.size(work)];
    if (numbers.length < SHORTEST) {
      return;
    }
    words.read(work, 0, numbers);
    Winnowing.TEXT.visit(Arrays.stream(numbers).mapToLong(word -> hashes[word]).toArray(), print);
  }

  private void collect(int round, int rounds) {
    count = 0;
    for (int work = 0; work < clusters.length; work++) {
      int current = work;
      winnow(
          words,
          hashes,
          work,
          (hash, position, first, end) -> {
            // By bits that the sorted key lacks. The first ones are no use: winnowing keeps what is
            // small.
            if ((((hash >>> 40) & 0xFFFF) * rounds) >>> 16 == round) {
              add(hash, place(current, position), position - first, position - end + 1);
            }
          });
    }
  }

  private void add(long hash, long place, int before, int atLeast) {
    if (count == keys.length) {
      leftOut++;
      return;
    }
    keys[count] = (hash << INDEX_BITS) | count;
    prints[count] = place;
    farthest[count] = (byte) before;
    nearest[count] = (byte) atLeast;
    count++;
  }

  private void compare() {
    Arrays.sort(keys, 0, count);
    for (int from = 0; from < count; ) {
      int to = endOfEqual(keys, from, count);
      if (to - from > 1 && inSeveralClusters(from, to)) {
        for (int before = 0; before <= SHORTEST - Winnowing.TEXT.k(); before++) {
          compareTens(from, to, before);
        }
      }
      from = to;
    }
  }

  /** By all bits but those of the index. */
  private static int endOfEqual(long[] sorted, int from, int end) {
    int to = from + 1;
    while (to < end && sorted[to] >>> INDEX_BITS == sorted[from] >>> INDEX_BITS) {
      to++;
    }
    return to;
  }

  private boolean inSeveralClusters(int from, int to) {
    int first = clusters[work(prints[(int) (keys[from] & INDEX)])];
    for (int i = from + 1; i < to; i++) {
      if (clusters[work(prints[(int) (keys[i] & INDEX)])] != first) {
        return true;
      }
    }
    return false;
  }

  /** Those that begin so many words before the fingerprint at {@code from} up to {@code to}. */
  private void compareTens(int from, int to, int before) {
    if (tens.length < to - from) {
      tens = new long[Math.max(to - from, 2 * tens.length)];
    }
    int n = 0;
    for (int i = from; i < to; i++) {
      int print = (int) (keys[i] & INDEX);
      if (nearest[print] <= before && before <= farthest[print]) {
        tens[n++] = (hashOfTen(prints[print] - before) & ~INDEX) | print;
      }
    }
    Arrays.sort(tens, 0, n);
    for (int i = 0; i < n; ) {
      int end = endOfEqual(tens, i, n);
      if (end - i > 1) {
        long[] equal = new long[end - i];
        for (int j = i; j < end; j++) {
          equal[j - i] = prints[(int) (tens[j] & INDEX)] - before;
        }
        verify(equal);
      }
      i = end;
    }
  }

  private long hashOfTen(long place) {
    words.read(work(place), start(place), one);
    long hash = 0;
    for (int word : one) {
      hash = (hash + hashes[word]) * FACTOR;
    }
    return hash ^ (hash >>> Integer.SIZE);
  }

  /** Takes tens of one hash apart by their words. */
  private void verify(long[] tens) {
    long[] left = tens;
    while (left.length > 1) {
      words.read(work(left[0]), start(left[0]), one);
      LongArrayList equal = new LongArrayList();
      LongArrayList others = new LongArrayList();
      MutableIntSet holders = IntSets.mutable.empty();
      for (long place : left) {
        words.read(work(place), start(place), other);
        if (Arrays.equals(one, other)) {
          equal.add(place);
          holders.add(clusters[work(place)]);
        } else {
          others.add(place);
        }
      }
      if (holders.size() > 1) {
        widen(equal.toArray(), holders.size());
      }
      left = others.toArray();
    }
  }

  /** Makes a passage of a ten, unless it is in one already. */
  private void widen(long[] ten, int holders) {
    int work = work(ten[0]);
    int start = start(ten[0]);
    var before = lengthOf.floorEntry(new Known(ten.length, work, start));
    if (before != null
        && before.getKey().places() == ten.length
        && before.getKey().work() == work
        && start + SHORTEST <= before.getKey().start() + before.getValue()) {
      return;
    }
    if (places.size() + ten.length > MOST_PLACES) {
      leftOut++;
      return;
    }
    int earlier = 0;
    while (agree(ten, -earlier - 1)) {
      earlier++;
    }
    int end = SHORTEST;
    while (agree(ten, end)) {
      end++;
    }
    int length = earlier + end;
    lengthOf.put(new Known(ten.length, work, start - earlier), length);
    lengths.add(length);
    works.add(holders);
    for (long place : ten) {
      places.add(place - earlier);
    }
    firsts.add(places.size());
  }

  /** Whether all places have the same word so many words further on. */
  private boolean agree(long[] ten, int offset) {
    int word = -1;
    for (long place : ten) {
      int at = start(place) + offset;
      if (at < 0 || at >= words.size(work(place))) {
        return false;
      }
      int there = words.at(work(place), at);
      if (word >= 0 && there != word) {
        return false;
      }
      word = there;
    }
    return true;
  }

  private Found ordered() {
    int[] order =
        IntStream.range(0, lengths.size())
            .boxed()
            .sorted(
                Comparator.comparingLong((Integer passage) -> places.get(firsts.get(passage)))
                    .thenComparingInt(passage -> -lengths.get(passage)))
            .mapToInt(passage -> passage)
            .toArray();
    int[] sortedFirsts = new int[order.length + 1];
    long[] sortedPlaces = new long[places.size()];
    for (int i = 0; i < order.length; i++) {
      int from = firsts.get(order[i]);
      int to = firsts.get(order[i] + 1);
      for (int j = from; j < to; j++) {
        sortedPlaces[sortedFirsts[i] + j - from] = places.get(j);
      }
      sortedFirsts[i + 1] = sortedFirsts[i] + to - from;
    }
    return new Found(
        Arrays.stream(order).map(lengths::get).toArray(),
        Arrays.stream(order).map(works::get).toArray(),
        sortedFirsts,
        sortedPlaces,
        leftOut);
  }
}
