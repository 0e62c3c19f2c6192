package io.whence.engine.model;

/** A text as a model's tokens, each with the characters of the original it stands for. */
public final class TokenizedText {
  private final int[] ids;
  private final int[] starts;
  private final int[] ends;

  TokenizedText(int[] ids, int[] starts, int[] ends) {
    this.ids = ids;
    this.starts = starts;
    this.ends = ends;
  }

  /** {@return how many tokens there are} */
  public int size() {
    return ids.length;
  }

  /** {@return a copy of the tokens} */
  public int[] ids() {
    return ids.clone();
  }

  /** {@return where token {@code i} starts, in UTF-16 code units of the text} */
  public int start(int i) {
    return starts[i];
  }

  /** {@return where token {@code i} ends; a character of several tokens is whole in each} */
  public int end(int i) {
    return ends[i];
  }
}
