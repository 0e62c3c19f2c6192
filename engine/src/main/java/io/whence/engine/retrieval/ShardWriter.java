package io.whence.engine.retrieval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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

/**
 * Writes one shard as a Lucene index of one segment.
 *
 * <p>Three kinds of documents. An <em>instance</em> has its number and its work's ({@code
 * instance}, {@code work}: doc values), the words of its text for BM25 ({@code words}), its
 * whitened sketch ({@code sketch}, maximum inner product) and its text embedding ({@code
 * embedding}, dot product of unit vectors); in an index for evidence alone it has no vectors. A
 * <em>work</em> has its number and its fingerprints ({@code fingerprints}: the term is the hash,
 * big-endian, the position the first word). <em>Code</em> has its work's number, fingerprints of
 * its own, its normalised tokens ({@code codeTokens}), runs of two and three of them ({@code
 * codeRuns}) and the pairs it is compared by ({@code codePairs}). One thread, one flush and no
 * merge, so the same input builds a shard that answers the same. What was not committed is gone
 * after {@link #close}.
 *
 * <p><b>Memory.</b> Until {@link #commit} the vectors are on the heap: about 4 (k + 384) bytes an
 * instance, 18 KB for a sketch of 4,096. Beyond {@value #BUFFER_MB} MB, some 100,000 such
 * instances, a second segment begins; it answers as well, but a shard should stay below.
 */
public final class ShardWriter implements AutoCloseable {
  private static final double BUFFER_MB = 1800;

  private final Directory directory;
  private final IndexWriter writer;

  /** Starts a shard in an empty or absent directory. */
  public ShardWriter(Path path) throws IOException {
    directory = FSDirectory.open(path);
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

  /**
   * Adds a work.
   *
   * @param work its number in the index
   * @param hashes its fingerprints
   * @param positions the first word of each, ascending
   */
  public void addWork(int work, long[] hashes, int[] positions) throws IOException {
    Document document = new Document();
    document.add(new NumericDocValuesField(Fields.WORK, work));
    document.add(
        new Field(
            Fields.FINGERPRINTS, new Fields.Prints(hashes, positions), Fields.fingerprints()));
    writer.addDocument(document);
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
            Fields.FINGERPRINTS, new Fields.Prints(hashes, positions), Fields.fingerprints()));
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
    writer.commit();
  }

  @Override
  public void close() throws IOException {
    try (directory) {
      writer.close();
    }
  }
}
