package io.whence.engine.sketch;

import java.util.List;

/**
 * What is kept of a gradient: that of the linear layers projected, and rows of that of the
 * embedding table. Of a training instance these are the rows of its own tokens, which go in or are
 * predicted; of a query all.
 *
 * @param blocks shape {@code (k)}, layer by layer as {@link SketchSpec} says
 * @param table rows of {@link SketchSpec#table()}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; copies would cost more than all else
public record Sketch(float[] blocks, TableRows table) {
  /** {@return the sketch of all losses together: the sum, of at least one} */
  public static Sketch sum(List<Sketch> sketches) {
    if (sketches.isEmpty()) {
      throw new IllegalArgumentException("the sum of no sketches has no shape");
    }
    float[] blocks = new float[sketches.get(0).blocks.length];
    for (Sketch sketch : sketches) {
      for (int j = 0; j < blocks.length; j++) {
        blocks[j] += sketch.blocks[j];
      }
    }
    return new Sketch(blocks, TableRows.sum(sketches.stream().map(Sketch::table).toList()));
  }

  @Override
  public String toString() {
    return "sketch of " + blocks.length + " numbers and " + table;
  }
}
