package io.whence.engine.sketch;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of the embedding table of one shard's instances, memory-mapped.
 *
 * <p>Format, little-endian: n + 1 places as int64, in bytes from the beginning of the file, the
 * last its size; then of each instance the tokens as int32, ascending, and behind them the rows,
 * float32 {@code [tokens, k]}. The manifest holds n, k and the checksum. Safe for several threads;
 * the mapping is given back when the store is garbage.
 */
public final class TableStore {
  // A mapping is at most 2 GiB, so a store is several, each of whole instances.
  private static final long MAPPING = 1L << 30;

  private final int width;
  private final long[] places;
  private final long[] begins;
  private final List<ByteBuffer> mappings;

  private TableStore(int width, long[] places, long[] begins, List<ByteBuffer> mappings) {
    this.width = width;
    this.places = places;
    this.begins = begins;
    this.mappings = mappings;
  }

  /**
   * {@return the store in {@code file}}
   *
   * @param instances how many the manifest says there are
   * @param width k, numbers a row
   * @throws EngineException.IndexDamaged when the file holds something else
   */
  public static TableStore open(Path file, int instances, int width) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long[] places = places(channel, instances, width);
      if (places.length != instances + 1) {
        throw new EngineException.IndexDamaged(
            file
                + " should hold rows of "
                + instances
                + " instances, "
                + width
                + " numbers each; it does not");
      }
      List<Long> begins = new ArrayList<>();
      List<ByteBuffer> mappings = new ArrayList<>();
      for (int from = 0; from < instances; ) {
        int to = from + 1;
        while (to < instances && places[to + 1] - places[from] <= MAPPING) {
          to++;
        }
        MappedByteBuffer mapping =
            channel.map(FileChannel.MapMode.READ_ONLY, places[from], places[to] - places[from]);
        begins.add(places[from]);
        mappings.add(mapping.order(ByteOrder.LITTLE_ENDIAN));
        from = to;
      }
      return new TableStore(
          width,
          places,
          begins.stream().mapToLong(Long::longValue).toArray(),
          List.copyOf(mappings));
    } catch (IOException e) {
      throw new EngineException.IndexDamaged("cannot read the rows in " + file + ": " + e, e);
    }
  }

  /** The places, or none where they cannot be. */
  private static long[] places(FileChannel channel, int instances, int width) throws IOException {
    long head = (instances + 1L) * Long.BYTES;
    if (channel.size() < head) {
      return new long[0];
    }
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(head)).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) >= 0) {
      // Until all is read: a read may give less than asked.
    }
    long[] places = new long[instances + 1];
    buffer.flip().asLongBuffer().get(places);
    boolean right = places[0] == head && places[instances] == channel.size();
    for (int i = 0; i < instances; i++) {
      long bytes = places[i + 1] - places[i];
      right &= bytes >= 0 && bytes <= Integer.MAX_VALUE && bytes % bytesOfRow(width) == 0;
    }
    return right ? places : new long[0];
  }

  private static long bytesOfRow(int width) {
    return Integer.BYTES + (long) width * Float.BYTES;
  }

  /** {@return how many instances there are} */
  public int instances() {
    return places.length - 1;
  }

  /** {@return the rows of an instance} */
  public TableRows rows(int instance) {
    int found = Arrays.binarySearch(begins, places[instance]);
    int mapping = found >= 0 ? found : -found - 2;
    int at = Math.toIntExact(places[instance] - begins[mapping]);
    int[] tokens = new int[(int) ((places[instance + 1] - places[instance]) / bytesOfRow(width))];
    float[] values = new float[tokens.length * width];
    ByteBuffer bytes = mappings.get(mapping);
    bytes
        .slice(at, tokens.length * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .get(tokens);
    bytes
        .slice(at + tokens.length * Integer.BYTES, values.length * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return new TableRows(tokens, values);
  }

  /** Writes a store, instances in any order; {@link #close} makes them durable. */
  public static final class Writer implements AutoCloseable {
    private final FileChannel channel;
    private final int width;
    private final long[] places;

    /**
     * Creates or overwrites {@code file}.
     *
     * @param tokens how many rows each instance has
     * @param width k, numbers a row
     */
    public Writer(Path file, int[] tokens, int width) throws IOException {
      this.channel = SketchStore.created(file);
      this.width = width;
      this.places = new long[tokens.length + 1];
      places[0] = places.length * (long) Long.BYTES;
      for (int i = 0; i < tokens.length; i++) {
        places[i + 1] = places[i] + tokens[i] * bytesOfRow(width);
      }
      ByteBuffer head =
          ByteBuffer.allocate(Math.toIntExact(places[0])).order(ByteOrder.LITTLE_ENDIAN);
      head.asLongBuffer().put(places);
      write(head, 0);
    }

    /** Writes an instance's rows, of as many tokens as was said. */
    public void write(int instance, TableRows rows) throws IOException {
      long bytes = rows.tokens().length * bytesOfRow(width);
      if (bytes != places[instance + 1] - places[instance]
          || rows.values().length != rows.tokens().length * width) {
        throw new IllegalArgumentException(
            "instance " + instance + " was to have other rows than " + rows);
      }
      ByteBuffer buffer =
          ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
      buffer.asIntBuffer().put(rows.tokens());
      buffer
          .slice(rows.tokens().length * Integer.BYTES, rows.values().length * Float.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .put(rows.values());
      write(buffer, places[instance]);
    }

    private void write(ByteBuffer buffer, long position) throws IOException {
      while (buffer.hasRemaining()) {
        channel.write(buffer, position + buffer.position());
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
