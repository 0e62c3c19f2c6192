package io.whence.engine.screening;

import io.whence.engine.attribution.Trace;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.Resemblance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy says of one output, and why.
 *
 * @param verdict the severest of the rules that apply
 * @param reasons one for each rule and cluster of copies that it applies to: severest first, then
 *     by rule, then by how much is shared
 * @param policy whose rules they are
 * @param trace what the output shares with the works
 * @param resemblances the works nearest in meaning, whether a rule applies or not
 * @param notTested what rules of the policy could not be tried, one sentence each
 * @param wouldMiss what no rule of this policy would have found, one sentence each
 */
public record Screening(
    Verdict verdict,
    List<Reason> reasons,
    Policy policy,
    Trace trace,
    List<Resemblance> resemblances,
    List<String> notTested,
    List<String> wouldMiss) {

  /**
   * One rule that applies.
   *
   * @param work of its cluster the one that shares most
   * @param cluster id of the work that stands for the copies
   * @param copies how many works of the index are in the cluster
   * @param earliest id of the earliest-dated work of the cluster; null where none is dated
   * @param findings the matches that the rule rests on; none where it rests on meaning
   * @param resemblance what the rule rests on otherwise
   * @param sentence what was found, in the words that the evidence permits
   */
  public record Reason(
      Policy.Rule rule,
      Work work,
      String cluster,
      int copies,
      @Nullable String earliest,
      List<Finding> findings,
      @Nullable Resemblance resemblance,
      String sentence) {}
}
