package io.whence.engine.sketch;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The sketches of one shard, memory-mapped.
 *
 * <p>Format: {@code n} rows of {@code k} little-endian IEEE 754 float32, row-major, no header; the
 * manifest holds {@code n}, {@code k} and the checksum. Row i is the sketch of the shard's i-th
 * instance. Safe for several threads; the mapping is given back when the store is garbage.
 */
public final class SketchStore {
  // A mapping is at most 2 GiB, so a store is several, each of whole rows.
  private static final long MAPPING = 1L << 30;

  private final int rows;
  private final int dimension;
  private final int rowsPerMapping;
  private final List<FloatBuffer> mappings;

  private SketchStore(int rows, int dimension, int rowsPerMapping, List<FloatBuffer> mappings) {
    this.rows = rows;
    this.dimension = dimension;
    this.rowsPerMapping = rowsPerMapping;
    this.mappings = mappings;
  }

  /**
   * {@return the store in {@code file}}
   *
   * @param rows how many sketches the manifest says there are
   * @param dimension of each
   * @throws EngineException.IndexDamaged when the file's size is another
   */
  public static SketchStore open(Path file, int rows, int dimension) {
    long rowBytes = (long) dimension * Float.BYTES;
    int rowsPerMapping = (int) Math.max(1, MAPPING / rowBytes);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != rows * rowBytes) {
        throw new EngineException.IndexDamaged(
            file
                + " should hold "
                + rows
                + " sketches of "
                + dimension
                + " floats, "
                + rows * rowBytes
                + " bytes; it has "
                + channel.size());
      }
      List<FloatBuffer> mappings = new ArrayList<>();
      for (int row = 0; row < rows; row += rowsPerMapping) {
        long bytes = Math.min(rowsPerMapping, rows - row) * rowBytes;
        mappings.add(
            channel
                .map(FileChannel.MapMode.READ_ONLY, row * rowBytes, bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer());
      }
      return new SketchStore(rows, dimension, rowsPerMapping, List.copyOf(mappings));
    } catch (IOException e) {
      throw new EngineException.IndexDamaged("cannot read the sketches in " + file + ": " + e, e);
    }
  }

  /** {@return how many sketches there are} */
  public int rows() {
    return rows;
  }

  /** {@return how many numbers a sketch has} */
  public int dimension() {
    return dimension;
  }

  /**
   * Reads row {@code row}.
   *
   * @param into at least {@code dimension()} long; filled from 0
   */
  public void read(int row, float[] into) {
    mappings.get(row / rowsPerMapping).get(row % rowsPerMapping * dimension, into, 0, dimension);
  }

  /** {@return row {@code row}, shape {@code (k)}} */
  public float[] row(int row) {
    float[] values = new float[dimension];
    read(row, values);
    return values;
  }

  /** {@return a channel that writes to {@code file}, which is empty now} */
  static FileChannel created(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  /** Writes a store, rows in any order; {@link #close} makes them durable. */
  public static final class Writer implements AutoCloseable {
    private final FileChannel channel;
    private final int dimension;
    private final ByteBuffer buffer;

    /** Creates or overwrites {@code file}. */
    public Writer(Path file, int dimension) throws IOException {
      this.channel = created(file);
      this.dimension = dimension;
      this.buffer =
          ByteBuffer.allocateDirect(dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes one row. */
    public void write(int row, float[] sketch) throws IOException {
      if (sketch.length != dimension) {
        throw new IllegalArgumentException(
            "dimensions differ: " + dimension + " and " + sketch.length);
      }
      buffer.clear();
      buffer.asFloatBuffer().put(sketch);
      long position = (long) row * dimension * Float.BYTES;
      while (buffer.hasRemaining()) {
        position += channel.write(buffer, position);
      }
    }

    @Override
    public void close() throws IOException {
      try (channel) {
        channel.force(true);
      }
    }
  }
}
