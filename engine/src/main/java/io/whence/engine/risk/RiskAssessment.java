package io.whence.engine.risk;

import io.whence.engine.WorkId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the model says of one use, and everything it rests on.
 *
 * @param status {@code scored}, {@code undetermined}, or {@code notApplicable} with the reason
 * @param reason one sentence
 * @param point 0 to 100, higher is more likely not fair; null where no score applies
 * @param low lower end of the interval, 0 to 100: what is measured as it is, everything unknown at
 *     its favourable end
 * @param high upper end: everything unknown at its unfavourable end
 * @param band {@code Low, Guarded, Contested, Elevated, High}; null unless scored
 * @param needs what to find out first, the most telling first; empty unless undetermined
 * @param work which work the score is about; null where none was copied
 * @param act which act is scored: {@code output}
 * @param factors the four factors of 17 U.S.C. 107
 * @param gates what was asked before the score, in order, up to the first that failed
 * @param missingFacts inputs nobody stated
 * @param flags matters beside fair use that never enter the sum
 * @param others the other works, each on its own; the highest score is this one
 * @param model id of the model
 * @param lawPackAsOf date of the law the gates know
 * @param disclaimer the first of {@code disclaimers}
 * @param disclaimers to be printed with the score, word for word
 */
public record RiskAssessment(
    String status,
    String reason,
    @Nullable Double point,
    @Nullable Double low,
    @Nullable Double high,
    @Nullable String band,
    List<String> needs,
    @Nullable WorkId work,
    String act,
    List<Factor> factors,
    List<Gate> gates,
    List<String> missingFacts,
    List<String> flags,
    List<OtherWork> others,
    String model,
    String lawPackAsOf,
    String disclaimer,
    List<String> disclaimers) {

  /** One question before the score. */
  public record Gate(String id, String question, boolean passed, String evidence) {}

  /**
   * One of the four factors.
   *
   * @param logOdds sum of its inputs' contributions; positive speaks against fair use
   */
  public record Factor(String id, String name, double logOdds, List<Input> inputs) {}

  /**
   * One input of the sum.
   *
   * @param value null when nobody knows it; then it contributes nothing to the point
   * @param source {@code measured}, {@code declared}, {@code judged by ...} or {@code missing}
   * @param contribution to the log-odds
   */
  public record Input(String name, @Nullable Double value, String source, double contribution) {}

  /** Another copied work's score. */
  public record OtherWork(
      WorkId work,
      String status,
      @Nullable Double point,
      @Nullable Double low,
      @Nullable Double high) {}
}
