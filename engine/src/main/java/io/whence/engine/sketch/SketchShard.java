package io.whence.engine.sketch;

import io.whence.engine.EngineException;
import io.whence.engine.model.TokenWindow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

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

  /** Writes a shard's sketches, in any order; {@link #close} makes them durable. */
  public static final class Writer implements AutoCloseable {
    private final SketchStore.Writer blocks;
    private final TableStore.Writer table;

    /**
     * Creates or overwrites two files.
     *
     * @param windows of the instances, in order
     */
    public Writer(Path blocks, Path table, List<TokenWindow> windows, SketchSpec spec)
        throws IOException {
      int[] own = windows.stream().mapToInt(window -> window.tokens().length).toArray();
      this.blocks = new SketchStore.Writer(blocks, spec.dimension());
      this.table = new TableStore.Writer(table, own, spec.table().k());
    }

    /** Writes the sketch of an instance. */
    public void write(int instance, Sketch sketch) throws IOException {
      blocks.write(instance, sketch.blocks());
      table.write(instance, sketch.table());
    }

    @Override
    public void close() throws IOException {
      try (blocks;
          table) {
        // Both, whatever the first says.
      }
    }
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
