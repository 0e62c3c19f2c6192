package io.whence.engine.risk;

import io.whence.engine.EngineException;
import io.whence.engine.WorkId;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
 * @param user who uses the works; null where nobody says
 * @param declaration who states what is no judgement; null where nobody says, and then it is the
 *     requester's word
 * @param reviewed what reviewers of the output hold of {@code transformative}; it counts where the
 *     requester asserts nothing
 * @param image what is stated of an output that is an image; null where nothing is
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
    Set<SideFact> sideFacts,
    @Nullable String user,
    @Nullable Declaration declaration,
    @Nullable Judgement reviewed,
    @Nullable ImageFacts image) {
  /** Nothing stated. */
  public static final UseFacts NONE = new UseFacts(null, null, null, null, null, null, null);

  /** Most characters of a name. */
  public static final int LONGEST_NAME = 200;

  /** Most characters of a reason. */
  public static final int LONGEST_REASON = 4_000;

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
    if (user != null) {
      checkName("use.user", user);
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
        Set.of(),
        null,
        null,
        null,
        null);
  }

  /** Facts without reviews, of any output. */
  public UseFacts(
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
      Set<SideFact> sideFacts,
      @Nullable String user,
      @Nullable Declaration declaration) {
    this(
        jurisdiction,
        purpose,
        commercial,
        creative,
        unpublished,
        transformative,
        marketHarm,
        heart,
        necessity,
        market,
        otherActs,
        sideFacts,
        user,
        declaration,
        null,
        null);
  }

  /** {@return these facts, with what reviewers hold of the output} */
  public UseFacts withReviews(Judgement reviews) {
    return with(reviews, image);
  }

  /** {@return these facts, with what is stated of an output that is an image} */
  public UseFacts withImage(@Nullable ImageFacts stated) {
    return with(reviewed, stated);
  }

  private UseFacts with(@Nullable Judgement reviews, @Nullable ImageFacts stated) {
    return new UseFacts(
        jurisdiction,
        purpose,
        commercial,
        creative,
        unpublished,
        transformative,
        marketHarm,
        heart,
        necessity,
        market,
        otherActs,
        sideFacts,
        user,
        declaration,
        reviews,
        stated);
  }

  /**
   * {@return these facts, of an output that is no image}
   *
   * @throws EngineException.InvalidQuery when something is stated of an image
   */
  public UseFacts ofNoImage() {
    if (image != null) {
      throw new EngineException.InvalidQuery(
          "use.image is about an image, and the output is none; leave it out");
    }
    return this;
  }

  /** {@return what is stated of a character of {@code work}; null where nothing is} */
  @Nullable CharacterClaim character(WorkId work) {
    CharacterClaim character = image == null ? null : image.character();
    return character != null && character.work().equals(work) ? character : null;
  }

  /**
   * Who answers for what is stated and no judgement: purpose, commerce, nature, amounts, markets.
   *
   * @param assertedAt when, an ISO 8601 date or time with its offset; null where that is not said
   */
  public record Declaration(String assertedBy, @Nullable String assertedAt) {
    /** Rejects a name that is none, and a time that cannot be read. */
    public Declaration {
      checkName("use.assertedBy", assertedBy);
      checkTime("use.assertedAt", assertedAt);
    }
  }

  /**
   * A judged input: worth nothing without who judged and why.
   *
   * @param value 0 to 1, the judge's best figure
   * @param low the lowest the judge would accept, at most {@code value}
   * @param high the highest, at least {@code value}
   * @param assertedBy who judged, at most {@value #LONGEST_NAME} characters
   * @param reason why, at most {@value #LONGEST_REASON} characters
   * @param assertedAt when, an ISO 8601 date or time with its offset; null where that is not said
   */
  public record Judgement(
      double value,
      double low,
      double high,
      String assertedBy,
      String reason,
      @Nullable String assertedAt) {
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
      checkAsserted("a judged input", assertedBy, reason, assertedAt);
    }

    /** One figure, without a range and a date. */
    public Judgement(double value, String assertedBy, String reason) {
      this(value, value, value, assertedBy, reason, null);
    }

    /**
     * {@return the judgement in a request's fields}
     *
     * @param name of the input, for the message
     * @param low null for {@code value}
     * @param high null for {@code value}
     * @throws EngineException.InvalidQuery when a field is missing or out of range
     */
    public static Judgement of(
        String name,
        @Nullable Double value,
        @Nullable Double low,
        @Nullable Double high,
        @Nullable String assertedBy,
        @Nullable String reason,
        @Nullable String assertedAt) {
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
      return new Judgement(
          value,
          low == null ? value : low,
          high == null ? value : high,
          assertedBy,
          reason,
          assertedAt);
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
    UNLAWFUL_ACQUISITION("unlawfulAcquisition"),
    /** The use is said to be in bad faith; whether that matters was doubted in Google v. Oracle. */
    BAD_FAITH("badFaith"),
    /** The model is said to be trained with differential privacy. */
    DIFFERENTIAL_PRIVACY("differentialPrivacy"),
    /** Names, notices or marks of ownership are said to have been taken off. */
    NOTICE_REMOVED("noticeRemoved"),
    /** The output is said to show a person: a name, a face, a voice. */
    PUBLICITY("publicity"),
    /** The output is said to show a mark or a logo. */
    TRADEMARK("trademark");

    private final String id;

    SideFact(String id) {
      this.id = id;
    }

    /** {@return its name in requests} */
    public String id() {
      return id;
    }

    /**
     * {@return the fact of a name}
     *
     * @throws EngineException.InvalidQuery when there is none
     */
    public static SideFact of(String id) {
      return Arrays.stream(values())
          .filter(fact -> fact.id.equals(id))
          .findFirst()
          .orElseThrow(
              () ->
                  new EngineException.InvalidQuery(
                      "use.sideFacts "
                          + id
                          + " is not known; use one of "
                          + Arrays.stream(values())
                              .map(SideFact::id)
                              .collect(Collectors.joining(", "))));
    }
  }

  /** Refuses what nobody answers for. */
  static void checkAsserted(
      String what, String assertedBy, String reason, @Nullable String assertedAt) {
    if (assertedBy.isBlank() || reason.isBlank()) {
      throw new EngineException.InvalidQuery(
          what
              + " names who asserts it and gives the reason; "
              + (reason.isBlank() ? "reason" : "assertedBy")
              + " is blank");
    }
    checkName("assertedBy", assertedBy);
    if (reason.length() > LONGEST_REASON) {
      throw new EngineException.InvalidQuery(
          "the reason of "
              + what
              + " has "
              + reason.length()
              + " characters; at most "
              + LONGEST_REASON
              + " are kept, so shorten it");
    }
    checkTime("assertedAt", assertedAt);
  }

  static void checkName(String field, String name) {
    if (name.isBlank() || name.length() > LONGEST_NAME) {
      throw new EngineException.InvalidQuery(
          field
              + (name.isBlank()
                  ? " is blank; leave it out or name somebody"
                  : " has "
                      + name.length()
                      + " characters; a name has at most "
                      + LONGEST_NAME
                      + ", so shorten it"));
    }
  }

  private static void checkTime(String field, @Nullable String time) {
    if (time == null) {
      return;
    }
    try {
      if (time.length() == 10) {
        LocalDate.parse(time);
      } else {
        OffsetDateTime.parse(time);
      }
    } catch (DateTimeException e) {
      throw new EngineException.InvalidQuery(
          field
              + " is a date such as 2026-11-28 or a time such as 2026-11-28T09:30:00Z; got "
              + time.substring(0, Math.min(40, time.length())));
    }
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
