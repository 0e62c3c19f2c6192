package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.Appearance;
import io.whence.engine.sketch.SketchStore;
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
import org.jspecify.annotations.Nullable;

/**
 * The images of an index: for each shard that has some, their files one after the other, as they
 * were read, and a table in the order of the works, little-endian without a header: int32 work,
 * int64 offset and int32 bytes of the file, then the {@link Appearance}.
 *
 * <p>The table is held in memory, some 8 KB an image; files are read when they are asked for. Where
 * the index has a model that embeds images, their embeddings lie beside the table, in the same
 * order and in the form of a {@link SketchStore}. Immutable.
 */
public final class ImageStore {
  private final List<Entry> entries;

  /** Of each shard that has images; empty where they have no embeddings. */
  private final List<SketchStore> embeddings;

  private ImageStore(List<Entry> entries, List<SketchStore> embeddings) {
    this.entries = List.copyOf(entries);
    this.embeddings = List.copyOf(embeddings);
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
    private final Path embeddingsFile;
    private SketchStore.@Nullable Writer embeddings;
    private long offset;
    private int added;

    /** Starts the images of a shard; makes the directory. */
    public Writer(IndexLayout layout, String shard) throws IOException {
      Files.createDirectories(layout.images(shard).getParent());
      files = new BufferedOutputStream(Files.newOutputStream(layout.images(shard)));
      table = new BufferedOutputStream(Files.newOutputStream(layout.appearances(shard)));
      embeddingsFile = layout.embeddings(shard);
    }

    /**
     * Adds the image of a work.
     *
     * @param embedding shape {@code (d)}; null where the index has no model for it
     */
    public void add(int work, byte[] file, Appearance look, float @Nullable [] embedding)
        throws IOException {
      ByteBuffer row =
          ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + Appearance.MOST_BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      row.putInt(work).putLong(offset).putInt(file.length);
      look.write(row);
      table.write(row.array(), 0, row.position());
      files.write(file);
      offset += file.length;
      if (embedding != null) {
        if (embeddings == null) {
          embeddings = new SketchStore.Writer(embeddingsFile, embedding.length);
        }
        embeddings.write(added, embedding);
      }
      added++;
    }

    @Override
    public void close() throws IOException {
      SketchStore.Writer rows = embeddings;
      try (files;
          table;
          rows) {
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
    List<SketchStore> embeddings = new ArrayList<>();
    for (IndexManifest.Shard shard : shards) {
      Path table = layout.appearances(shard.name());
      if (!Files.exists(table)) {
        continue;
      }
      int first = entries.size();
      try {
        ByteBuffer rows = ByteBuffer.wrap(Files.readAllBytes(table)).order(ByteOrder.LITTLE_ENDIAN);
        while (rows.remaining() >= Long.BYTES + 2 * Integer.BYTES) {
          int work = rows.getInt();
          long offset = rows.getLong();
          int bytes = rows.getInt();
          entries.add(
              new Entry(work, layout.images(shard.name()), offset, bytes, Appearance.read(rows)));
        }
        Path file = layout.embeddings(shard.name());
        int count = entries.size() - first;
        if (Files.exists(file) && count > 0) {
          long dimension = Files.size(file) / Float.BYTES / count;
          embeddings.add(SketchStore.open(file, count, Math.toIntExact(dimension)));
        }
      } catch (IOException | IllegalArgumentException | ArithmeticException e) {
        throw new EngineException.IndexDamaged("cannot read " + table + ": " + e, e);
      }
    }
    return new ImageStore(entries, embeddings);
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

  /** {@return whether the images have embeddings} */
  boolean isEmbedded() {
    return !embeddings.isEmpty();
  }

  /** {@return the embedding of an image, shape {@code (d)}} */
  float[] embedding(int number) {
    int left = number;
    for (SketchStore store : embeddings) {
      if (left < store.rows()) {
        return store.row(left);
      }
      left -= store.rows();
    }
    throw new IllegalArgumentException("no image " + number + " has an embedding");
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
