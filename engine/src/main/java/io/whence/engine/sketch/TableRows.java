package io.whence.engine.sketch;

import java.util.Arrays;
import java.util.List;

/**
 * Rows of a gradient of the embedding table, each projected on the same k directions; rows that are
 * not here are zero or left out.
 *
 * @param tokens whose rows these are, ascending
 * @param values {@code [tokens, k]}, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; copies would cost more than all else
public record TableRows(int[] tokens, float[] values) {
  /** No row at all. */
  public static final TableRows NONE = new TableRows(new int[0], new float[0]);

  /** Rejects rows of different lengths. */
  public TableRows {
    if (tokens.length == 0 ? values.length > 0 : values.length % tokens.length > 0) {
      throw new IllegalArgumentException(
          values.length + " numbers are no rows of " + tokens.length + " tokens");
    }
  }

  /** {@return k, how many numbers a row has; 0 where there is no row} */
  public int width() {
    return tokens.length == 0 ? 0 : values.length / tokens.length;
  }

  /** {@return the sum of all, row by row} */
  public static TableRows sum(List<TableRows> all) {
    List<TableRows> some = all.stream().filter(rows -> rows.tokens.length > 0).toList();
    if (some.size() < 2) {
      return some.isEmpty() ? NONE : some.get(0);
    }
    int[] tokens = union(some);
    int width = some.get(0).width();
    float[] values = new float[tokens.length * width];
    for (TableRows rows : some) {
      int at = 0;
      for (int row = 0; row < rows.tokens.length; row++) {
        while (tokens[at] < rows.tokens[row]) {
          at++;
        }
        for (int j = 0; j < width; j++) {
          values[at * width + j] += rows.values[row * width + j];
        }
      }
    }
    return new TableRows(tokens, values);
  }

  /** The tokens of all, each once and ascending. */
  private static int[] union(List<TableRows> all) {
    int[] tokens = new int[all.stream().mapToInt(rows -> rows.tokens.length).sum()];
    int count = 0;
    for (TableRows rows : all) {
      System.arraycopy(rows.tokens, 0, tokens, count, rows.tokens.length);
      count += rows.tokens.length;
    }
    Arrays.sort(tokens);
    int distinct = 0;
    for (int i = 0; i < tokens.length; i++) {
      if (i == 0 || tokens[i] != tokens[i - 1]) {
        tokens[distinct++] = tokens[i];
      }
    }
    return Arrays.copyOf(tokens, distinct);
  }

  /** {@return these rows, each number times {@code factor}} */
  public TableRows times(double factor) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (factor * scaled[i]);
    }
    return new TableRows(tokens, scaled);
  }

  @Override
  public String toString() {
    return "rows " + Arrays.toString(tokens) + " of " + width() + " numbers each";
  }
}
