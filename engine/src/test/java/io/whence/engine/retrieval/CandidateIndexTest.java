package io.whence.engine.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.SeededNormal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
          writer.addWork(i, new long[] {i % 50, 1000 + i}, new int[] {0, 3});
          writer.addInstance(
              i, i, List.of("word" + i % 10, "common", "number" + i), sketch, embedding);
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
  void every_work_with_a_fingerprint_is_found_with_how_many_it_shares() throws IOException {
    try (CandidateIndex index = index(3)) {
      List<Hit> hits = index.fingerprints(new long[] {7, 1057, 7, 999_999});

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
}
