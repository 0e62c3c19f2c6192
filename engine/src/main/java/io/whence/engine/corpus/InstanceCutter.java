package io.whence.engine.corpus;

import io.whence.engine.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts works into training examples: windows of tokens with a stride, never across works.
 *
 * @param window longest window, in tokens
 * @param stride from the start of one window to the next, 1 to {@code window}: at the window's own
 *     length every token is predicted once, below it windows overlap
 */
public record InstanceCutter(int window, int stride) {
  /** Rejects a stride that would leave tokens out. */
  public InstanceCutter {
    if (window < 1 || stride < 1 || stride > window) {
      throw new IllegalArgumentException(
          "a cut satisfies 1 <= stride <= window; got " + stride + " and " + window);
    }
  }

  /** {@return the windows of a work of {@code tokens} tokens, the last of them perhaps shorter} */
  public List<Instance> cut(int work, int tokens) {
    List<Instance> instances = new ArrayList<>();
    for (int start = 0; start < tokens; start += stride) {
      int end = Math.min(tokens, start + window);
      instances.add(new Instance(work, instances.size(), new Span(start, end)));
      if (end == tokens) {
        break;
      }
    }
    return instances;
  }
}
