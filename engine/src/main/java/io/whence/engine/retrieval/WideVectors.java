package io.whence.engine.retrieval;

import java.io.IOException;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;

/**
 * Lucene's 8-bit quantised HNSW format without its limit of 1024 dimensions, which sketches exceed.
 * A segment records the delegate's name, so any Lucene 10.6 reads it; every writer that can merge
 * must use this codec all the same.
 */
final class WideVectors extends KnnVectorsFormat {
  private static final int MAX_DIMENSIONS = 1 << 16;
  private static final int MAX_CONNECTIONS = 16;
  private static final int BEAM_WIDTH = 100;

  private final KnnVectorsFormat delegate;

  private WideVectors(KnnVectorsFormat delegate) {
    super(delegate.getName());
    this.delegate = delegate;
  }

  /** {@return the codec all shards are written with} */
  static Lucene104Codec codec() {
    KnnVectorsFormat wide =
        new WideVectors(new Lucene104HnswScalarQuantizedVectorsFormat(MAX_CONNECTIONS, BEAM_WIDTH));
    return new Lucene104Codec() {
      @Override
      public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
        return wide;
      }
    };
  }

  @Override
  public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
    return delegate.fieldsWriter(state);
  }

  @Override
  public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
    return delegate.fieldsReader(state);
  }

  @Override
  public int getMaxDimensions(String field) {
    return MAX_DIMENSIONS;
  }
}
