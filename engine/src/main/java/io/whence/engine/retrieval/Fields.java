package io.whence.engine.retrieval;

import java.util.List;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.BytesTermAttribute;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.util.BytesRef;

/** The fields of a shard, and the token streams that fill them. */
final class Fields {
  static final String INSTANCE = "instance";
  static final String WORK = "work";
  static final String WORDS = "words";
  static final String FINGERPRINTS = "fingerprints";
  static final String CODE_FINGERPRINTS = "codeFingerprints";
  static final String CODE_TOKENS = "codeTokens";
  static final String CODE_RUNS = "codeRuns";
  static final String CODE_PAIRS = "codePairs";
  static final String SKETCH = "sketch";
  static final String EMBEDDING = "embedding";

  private Fields() {}

  static FieldType words() {
    FieldType type = new FieldType();
    type.setTokenized(true);
    type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
    type.freeze();
    return type;
  }

  static FieldType fingerprints() {
    FieldType type = new FieldType();
    type.setTokenized(true);
    type.setOmitNorms(true);
    type.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
    type.freeze();
    return type;
  }

  /**
   * {@return the bytes under which a fingerprint stands in the term dictionary: its last {@code
   * bits} bits, the first of them first} The first bits of a fingerprint are no use, since of
   * several hashes winnowing keeps the smallest.
   *
   * @param bits 8 to 64
   */
  static BytesRef key(long hash, int bits) {
    byte[] bytes = new byte[(bits + 7) / 8];
    long left = hash << (Long.SIZE - bits);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (left >>> (56 - 8 * i));
    }
    return new BytesRef(bytes);
  }

  /** Words as they were tokenised by whoever wrote the index: Lucene analyses nothing here. */
  static final class Words extends TokenStream {
    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private final List<String> words;
    private int next;

    Words(List<String> words) {
      this.words = words;
    }

    @Override
    public boolean incrementToken() {
      if (next == words.size()) {
        return false;
      }
      clearAttributes();
      term.append(words.get(next++));
      return true;
    }
  }

  /** Fingerprints, each at the position of its first word. */
  static final class Prints extends TokenStream {
    private final BytesTermAttribute term = addAttribute(BytesTermAttribute.class);
    private final PositionIncrementAttribute gap = addAttribute(PositionIncrementAttribute.class);
    private final long[] hashes;
    private final int[] positions;
    private final int bits;
    private int next;

    Prints(long[] hashes, int[] positions, int bits) {
      this.hashes = hashes;
      this.positions = positions;
      this.bits = bits;
    }

    @Override
    public boolean incrementToken() {
      if (next == hashes.length) {
        return false;
      }
      clearAttributes();
      term.setBytesRef(key(hashes[next], bits));
      gap.setPositionIncrement(positions[next] - (next == 0 ? -1 : positions[next - 1]));
      next++;
      return true;
    }
  }
}
