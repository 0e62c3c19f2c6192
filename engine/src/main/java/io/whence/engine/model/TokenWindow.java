package io.whence.engine.model;

import java.util.Arrays;
import java.util.List;

/**
 * One window of tokens as a model reads it: {@code ids[0 .. length-1)} go in, {@code ids[1 ..
 * length)} are predicted, and the losses of those from {@link #scoredFrom} on are counted.
 */
public final class TokenWindow {
  private final int[] ids;
  private final int scoredFrom;

  /**
   * Makes a window.
   *
   * @param ids at least two tokens; the first is context only
   * @param scoredFrom index in {@code ids} of the first token whose loss counts, at least 1
   */
  public TokenWindow(int[] ids, int scoredFrom) {
    if (ids.length < 2 || scoredFrom < 1 || scoredFrom >= ids.length) {
      throw new IllegalArgumentException(
          "a window has two tokens or more and scores at least one; got "
              + ids.length
              + " tokens, scored from "
              + scoredFrom);
    }
    this.ids = ids.clone();
    this.scoredFrom = scoredFrom;
  }

  /** {@return how many tokens the model reads, which is one less than the window holds} */
  public int inputs() {
    return ids.length - 1;
  }

  /** {@return how many tokens' losses count} */
  public int scored() {
    return ids.length - scoredFrom;
  }

  /** {@return the token that the model reads at a position} */
  public int input(int position) {
    return ids[position];
  }

  /** {@return the tokens it holds, read or predicted, each once and ascending} */
  public int[] tokens() {
    return Arrays.stream(ids).sorted().distinct().toArray();
  }

  int scoredFrom() {
    return scoredFrom;
  }

  /** Windows padded on the right to one length; causal attention never looks there. */
  static final class Padded {
    final int rows;
    final int columns;
    final long[] inputs;
    final long[] targets;
    final float[] weights;

    Padded(List<TokenWindow> windows) {
      rows = windows.size();
      columns = windows.stream().mapToInt(TokenWindow::inputs).max().orElseThrow();
      int cells = Math.multiplyExact(rows, columns);
      inputs = new long[cells];
      targets = new long[cells];
      weights = new float[cells];
      for (int row = 0; row < rows; row++) {
        TokenWindow window = windows.get(row);
        for (int j = 0; j < window.inputs(); j++) {
          inputs[row * columns + j] = window.ids[j];
          targets[row * columns + j] = window.ids[j + 1];
          weights[row * columns + j] = j + 1 >= window.scoredFrom ? 1 : 0;
        }
      }
    }
  }

  @Override
  public String toString() {
    return "window of "
        + ids.length
        + " tokens, scored from "
        + scoredFrom
        + ": "
        + Arrays.toString(Arrays.copyOf(ids, Math.min(ids.length, 8)));
  }
}
