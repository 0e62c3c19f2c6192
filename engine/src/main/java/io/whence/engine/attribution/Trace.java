package io.whence.engine.attribution;

import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.NegativeCertificate;
import io.whence.engine.evidence.SourceNotices;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What words an output shares with the works of an index, without a word on influence.
 *
 * @param output the text that was traced
 * @param outputWords how many words it has
 * @param index which index answered
 * @param sources ranked: clusters of copies, by how many words of the output count as evidence,
 *     then by how many are shared at all
 * @param passages of the output that stand in several works, by where they start
 * @param negativeCertificate that no run of words is shared, where none is
 * @param exclusions the rules that set a match aside
 * @param code what the output has to do with works that are code; null where it is none itself
 */
public record Trace(
    String output,
    int outputWords,
    Attribution.Index index,
    List<Source> sources,
    List<SharedPassage> passages,
    @Nullable NegativeCertificate negativeCertificate,
    List<Exclusions.Rule> exclusions,
    @Nullable CodeTrace code) {
  /**
   * Works that are copies of each other, as far as they share words with the output.
   *
   * @param cluster id of the work that stands for the copies
   * @param copies how many works of the index are in the cluster
   * @param earliest id of the earliest-dated work of the cluster, shared words or not; null where
   *     none is dated
   * @param words of the output that count as evidence in one work of the cluster or more
   * @param works with shared words, those with most first
   */
  public record Source(
      String cluster, int copies, @Nullable String earliest, int words, List<TracedWork> works) {}

  /**
   * One work.
   *
   * @param findings all that was found in it, whether it counts or not
   */
  public record TracedWork(Work work, List<Finding> findings) {
    /** {@return what the corpus states, else what the head of a source says; null for neither} */
    @Nullable String licence() {
      return work.licence() != null || work.modality() != Modality.CODE
          ? work.licence()
          : SourceNotices.of(work).licence();
    }
  }
}
