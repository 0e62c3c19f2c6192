package io.whence.engine.retrieval;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.SeededNormal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.codecs.perfield.PerFieldKnnVectorsFormat;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shard is what its format says, is the same whenever it is built, and is whole or refused. */
class ShardWriterTest {
  private static final int INSTANCES = 300;

  /** Above Lucene's own limit of 1024, as sketches are. */
  private static final int DIMENSION = 1280;

  @TempDir Path directory;

  private static float[] sketch(int instance) {
    return new SeededNormal(instance).floats(DIMENSION, 1 + instance % 5);
  }

  private static float[] embedding(int instance) {
    float[] x = new SeededNormal(-1 - instance).floats(16, 1);
    double square = 0;
    for (float v : x) {
      square += (double) v * v;
    }
    for (int i = 0; i < x.length; i++) {
      x[i] /= (float) Math.sqrt(square);
    }
    return x;
  }

  private Path shard(String name, int first) throws IOException {
    Path place = directory.resolve(name);
    try (ShardWriter writer = new ShardWriter(place)) {
      fill(writer, first);
      writer.commit();
    }
    return place;
  }

  private static void fill(ShardWriter writer, int first) throws IOException {
    for (int i = first; i < first + INSTANCES; i++) {
      writer.addWork(
          i, List.of("common", "word" + i % 9), new long[] {i % 40, -i}, new int[] {0, 1});
      writer.addCode(i, new long[] {i % 40, -i}, new int[] {0, 7}, List.of(), List.of(), List.of());
    }
    for (int i = first; i < first + INSTANCES; i++) {
      writer.addInstance(
          i, i, List.of("common", "word" + i % 9, "number" + i), sketch(i), embedding(i));
    }
  }

  private static List<List<Hit>> answers(Path... shards) {
    List<List<Hit>> answers = new ArrayList<>();
    try (CandidateIndex index = CandidateIndex.open(List.of(shards))) {
      for (int q = 0; q < 40; q++) {
        answers.add(index.nearestSketches(sketch(1000 + q), 20));
        answers.add(index.nearestEmbeddings(embedding(1000 + q), 20));
        answers.add(index.bm25(List.of("word" + q % 9, "number" + q, "common"), 20));
        answers.add(index.codeFingerprints(new long[] {q, -q}));
      }
    }
    return answers;
  }

  @Test
  void is_two_segments_that_stock_lucene_reads_works_and_instances() throws IOException {
    Path place = shard("a", 0);

    try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(place))) {
      assertThat(reader.leaves()).hasSize(2);
      assertThat(reader.leaves().get(0).reader().terms(Fields.WORDS)).isNull();
      LeafReader instances = reader.leaves().get(1).reader();
      assertThat(instances.terms(Fields.FINGERPRINTS)).isNull();
      assertThat(instances.maxDoc()).isEqualTo(INSTANCES);
      assertWideAndQuantised(instances, 0);
    }
  }

  @Test
  void stays_wide_and_quantised_when_a_writer_with_its_codec_merges() throws IOException {
    Path first = shard("a", 0);
    Path second = shard("b", INSTANCES);
    Path merged = directory.resolve("merged");

    IndexWriterConfig config = new IndexWriterConfig().setCodec(WideVectors.codec());
    try (FSDirectory a = FSDirectory.open(first);
        FSDirectory b = FSDirectory.open(second);
        FSDirectory into = FSDirectory.open(merged);
        IndexWriter writer = new IndexWriter(into, config)) {
      writer.addIndexes(a, b);
      writer.forceMerge(1);
      writer.commit();
    }

    try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(merged))) {
      assertThat(reader.leaves()).hasSize(1);
      assertWideAndQuantised(reader.leaves().get(0).reader(), 0);
      KnnFloatVectorQuery nearest =
          new KnnFloatVectorQuery(Fields.SKETCH, sketch(INSTANCES + 5), 9);
      ScoreDoc found = new IndexSearcher(reader).search(nearest, 9).scoreDocs[0];
      NumericDocValues numbers =
          requireNonNull(reader.leaves().get(0).reader().getNumericDocValues(Fields.INSTANCE));
      assertThat(numbers.advanceExact(found.doc)).isTrue();
      assertThat(numbers.longValue()).isEqualTo(INSTANCES + 5);
    }
  }

  /** A codec that is wrong writes without complaint and reads back nothing, or plain floats. */
  private static void assertWideAndQuantised(LeafReader leaf, int first) throws IOException {
    for (String name : List.of(Fields.SKETCH, Fields.EMBEDDING)) {
      FieldInfo field = requireNonNull(leaf.getFieldInfos().fieldInfo(name));
      assertThat(field.getAttribute(PerFieldKnnVectorsFormat.PER_FIELD_FORMAT_KEY))
          .isEqualTo(new Lucene104HnswScalarQuantizedVectorsFormat().getName());
    }
    FloatVectorValues vectors = requireNonNull(leaf.getFloatVectorValues(Fields.SKETCH));
    assertThat(vectors.dimension()).isEqualTo(DIMENSION);
    KnnVectorValues.DocIndexIterator at = vectors.iterator();
    int read = 0;
    while (at.nextDoc() != KnnVectorValues.DocIndexIterator.NO_MORE_DOCS) {
      assertThat(vectors.vectorValue(at.index())).isEqualTo(sketch(first + read++));
    }
    assertThat(read).isEqualTo(vectors.size()).isGreaterThanOrEqualTo(INSTANCES);
  }

  @Test
  void takes_works_in_order_and_before_instances() throws IOException {
    try (ShardWriter writer = new ShardWriter(directory.resolve("order"))) {
      writer.addWork(3, List.of("a"), new long[0], new int[0]);

      assertThatThrownBy(() -> writer.addWork(5, List.of("b"), new long[0], new int[0]))
          .hasMessage("works come in order: 4 is next; got 5");
      writer.addInstance(0, 3, List.of("a"));
      assertThatThrownBy(() -> writer.addWork(4, List.of("b"), new long[0], new int[0]))
          .hasMessage("works come before instances; got work 4");
    }
  }

  @Test
  void answers_alike_however_often_it_is_built() throws IOException {
    Path once = shard("once", 0);
    Path again = shard("again", 0);

    assertThat(answers(again)).isEqualTo(answers(once));
  }

  @Test
  void is_not_there_until_it_is_committed() throws IOException {
    Path place = directory.resolve("uncommitted");

    try (ShardWriter writer = new ShardWriter(place)) {
      fill(writer, 0);
    }

    assertThatThrownBy(() -> CandidateIndex.open(List.of(place)))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessageContaining(place.toString());
  }

  @Test
  void code_that_was_deleted_is_not_found_by_its_fingerprints() throws IOException {
    Path place = shard("a", 0);
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setCodec(WideVectors.codec())
            .setMergePolicy(NoMergePolicy.INSTANCE);
    try (FSDirectory files = FSDirectory.open(place);
        IndexWriter writer = new IndexWriter(files, config)) {
      writer.deleteDocuments(new Term(Fields.CODE_FINGERPRINTS, Fields.key(-45, Long.SIZE)));
      writer.commit();
    }

    try (CandidateIndex index = CandidateIndex.open(List.of(place))) {
      // Its frequency still counts the deleted work: postings alone would give 8.
      assertThat(index.codeFingerprints(new long[] {5}))
          .extracting(Hit::id)
          .containsExactly(5, 85, 125, 165, 205, 245, 285);
    }
  }

  @Test
  void each_of_its_files_is_missed_by_name() throws IOException {
    Path whole = shard("whole", 0);

    for (Path file : files(whole)) {
      Path damaged = copy(whole, "without-" + file.getFileName());
      Files.delete(damaged.resolve(file.getFileName()));

      assertThatThrownBy(() -> CandidateIndex.open(List.of(damaged)))
          .as("without " + file.getFileName())
          .isInstanceOf(EngineException.IndexDamaged.class)
          .hasMessageContaining(named(file, damaged));
    }
  }

  @Test
  void each_of_its_files_cut_short_is_refused_by_name() throws IOException {
    Path whole = shard("whole", 0);

    for (Path file : files(whole)) {
      Path damaged = copy(whole, "cut-" + file.getFileName());
      byte[] bytes = Files.readAllBytes(file);
      Files.write(damaged.resolve(file.getFileName()), Arrays.copyOf(bytes, bytes.length * 9 / 10));

      assertThatThrownBy(() -> CandidateIndex.open(List.of(damaged)))
          .as("cut: " + file.getFileName())
          .isInstanceOf(EngineException.IndexDamaged.class)
          .hasMessageContaining(file.getFileName().toString());
    }
  }

  /** Without its list of segments nothing says that the directory ever was an index. */
  private static String named(Path file, Path shard) {
    String name = file.getFileName().toString();
    return name.startsWith("segments") ? shard.toString() : name;
  }

  private static List<Path> files(Path shard) throws IOException {
    try (Stream<Path> files = Files.list(shard)) {
      return files.filter(file -> !file.endsWith("write.lock")).sorted().toList();
    }
  }

  private Path copy(Path shard, String name) throws IOException {
    Path copy = Files.createDirectory(directory.resolve(name));
    for (Path file : files(shard)) {
      Files.copy(file, copy.resolve(file.getFileName()));
    }
    return copy;
  }
}
