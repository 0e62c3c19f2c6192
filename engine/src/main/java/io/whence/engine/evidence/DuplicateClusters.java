package io.whence.engine.evidence;

import io.whence.engine.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.collections.api.factory.primitive.IntIntMaps;
import org.eclipse.collections.api.factory.primitive.LongIntMaps;
import org.eclipse.collections.api.map.primitive.MutableIntIntMap;
import org.eclipse.collections.api.map.primitive.MutableLongIntMap;
import org.eclipse.collections.impl.list.mutable.primitive.IntArrayList;

/**
 * Groups works that are copies of each other: with the same words, edited, or in part.
 *
 * <p>Works with the same words are one at once. Of the others, those are proposed to each other
 * that share fingerprints, and aligning their words decides: at least half of the shorter work's
 * words must be equal in the longer, and they must be at least a fifth of the longer's. So a poem
 * is no copy of the anthology that holds it, and an anthology does not make its poems one work.
 * Groups are closed: copies of a copy are in one group.
 *
 * <p><b>Bounds.</b> Of a fingerprint the first {@value #MOST_WORKS} works that have it are kept,
 * and a work is aligned with at most {@value #MOST_COMPARED} others, those with most shared
 * fingerprints. Copies share with the first copy, so they are found however many there are; what
 * only meets others through fingerprints that more works have may be missed.
 */
public final class DuplicateClusters {
  private static final int MOST_WORKS = 64;
  private static final int MOST_COMPARED = 16;

  /** Fewer shared fingerprints, of those of the shorter work, are not looked into. */
  private static final double LEAST_SHARED = 0.05;

  private static final double OF_SHORTER = 0.5;
  private static final double OF_LONGER = 0.2;

  private static final NearVerbatimMatcher EDITED = new NearVerbatimMatcher(3, 6);
  private static final VerbatimMatcher EQUAL = new VerbatimMatcher(6);

  private final IntArrayList sizes = new IntArrayList();
  private final List<String> texts = new ArrayList<>();
  private final IntArrayList fingerprints = new IntArrayList();
  private final IntArrayList parents = new IntArrayList();
  private final Map<String, Integer> byContent = new HashMap<>();

  // The works that have a fingerprint, as a chain from the last to the first; numbered from 1.
  private final MutableLongIntMap lastHolder = LongIntMaps.mutable.empty();
  private final IntArrayList holders = IntArrayList.newListWith(0);
  private final IntArrayList earlier = IntArrayList.newListWith(0);

  private DuplicateClusters() {}

  /** {@return for each work the number of the first work of its group, perhaps its own} */
  public static int[] of(List<String> texts, Progress progress) {
    DuplicateClusters clusters = new DuplicateClusters();
    for (String text : texts) {
      clusters.add(text);
      progress.report("clusters", clusters.texts.size(), texts.size(), "works", "");
    }
    int[] first = new int[texts.size()];
    Arrays.setAll(first, clusters::root);
    return first;
  }

  private void add(String text) {
    int number = texts.size();
    WordTokens words = WordTokens.of(text);
    sizes.add(words.size());
    texts.add(text);
    parents.add(number);
    Integer same = byContent.putIfAbsent(words.contentKey(), number);
    if (same != null) {
      fingerprints.add(0);
      join(same, number);
      return;
    }
    long[] hashes =
        Arrays.stream(Winnowing.TEXT.select(words).hashes()).sorted().distinct().toArray();
    fingerprints.add(hashes.length);
    for (int other : proposed(hashes)) {
      if (root(other) != root(number) && areCopies(other, number)) {
        join(other, number);
      }
    }
    for (long hash : hashes) {
      int last = lastHolder.get(hash);
      int kept = 0;
      for (int place = last; place != 0 && kept < MOST_WORKS; place = earlier.get(place)) {
        kept++;
      }
      if (kept < MOST_WORKS) {
        lastHolder.put(hash, holders.size());
        holders.add(number);
        earlier.add(last);
      }
    }
  }

  private int[] proposed(long[] hashes) {
    MutableIntIntMap shared = IntIntMaps.mutable.empty();
    for (long hash : hashes) {
      for (int place = lastHolder.get(hash); place != 0; place = earlier.get(place)) {
        shared.addToValue(holders.get(place), 1);
      }
    }
    return Arrays.stream(shared.keysView().toSortedArray())
        .filter(
            other ->
                shared.get(other)
                    >= LEAST_SHARED * Math.min(hashes.length, fingerprints.get(other)))
        .boxed()
        .sorted(
            Comparator.comparingInt((Integer other) -> -shared.get(other))
                .thenComparingInt(other -> other))
        .limit(MOST_COMPARED)
        .mapToInt(other -> other)
        .toArray();
  }

  private boolean areCopies(int a, int b) {
    boolean firstIsShorter = sizes.get(a) <= sizes.get(b);
    String shorter = texts.get(firstIsShorter ? a : b);
    String longer = texts.get(firstIsShorter ? b : a);
    // Words are made again for each comparison: those of a whole corpus would fill the memory.
    WordTokens few = WordTokens.of(shorter);
    WordTokens many = WordTokens.of(longer);
    List<Evidence> matches = new ArrayList<>();
    OutputWords output = OutputWords.of(few, shorter);
    OutputWords.Work work = output.work(many, longer);
    matches.addAll(EQUAL.matches(output, work, word -> 0.5, 1));
    matches.addAll(EDITED.matches(output, work, word -> 0.5, 1));
    int equal = VerbatimMatcher.wordsCovered(matches);
    return equal >= OF_SHORTER * few.size() && equal >= OF_LONGER * many.size();
  }

  private int root(int work) {
    int root = work;
    while (parents.get(root) != root) {
      root = parents.get(root);
    }
    parents.set(work, root);
    return root;
  }

  /** The earlier work stands for both. */
  private void join(int a, int b) {
    int first = Math.min(root(a), root(b));
    parents.set(Math.max(root(a), root(b)), first);
  }
}
