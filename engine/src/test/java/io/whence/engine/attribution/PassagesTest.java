package io.whence.engine.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.Span;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Passages.Passage;
import io.whence.engine.attribution.Passages.Place;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Fingerprints;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.retrieval.ShardWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassagesTest {
  private static final int SHORTEST = Passages.SHORTEST;

  private final SplittableRandom random = new SplittableRandom(1);

  @TempDir Path directory;

  @Test
  void a_run_that_two_works_share_is_a_passage_with_both_places() throws IOException {
    String run = text(14);
    Passages passages =
        passages(List.of(text(30) + " " + run + " " + text(9), run + ", " + text(20), text(60)));

    assertThat(passages.size()).isEqualTo(1);
    assertThat(passages.passage(0)).isEqualTo(new Passage(0, 14, 2, 2, null));
    assertThat(passages.places(0, 0, 9))
        .extracting(Place::words)
        .containsExactly(new Span(30, 44), new Span(0, 14));
    assertThat(passages.places(0, 0, 9)).extracting(PassagesJson::text).containsOnly(run);
  }

  @Test
  void ten_words_are_a_passage_and_nine_are_none() throws IOException {
    String ten = text(10);
    String nine = text(9);

    Passages passages =
        passages(List.of(ten + " so " + nine, text(3) + " " + nine + " or " + ten, text(50)));

    assertThat(passages.size()).isEqualTo(1);
    assertThat(PassagesJson.text(passages.places(0, 0, 1).get(0))).isEqualTo(ten);
  }

  @Test
  void what_only_copies_of_one_work_share_is_no_passage_and_copies_count_once() throws IOException {
    String copied = text(40);
    String quoted = text(12);
    List<String> texts =
        List.of(copied + " " + quoted, copied + " " + quoted, text(20) + " " + quoted);

    Passages passages = passages(texts, new int[] {0, 0, 2}, null);

    assertThat(passages.size()).isEqualTo(1);
    assertThat(passages.passage(0)).isEqualTo(new Passage(0, 12, 2, 3, null));
  }

  @Test
  void the_earliest_dated_work_is_marked() throws IOException {
    String run = text(11);
    List<String> texts = List.of("a " + run, "b " + run, "c " + run, "d " + run);

    Passages passages =
        passages(texts, new int[] {0, 1, 2, 3}, new Integer[] {null, 1901, 1799, 1799});

    assertThat(passages.passage(0).earliest())
        .isNotNull()
        .extracting(work -> work.id().value())
        .isEqualTo("work-2");
  }

  @Test
  void a_longer_run_of_fewer_works_and_a_shorter_one_of_more_are_two_passages() throws IOException {
    String before = text(20);
    String middle = text(15);
    String after = text(20);
    String whole = before + " " + middle + " " + after;

    Passages passages =
        passages(List.of(whole + " end", "start " + whole, "so " + middle + " ends"));

    assertThat(passages.page(null, 2, -1, 9))
        .containsExactly(new Passage(0, 55, 2, 2, null), new Passage(1, 15, 3, 3, null));
    assertThat(passages.page(null, 3, -1, 9)).extracting(Passage::number).containsExactly(1);
    assertThat(passages.page(2, 2, -1, 9)).extracting(Passage::number).containsExactly(1);
    assertThat(passages.page(0, 2, 0, 9)).extracting(Passage::number).containsExactly(1);
    assertThat(passages.placesFrom(1, 2, 2))
        .extracting(place -> place.work().id().value())
        .containsExactly("work-2", "work-0");
  }

  @Test
  void what_stands_in_very_many_works_is_no_less_a_passage() throws IOException {
    String phrase = text(12);
    List<String> texts =
        IntStream.range(0, 3000).mapToObj(i -> text(5) + " " + phrase + " " + text(5)).toList();

    Passages passages = passages(texts);

    assertThat(passages.page(null, 3000, -1, 2))
        .containsExactly(
            new Passage(passages.page(null, 3000, -1, 1).get(0).number(), 12, 3000, 3000, null));
    assertThat(passages.leftOut()).isZero();
  }

  /** Few different words make texts that repeat themselves and overlap in every way. */
  @ParameterizedTest(name = "seed {0}, {1} different words")
  @CsvSource({"1, 2", "2, 3", "3, 5", "4, 40", "5, 400", "6, 400", "7, 1"})
  void every_ten_words_that_works_share_lie_in_a_passage_and_all_places_are_true(
      long seed, int vocabulary) throws IOException {
    List<String> texts = planted(new SplittableRandom(seed), vocabulary);
    int[] clusters = IntStream.range(0, texts.size()).map(i -> i % 5 == 4 ? i - 1 : i).toArray();
    List<List<String>> words = texts.stream().map(text -> WordTokens.of(text).words()).toList();

    Passages passages = passages(texts, clusters, null);

    Map<String, Set<Long>> whereTensAre = new HashMap<>();
    for (int work = 0; work < words.size(); work++) {
      for (int start = 0; start + SHORTEST <= words.get(work).size(); start++) {
        whereTensAre
            .computeIfAbsent(run(words.get(work), start, SHORTEST), key -> new HashSet<>())
            .add(((long) work << 32) | start);
      }
    }
    Set<String> covered = new HashSet<>();
    Set<String> seen = new HashSet<>();
    for (Passage passage : passages.page(null, 2, -1, Integer.MAX_VALUE)) {
      List<Place> places = passages.places(passage.number(), 0, Integer.MAX_VALUE);
      String run = null;
      Set<Long> there = new HashSet<>();
      Set<String> previous = new HashSet<>();
      Set<String> next = new HashSet<>();
      Set<Integer> holders = new HashSet<>();
      for (Place place : places) {
        int work = Integer.parseInt(place.work().id().value().substring(5));
        List<String> inWork = words.get(work);
        int start = place.words().start();
        String here = run(inWork, start, passage.words());
        assertThat(run == null || run.equals(here)).as("the same words at every place").isTrue();
        assertThat(WordTokens.of(PassagesJson.text(place)).words())
            .isEqualTo(List.of(here.split(" ", -1)));
        run = here;
        there.add(((long) work << 32) | start);
        previous.add(start == 0 ? "start of " + work : inWork.get(start - 1));
        int end = place.words().end();
        next.add(end == inWork.size() ? "end of " + work : inWork.get(end));
        holders.add(clusters[work]);
      }
      assertThat(seen.add(String.valueOf(run))).as("each passage once").isTrue();
      assertThat(there).as("every place once").hasSize(passage.places());
      assertThat(there).as("all places there are").isEqualTo(placesOf(words, String.valueOf(run)));
      assertThat(passage.works()).isEqualTo(holders.size()).isGreaterThan(1);
      assertThat(previous).as("not the same word before each").hasSizeGreaterThan(1);
      assertThat(next).as("not the same word after each").hasSizeGreaterThan(1);
      List<String> ofRun = List.of(String.valueOf(run).split(" ", -1));
      for (int start = 0; start + SHORTEST <= ofRun.size(); start++) {
        String ten = run(ofRun, start, SHORTEST);
        if (whereTensAre.getOrDefault(ten, Set.of()).size() == passage.places()) {
          covered.add(ten);
        }
      }
    }
    whereTensAre.forEach(
        (ten, places) -> {
          boolean shared =
              places.stream().map(place -> clusters[(int) (place >>> 32)]).distinct().count() > 1;
          assertThat(covered.contains(ten))
              .as("a passage with all places of '%s'", ten)
              .isEqualTo(shared);
        });
  }

  @Test
  void the_same_texts_give_the_same_bytes_however_they_are_sharded() throws IOException {
    List<String> texts = planted(new SplittableRandom(9), 30);
    int[] clusters = IntStream.range(0, texts.size()).toArray();

    Path one = write(texts, clusters, null, 1, "one");
    Path three = write(texts, clusters, null, 3, "three");

    assertThat(three).hasSameBinaryContentAs(one);
  }

  @Test
  void a_file_that_was_cut_is_refused() throws IOException {
    String run = text(11);
    Path file = write(List.of(run, "so " + run), new int[] {0, 1}, null, 1, "cut");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 40));

    assertThatThrownBy(
            () -> Passages.open(new IndexLayout(directory.resolve("cut")), works(List.of(), null)))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessage("cannot read " + file + ": it is not as long as it says");
  }

  private static String run(List<String> words, int start, int length) {
    return String.join(" ", words.subList(start, start + length));
  }

  private static Set<Long> placesOf(List<List<String>> works, String run) {
    List<String> wanted = List.of(run.split(" ", -1));
    Set<Long> places = new HashSet<>();
    for (int work = 0; work < works.size(); work++) {
      for (int start = 0; start + wanted.size() <= works.get(work).size(); start++) {
        if (works.get(work).subList(start, start + wanted.size()).equals(wanted)) {
          places.add(((long) work << 32) | start);
        }
      }
    }
    return places;
  }

  /** Works into which runs of other works were put, one after the other. */
  private static List<String> planted(SplittableRandom random, int vocabulary) {
    List<List<String>> works = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      List<String> words = new ArrayList<>();
      int size = random.nextInt(5, 80);
      while (words.size() < size) {
        if (!works.isEmpty() && random.nextInt(12) == 0) {
          List<String> from = works.get(random.nextInt(works.size()));
          int start = random.nextInt(from.size());
          words.addAll(from.subList(start, Math.min(from.size(), start + random.nextInt(8, 30))));
        } else {
          words.add("w" + random.nextInt(vocabulary));
        }
      }
      works.add(words);
    }
    return works.stream().map(words -> String.join(" ", words)).toList();
  }

  private String text(int words) {
    return String.join(
        " ", Stream.generate(() -> "word" + random.nextInt(100_000)).limit(words).toList());
  }

  private Passages passages(List<String> texts) throws IOException {
    return passages(texts, IntStream.range(0, texts.size()).toArray(), null);
  }

  private Passages passages(List<String> texts, int[] clusters, Integer @Nullable [] years)
      throws IOException {
    write(texts, clusters, years, 2, "index");
    Passages passages =
        Passages.open(new IndexLayout(directory.resolve("index")), works(texts, years));
    if (passages == null) {
      throw new AssertionError("no passages were written");
    }
    return passages;
  }

  private Path write(
      List<String> texts, int[] clusters, Integer @Nullable [] years, int shards, String name)
      throws IOException {
    IndexLayout layout = new IndexLayout(directory.resolve(name));
    List<String> names = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      names.add("shard-" + shard);
      Files.createDirectories(layout.lucene(names.get(shard)));
      try (ShardWriter writer = new ShardWriter(layout.lucene(names.get(shard)))) {
        int end = texts.size() * (shard + 1) / shards;
        for (int work = texts.size() * shard / shards; work < end; work++) {
          WordTokens words = WordTokens.of(texts.get(work));
          Fingerprints prints = Winnowing.TEXT.select(words);
          writer.addWork(work, words.words(), prints.hashes(), prints.positions());
        }
        writer.commit();
      }
    }
    Passages.write(
        layout.passages(), layout, names, works(texts, years), clusters, Progress.SILENT);
    return layout.passages();
  }

  private static List<Work> works(List<String> texts, Integer @Nullable [] years) {
    return IntStream.range(0, texts.size())
        .mapToObj(
            i ->
                new Work(
                    new WorkId("work-" + i),
                    "work-" + i,
                    null,
                    null,
                    null,
                    years == null ? null : years[i],
                    null,
                    null,
                    Modality.TEXT,
                    null,
                    null,
                    texts.get(i)))
        .toList();
  }
}
