package io.whence.engine.model;

import io.whence.engine.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts texts into the windows a model reads, in the one way that training, indexing and queries
 * share: a text stands after end-of-text, and each window is led by the token before it.
 */
public final class Windows {
  private Windows() {}

  /**
   * {@return the window that predicts {@code tokens} of a work}
   *
   * @param ids all tokens of the work
   * @param tokens which of them
   * @param endOfText stands before the first
   */
  public static TokenWindow ofInstance(int[] ids, Span tokens, int endOfText) {
    int[] window = new int[tokens.length() + 1];
    window[0] = tokens.start() == 0 ? endOfText : ids[tokens.start() - 1];
    System.arraycopy(ids, tokens.start(), window, 1, tokens.length());
    return new TokenWindow(window, 1);
  }

  /**
   * {@return windows that together score every token of {@code output} once}
   *
   * <p>The first window begins with as much of the prompt as leaves at least half of the context to
   * the output; the output's tokens are never scored without the token before them.
   *
   * @param prompt tokens the output answers, may be empty; their losses do not count
   * @param output at least one token
   * @param context the model's longest window
   * @param endOfText stands before the prompt
   */
  public static List<TokenWindow> ofOutput(int[] prompt, int[] output, int context, int endOfText) {
    int[] all = new int[1 + prompt.length + output.length];
    all[0] = endOfText;
    System.arraycopy(prompt, 0, all, 1, prompt.length);
    System.arraycopy(output, 0, all, 1 + prompt.length, output.length);
    List<TokenWindow> windows = new ArrayList<>();
    int scored = 1 + prompt.length;
    int room = Math.max(context / 2, context - output.length);
    int begin = Math.max(0, scored - room);
    while (scored < all.length) {
      int end = Math.min(all.length, begin + context + 1);
      windows.add(new TokenWindow(java.util.Arrays.copyOfRange(all, begin, end), scored - begin));
      scored = end;
      begin = end - 1;
    }
    return windows;
  }
}
