package io.whence.engine.evidence;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.collections.api.factory.primitive.LongIntMaps;
import org.eclipse.collections.api.map.primitive.MutableLongIntMap;

/** Runs of numbers that two sequences have in common. */
final class Seeds {
  private Seeds() {}

  /**
   * A run that both sequences have and that is no part of a longer one.
   *
   * @param output where it starts in the one
   * @param work where it starts in the other
   * @param length how long it is
   */
  record Seed(int output, int work, int length) {
    int outputEnd() {
      return output + length;
    }

    int workEnd() {
      return work + length;
    }
  }

  /**
   * {@return every pair of places where {@code shortest} numbers or more agree, by place in {@code
   * output}, then in {@code work}; of longer runs only, where finding these would take more than
   * {@code mostSteps} comparisons}
   */
  static List<Seed> common(int[] output, int[] work, int shortest, long mostSteps) {
    for (int length = shortest; length <= Math.min(output.length, work.length); length *= 2) {
      List<Seed> seeds = new ArrayList<>();
      if (collect(output, work, length, mostSteps, seeds)) {
        return seeds;
      }
    }
    return List.of();
  }

  private static boolean collect(
      int[] output, int[] work, int length, long mostSteps, List<Seed> seeds) {
    long[] here = hashes(output, length);
    long[] there = hashes(work, length);
    MutableLongIntMap last = LongIntMaps.mutable.empty();
    // Places of one hash as a chain, numbered from 1.
    int[] earlier = new int[there.length + 1];
    for (int j = there.length - 1; j >= 0; j--) {
      earlier[j + 1] = last.get(there[j]);
      last.put(there[j], j + 1);
    }
    long steps = 0;
    for (int i = 0; i < here.length; i++) {
      for (int place = last.get(here[i]); place != 0; place = earlier[place]) {
        if (++steps > mostSteps) {
          return false;
        }
        int j = place - 1;
        if (i > 0 && j > 0 && output[i - 1] == work[j - 1]) {
          continue;
        }
        int agreed = 0;
        while (i + agreed < output.length
            && j + agreed < work.length
            && output[i + agreed] == work[j + agreed]) {
          agreed++;
        }
        steps += agreed;
        if (agreed >= length) { // else two runs have one hash
          seeds.add(new Seed(i, j, agreed));
        }
      }
    }
    return true;
  }

  private static long[] hashes(int[] sequence, int length) {
    int count = Math.max(0, sequence.length - length + 1);
    long[] hashes = new long[count];
    long top = 1;
    for (int i = 1; i < length; i++) {
      top *= FACTOR;
    }
    long hash = 0;
    for (int i = 0; i < sequence.length; i++) {
      if (i >= length) {
        hash -= top * spread(sequence[i - length]);
      }
      hash = hash * FACTOR + spread(sequence[i]);
      if (i >= length - 1) {
        hashes[i - length + 1] = hash;
      }
    }
    return hashes;
  }

  private static final long FACTOR = 0x9E3779B97F4A7C15L;

  private static long spread(int number) {
    long z = number * 0xBF58476D1CE4E5B9L + 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
