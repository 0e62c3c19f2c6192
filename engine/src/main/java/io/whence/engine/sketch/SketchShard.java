package io.whence.engine.sketch;

import io.whence.engine.EngineException;
import java.nio.file.Path;

/**
 * The sketches of one shard's instances.
 *
 * @param blocks of the linear layers
 * @param table of the embedding table
 */
public record SketchShard(SketchStore blocks, TableStore table) {
  /**
   * {@return the sketches in two files}
   *
   * @throws EngineException.IndexDamaged when they do not hold {@code instances} of them
   */
  public static SketchShard open(Path blocks, Path table, int instances, SketchSpec spec) {
    return new SketchShard(
        SketchStore.open(blocks, instances, spec.dimension()),
        TableStore.open(table, instances, spec.table().k()));
  }

  /** {@return how many instances there are} */
  public int instances() {
    return blocks.rows();
  }

  /** {@return the sketch of an instance} */
  public Sketch sketch(int instance) {
    return new Sketch(blocks.row(instance), table.rows(instance));
  }
}
