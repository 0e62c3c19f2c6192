package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The fixed-width tables of a shard, little-endian, without a header. An instance is five int32
 * (work, tokenStart, tokenEnd, charStart, charEnd) and a float32 (loss); a work is four int32
 * (firstInstance, instances, cluster, heldOut 0 or 1) and two float32 (selfInfluence,
 * parameterShift): 24 bytes each.
 */
public final class Rows {
  private static final int WIDTH = 24;

  private Rows() {}

  /** Writes a shard's instances. */
  public static void writeInstances(Path file, List<InstanceRow> rows) throws IOException {
    byte[] table = new byte[Math.multiplyExact(rows.size(), WIDTH)];
    ByteBuffer bytes = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    for (InstanceRow row : rows) {
      bytes.putInt(row.work()).putInt(row.tokenStart()).putInt(row.tokenEnd());
      bytes.putInt(row.charStart()).putInt(row.charEnd()).putFloat(row.loss());
    }
    Files.write(file, table);
  }

  /** Writes a shard's works. */
  public static void writeWorks(Path file, List<WorkRow> rows) throws IOException {
    byte[] table = new byte[Math.multiplyExact(rows.size(), WIDTH)];
    ByteBuffer bytes = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    for (WorkRow row : rows) {
      bytes.putInt(row.firstInstance()).putInt(row.instances()).putInt(row.cluster());
      bytes.putInt(row.heldOut() ? 1 : 0).putFloat(row.selfInfluence());
      bytes.putFloat(row.parameterShift());
    }
    Files.write(file, table);
  }

  /** {@return a shard's instances} */
  public static List<InstanceRow> readInstances(Path file, int count) {
    ByteBuffer bytes = read(file, count);
    List<InstanceRow> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      rows.add(
          new InstanceRow(
              bytes.getInt(),
              bytes.getInt(),
              bytes.getInt(),
              bytes.getInt(),
              bytes.getInt(),
              bytes.getFloat()));
    }
    return rows;
  }

  /** {@return a shard's works} */
  public static List<WorkRow> readWorks(Path file, int count) {
    ByteBuffer bytes = read(file, count);
    List<WorkRow> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      rows.add(
          new WorkRow(
              bytes.getInt(),
              bytes.getInt(),
              bytes.getInt(),
              bytes.getInt() == 1,
              bytes.getFloat(),
              bytes.getFloat()));
    }
    return rows;
  }

  private static ByteBuffer read(Path file, int count) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length != count * WIDTH) {
        throw new EngineException.IndexDamaged(
            file + " should have " + count * WIDTH + " bytes and has " + bytes.length);
      }
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new EngineException.IndexDamaged("cannot read " + file + ": " + e, e);
    }
  }
}
