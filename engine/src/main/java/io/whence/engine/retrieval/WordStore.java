package io.whence.engine.retrieval;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.collections.api.block.procedure.primitive.ObjectIntProcedure;
import org.eclipse.collections.api.factory.primitive.ObjectIntMaps;
import org.eclipse.collections.api.map.primitive.MutableObjectIntMap;

/**
 * The words of a shard's works, memory-mapped: what a fingerprint points to, and what works are
 * compared by without reading their texts again.
 *
 * <p>Format: {@code words.txt} holds every normalised word once, a line each, and word {@code i} is
 * line {@code i}. {@code words.bin} is of little-endian int32: the bytes of {@code words.txt}, the
 * number of the first work, the number {@code n} of works, {@code n + 1} places, then the words of
 * each work; those of its {@code i}-th are from place {@code i} up to place {@code i + 1}. The
 * mapping is given back when the store is garbage.
 */
final class WordStore {
  static final int ABSENT = -1;

  private static final String VOCABULARY = "words.txt";
  private static final String WORDS = "words.bin";
  private static final int HEADER = 3;

  private final MutableObjectIntMap<String> ids;
  private final IntBuffer words;
  private final int firstWork;
  private final int works;
  private final int base;

  private WordStore(MutableObjectIntMap<String> ids, IntBuffer words) {
    this.ids = ids;
    this.words = words;
    firstWork = words.get(1);
    works = words.get(2);
    base = HEADER + works + 1;
  }

  /**
   * {@return the words in a shard's directory}
   *
   * @throws IOException when a file is absent or not whole
   */
  static WordStore open(Path shard) throws IOException {
    Path file = shard.resolve(WORDS);
    Path vocabulary = shard.resolve(VOCABULARY);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      IntBuffer words =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.LITTLE_ENDIAN)
              .asIntBuffer();
      if (channel.size() != Integer.BYTES * length(words)) {
        throw new IOException(file + " is not as long as it says");
      }
      if (Files.size(vocabulary) != words.get(0)) {
        throw new IOException(vocabulary + " is not as long as " + WORDS + " says");
      }
      MutableObjectIntMap<String> ids = ObjectIntMaps.mutable.empty();
      for (String word : Files.readAllLines(vocabulary)) {
        ids.put(word, ids.size());
      }
      return new WordStore(ids, words);
    }
  }

  /** How many numbers there should be; -1 where not even that can be told. */
  private static long length(IntBuffer words) {
    if (words.capacity() < HEADER || words.get(2) < 0) {
      return -1;
    }
    long base = HEADER + words.get(2) + 1L;
    return words.capacity() < base ? -1 : base + words.get((int) base - 1);
  }

  int firstWork() {
    return firstWork;
  }

  int works() {
    return works;
  }

  /** {@return the number of a word here, {@value #ABSENT} where no work has it} */
  int id(String word) {
    return ids.getIfAbsent(word, ABSENT);
  }

  /** {@return how many different words the works have} */
  int vocabulary() {
    return ids.size();
  }

  /** Tells of every word with its number. */
  void forEachWord(ObjectIntProcedure<String> word) {
    ids.forEachKeyValue(word);
  }

  /** {@return where the words of a work begin, by its number in the index} */
  int start(int work) {
    return words.get(HEADER + work - firstWork);
  }

  /** {@return where they end} */
  int end(int work) {
    return start(work + 1);
  }

  /** {@return the word at a place} */
  int at(int place) {
    return words.get(base + place);
  }

  /** Writes the words of works one after the other. What was not finished is no store. */
  static final class Writer {
    // As many as one mapping holds, with as many works.
    private static final int MOST_WORDS = 1 << 28;

    private final Path shard;
    private final MutableObjectIntMap<String> ids = ObjectIntMaps.mutable.empty();
    private final List<String> vocabulary = new ArrayList<>();
    private final List<int[]> works = new ArrayList<>();
    private int firstWork;
    private int count;

    Writer(Path shard) {
      this.shard = shard;
    }

    /** Adds the next work, by its number in the index. */
    void add(int work, List<String> words) {
      if (works.isEmpty()) {
        firstWork = work;
      } else if (work != firstWork + works.size()) {
        throw new IllegalArgumentException(
            "works come in order: " + (firstWork + works.size()) + " is next; got " + work);
      }
      count = Math.addExact(count, words.size());
      if (count > MOST_WORDS) {
        throw new IllegalArgumentException("a shard has at most " + MOST_WORDS + " words");
      }
      int[] numbers = new int[words.size()];
      for (int i = 0; i < numbers.length; i++) {
        String word = words.get(i);
        int id = ids.getIfAbsent(word, ABSENT);
        if (id == ABSENT) {
          id = vocabulary.size();
          ids.put(word, id);
          vocabulary.add(word);
        }
        numbers[i] = id;
      }
      works.add(numbers);
    }

    /** Writes both files and waits until they are on disk. */
    void finish() throws IOException {
      Path known = shard.resolve(VOCABULARY);
      Files.write(known, vocabulary);
      int[] header = new int[HEADER + works.size() + 1];
      header[0] = Math.toIntExact(Files.size(known));
      header[1] = firstWork;
      header[2] = works.size();
      for (int i = 0; i < works.size(); i++) {
        header[HEADER + i + 1] = header[HEADER + i] + works.get(i).length;
      }
      try (FileChannel channel =
          FileChannel.open(
              shard.resolve(WORDS), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        write(channel, header);
        for (int[] work : works) {
          write(channel, work);
        }
        channel.force(true);
      }
      try (FileChannel channel = FileChannel.open(known, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }

    private static void write(FileChannel channel, int[] numbers) throws IOException {
      ByteBuffer bytes =
          ByteBuffer.allocate(numbers.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asIntBuffer().put(numbers);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }
}
