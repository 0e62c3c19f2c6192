package io.whence.engine.retrieval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.jspecify.annotations.Nullable;

/**
 * Writes one shard as a Lucene index of two segments, works and then instances, and the words of
 * its works ({@link WordStore}).
 *
 * <p>Three kinds of documents. A <em>work</em> has its number ({@code work}: doc value) and its
 * fingerprints ({@code fingerprints}: a position is that of the first word). A term there is not
 * the whole fingerprint but as many of its bits as make some {@value #PLACES_A_TERM} places share a
 * term: whoever finds a place compares the words that stand there, and a term for each fingerprint
 * would cost more than all that it points to. <em>Code</em> has its work's number, whole
 * fingerprints of its own ({@code codeFingerprints}), its normalised tokens ({@code codeTokens}),
 * runs of two and three of them ({@code codeRuns}) and the pairs it is compared by ({@code
 * codePairs}). An <em>instance</em> has its number and its work's ({@code instance}, {@code work}),
 * the words of its text for BM25 ({@code words}), its whitened sketch ({@code sketch}, maximum
 * inner product) and its text embedding ({@code embedding}, dot product of unit vectors); in an
 * index for evidence alone it has no vectors. They have a segment of their own so that Lucene finds
 * the length of each by its number alone, where it would search for it among the works.
 *
 * <p>One thread, two flushes and no merge, so the same input builds a shard that answers the same.
 * What was not committed is gone after {@link #close}.
 *
 * <p><b>Memory.</b> Until {@link #commit} the vectors are on the heap: about 4 (k + 384) bytes an
 * instance, 18 KB for a sketch of 4,096; so are 4 bytes a word and 12 a fingerprint. Beyond {@value
 * #BUFFER_MB} MB, some 100,000 such instances, another segment begins; it answers as well, but a
 * shard should stay below.
 */
public final class ShardWriter implements AutoCloseable {
  /** Under which a reader finds with how many bits of a fingerprint a term was made. */
  static final String FINGERPRINT_BITS = "fingerprintBits";

  private static final double BUFFER_MB = 1800;
  private static final int PLACES_A_TERM = 8;
  private static final int FEWEST_BITS = 8;

  private final Directory directory;
  private final IndexWriter writer;
  private final WordStore.Writer words;
  private @Nullable List<WorkPrints> works = new ArrayList<>();

  /** Starts a shard in an empty or absent directory. */
  public ShardWriter(Path path) throws IOException {
    directory = FSDirectory.open(path);
    words = new WordStore.Writer(path);
    IndexWriterConfig config = new IndexWriterConfig();
    config.setCodec(WideVectors.codec());
    config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
    config.setMergePolicy(NoMergePolicy.INSTANCE);
    config.setMergeScheduler(new SerialMergeScheduler());
    config.setRAMBufferSizeMB(BUFFER_MB);
    config.setUseCompoundFile(false);
    // Otherwise Lucene publishes half a shard when its build fails.
    config.setCommitOnClose(false);
    writer = new IndexWriter(directory, config);
  }

  /** The fingerprints of a work, kept until there are all: their number decides on the terms. */
  private static final class WorkPrints {
    private final int work;
    private final long[] hashes;
    private final int[] positions;

    WorkPrints(int work, long[] hashes, int[] positions) {
      this.work = work;
      this.hashes = hashes;
      this.positions = positions;
    }
  }

  /**
   * Adds a work. Works come in order, before instances.
   *
   * @param work its number in the index
   * @param text its words, normalised
   * @param hashes its fingerprints
   * @param positions the first word of each, ascending
   */
  public void addWork(int work, List<String> text, long[] hashes, int[] positions) {
    List<WorkPrints> open = works;
    if (open == null) {
      throw new IllegalStateException("works come before instances; got work " + work);
    }
    words.add(work, text);
    open.add(new WorkPrints(work, hashes, positions));
  }

  /** Writes what was kept of the works; from here on there are instances. */
  private void endWorks() throws IOException {
    List<WorkPrints> all = works;
    if (all == null) {
      return;
    }
    works = null;
    long prints = all.stream().mapToLong(work -> work.hashes.length).sum();
    int bits = Math.max(FEWEST_BITS, Long.SIZE - Long.numberOfLeadingZeros(prints / PLACES_A_TERM));
    for (WorkPrints work : all) {
      Document document = new Document();
      document.add(new NumericDocValuesField(Fields.WORK, work.work));
      document.add(
          new Field(
              Fields.FINGERPRINTS,
              new Fields.Prints(work.hashes, work.positions, bits),
              Fields.fingerprints()));
      writer.addDocument(document);
    }
    writer.flush();
    writer.setLiveCommitData(Map.of(FINGERPRINT_BITS, Integer.toString(bits)).entrySet());
  }

  /**
   * Adds the code of a work.
   *
   * @param work its number in the index
   * @param hashes its fingerprints
   * @param positions the first token of each, ascending
   * @param tokens normalised
   * @param runs of two and three of them, joined by spaces
   * @param pairs by which it is compared with other code
   */
  public void addCode(
      int work,
      long[] hashes,
      int[] positions,
      List<String> tokens,
      List<String> runs,
      List<String> pairs)
      throws IOException {
    Document document = new Document();
    document.add(new NumericDocValuesField(Fields.WORK, work));
    document.add(
        new Field(
            Fields.CODE_FINGERPRINTS,
            new Fields.Prints(hashes, positions, Long.SIZE),
            Fields.fingerprints()));
    document.add(new Field(Fields.CODE_TOKENS, new Fields.Words(tokens), Fields.words()));
    document.add(new Field(Fields.CODE_RUNS, new Fields.Words(runs), Fields.words()));
    document.add(new Field(Fields.CODE_PAIRS, new Fields.Words(pairs), Fields.words()));
    writer.addDocument(document);
  }

  /**
   * Adds an instance.
   *
   * @param instance its number in the index
   * @param work its work's number
   * @param words of its text, normalised
   * @param sketch whitened, shape {@code (k)}
   * @param embedding of its text, of norm 1
   */
  public void addInstance(
      int instance, int work, List<String> words, float[] sketch, float[] embedding)
      throws IOException {
    endWorks();
    Document document = instance(instance, work, words);
    document.add(
        new KnnFloatVectorField(
            Fields.SKETCH, sketch, VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT));
    document.add(
        new KnnFloatVectorField(Fields.EMBEDDING, embedding, VectorSimilarityFunction.DOT_PRODUCT));
    writer.addDocument(document);
  }

  /**
   * Adds an instance of an index for evidence alone.
   *
   * @param instance its number in the index
   * @param work its work's number
   * @param words of its text, normalised
   */
  public void addInstance(int instance, int work, List<String> words) throws IOException {
    endWorks();
    writer.addDocument(instance(instance, work, words));
  }

  private static Document instance(int instance, int work, List<String> words) {
    Document document = new Document();
    document.add(new NumericDocValuesField(Fields.INSTANCE, instance));
    document.add(new NumericDocValuesField(Fields.WORK, work));
    document.add(new Field(Fields.WORDS, new Fields.Words(words), Fields.words()));
    return document;
  }

  /** Builds the graphs and makes the shard durable. */
  public void commit() throws IOException {
    endWorks();
    words.finish();
    writer.commit();
  }

  @Override
  public void close() throws IOException {
    try (directory) {
      writer.close();
    }
  }
}
