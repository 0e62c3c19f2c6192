package io.whence.engine.evidence;

import java.util.Arrays;
import org.eclipse.collections.api.factory.primitive.LongIntMaps;
import org.eclipse.collections.api.map.primitive.MutableLongIntMap;

/**
 * Every run of a sequence of numbers, as the smallest automaton that reads them all (the suffix
 * automaton of Blumer et al., 1985): at most two states and three transitions for a number, so that
 * repetitive texts cost no more than others.
 */
final class RunAutomaton {
  // A state stands for runs that end at the same places; state 0 for the empty run. Its longest run
  // has length[state], and those of link[state] are the next shorter suffixes that end elsewhere
  // too.
  private final int[] length;
  private final int[] link;
  private final int[] firstEnd;
  private final MutableLongIntMap next = LongIntMaps.mutable.empty();

  // The transitions of each state as a chain, to copy them when a state is split.
  private final int[] chain;
  private int[] symbolOf = new int[16];
  private int[] earlier = new int[16];
  private int transitions = 1;
  private int states = 1;

  RunAutomaton(int[] sequence) {
    int most = Math.max(2, 2 * sequence.length);
    length = new int[most];
    link = new int[most];
    firstEnd = new int[most];
    chain = new int[most];
    link[0] = -1;
    int last = 0;
    for (int i = 0; i < sequence.length; i++) {
      last = append(last, sequence[i], i + 1);
    }
  }

  /** What is told of each place of another sequence. */
  interface Agreement {
    /**
     * Takes the longest run that ends there and stands here too.
     *
     * @param end just past the place in the other sequence
     * @param length of the run, 0 if not even its last number stands here
     * @param firstEnd just past where the run stands here for the first time
     */
    void at(int end, int length, int firstEnd);
  }

  /** Compares another sequence with this one, place by place in order. */
  void compare(int[] other, Agreement agreement) {
    int state = 0;
    int agreed = 0;
    for (int i = 0; i < other.length; i++) {
      int target = target(state, other[i]);
      while (target == 0 && state != 0) {
        state = link[state];
        agreed = length[state];
        target = target(state, other[i]);
      }
      if (target != 0) {
        state = target;
        agreed++;
      }
      agreement.at(i + 1, agreed, firstEnd[state]);
    }
  }

  private int append(int last, int symbol, int end) {
    int added = states++;
    length[added] = length[last] + 1;
    firstEnd[added] = end;
    int state = last;
    while (state >= 0 && target(state, symbol) == 0) {
      connect(state, symbol, added);
      state = link[state];
    }
    if (state < 0) {
      return added;
    }
    int target = target(state, symbol);
    if (length[target] == length[state] + 1) {
      link[added] = target;
      return added;
    }
    int split = states++;
    length[split] = length[state] + 1;
    link[split] = link[target];
    firstEnd[split] = firstEnd[target];
    for (int t = chain[target]; t != 0; t = earlier[t]) {
      connect(split, symbolOf[t], target(target, symbolOf[t]));
    }
    while (state >= 0 && target(state, symbol) == target) {
      next.put(key(state, symbol), split);
      state = link[state];
    }
    link[target] = split;
    link[added] = split;
    return added;
  }

  private int target(int state, int symbol) {
    return next.get(key(state, symbol));
  }

  private void connect(int state, int symbol, int target) {
    if (transitions == symbolOf.length) {
      symbolOf = Arrays.copyOf(symbolOf, 2 * transitions);
      earlier = Arrays.copyOf(earlier, 2 * transitions);
    }
    symbolOf[transitions] = symbol;
    earlier[transitions] = chain[state];
    chain[state] = transitions++;
    next.put(key(state, symbol), target);
  }

  private static long key(int state, int symbol) {
    return (long) state << 32 | Integer.toUnsignedLong(symbol);
  }
}
