package io.whence.engine.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Batches of windows that cost about the same: as many windows as fit a budget of padded tokens.
 *
 * <p>Windows are taken by length, ties in their own order, so that little is padding and the same
 * windows always make the same batches.
 */
public final class TokenBatches {
  /** The flat optimum of throughput on two cores; more only costs memory. */
  public static final int TOKENS = 1024;

  private TokenBatches() {}

  /**
   * {@return batches of indices into {@code windows}, each window in one of them}
   *
   * @param tokens most padded tokens in a batch; a longer window is a batch of its own
   */
  public static List<List<Integer>> of(List<TokenWindow> windows, int tokens) {
    List<Integer> byLength =
        IntStream.range(0, windows.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> windows.get(i).inputs()))
            .toList();
    List<List<Integer>> batches = new ArrayList<>();
    List<Integer> batch = new ArrayList<>();
    for (int index : byLength) {
      // Lengths ascend, so this window's length is that of the padded batch.
      if (!batch.isEmpty() && (batch.size() + 1) * windows.get(index).inputs() > tokens) {
        batches.add(List.copyOf(batch));
        batch.clear();
      }
      batch.add(index);
    }
    if (!batch.isEmpty()) {
      batches.add(List.copyOf(batch));
    }
    return batches;
  }
}
