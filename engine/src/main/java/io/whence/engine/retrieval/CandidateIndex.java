package io.whence.engine.retrieval;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.MultiReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.Version;
import org.eclipse.collections.api.map.primitive.MutableIntIntMap;
import org.eclipse.collections.impl.map.mutable.primitive.IntIntHashMap;

/**
 * All shards of an index, searched as one: by sketch, by embedding, by words, by fingerprint.
 *
 * <p>Each search gives its own list in its own measure; nothing is fused here. Equal scores rank by
 * ascending number, so the same index always answers the same. Safe for several threads.
 */
public final class CandidateIndex implements AutoCloseable {
  /** How many times the wanted count the quantised graph is asked for, before exact rescoring. */
  private static final int OVERSAMPLE = 4;

  /** Most words of a query that BM25 looks up; of longer ones the rarest are kept. */
  private static final int MOST_WORDS = 256;

  /**
   * Most places of a query's words that BM25 reads: as many of the rarest words are looked up as
   * stand in so many instances. What common words would add is little, and takes time in proportion
   * to the index.
   */
  private static final int MOST_PLACES = 50_000;

  private final List<Shard> shards;
  private final MultiReader reader;
  private final IndexSearcher searcher;
  private final long words;

  /** What a shard has beside its part of the whole. */
  private record Shard(DirectoryReader reader, WordStore words, int fingerprintBits) {
    static Shard open(Path place) throws IOException {
      if (!Files.isDirectory(place)) { // Lucene would make an empty one
        throw new NoSuchFileException(place.toString(), null, "no such directory");
      }
      DirectoryReader reader = DirectoryReader.open(FSDirectory.open(place));
      try {
        String bits = reader.getIndexCommit().getUserData().get(ShardWriter.FINGERPRINT_BITS);
        if (bits == null) {
          throw new IOException("it does not say how fingerprints are cut");
        }
        return new Shard(reader, WordStore.open(place), Integer.parseInt(bits));
      } catch (IOException | RuntimeException e) {
        reader.close();
        throw e;
      }
    }
  }

  private CandidateIndex(List<Shard> shards) throws IOException {
    this.shards = List.copyOf(shards);
    this.reader =
        new MultiReader(shards.stream().map(Shard::reader).toArray(DirectoryReader[]::new));
    this.searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null);
    long total = 0;
    for (LeafReaderContext leaf : reader.leaves()) {
      Terms terms = leaf.reader().terms(Fields.WORDS);
      total += terms == null ? 0 : terms.getSumTotalTermFreq();
    }
    this.words = total;
  }

  /**
   * {@return the index of {@code shards}, in the order of their numbers}
   *
   * @throws EngineException.IndexDamaged when a shard is missing or cannot be read
   */
  public static CandidateIndex open(List<Path> shards) {
    List<Shard> open = new ArrayList<>();
    Path current = null;
    try {
      for (Path shard : shards) {
        current = shard;
        open.add(Shard.open(shard));
      }
      return new CandidateIndex(open);
    } catch (IOException | IllegalArgumentException e) {
      for (Shard opened : open) {
        try {
          opened.reader().close();
        } catch (IOException suppressed) {
          e.addSuppressed(suppressed);
        }
      }
      throw new EngineException.IndexDamaged("cannot open the shard " + current + ": " + e, e);
    }
  }

  /** {@return the version of Lucene that searches} */
  public static String luceneVersion() {
    return Version.LATEST.toString();
  }

  /**
   * {@return the instances of the largest inner products with {@code sketch}, largest first; the
   * score is the inner product at full precision}
   *
   * @param sketch whitened, shape {@code (k)}
   * @param limit at least 1
   */
  public List<Hit> nearestSketches(float[] sketch, int limit) {
    return nearest(Fields.SKETCH, sketch, limit);
  }

  /**
   * {@return the instances whose texts mean most nearly the same, nearest first; the score is the
   * cosine}
   *
   * @param embedding of norm 1
   * @param limit at least 1
   */
  public List<Hit> nearestEmbeddings(float[] embedding, int limit) {
    return nearest(Fields.EMBEDDING, embedding, limit);
  }

  private List<Hit> nearest(String field, float[] query, int limit) {
    try {
      Query quantised = new KnnFloatVectorQuery(field, query, OVERSAMPLE * limit);
      List<Hit> found = new ArrayList<>();
      for (ScoreDoc document : searcher.search(quantised, OVERSAMPLE * limit).scoreDocs) {
        found.add(new Hit(instance(document), innerProduct(field, document, query)));
      }
      found.sort(Comparator.comparingDouble(Hit::score).reversed().thenComparingInt(Hit::id));
      return List.copyOf(found.subList(0, Math.min(limit, found.size())));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * In double precision and one order. Lucene's own full-precision scores come from vector
   * instructions, whose sums differ in the last bit before and after the code is compiled; then the
   * same request would not have the same answer.
   */
  private double innerProduct(String field, ScoreDoc document, float[] query) throws IOException {
    LeafReaderContext leaf = leaf(document);
    FloatVectorValues vectors = leaf.reader().getFloatVectorValues(field);
    KnnVectorValues.DocIndexIterator at = vectors.iterator();
    if (at.advance(document.doc - leaf.docBase) != document.doc - leaf.docBase) {
      throw new IOException("document " + document.doc + " has no " + field);
    }
    float[] vector = vectors.vectorValue(at.index());
    double sum = 0;
    for (int i = 0; i < query.length; i++) {
      sum += (double) query[i] * vector[i];
    }
    return sum;
  }

  /**
   * {@return the instances that share the most telling words, by BM25 with statistics over all
   * shards}
   *
   * @param text normalised words
   * @param limit at least 1
   */
  public List<Hit> bm25(List<String> text, int limit) {
    try {
      Set<String> distinct = new LinkedHashSet<>(text);
      List<Frequency> known = new ArrayList<>();
      for (String word : distinct) {
        int frequency = reader.docFreq(new Term(Fields.WORDS, word));
        if (frequency > 0) {
          known.add(new Frequency(word, frequency));
        }
      }
      known.sort(Comparator.comparingInt(Frequency::documents).thenComparing(Frequency::word));
      BooleanQuery.Builder query = new BooleanQuery.Builder();
      int places = 0;
      for (Frequency frequency : known.subList(0, Math.min(known.size(), MOST_WORDS))) {
        places += frequency.documents();
        boolean rarest = places == frequency.documents();
        if (places > MOST_PLACES && !rarest) {
          break;
        }
        query.add(
            new TermQuery(new Term(Fields.WORDS, frequency.word())), BooleanClause.Occur.SHOULD);
      }
      return hits(searcher.search(query.build(), limit).scoreDocs);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private record Frequency(String word, int documents) {}

  private List<Hit> hits(ScoreDoc[] documents) throws IOException {
    List<Hit> hits = new ArrayList<>(documents.length);
    for (ScoreDoc document : documents) {
      hits.add(new Hit(instance(document), document.score));
    }
    return hits;
  }

  private LeafReaderContext leaf(ScoreDoc document) {
    return reader.leaves().get(ReaderUtil.subIndex(document.doc, reader.leaves()));
  }

  private int instance(ScoreDoc document) throws IOException {
    LeafReaderContext leaf = leaf(document);
    NumericDocValues numbers = leaf.reader().getNumericDocValues(Fields.INSTANCE);
    if (numbers == null || !numbers.advanceExact(document.doc - leaf.docBase)) {
      throw new IOException("document " + document.doc + " has no instance number");
    }
    return (int) numbers.longValue();
  }

  /**
   * {@return the words of the works, as an output has them}
   *
   * @param vocabulary the output's words, each once
   */
  public StoredWords stored(List<String> vocabulary) {
    return new StoredWords(shards.stream().map(Shard::words).toList(), vocabulary);
  }

  /**
   * {@return every work that has a run of an output as a fingerprint; most runs first} No run is
   * too common to be looked up, so the guarantee of the winnowing holds; the words themselves are
   * compared, so no work is here by a collision.
   *
   * @param stored of this index, for the output's vocabulary
   * @param numbers of the output's words, by the vocabulary
   * @param hashes of every run of the output, by the place of its first word
   * @param enough how far equal words around a run are counted
   */
  public List<SharedRuns> sharedRuns(StoredWords stored, int[] numbers, long[] hashes, int enough) {
    try {
      RunSearch search = new RunSearch(numbers, hashes, enough);
      for (int s = 0; s < shards.size(); s++) {
        Shard shard = shards.get(s);
        search.in(shard.reader(), shard.words(), stored.ids(s), shard.fingerprintBits());
      }
      return search.found();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * {@return every work whose code has one of {@code hashes}, and how many of them it has; most
   * first} No hash is too common to be looked up.
   */
  public List<Hit> codeFingerprints(long[] hashes) {
    try {
      MutableIntIntMap found = new IntIntHashMap();
      long[] distinct = Arrays.stream(hashes).sorted().distinct().toArray();
      for (LeafReaderContext leaf : reader.leaves()) {
        Terms terms = leaf.reader().terms(Fields.CODE_FINGERPRINTS);
        if (terms == null) {
          continue;
        }
        Bits live = leaf.reader().getLiveDocs();
        TermsEnum cursor = terms.iterator();
        PostingsEnum postings = null;
        for (long hash : distinct) {
          if (!cursor.seekExact(Fields.key(hash, Long.SIZE))) {
            continue;
          }
          postings = cursor.postings(postings, PostingsEnum.NONE);
          NumericDocValues numbers = leaf.reader().getNumericDocValues(Fields.WORK);
          for (int doc = postings.nextDoc();
              doc != PostingsEnum.NO_MORE_DOCS;
              doc = postings.nextDoc()) {
            if ((live == null || live.get(doc)) && numbers != null && numbers.advanceExact(doc)) {
              found.addToValue((int) numbers.longValue(), 1);
            }
          }
        }
      }
      List<Hit> hits = new ArrayList<>(found.size());
      found.forEachKeyValue((work, count) -> hits.add(new Hit(work, count)));
      hits.sort(Comparator.comparingDouble(Hit::score).reversed().thenComparingInt(Hit::id));
      return hits;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** {@return how many words the indexed instances have} */
  public long words() {
    return words;
  }

  /**
   * {@return the probability of a word in the indexed text} Half an occurrence is added, so that a
   * word never seen is rare but not impossible.
   */
  public double probability(String word) {
    try {
      return (reader.totalTermFreq(new Term(Fields.WORDS, word)) + 0.5) / (words + 1.0);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** {@return how many works have code} */
  public long codeWorks() {
    try {
      return reader.getDocCount(Fields.CODE_TOKENS);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** {@return how many tokens the indexed code has} */
  public long codeTokens() {
    try {
      return Math.max(0, reader.getSumTotalTermFreq(Fields.CODE_TOKENS));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * {@return how often a run of normalised tokens stands in the indexed code}
   *
   * @param run one to three tokens, joined by spaces
   */
  public long codeOccurrences(String run) {
    try {
      String field = run.indexOf(' ') < 0 ? Fields.CODE_TOKENS : Fields.CODE_RUNS;
      return reader.totalTermFreq(new Term(field, run));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** {@return how many works have code with that pair} */
  public long codeWorksWith(String pair) {
    try {
      return reader.docFreq(new Term(Fields.CODE_PAIRS, pair));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static EngineException.IndexDamaged unreadable(IOException e) {
    return new EngineException.IndexDamaged("cannot read the index's shards: " + e, e);
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
