package io.whence.engine.retrieval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.Bits;
import org.eclipse.collections.api.factory.primitive.IntIntMaps;
import org.eclipse.collections.api.map.primitive.MutableIntIntMap;

/** Looks every run of an output up in the fingerprints of shards, and compares the words there. */
final class RunSearch {
  private final int[] numbers;
  private final long[] hashes;
  private final int k;
  private final int enough;

  // By hash: the places of one stand together.
  private final int[] order;

  private final MutableIntIntMap runs = IntIntMaps.mutable.empty();
  private final MutableIntIntMap longest = IntIntMaps.mutable.empty();

  // By work, where in the order it was last counted: no hash counts twice.
  private final MutableIntIntMap counted = IntIntMaps.mutable.empty();

  RunSearch(int[] numbers, long[] hashes, int enough) {
    this.numbers = numbers;
    this.hashes = hashes;
    this.k = numbers.length - hashes.length + 1;
    this.enough = enough;
    this.order =
        IntStream.range(0, hashes.length)
            .boxed()
            .sorted(Comparator.comparingLong((Integer i) -> hashes[i]).thenComparingInt(i -> i))
            .mapToInt(i -> i)
            .toArray();
  }

  void in(DirectoryReader shard, WordStore words, int[] ids, int bits) throws IOException {
    int[] output = new int[numbers.length];
    Arrays.setAll(output, i -> ids[numbers[i]]);
    for (LeafReaderContext leaf : shard.leaves()) {
      Terms terms = leaf.reader().terms(Fields.FINGERPRINTS);
      if (terms != null) {
        new Segment(leaf, terms.iterator(), words, output, bits).search();
      }
    }
  }

  /** {@return what was found, most runs first} */
  List<SharedRuns> found() {
    List<SharedRuns> found = new ArrayList<>(runs.size());
    runs.forEachKeyValue(
        (work, count) -> found.add(new SharedRuns(work, count, longest.get(work))));
    found.sort(
        Comparator.comparingInt(SharedRuns::runs).reversed().thenComparingInt(SharedRuns::work));
    return found;
  }

  private final class Segment {
    private final LeafReaderContext leaf;
    private final TermsEnum terms;
    private final WordStore words;
    private final int[] output;
    private final int bits;

    Segment(LeafReaderContext leaf, TermsEnum terms, WordStore words, int[] output, int bits) {
      this.leaf = leaf;
      this.terms = terms;
      this.words = words;
      this.output = output;
      this.bits = bits;
    }

    void search() throws IOException {
      PostingsEnum postings = null;
      Bits live = leaf.reader().getLiveDocs();
      for (int from = 0; from < order.length; ) {
        int to = from + 1;
        while (to < order.length && hashes[order[to]] == hashes[order[from]]) {
          to++;
        }
        if (known(order[from]) && terms.seekExact(Fields.key(hashes[order[from]], bits))) {
          postings = terms.postings(postings, PostingsEnum.POSITIONS);
          NumericDocValues numbersOfWorks = leaf.reader().getNumericDocValues(Fields.WORK);
          for (int doc = postings.nextDoc();
              doc != PostingsEnum.NO_MORE_DOCS;
              doc = postings.nextDoc()) {
            if ((live == null || live.get(doc)) && numbersOfWorks.advanceExact(doc)) {
              places(postings, (int) numbersOfWorks.longValue(), from, to);
            }
          }
        }
        from = to;
      }
    }

    /** A run with a word that no work here has stands in none. */
    private boolean known(int start) {
      for (int i = start; i < start + k; i++) {
        if (output[i] == WordStore.ABSENT) {
          return false;
        }
      }
      return true;
    }

    private void places(PostingsEnum postings, int work, int from, int to) throws IOException {
      int start = words.start(work);
      int end = words.end(work);
      for (int left = postings.freq(); left > 0; left--) {
        int place = start + postings.nextPosition();
        for (int run = from; run < to && place + k <= end; run++) {
          if (equal(order[run], place)) {
            if (counted.getIfAbsent(work, -1) != from) {
              counted.put(work, from);
              runs.addToValue(work, 1);
            }
            int length = around(order[run], place, start, end);
            longest.updateValue(work, 0, known -> Math.max(known, length));
          }
        }
      }
    }

    private boolean equal(int here, int there) {
      for (int i = 0; i < k; i++) {
        if (output[here + i] != words.at(there + i)) {
          return false;
        }
      }
      return true;
    }

    private int around(int here, int there, int start, int end) {
      int before = 0;
      while (before + k < enough
          && here - before > 0
          && there - before > start
          && output[here - before - 1] == words.at(there - before - 1)) {
        before++;
      }
      int length = before + k;
      int after = k;
      while (length < enough
          && here + after < output.length
          && there + after < end
          && output[here + after] == words.at(there + after)) {
        after++;
        length++;
      }
      return length;
    }
  }
}
