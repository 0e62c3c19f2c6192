package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.Span;
import io.whence.engine.attribution.PassageFinder.Found;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.retrieval.WordNumbers;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The passages of an index, found when it was built. A passage is a run of {@link #SHORTEST} words
 * or more that stands in several works which are no copies of each other, with all its places,
 * copies of the works among them; it is as long as it can be without losing one. Every place has it
 * word by word, and every {@link #SHORTEST} words in a row that two such works share lie in a
 * passage that has all places where they stand, unless {@link #leftOut} is above 0. Where one work
 * goes on longer with a second than with a third, there is a passage for each: the shorter stands
 * in more places. Safe for several threads.
 *
 * <p>Format ({@code passages.bin}): little-endian int32. The shortest length, the number n of
 * passages, the number m of places, {@code leftOut} (at most 2,147,483,647); n + 1 numbers, where
 * the places of each passage begin and those of the last end; of each passage its words, how many
 * works that are no copies of each other have it, and the number of the earliest-dated work, -1
 * where none is dated; of each place the number of its work, its first word there, and its first
 * character and the one after its last, in UTF-16 code units. Passages are ordered by their first
 * place, the longest first, places by work and word.
 */
public final class Passages {
  /** Words in the shortest passage. */
  public static final int SHORTEST = PassageFinder.SHORTEST;

  private static final int HEADER = 4;
  private static final int PASSAGE = 3;
  private static final int PLACE = 4;

  private final IntBuffer numbers;
  private final List<Work> works;
  private final int size;
  private final int passagesFrom;
  private final int placesFrom;

  // The passages that each work has, ascending: from workFirst[work] up to workFirst[work + 1].
  private final int[] workFirst;
  private final int[] byWork;

  private Passages(IntBuffer numbers, List<Work> works) {
    this.numbers = numbers;
    this.works = works;
    size = numbers.get(1);
    passagesFrom = HEADER + size + 1;
    placesFrom = passagesFrom + PASSAGE * size;
    int places = numbers.get(2);
    workFirst = new int[works.size() + 1];
    for (int place = 0; place < places; place++) {
      workFirst[work(place) + 1]++;
    }
    for (int work = 0; work < works.size(); work++) {
      workFirst[work + 1] += workFirst[work];
    }
    byWork = new int[places];
    int[] next = workFirst.clone();
    for (int passage = 0; passage < size; passage++) {
      for (int place = first(passage); place < first(passage + 1); place++) {
        byWork[next[work(place)]++] = passage;
      }
    }
  }

  /**
   * A passage.
   *
   * @param number in the index, from 0
   * @param words how many it has
   * @param works how many works of the index have it that are no copies of each other, at least 2
   * @param places how often it stands in the works of the index, copies of them too
   * @param earliest the earliest-dated work that has it; null where none is dated
   */
  public record Passage(int number, int words, int works, int places, @Nullable Work earliest) {}

  /**
   * Where a passage stands.
   *
   * @param words where in the work, in words
   * @param characters where in the work, in UTF-16 code units
   */
  public record Place(Work work, Span words, Span characters) {}

  /**
   * {@return the passages of an index; null where it was built before they were}
   *
   * @param works of the index, by number
   * @throws EngineException.IndexDamaged when the file is not whole
   */
  static @Nullable Passages open(IndexLayout layout, List<Work> works) {
    Path file = layout.passages();
    if (!Files.exists(file)) {
      return null;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      IntBuffer numbers =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.LITTLE_ENDIAN)
              .asIntBuffer();
      if (numbers.capacity() <= HEADER
          || channel.size() != Integer.BYTES * length(numbers.get(1), numbers.get(2))) {
        throw new IOException("it is not as long as it says");
      }
      return new Passages(numbers, works);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new EngineException.IndexDamaged("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static long length(long passages, long places) {
    return HEADER + passages + 1 + PASSAGE * passages + PLACE * places;
  }

  /** {@return how many passages there are} */
  public int size() {
    return size;
  }

  /** {@return how much the bounds of the search kept out; 0 where nothing is missing} */
  public int leftOut() {
    return numbers.get(3);
  }

  /**
   * {@return a passage}
   *
   * @param number from 0 up to {@link #size}
   */
  public Passage passage(int number) {
    int at = passagesFrom + PASSAGE * number;
    int earliest = numbers.get(at + 2);
    return new Passage(
        number,
        numbers.get(at),
        numbers.get(at + 1),
        first(number + 1) - first(number),
        earliest < 0 ? null : works.get(earliest));
  }

  /**
   * {@return where a passage stands, by the numbers of the works}
   *
   * @param number of the passage
   * @param from how many places are passed over
   * @param most how many are given
   */
  public List<Place> places(int number, int from, int most) {
    int words = numbers.get(passagesFrom + PASSAGE * number);
    List<Place> places = new ArrayList<>();
    int end = first(number + 1);
    for (int place = first(number) + from; place < end && places.size() < most; place++) {
      places.add(place(place, words));
    }
    return List.copyOf(places);
  }

  /**
   * {@return where a passage stands: first in one work, then in the others, by their numbers}
   *
   * @param number of the passage
   * @param work the one that comes first, by its number
   * @param most how many are given
   */
  public List<Place> placesFrom(int number, int work, int most) {
    int words = numbers.get(passagesFrom + PASSAGE * number);
    int first = firstIn(number, work);
    int end = firstIn(number, work + 1);
    return IntStream.concat(
            IntStream.range(first, end),
            IntStream.range(first(number), first(number + 1))
                .filter(place -> place < first || place >= end))
        .limit(most)
        .mapToObj(place -> place(place, words))
        .toList();
  }

  /**
   * {@return passages, ascending by number}
   *
   * @param work that has them, by its number; null for all
   * @param least how many works have them at least
   * @param after the number that they are above; -1 for all
   * @param most how many are given
   */
  public List<Passage> page(@Nullable Integer work, int least, int after, int most) {
    IntStream among =
        work == null
            ? IntStream.range(Math.min(size, after + 1), size)
            : IntStream.range(workFirst[work], workFirst[work + 1])
                .map(i -> byWork[i])
                .filter(passage -> passage > after)
                .distinct();
    return among
        .filter(passage -> numbers.get(passagesFrom + PASSAGE * passage + 1) >= least)
        .limit(most)
        .mapToObj(this::passage)
        .toList();
  }

  /**
   * {@return the passage that has most words in common with words of a work, at least {@link
   * #SHORTEST}; of several the one that more works have}
   */
  Optional<SharedPassage.Known> closest(int work, Span words) {
    return IntStream.range(workFirst[work], workFirst[work + 1])
        .map(i -> byWork[i])
        .distinct()
        .mapToObj(
            passage -> new SharedPassage.Known(passage(passage), common(passage, work, words)))
        .filter(known -> known.common() >= SHORTEST)
        .max(SharedPassage.Known.CLOSEST);
  }

  private int common(int passage, int work, Span words) {
    int length = numbers.get(passagesFrom + PASSAGE * passage);
    int common = 0;
    for (int place = firstIn(passage, work);
        place < first(passage + 1) && work(place) == work;
        place++) {
      int start = numbers.get(placesFrom + PLACE * place + 1);
      common =
          Math.max(common, Math.min(words.end(), start + length) - Math.max(words.start(), start));
    }
    return common;
  }

  /** The first place of a passage that is not in an earlier work. */
  private int firstIn(int passage, int work) {
    int from = first(passage);
    int to = first(passage + 1);
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (work(middle) < work) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  private int first(int passage) {
    return numbers.get(HEADER + passage);
  }

  private int work(int place) {
    return numbers.get(placesFrom + PLACE * place);
  }

  private Place place(int place, int words) {
    int at = placesFrom + PLACE * place;
    int start = numbers.get(at + 1);
    return new Place(
        works.get(numbers.get(at)),
        new Span(start, start + words),
        new Span(numbers.get(at + 2), numbers.get(at + 3)));
  }

  /**
   * Finds the passages of an index whose shards are written, and writes them.
   *
   * @param file where to
   * @param shards names of the shards, in order
   * @param works of the index, by number
   * @param clusters for each work the number of the first of which it is a copy
   */
  public static void write(
      Path file,
      IndexLayout layout,
      List<String> shards,
      List<Work> works,
      int[] clusters,
      Progress progress)
      throws IOException {
    Found found =
        PassageFinder.find(
            WordNumbers.open(shards.stream().map(layout::lucene).toList()), clusters, progress);
    int[] characters = characters(found, works);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      put(
          out,
          SHORTEST,
          found.lengths().length,
          found.places().length,
          (int) Math.min(Integer.MAX_VALUE, found.leftOut()));
      put(out, found.firsts());
      for (int passage = 0; passage < found.lengths().length; passage++) {
        put(out, found.lengths()[passage], found.works()[passage], earliest(found, passage, works));
      }
      for (int i = 0; i < found.places().length; i++) {
        long place = found.places()[i];
        put(
            out,
            PassageFinder.work(place),
            PassageFinder.start(place),
            characters[2 * i],
            characters[2 * i + 1]);
      }
    }
  }

  private static void put(OutputStream out, int... numbers) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(numbers);
    out.write(bytes.array());
  }

  private static int earliest(Found found, int passage, List<Work> works) {
    int earliest = -1;
    for (int i = found.firsts()[passage]; i < found.firsts()[passage + 1]; i++) {
      int work = PassageFinder.work(found.places()[i]);
      if (works.get(work).year() != null
          && (earliest < 0
              || Work.EARLIEST_FIRST.compare(works.get(work), works.get(earliest)) < 0)) {
        earliest = work;
      }
    }
    return earliest;
  }

  /** Of each place its first character and the one after its last; each text is read once. */
  private static int[] characters(Found found, List<Work> works) {
    int[] lengthAt = new int[found.places().length];
    for (int passage = 0; passage < found.lengths().length; passage++) {
      for (int i = found.firsts()[passage]; i < found.firsts()[passage + 1]; i++) {
        lengthAt[i] = found.lengths()[passage];
      }
    }
    int[] next = new int[works.size() + 1];
    for (long place : found.places()) {
      next[PassageFinder.work(place) + 1]++;
    }
    for (int work = 0; work < works.size(); work++) {
      next[work + 1] += next[work];
    }
    int[] order = new int[lengthAt.length];
    for (int i = 0; i < order.length; i++) {
      order[next[PassageFinder.work(found.places()[i])]++] = i;
    }
    int[] characters = new int[2 * order.length];
    WordTokens words = null;
    int current = -1;
    for (int i : order) {
      int work = PassageFinder.work(found.places()[i]);
      if (words == null || work != current) {
        words = WordTokens.of(works.get(work).text());
        current = work;
      }
      int start = PassageFinder.start(found.places()[i]);
      characters[2 * i] = words.start(start);
      characters[2 * i + 1] = words.end(start + lengthAt[i] - 1);
    }
    return characters;
  }
}
