package io.whence.engine.attribution;

import io.whence.engine.Span;
import io.whence.engine.WorkId;
import io.whence.engine.corpus.Work;
import io.whence.engine.credit.Claimant;
import io.whence.engine.credit.Share;
import io.whence.engine.credit.Shares.HolderShare;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.NegativeCertificate;
import io.whence.engine.evidence.Tier;
import io.whence.engine.influence.Influence;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.risk.RiskAssessment;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The ranked answer for one output, with everything it rests on.
 *
 * @param request what was asked
 * @param index what answered
 * @param measurement the number whose change is attributed
 * @param works ranked: works with rare shared words first, by how many of the output's, then all
 *     others by influence
 * @param risk under US fair-use law
 * @param credits shares by rights holder
 * @param creditedWorks the same shares by work, copies as one, by id
 * @param unattributedPpm what is nobody's share
 * @param nullInfluence influence in nats up to which a work with a gradient of median length cannot
 *     be told from one the model never saw
 * @param nullRule how that was found
 * @param fidelity the index's own measured error
 * @param provenance versions and settings that the answer depends on
 * @param components what the answer's bytes depend on beside the request
 * @param limits what a reader must know of this answer
 * @param negativeCertificate that no run of words is shared with any work, where none is
 */
public record Attribution(
    AttributionRequest request,
    Index index,
    Measurement measurement,
    List<RankedWork> works,
    RiskAssessment risk,
    List<HolderShare> credits,
    List<CreditedWork> creditedWorks,
    int unattributedPpm,
    double nullInfluence,
    String nullRule,
    Fidelity fidelity,
    SortedMap<String, String> provenance,
    SortedMap<String, String> components,
    List<String> limits,
    @Nullable NegativeCertificate negativeCertificate) {

  /** Which index answered: its name and the hashes that identify it. */
  public record Index(String id, String checkpoint, String corpus, String manifest) {}

  /**
   * The negative log-likelihood of the output given its prompt.
   *
   * @param loss summed over the output's tokens, nats
   * @param tokens the model's tokens in the output
   */
  public record Measurement(double loss, int tokens) {}

  /**
   * One work's part in the answer.
   *
   * @param rank from 1
   * @param membership {@code trained}, {@code heldOut}, or {@code assumed} where the training
   *     record does not tell
   * @param instances its instances, by influence
   * @param tokens what leaving the work out does to the loss of each token of the output, in the
   *     output's order; empty when that was not asked for
   * @param influence of the whole work by the ranking method; 0 when it is held out
   * @param percentile share of works in 100 whose influence is lower
   * @param otherMethods influence of the whole work by the other methods asked for
   * @param parameterShift norm of the move of the parameters without the work
   * @param shiftPercentile share of works in 100 that move them less
   * @param selfInfluence what leaving it out does to its own loss, nats
   * @param selfPercentile share of works in 100 whose own is lower
   * @param foundBy which lists proposed it, each with its score
   * @param evidence words it shares with the output: verbatim runs by place, then edited passages
   * @param share of the credit
   * @param tier how far the evidence carries
   * @param copies other works of its cluster: with the same words, edited, or in part
   * @param cluster the work that stands for the copies, in credit, too
   * @param earliest the earliest-dated of the copies, itself counted in; null where none is dated
   */
  public record RankedWork(
      int rank,
      Work work,
      String membership,
      List<RankedInstance> instances,
      List<TokenInfluence> tokens,
      Influence influence,
      double percentile,
      Map<InfluenceMethod, Influence> otherMethods,
      double parameterShift,
      double shiftPercentile,
      double selfInfluence,
      double selfPercentile,
      Map<FoundBy, Double> foundBy,
      List<Finding> evidence,
      Share share,
      Tier tier,
      List<WorkId> copies,
      WorkId cluster,
      @Nullable WorkId earliest) {}

  /**
   * A work's share, with all its copies as one.
   *
   * @param work that stands for the copies
   * @param works all of them, itself among them
   * @param net influence above the null, nats
   * @param nullInfluence up to which the work cannot be told from one the model never saw, nats
   */
  public record CreditedWork(
      WorkId work,
      List<WorkId> works,
      @Nullable String title,
      @Nullable String licence,
      List<Claimant> claimants,
      Share share,
      double net,
      double nullInfluence) {}

  /** One training example's part: its tokens in the work and its influence. */
  public record RankedInstance(String id, InstanceRow row, double deltaLoss) {}

  /**
   * What leaving a work out does to the loss of one token.
   *
   * @param characters of the output; a character of several tokens is whole in each
   * @param deltaLoss nats; the tokens' sum is the work's influence
   */
  public record TokenInfluence(Span characters, double deltaLoss) {}

  /** The lists that propose candidates. */
  public enum FoundBy {
    /**
     * Largest by sketched gradient; the score is the influence of an instance in nats, or by
     * another method than {@link InfluenceMethod#WORD_EMBEDDING_FISHER} the inner product of
     * whitened sketches.
     */
    SKETCH("sketch"),
    /** Nearest by meaning; the score is the cosine. */
    EMBEDDING("embedding"),
    /** Most telling shared words; the score is BM25's. */
    BM25("bm25"),
    /** Shared runs of words; the score counts fingerprints. */
    FINGERPRINT("fingerprint"),
    /** Every instance was scored; the score is the influence. */
    EXACT("exact");

    private final String id;

    FoundBy(String id) {
      this.id = id;
    }

    /** {@return its name in answers} */
    public String id() {
      return id;
    }
  }
}
