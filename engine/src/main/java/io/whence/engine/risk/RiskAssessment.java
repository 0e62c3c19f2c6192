package io.whence.engine.risk;

import com.google.gson.annotations.SerializedName;
import io.whence.engine.WorkId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the model says of a use, and everything it rests on. Of an output with several works and
 * acts it is about the one with the highest score; {@code all} lists every one, and they are never
 * averaged.
 *
 * @param status whether there is a score, and whether it may be named
 * @param reason one sentence
 * @param point 0 to 100, higher is more likely not fair; null where no score applies. Not to be a
 *     headline when undetermined
 * @param low lower end of the interval, 0 to 100: everything unknown at its favourable end, and the
 *     weights at the 5th percentile of their resamples
 * @param high upper end: everything unknown at its unfavourable end, and the weights at the 95th
 *     percentile
 * @param band {@code Low, Guarded, Contested, Elevated, High}; null unless scored
 * @param bandCap the highest band that gate G4 leaves; null where it caps none
 * @param needs what to find out first, the most telling first; empty unless undetermined
 * @param work which work the score is about; null where none was copied
 * @param act which act the score is about
 * @param factors the four factors of 17 U.S.C. 107; empty where no score applies
 * @param gates the six questions before and at the score, in order
 * @param missingFacts inputs nobody stated: the first would shrink the interval most
 * @param swings how far each input that is missing or judged moves the point by itself: the widest
 *     first; empty where no score applies
 * @param uncertainty what the interval is made of; null where no score applies
 * @param proposals values the facts suggest for judged inputs; they count only once a named person
 *     has accepted or edited them
 * @param flags matters beside fair use that never enter the sum, of all works
 * @param all every work and act, the highest score first
 * @param upperBoundIfIndependent 100 (1 - product of (1 - point/100)) over all that are scored: an
 *     upper bound if they were independent, and not a score; null where none is
 * @param authorities decisions that this rests on, or, outside the US, that a reader should know
 * @param nearestCases the decided cases most like this use, nearest first, both outcomes among
 *     them; empty where no score applies
 * @param model id of the model
 * @param lawPackAsOf date of the law the gates know
 * @param lawReviewer the lawyer who reviewed that law; null where none has
 * @param disclaimer the first of {@code disclaimers}
 * @param disclaimers to be printed with the score, word for word
 */
public record RiskAssessment(
    Status status,
    String reason,
    @Nullable Double point,
    @Nullable Double low,
    @Nullable Double high,
    @Nullable String band,
    @Nullable String bandCap,
    List<String> needs,
    @Nullable WorkId work,
    Act act,
    List<Factor> factors,
    List<Gate> gates,
    List<MissingFact> missingFacts,
    List<Swing> swings,
    @Nullable Uncertainty uncertainty,
    List<Proposal> proposals,
    List<Flag> flags,
    List<WorkAndAct> all,
    @Nullable Double upperBoundIfIndependent,
    List<Authority> authorities,
    List<NearCase> nearestCases,
    String model,
    String lawPackAsOf,
    @Nullable String lawReviewer,
    String disclaimer,
    List<String> disclaimers) {

  /** Whether there is a score. */
  public enum Status {
    /** A point with a band. */
    @SerializedName("scored")
    SCORED,
    /** So much is unknown that no band may be named. */
    @SerializedName("undetermined")
    UNDETERMINED,
    /** A gate says that fair use is not the question. */
    @SerializedName("notApplicable")
    NOT_APPLICABLE
  }

  /** {@return whether so much is unknown that no band may be named} */
  public boolean undetermined() {
    return status == Status.UNDETERMINED;
  }

  /** {@return this, as the one with the highest score among {@code all}} */
  RiskAssessment among(
      List<WorkAndAct> all,
      List<Flag> flags,
      @Nullable Double upperBoundIfIndependent,
      List<String> disclaimers) {
    return new RiskAssessment(
        status,
        reason,
        point,
        low,
        high,
        band,
        bandCap,
        needs,
        work,
        act,
        factors,
        gates,
        missingFacts,
        swings,
        uncertainty,
        proposals,
        flags,
        all,
        upperBoundIfIndependent,
        authorities,
        nearestCases,
        model,
        lawPackAsOf,
        lawReviewer,
        disclaimer,
        disclaimers);
  }

  /**
   * One question before the score.
   *
   * @param id {@code G0} to {@code G5}
   * @param evidence what the verdict rests on
   */
  public record Gate(String id, String question, Verdict verdict, String evidence) {}

  /** How a gate went. */
  public enum Verdict {
    /** On to the next. */
    @SerializedName("passed")
    PASSED,
    /** No score; at G4 a capped one. */
    @SerializedName("failed")
    FAILED,
    /** An earlier gate had failed. */
    @SerializedName("notReached")
    NOT_REACHED
  }

  /**
   * One of the four factors.
   *
   * @param logOdds sum of its inputs' contributions; positive speaks against fair use
   * @param note how often this factor agreed with outcomes
   */
  public record Factor(String id, String name, double logOdds, String note, List<Input> inputs) {}

  /**
   * One input of a factor.
   *
   * @param value null when nobody knows it, and for the purpose, which is a word
   * @param low the least it may be, by whoever asserts it; null when nobody knows it
   * @param high the most it may be
   * @param assertedBy who judged or stated it; null where nobody says
   * @param assertedAt when, an ISO 8601 date or time; null where nobody says, and then with the
   *     request
   * @param basis why, or what was measured
   * @param weight in the sum; null for what is only shown, and for the purpose
   * @param centre value at which it contributes nothing
   * @param contribution to the log-odds; 0 when nobody knows it, unless a cap is known
   */
  public record Input(
      String name,
      @Nullable Double value,
      @Nullable Double low,
      @Nullable Double high,
      Origin origin,
      @Nullable String assertedBy,
      @Nullable String assertedAt,
      String basis,
      @Nullable Double weight,
      @Nullable Double centre,
      double contribution) {}

  /** Where an input comes from. */
  public enum Origin {
    /** Measured on the output and the work. */
    @SerializedName("measured")
    MEASURED,
    /** Stated in the request. */
    @SerializedName("declared")
    DECLARED,
    /** Judged by a named person, with a reason. */
    @SerializedName("judged")
    JUDGED,
    /** Unknown. */
    @SerializedName("missing")
    MISSING
  }

  /**
   * An input nobody stated: a fact that would change the result.
   *
   * @param label in words
   * @param shrinksBy how many points narrower the interval would be, were the input at its usual
   *     value
   * @param questions whose answers tell it
   */
  public record MissingFact(String input, String label, double shrinksBy, List<String> questions) {}

  /**
   * How far one input that is missing or judged moves the point, all others as they entered it. Of
   * a judged input the whole scale is tried, as the other side may not accept the judgement.
   *
   * @param input its name
   * @param label in words
   * @param origin missing or judged
   * @param low the least the point becomes, 0 to 100
   * @param lowAt the input there: a number, or a purpose
   * @param lowBand the band there, no higher than gate G4 leaves
   * @param high the most the point becomes
   * @param highAt the input there
   * @param highBand the band there
   * @param changesBand whether the point's own band is left at either end
   */
  public record Swing(
      String input,
      String label,
      Origin origin,
      double low,
      String lowAt,
      String lowBand,
      double high,
      String highAt,
      String highBand,
      boolean changesBand) {}

  /** Two ends, 0 to 100. */
  public record Ends(double low, double high) {}

  /**
   * The interval, part by part.
   *
   * @param measurement from measuring; shared text is counted exactly, so it has no width, and how
   *     far the area of a copied region is off is not known
   * @param weights from the weights: 90 % of their resamples at the point's own inputs
   * @param missing from what is unknown, or judged within a range, at the model's own weights
   */
  public record Uncertainty(Ends measurement, Ends weights, Ends missing) {}

  /**
   * A value that facts suggest for a judged input that nobody has judged.
   *
   * @param basis how it was found
   */
  public record Proposal(String input, double value, String basis) {}

  /**
   * A matter beside fair use.
   *
   * @param id {@code licenceBreach, noticeRemoval, publicity, trademark, unlawfulAcquisition,
   *     badFaith, dpVoid}
   * @param work that it concerns; null where it concerns the output
   * @param origin measured, or declared in the request
   */
  public record Flag(String id, String text, @Nullable WorkId work, Origin origin) {}

  /** The outcome for one work and one act. */
  public record WorkAndAct(
      WorkId work,
      String title,
      Act act,
      Status status,
      String reason,
      @Nullable Double point,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable String band) {}

  /**
   * A decision.
   *
   * @param jurisdiction ISO 3166 code, or {@code EU}
   * @param point what it stands for here
   * @param status of the decision at {@code statusAsOf}; it may have changed since
   * @param sourceMark where the project has it from: {@code index} the US Copyright Office's Fair
   *     Use Index, {@code web} a secondary page, {@code unverified} memory
   */
  public record Authority(
      String id,
      String decision,
      String court,
      String date,
      String jurisdiction,
      String point,
      String status,
      String statusAsOf,
      String sourceMark) {}

  /**
   * A decided case like the use.
   *
   * @param id in the table of cases
   * @param outcome {@code fair} or {@code not_fair}
   * @param distance how unlike, in log-odds: the weighted differences of the inputs, summed; an
   *     input that either side does not know counts half of all it could be
   * @param point what the model says of the case, 0 to 100
   * @param source where the case's coding came from; what says memory is to be checked against the
   *     opinion before it is cited
   */
  public record NearCase(
      String id,
      String decision,
      String court,
      int year,
      String citation,
      String outcome,
      double distance,
      double point,
      String source) {}
}
