package io.whence.engine.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.whence.engine.EngineException;
import io.whence.engine.SeededNormal;
import io.whence.engine.evidence.Fingerprints;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards answer as one index would, and as looking at everything would. */
class CandidateIndexTest {
  private static final int INSTANCES = 600;

  /** Above Lucene's own limit of 1024, as sketches are. */
  private static final int DIMENSION = 1536;

  @TempDir Path directory;
  private final List<float[]> sketches = new ArrayList<>();
  private final List<float[]> embeddings = new ArrayList<>();

  private CandidateIndex index(int shards) throws IOException {
    SeededNormal normal = new SeededNormal(1);
    float[][] basis = new float[24][];
    for (int i = 0; i < basis.length; i++) {
      basis[i] = normal.floats(DIMENSION, 1);
    }
    sketches.clear();
    embeddings.clear();
    List<Path> places = new ArrayList<>();
    int each = INSTANCES / shards;
    for (int s = 0; s < shards; s++) {
      Path place = directory.resolve(shards + "-" + s);
      places.add(place);
      try (ShardWriter writer = new ShardWriter(place)) {
        for (int i = s * each; i < (s + 1) * each; i++) {
          // Gradients lie near few directions and differ in length.
          float[] sketch = new float[DIMENSION];
          for (float[] direction : basis) {
            float weight = (float) normal.next() * (1 + i % 7);
            for (int j = 0; j < DIMENSION; j++) {
              sketch[j] += weight * direction[j];
            }
          }
          float[] embedding = unit(normal.floats(32, 1));
          sketches.add(sketch);
          embeddings.add(embedding);
          writer.addWork(i, List.of(), new long[0], new int[0]);
          writer.addCode(
              i, new long[] {i % 50, 1000 + i}, new int[] {0, 3}, List.of(), List.of(), List.of());
        }
        for (int i = s * each; i < (s + 1) * each; i++) {
          writer.addInstance(
              i,
              i,
              List.of("word" + i % 10, "common", "number" + i),
              sketches.get(i),
              embeddings.get(i));
        }
        writer.commit();
      }
    }
    return CandidateIndex.open(places);
  }

  private static float[] unit(float[] x) {
    double norm = Math.sqrt(dot(x, x));
    for (int i = 0; i < x.length; i++) {
      x[i] /= (float) norm;
    }
    return x;
  }

  private static double dot(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }

  @ParameterizedTest(name = "{0} shards")
  @ValueSource(ints = {1, 3})
  void nearest_sketches_are_those_of_the_exact_scan(int shards) throws IOException {
    try (CandidateIndex index = index(shards)) {
      int found = 0;
      for (int q = 0; q < 20; q++) {
        float[] query = sketches.get(q * 7);
        List<Integer> exact =
            IntStream.range(0, INSTANCES)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -dot(query, sketches.get(i))))
                .limit(10)
                .toList();

        List<Hit> hits = index.nearestSketches(query, 10);

        assertThat(hits).isSortedAccordingTo(Comparator.comparingDouble(hit -> -hit.score()));
        for (Hit hit : hits) {
          double product = dot(query, sketches.get(hit.id()));
          assertThat(hit.score()).isCloseTo(product, within(1e-3 * Math.abs(product)));
          found += exact.contains(hit.id()) ? 1 : 0;
        }
      }
      assertThat(found).isGreaterThanOrEqualTo(196);
    }
  }

  @Test
  void shards_change_no_score_of_words_or_meaning() throws IOException {
    try (CandidateIndex one = index(1);
        CandidateIndex three = index(3)) {
      List<String> words = List.of("word3", "common", "number13", "never");

      assertThat(three.bm25(words, 20)).isEqualTo(one.bm25(words, 20));
      assertThat(one.bm25(words, 20).get(0).id()).isEqualTo(13);
      assertThat(three.words()).isEqualTo(one.words()).isEqualTo(3L * INSTANCES);
      assertThat(three.probability("common")).isEqualTo(one.probability("common"));
      assertThat(one.probability("never")).isPositive().isLessThan(one.probability("word3"));
      assertThat(three.nearestEmbeddings(embeddings.get(5), 1).get(0).id()).isEqualTo(5);
      assertThat(three.nearestEmbeddings(embeddings.get(5), 1).get(0).score())
          .isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void all_code_with_a_fingerprint_is_found_with_how_many_it_shares() throws IOException {
    try (CandidateIndex index = index(3)) {
      List<Hit> hits = index.codeFingerprints(new long[] {7, 1057, 7, 999_999});

      assertThat(hits).hasSize(12);
      assertThat(hits.get(0)).isEqualTo(new Hit(57, 2));
      assertThat(hits.subList(1, 12)).allMatch(hit -> hit.id() % 50 == 7 && hit.score() == 1);
    }
  }

  @Test
  void a_query_without_a_known_word_finds_nothing() throws IOException {
    try (CandidateIndex index = index(1)) {
      assertThat(index.bm25(List.of("never"), 5)).isEmpty();
      assertThat(index.bm25(List.of(), 5)).isEmpty();
    }
  }

  @Test
  void a_shard_that_is_not_there_is_named() throws IOException {
    Path nowhere = Files.createDirectory(directory.resolve("nowhere"));

    assertThatThrownBy(() -> CandidateIndex.open(List.of(nowhere)))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessageContaining("cannot open the shard " + nowhere);
  }

  @Test
  void a_shard_that_is_not_there_is_not_made() {
    Path nowhere = directory.resolve("absent");

    assertThatThrownBy(() -> CandidateIndex.open(List.of(nowhere)))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessageContaining("no such directory");
    assertThat(nowhere).doesNotExist();
  }

  @Test
  void asked_for_more_than_there_are_it_gives_all_once() throws IOException {
    try (CandidateIndex index = index(3)) {
      assertThat(index.nearestSketches(sketches.get(0), 2 * INSTANCES))
          .extracting(Hit::id)
          .doesNotHaveDuplicates()
          .hasSize(INSTANCES);
    }
  }

  @Test
  void several_threads_get_the_answers_of_one() throws Exception {
    try (CandidateIndex index = index(3)) {
      List<List<Hit>> alone = answers(index);
      Callable<List<List<Hit>>> task = () -> answers(index);

      ExecutorService pool = Executors.newFixedThreadPool(4);
      try {
        for (Future<List<List<Hit>>> together : pool.invokeAll(Collections.nCopies(8, task))) {
          assertThat(together.get()).isEqualTo(alone);
        }
      } finally {
        pool.shutdown();
      }
    }
  }

  private List<List<Hit>> answers(CandidateIndex index) {
    List<List<Hit>> answers = new ArrayList<>();
    for (int q = 0; q < 20; q++) {
      answers.add(index.nearestSketches(sketches.get(3 * q), 25));
      answers.add(index.nearestEmbeddings(embeddings.get(3 * q), 25));
      answers.add(index.bm25(List.of("word" + q % 10, "number" + q, "common"), 25));
      answers.add(index.codeFingerprints(new long[] {q, 1000 + q}));
    }
    return answers;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void words_score_as_bm25_is_defined_over_all_shards(long seed) throws IOException {
    List<List<String>> texts = randomTexts(seed, 240, 34);
    List<String> query = randomTexts(-seed, 1, 20).get(0);
    double[] expected = bm25(texts, query.stream().distinct().toList());

    try (CandidateIndex one = ofWords(texts, 1);
        CandidateIndex three = ofWords(texts, 3)) {
      List<Hit> hits = three.bm25(query, texts.size());

      assertThat(hits).isEqualTo(one.bm25(query, texts.size()));
      assertThat(hits).hasSize((int) Arrays.stream(expected).filter(x -> x > 0).count());
      assertThat(hits)
          .isSortedAccordingTo(
              Comparator.comparingDouble(Hit::score).reversed().thenComparingInt(Hit::id));
      for (Hit hit : hits) {
        assertThat(hit.score()).isCloseTo(expected[hit.id()], withinPercentage(1e-4));
      }
    }
  }

  @Test
  void of_a_long_query_the_rarest_words_are_looked_up() throws IOException {
    List<List<String>> texts = new ArrayList<>();
    List<String> query = new ArrayList<>(List.of("common"));
    for (int i = 0; i < 300; i++) {
      texts.add(List.of("common", "rare" + i));
      query.add("rare" + i);
    }
    texts.add(List.of("common"));

    try (CandidateIndex index = ofWords(texts, 3)) {
      assertThat(index.bm25(query, texts.size())).hasSize(256);
      assertThat(index.bm25(List.of("common"), texts.size() + 1)).hasSize(texts.size());
    }
  }

  @Test
  void words_that_stand_in_too_many_instances_together_are_not_all_looked_up() throws IOException {
    int each = 26_000;
    Path place = directory.resolve("frequent");
    try (ShardWriter writer = new ShardWriter(place)) {
      for (int i = 0; i < each; i++) {
        writer.addInstance(2 * i, 0, List.of("common"));
        writer.addInstance(2 * i + 1, 0, List.of(i == 0 ? "rare" : "frequent"));
      }
      writer.commit();
    }

    try (CandidateIndex index = CandidateIndex.open(List.of(place))) {
      assertThat(index.bm25(List.of("common", "frequent", "rare"), 2 * each))
          .hasSize(each)
          .first()
          .isEqualTo(index.bm25(List.of("rare"), 1).get(0));
      assertThat(index.bm25(List.of("common"), 2 * each)).hasSize(each);
    }
  }

  @Test
  void probabilities_are_those_of_the_indexed_words_smoothed_by_half() throws IOException {
    List<List<String>> texts = List.of(List.of("a", "a", "b"), List.of("a", "c"), List.of("d"));

    try (CandidateIndex index = ofWords(texts, 3)) {
      assertThat(index.words()).isEqualTo(6);
      assertThat(index.probability("a")).isEqualTo(3.5 / 7);
      assertThat(index.probability("d")).isEqualTo(1.5 / 7);
      assertThat(index.probability("never")).isEqualTo(0.5 / 7);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void a_run_of_ten_words_planted_anywhere_finds_its_work(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    List<List<String>> texts = randomTexts(seed, 90, 120);
    List<Path> places = new ArrayList<>();
    for (int s = 0; s < 3; s++) {
      Path place = directory.resolve("works-" + seed + "-" + s);
      places.add(place);
      try (ShardWriter writer = new ShardWriter(place)) {
        for (int i = 30 * s; i < 30 * s + 30; i++) {
          Fingerprints prints = Winnowing.TEXT.select(tokens(texts.get(i)));
          writer.addWork(i, texts.get(i), prints.hashes(), prints.positions());
        }
        writer.commit();
      }
    }

    try (CandidateIndex index = CandidateIndex.open(places)) {
      for (int work = 0; work < texts.size(); work++) {
        List<String> text = texts.get(work);
        int start = random.nextInt(text.size() - Winnowing.TEXT.guarantee() + 1);
        List<String> output = new ArrayList<>(List.of("unheard", "before"));
        output.addAll(text.subList(start, start + Winnowing.TEXT.guarantee()));
        output.addAll(List.of("unheard", "after"));

        List<SharedRuns> found = sharedRuns(index, output, 8);

        int planted = work;
        assertThat(found).anyMatch(runs -> runs.work() == planted && runs.longest() == 8);
        assertThat(sharedRuns(index, output, 100))
            .filteredOn(runs -> runs.work() == planted)
            .allMatch(runs -> runs.longest() == Winnowing.TEXT.guarantee());
        // Some terms of the dictionary stand for several fingerprints: the words tell them apart.
        assertThat(found)
            .extracting(runs -> new Hit(runs.work(), runs.runs()))
            .containsExactlyElementsOf(
                lookedUpOneByOne(texts, Winnowing.TEXT.everyRun(tokens(output)).hashes()));
      }
      assertThat(sharedRuns(index, texts.get(0).subList(0, 4), 8)).isEmpty();
    }
  }

  private static List<SharedRuns> sharedRuns(
      CandidateIndex index, List<String> output, int enough) {
    List<String> vocabulary = output.stream().distinct().toList();
    return index.sharedRuns(
        index.stored(vocabulary),
        output.stream().mapToInt(vocabulary::indexOf).toArray(),
        Winnowing.TEXT.everyRun(tokens(output)).hashes(),
        enough);
  }

  @Test
  void works_are_given_in_the_words_of_an_output() throws IOException {
    List<List<String>> texts = List.of(List.of("a", "b", "a"), List.of(), List.of("c", "d", "b"));

    try (CandidateIndex index = ofWords(texts, 3)) {
      StoredWords stored = index.stored(List.of("b", "d", "never"));

      assertThat(stored.numbers(0)).containsExactly(-1, 0, -1);
      assertThat(stored.numbers(1)).isEmpty();
      assertThat(stored.numbers(2)).containsExactly(-1, 1, 0);
    }
  }

  /** Every work in turn, without an index. */
  private static List<Hit> lookedUpOneByOne(List<List<String>> texts, long[] asked) {
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      Set<Long> prints = new HashSet<>();
      for (long hash : Winnowing.TEXT.select(tokens(texts.get(i))).hashes()) {
        prints.add(hash);
      }
      long shared = Arrays.stream(asked).distinct().filter(prints::contains).count();
      if (shared > 0) {
        hits.add(new Hit(i, shared));
      }
    }
    hits.sort(Comparator.comparingDouble(Hit::score).reversed().thenComparingInt(Hit::id));
    return hits;
  }

  private static WordTokens tokens(List<String> words) {
    return WordTokens.of(String.join(" ", words));
  }

  /** Texts of {@code most / 2} to {@code most} words, few of them common and many rare. */
  private static List<List<String>> randomTexts(long seed, int count, int most) {
    SplittableRandom random = new SplittableRandom(seed);
    List<List<String>> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> text = new ArrayList<>();
      int length = most / 2 + random.nextInt(most - most / 2 + 1);
      for (int j = 0; j < length; j++) {
        text.add("w" + (int) (200 * Math.pow(random.nextDouble(), 3)));
      }
      texts.add(text);
    }
    return texts;
  }

  private CandidateIndex ofWords(List<List<String>> texts, int shards) throws IOException {
    List<Path> places = new ArrayList<>();
    for (int s = 0; s < shards; s++) {
      Path place = directory.resolve("words-" + shards + "-" + s);
      places.add(place);
      try (ShardWriter writer = new ShardWriter(place)) {
        for (int i = s * texts.size() / shards; i < (s + 1) * texts.size() / shards; i++) {
          writer.addWork(i, texts.get(i), new long[0], new int[0]);
        }
        for (int i = s * texts.size() / shards; i < (s + 1) * texts.size() / shards; i++) {
          writer.addInstance(i, i, texts.get(i), new float[] {1, i}, new float[] {1, 0});
        }
        writer.commit();
      }
    }
    return CandidateIndex.open(places);
  }

  /**
   * Robertson and Zaragoza (2009) with k1 = 1.2, b = 0.75, each distinct word of the query once, no
   * constant factor (k1 + 1). Lucene stores the length of texts below 40 words exactly.
   */
  private static double[] bm25(List<List<String>> texts, List<String> query) {
    double mean = texts.stream().mapToInt(List::size).average().orElseThrow();
    double[] scores = new double[texts.size()];
    for (String word : query) {
      long with = texts.stream().filter(text -> text.contains(word)).count();
      double rarity = Math.log(1 + (texts.size() - with + 0.5) / (with + 0.5));
      for (int i = 0; i < scores.length; i++) {
        double times = Collections.frequency(texts.get(i), word);
        double length = texts.get(i).size() / mean;
        scores[i] += rarity * times / (times + 1.2 * (0.25 + 0.75 * length));
      }
    }
    return scores;
  }
}
