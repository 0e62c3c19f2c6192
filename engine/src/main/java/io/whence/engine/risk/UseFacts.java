package io.whence.engine.risk;

import io.whence.engine.EngineException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the requester states about a use; what is left out counts as unknown, never as 0.
 *
 * @param jurisdiction whose law is asked for, an ISO 3166 code such as {@code US} or {@code DE};
 *     {@code US} where none is given
 * @param purpose what the output is for, one of the purposes of the model, such as {@code parody}
 * @param commercial 0 non-profit, .25 to .5 indirect gain, 1 revenue
 * @param creative how creative the works are, 0 fact to 1 fiction
 * @param unpublished 1 when the works were never published
 * @param transformative what the use adds or changes, 0 to 1
 * @param marketHarm what it takes from the works' markets, 0 to 1
 * @param heart whether the copied part is what people pay for, 0 to 1; shown, and part of the
 *     proposal for market harm
 * @param necessity whether the purpose needed no less, 0 to 1; shown
 * @param market facts from which market harm is proposed
 * @param otherActs what is stated of acts beside the output; an act that is left out is not
 *     assessed
 * @param sideFacts what is stated of matters beside fair use
 */
public record UseFacts(
    @Nullable String jurisdiction,
    @Nullable String purpose,
    @Nullable Double commercial,
    @Nullable Double creative,
    @Nullable Double unpublished,
    @Nullable Judgement transformative,
    @Nullable Judgement marketHarm,
    @Nullable Judgement heart,
    @Nullable Judgement necessity,
    @Nullable Market market,
    Map<Act, OtherAct> otherActs,
    Set<SideFact> sideFacts) {
  /** Nothing stated. */
  public static final UseFacts NONE = new UseFacts(null, null, null, null, null, null, null);

  /** Rejects values out of range, purposes that are none, and the output as its own other act. */
  public UseFacts {
    if (jurisdiction != null && jurisdiction.isBlank()) {
      throw new EngineException.InvalidQuery(
          "use.jurisdiction is blank; leave it out or give an ISO 3166 code such as US");
    }
    checkPurpose("use.purpose", purpose);
    unit("use.commercial", commercial);
    unit("use.creative", creative);
    unit("use.unpublished", unpublished);
    otherActs = Map.copyOf(otherActs);
    sideFacts = Set.copyOf(sideFacts);
    if (otherActs.containsKey(Act.OUTPUT)) {
      throw new EngineException.InvalidQuery(
          "use.otherActs holds output; what is stated of the output stands in use itself");
    }
  }

  /** Facts of the output alone, without those that are only shown. */
  public UseFacts(
      @Nullable String jurisdiction,
      @Nullable String purpose,
      @Nullable Double commercial,
      @Nullable Double creative,
      @Nullable Double unpublished,
      @Nullable Judgement transformative,
      @Nullable Judgement marketHarm) {
    this(
        jurisdiction,
        purpose,
        commercial,
        creative,
        unpublished,
        transformative,
        marketHarm,
        null,
        null,
        null,
        Map.of(),
        Set.of());
  }

  /**
   * A judged input: worth nothing without who judged and why.
   *
   * @param value 0 to 1, the judge's best figure
   * @param low the lowest the judge would accept, at most {@code value}
   * @param high the highest, at least {@code value}
   * @param assertedBy who judged
   * @param reason why
   */
  public record Judgement(double value, double low, double high, String assertedBy, String reason) {
    /** Rejects a value out of range, and a judgement nobody answers for. */
    public Judgement {
      if (!(0 <= low && low <= value && value <= high && high <= 1)) {
        throw new EngineException.InvalidQuery(
            "a judged input is between 0 and 1, with low <= value <= high; got "
                + low
                + ", "
                + value
                + ", "
                + high);
      }
      if (assertedBy.isBlank() || reason.isBlank()) {
        throw new EngineException.InvalidQuery(
            "a judged input names who asserts it and gives the reason; "
                + (reason.isBlank() ? "reason" : "assertedBy")
                + " is blank");
      }
    }

    /** One figure, without a range. */
    public Judgement(double value, String assertedBy, String reason) {
      this(value, value, value, assertedBy, reason);
    }

    /**
     * {@return the judgement in a request's fields}
     *
     * @param name of the input, for the message
     * @throws EngineException.InvalidQuery when a field is missing or out of range
     */
    public static Judgement of(
        String name, @Nullable Double value, @Nullable String assertedBy, @Nullable String reason) {
      if (value == null || !(value >= 0 && value <= 1)) {
        throw new EngineException.InvalidQuery(
            name + ".value is between 0 and 1; got " + (value == null ? "none" : value));
      }
      if (assertedBy == null || assertedBy.isBlank() || reason == null || reason.isBlank()) {
        boolean reasonless = reason == null || reason.isBlank();
        throw new EngineException.InvalidQuery(
            name
                + " is a judged input and needs "
                + (reasonless ? "a reason; say why it is " : "assertedBy; say who holds it to be ")
                + value);
      }
      return new Judgement(value, assertedBy, reason);
    }
  }

  /**
   * Facts about markets, from which the model proposes a market harm.
   *
   * @param sameMarket how far the output serves the buyers of the works, 0 to 1
   * @param licensingMarket whether this kind of use is licensed against payment, 0 to 1
   * @param dilution how far many such outputs crowd the market, 0 to 1
   */
  public record Market(
      double sameMarket, @Nullable Double licensingMarket, @Nullable Double dilution) {
    /** Rejects values out of range. */
    public Market {
      unit("use.market.sameMarket", sameMarket);
      unit("use.market.licensingMarket", licensingMarket);
      unit("use.market.dilution", dilution);
    }
  }

  /**
   * What is stated of an act other than the output.
   *
   * @param purpose what it is for
   * @param commercial as for the output
   * @param amountOfWork share of the work that it copies, 0 to 1; all of it is 1
   * @param transformative as for the output
   * @param marketHarm as for the output
   */
  public record OtherAct(
      @Nullable String purpose,
      @Nullable Double commercial,
      @Nullable Double amountOfWork,
      @Nullable Judgement transformative,
      @Nullable Judgement marketHarm) {
    /** Rejects values out of range and purposes that are none. */
    public OtherAct {
      checkPurpose("use.otherActs.purpose", purpose);
      unit("use.otherActs.commercial", commercial);
      unit("use.otherActs.amountOfWork", amountOfWork);
    }
  }

  /** Matters beside fair use. Each raises a flag and none enters the sum. */
  public enum SideFact {
    /** The copies came from a source that had no right to give them. */
    UNLAWFUL_ACQUISITION,
    /** The use is said to be in bad faith; whether that matters was doubted in Google v. Oracle. */
    BAD_FAITH,
    /** The model is said to be trained with differential privacy. */
    DIFFERENTIAL_PRIVACY
  }

  private static void checkPurpose(String name, @Nullable String purpose) {
    if (purpose != null && !FittedModel.SERVED.model().purposes().contains(purpose)) {
      throw new EngineException.InvalidQuery(
          name
              + " "
              + purpose
              + " is not known; use one of "
              + String.join(", ", FittedModel.SERVED.model().purposes()));
    }
  }

  private static void unit(String name, @Nullable Double value) {
    if (value != null && !(value >= 0 && value <= 1)) {
      throw new EngineException.InvalidQuery(name + " is between 0 and 1; got " + value);
    }
  }
}
