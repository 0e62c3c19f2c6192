package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.Appearance;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The images of an index: for each shard that has some, their files one after the other, as they
 * were read, and a table in the order of the works, little-endian without a header: int32 work,
 * int64 offset and int32 bytes of the file, then the {@link Appearance}.
 *
 * <p>The table is held in memory, some 8 KB an image; files are read when they are asked for.
 * Immutable.
 */
public final class ImageStore {
  private final List<Entry> entries;

  private ImageStore(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * An image of an index.
   *
   * @param work its number in the index
   * @param offset of its file in {@code files}
   */
  private record Entry(int work, Path files, long offset, int bytes, Appearance look) {}

  /** Writes the images of one shard. */
  public static final class Writer implements AutoCloseable {
    private final OutputStream files;
    private final OutputStream table;
    private long offset;

    /** Starts the images of a shard; makes the directory. */
    public Writer(IndexLayout layout, String shard) throws IOException {
      Files.createDirectories(layout.images(shard).getParent());
      files = new BufferedOutputStream(Files.newOutputStream(layout.images(shard)));
      table = new BufferedOutputStream(Files.newOutputStream(layout.appearances(shard)));
    }

    /** Adds the image of a work. */
    public void add(int work, byte[] file, Appearance look) throws IOException {
      ByteBuffer row =
          ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + Appearance.MOST_BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      row.putInt(work).putLong(offset).putInt(file.length);
      look.write(row);
      table.write(row.array(), 0, row.position());
      files.write(file);
      offset += file.length;
    }

    @Override
    public void close() throws IOException {
      try (files;
          table) {
        files.flush();
        table.flush();
      }
    }
  }

  /**
   * {@return the images of an index}
   *
   * @throws EngineException.IndexDamaged when a table is not one
   */
  public static ImageStore open(IndexLayout layout, List<IndexManifest.Shard> shards) {
    List<Entry> entries = new ArrayList<>();
    for (IndexManifest.Shard shard : shards) {
      Path table = layout.appearances(shard.name());
      if (!Files.exists(table)) {
        continue;
      }
      try {
        ByteBuffer rows = ByteBuffer.wrap(Files.readAllBytes(table)).order(ByteOrder.LITTLE_ENDIAN);
        while (rows.remaining() >= Long.BYTES + 2 * Integer.BYTES) {
          int work = rows.getInt();
          long offset = rows.getLong();
          int bytes = rows.getInt();
          entries.add(
              new Entry(work, layout.images(shard.name()), offset, bytes, Appearance.read(rows)));
        }
      } catch (IOException | IllegalArgumentException e) {
        throw new EngineException.IndexDamaged("cannot read " + table + ": " + e, e);
      }
    }
    return new ImageStore(entries);
  }

  /** {@return how many images there are} */
  public int size() {
    return entries.size();
  }

  /** {@return the number in the index of the work that image {@code number} is} */
  public int work(int number) {
    return entries.get(number).work();
  }

  /** {@return how each image looks, by number} */
  public List<Appearance> looks() {
    return entries.stream().map(Entry::look).toList();
  }

  /** {@return an image's file as it was read} */
  public byte[] file(int number) {
    Entry entry = entries.get(number);
    if (entry.bytes() < 0 || entry.bytes() > Picture.MOST_BYTES) {
      throw new EngineException.IndexDamaged(
          entry.files() + " should hold an image of " + entry.bytes() + " bytes");
    }
    ByteBuffer file = ByteBuffer.allocate(entry.bytes());
    try (FileChannel in = FileChannel.open(entry.files())) {
      while (file.hasRemaining() && in.read(file, entry.offset() + file.position()) >= 0) {}
    } catch (IOException e) {
      throw new EngineException.IndexDamaged("cannot read " + entry.files() + ": " + e, e);
    }
    if (file.hasRemaining()) {
      throw new EngineException.IndexDamaged(
          entry.files() + " ends within the image of work " + entry.work());
    }
    return file.array();
  }

  /** {@return an image} */
  public Picture picture(int number) {
    return Picture.read(file(number), "of work " + work(number));
  }
}
