package io.whence.engine.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.collections.api.factory.primitive.IntIntMaps;
import org.eclipse.collections.api.map.primitive.MutableIntIntMap;

/**
 * How alike the two sides of a match are, in the measures of the literature. None of them alone
 * says how much was copied: the longest common subsequence and ROUGE-L grow with the texts.
 *
 * @param longestRun the longest stretch of equal words, in words
 * @param lcs words in the longest common subsequence of the two sides
 * @param rougeL F-measure of {@code lcs} over the two lengths, 0 to 1
 * @param normalisedEdit words inserted, left out or put in another's place, over the words of the
 *     longer side
 * @param jaccard of the two sets of runs of {@value #RUN} words, exactly, which MinHash estimates;
 *     0 where both sides are shorter
 * @param nvRecall share of the work in long nearly verbatim blocks: equal stretches no more than
 *     {@value #SMALL_GAP} words apart are joined and kept from {@value #SHORT_BLOCK} words on, then
 *     those no more than {@value #LARGE_GAP} apart are joined and kept from {@value #LONG_BLOCK} on
 * @param outputShare equal words over the words of the output, 0 to 1
 * @param workShare equal words over the words of the work, 0 to 1
 */
public record Measures(
    int longestRun,
    int lcs,
    double rougeL,
    double normalisedEdit,
    double jaccard,
    double nvRecall,
    double outputShare,
    double workShare) {
  private static final int RUN = 5;
  private static final int SMALL_GAP = 2;
  private static final int SHORT_BLOCK = 20;
  private static final int LARGE_GAP = 10;
  private static final int LONG_BLOCK = 100;

  /**
   * {@return the measures of a match}
   *
   * @param edits of the match
   * @param output the numbers of the output's words, all of them
   * @param work the numbers of the work's words, all of them; equal words have equal numbers
   */
  static Measures of(List<Edit> edits, int[] output, int[] work) {
    Edit first = edits.get(0);
    Edit last = edits.get(edits.size() - 1);
    int[] here = Arrays.copyOfRange(output, first.output().wordStart(), last.output().wordEnd());
    int[] there = Arrays.copyOfRange(work, first.work().wordStart(), last.work().wordEnd());
    int equal = 0;
    int longest = 0;
    int changed = 0;
    for (Edit edit : edits) {
      if (edit.kind() == Edit.Kind.EQUAL) {
        equal += edit.output().words();
        longest = Math.max(longest, edit.output().words());
      } else {
        changed += Math.max(edit.output().words(), edit.work().words());
      }
    }
    int lcs = longestCommonSubsequence(here, there);
    return new Measures(
        longest,
        lcs,
        2.0 * lcs / (here.length + there.length),
        (double) changed / Math.max(here.length, there.length),
        jaccard(here, there),
        (double) inLongBlocks(edits) / work.length,
        (double) equal / output.length,
        (double) equal / work.length);
  }

  /** Bit-parallel (Hyyr&ouml;, 2004): 64 places of {@code b} at a time, memory for one row. */
  static int longestCommonSubsequence(int[] a, int[] b) {
    // Places of one symbol in b as a chain, numbered from 1.
    MutableIntIntMap last = IntIntMaps.mutable.empty();
    int[] earlier = new int[b.length + 1];
    for (int j = 0; j < b.length; j++) {
      earlier[j + 1] = last.get(b[j]);
      last.put(b[j], j + 1);
    }
    int words = (b.length + 63) / 64;
    long[] row = new long[words];
    Arrays.fill(row, -1);
    long[] at = new long[words];
    for (int symbol : a) {
      int places = last.get(symbol);
      if (places == 0) {
        continue;
      }
      for (int place = places; place != 0; place = earlier[place]) {
        at[(place - 1) / 64] |= 1L << (place - 1);
      }
      long carry = 0;
      for (int w = 0; w < words; w++) {
        long sum = row[w] + (row[w] & at[w]);
        boolean over = Long.compareUnsigned(sum, row[w]) < 0;
        sum += carry;
        over |= carry == 1 && sum == 0;
        row[w] = sum | (row[w] & ~at[w]);
        carry = over ? 1 : 0;
      }
      for (int place = places; place != 0; place = earlier[place]) {
        at[(place - 1) / 64] = 0;
      }
    }
    BitSet unmatched = BitSet.valueOf(row);
    return b.length - unmatched.get(0, b.length).cardinality();
  }

  private static double jaccard(int[] a, int[] b) {
    Set<List<Integer>> left = runs(a);
    Set<List<Integer>> right = runs(b);
    if (left.isEmpty() && right.isEmpty()) {
      return 0;
    }
    Set<List<Integer>> both = new HashSet<>(left);
    both.retainAll(right);
    return (double) both.size() / (left.size() + right.size() - both.size());
  }

  private static Set<List<Integer>> runs(int[] words) {
    Set<List<Integer>> runs = new HashSet<>();
    for (int i = 0; i + RUN <= words.length; i++) {
      List<Integer> run = new ArrayList<>(RUN);
      for (int j = i; j < i + RUN; j++) {
        run.add(words[j]);
      }
      runs.add(run);
    }
    return runs;
  }

  private static int inLongBlocks(List<Edit> edits) {
    List<Block> equal = new ArrayList<>();
    for (Edit edit : edits) {
      if (edit.kind() == Edit.Kind.EQUAL) {
        equal.add(
            new Block(
                edit.output().wordStart(),
                edit.output().wordEnd(),
                edit.work().wordStart(),
                edit.work().wordEnd()));
      }
    }
    return joined(joined(equal, SMALL_GAP, SHORT_BLOCK), LARGE_GAP, LONG_BLOCK).stream()
        .mapToInt(Block::words)
        .sum();
  }

  /** A stretch of both texts, by words. */
  private record Block(int outputStart, int outputEnd, int workStart, int workEnd) {
    int words() {
      return workEnd - workStart;
    }
  }

  private static List<Block> joined(List<Block> blocks, int gap, int shortest) {
    List<Block> joined = new ArrayList<>();
    for (Block block : blocks) {
      Block before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (before != null
          && block.outputStart() - before.outputEnd() <= gap
          && block.workStart() - before.workEnd() <= gap) {
        joined.set(
            joined.size() - 1,
            new Block(
                before.outputStart(), block.outputEnd(), before.workStart(), block.workEnd()));
      } else {
        joined.add(block);
      }
    }
    return joined.stream().filter(block -> block.words() >= shortest).toList();
  }
}
