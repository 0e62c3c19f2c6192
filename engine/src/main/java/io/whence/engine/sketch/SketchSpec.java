package io.whence.engine.sketch;

import io.whence.engine.model.GptConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything needed to make the same projection again; stored in the index manifest.
 *
 * <p>A sketch is the concatenation, in this order, of one block for each linear layer: the layer's
 * gradient {@code G [in, out]} as {@code P_in' G P_out'}, {@code [kIn, kOut]}, row by row. Beside
 * the blocks stand rows of the embedding table's gradient.
 *
 * @param modules the sketched layers, in the order of their blocks
 * @param table the embedding table, which is the output matrix as well
 * @param seed of the projections of the blocks
 */
public record SketchSpec(List<Module> modules, Table table, long seed) {
  /**
   * The embedding table: the gradient's row at a token, on the table's first principal directions.
   *
   * @param vocabulary how many rows it has
   * @param width of a row
   * @param k what a row is projected to, 1 to {@code width}
   */
  public record Table(int vocabulary, int width, int k) {
    /** No table: of an index without a model. */
    public static final Table NONE = new Table(0, 0, 0);

    /** Rejects a projection that does not shrink. */
    public Table {
      if (k > width || (k < 1 && width > 0)) {
        throw new IllegalArgumentException(
            "rows of " + width + " numbers are too small for a sketch of " + k);
      }
    }
  }

  /**
   * One sketched linear layer.
   *
   * @param name as in the checkpoint
   * @param in width of its input
   * @param out width of its output
   * @param kIn what the input side is projected to, 1 to {@code in}
   * @param kOut what the output side is projected to, 1 to {@code out}
   */
  public record Module(String name, int in, int out, int kIn, int kOut) {
    /** Rejects a projection that does not shrink. */
    public Module {
      if (kIn < 1 || kIn > in || kOut < 1 || kOut > out) {
        throw new IllegalArgumentException(
            "layer "
                + name
                + " is "
                + in
                + " x "
                + out
                + ", too small for a sketch of "
                + kIn
                + " x "
                + kOut);
      }
    }

    /** {@return how many numbers its block has} */
    public int size() {
      return kIn * kOut;
    }
  }

  /** Copies the list. */
  public SketchSpec {
    modules = List.copyOf(modules);
  }

  /**
   * {@return the spec that sketches every linear layer of a model to at most {@code k x k}, and
   * each row of its embedding table to at most {@code k}}
   */
  public static SketchSpec of(GptConfig config, int k, long seed) {
    List<Module> modules = new ArrayList<>();
    for (GptConfig.LinearLayer layer : config.linearLayers()) {
      modules.add(
          new Module(
              layer.name(),
              layer.in(),
              layer.out(),
              Math.min(k, layer.in()),
              Math.min(k, layer.out())));
    }
    return new SketchSpec(
        modules, new Table(config.vocabulary(), config.width(), Math.min(k, config.width())), seed);
  }

  /** {@return how many numbers the blocks of a sketch have together} */
  public int dimension() {
    return modules.stream().mapToInt(Module::size).sum();
  }
}
