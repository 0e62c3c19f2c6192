package io.whence.engine.model;

import ai.djl.ndarray.NDArray;

/**
 * What a caller adds to the linear layers of a forward pass: the place where gradient probes go in.
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
}
