package io.whence.engine.model;

import ai.djl.ndarray.NDArray;

/**
 * What a caller adds to the linear layers of a forward pass, and to both uses of the embedding
 * table: the place where gradient probes go in. Outputs may be added to in place, and are later:
 * whoever keeps one keeps a copy.
 */
@FunctionalInterface
public interface LinearTap {
  /** Adds nothing. */
  LinearTap NONE = (layer, input, output) -> output;

  /**
   * {@return what the model goes on with in place of {@code output}}
   *
   * @param layer index into {@link GptConfig#linearLayers()}
   * @param input shape {@code [n * t, in]}
   * @param output shape {@code [n * t, out]}
   */
  NDArray tap(int layer, NDArray input, NDArray output);

  /**
   * {@return what the model goes on with in place of the rows it looked up in its embedding table}
   *
   * @param rows shape {@code [n * t, width]}, before positions are added
   */
  default NDArray embedding(NDArray rows) {
    return rows;
  }

  /**
   * {@return what the model goes on with in place of its logits} The table is the embedding's.
   *
   * @param input shape {@code [n * t, width]}
   * @param logits shape {@code [n * t, vocabulary]}
   */
  default NDArray head(NDArray input, NDArray logits) {
    return logits;
  }
}
