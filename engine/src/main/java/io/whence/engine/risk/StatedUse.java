package io.whence.engine.risk;

import io.whence.engine.EngineException;
import io.whence.engine.WorkId;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of how an output is used, as it is written in a request or a file; any field may be
 * missing until it is checked.
 *
 * @param otherActs by the name of the act
 * @param sideFacts matters beside fair use
 * @param user who uses the works
 * @param assertedBy who states what is no judgement
 * @param assertedAt when
 * @param image what is stated of an output that is an image
 */
public record StatedUse(
    @Nullable String jurisdiction,
    @Nullable String purpose,
    @Nullable Double commercial,
    @Nullable Double creative,
    @Nullable Double unpublished,
    @Nullable Judged transformative,
    @Nullable Judged marketHarm,
    @Nullable Judged heart,
    @Nullable Judged necessity,
    @Nullable Market market,
    @Nullable Map<String, @Nullable OtherAct> otherActs,
    @Nullable List<@Nullable String> sideFacts,
    @Nullable String user,
    @Nullable String assertedBy,
    @Nullable String assertedAt,
    @Nullable Image image) {
  /** Most bytes of a file. */
  public static final int LARGEST = 1 << 16;

  /**
   * {@return the facts in a file, which is one JSON object of these fields}
   *
   * @param file its bytes; more than {@value #LARGEST} are refused
   * @param from what to call it in a refusal
   * @throws EngineException.InvalidQuery when anything in it is not understood, or cannot be
   */
  public static UseFacts read(byte[] file, String from) {
    return new UseReader(from).read(file).facts();
  }

  /**
   * {@return the facts}
   *
   * @throws EngineException.InvalidQuery when a field is missing or out of range
   */
  public UseFacts facts() {
    if (assertedBy == null && assertedAt != null) {
      throw new EngineException.InvalidQuery(
          "use.assertedAt says when and nobody who; give use.assertedBy, too");
    }
    Map<Act, UseFacts.OtherAct> acts = new EnumMap<>(Act.class);
    if (otherActs != null) {
      otherActs.forEach((name, stated) -> acts.put(Act.of(name), facts(name, stated)));
    }
    Set<UseFacts.SideFact> beside = EnumSet.noneOf(UseFacts.SideFact.class);
    if (sideFacts != null) {
      sideFacts.forEach(name -> beside.add(UseFacts.SideFact.of(String.valueOf(name))));
    }
    return new UseFacts(
            jurisdiction,
            purpose,
            commercial,
            creative,
            unpublished,
            judgement("use.transformative", transformative),
            judgement("use.marketHarm", marketHarm),
            judgement("use.heart", heart),
            judgement("use.necessity", necessity),
            market == null ? null : market.facts(),
            acts,
            beside,
            user,
            assertedBy == null ? null : new UseFacts.Declaration(assertedBy, assertedAt))
        .withImage(image == null ? null : image.facts());
  }

  private static UseFacts.OtherAct facts(String name, @Nullable OtherAct stated) {
    if (stated == null) {
      throw new EngineException.InvalidQuery(
          "use.otherActs." + name + " is null; leave it out or state something of it");
    }
    String field = "use.otherActs." + name;
    return new UseFacts.OtherAct(
        stated.purpose(),
        stated.commercial(),
        stated.amountOfWork(),
        judgement(field + ".transformative", stated.transformative()),
        judgement(field + ".marketHarm", stated.marketHarm()));
  }

  private static UseFacts.@Nullable Judgement judgement(String field, @Nullable Judged judged) {
    return judged == null
        ? null
        : UseFacts.Judgement.of(
            field,
            judged.value(),
            judged.low(),
            judged.high(),
            judged.assertedBy(),
            judged.reason(),
            judged.assertedAt());
  }

  /** A fact that somebody has to judge, with a range where one figure says too much. */
  public record Judged(
      @Nullable Double value,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable String assertedBy,
      @Nullable String reason,
      @Nullable String assertedAt) {}

  /** Facts about markets, from which market harm is proposed. */
  public record Market(
      @Nullable Double sameMarket, @Nullable Double licensingMarket, @Nullable Double dilution) {
    UseFacts.Market facts() {
      if (sameMarket == null) {
        throw new EngineException.InvalidQuery(
            "use.market.sameMarket is between 0 and 1; got none");
      }
      return new UseFacts.Market(sameMarket, licensingMarket, dilution);
    }
  }

  /** What is stated of an act beside the output. */
  public record OtherAct(
      @Nullable String purpose,
      @Nullable Double commercial,
      @Nullable Double amountOfWork,
      @Nullable Judged transformative,
      @Nullable Judged marketHarm) {}

  /** What is stated of an output that is an image. */
  public record Image(
      @Nullable StatedCharacter character,
      @Nullable String artistOfStyle,
      @Nullable List<@Nullable String> persons,
      @Nullable List<@Nullable String> marks) {
    ImageFacts facts() {
      return new ImageFacts(
          character == null ? null : character.facts(),
          artistOfStyle,
          names(persons),
          names(marks));
    }

    private static List<String> names(@Nullable List<@Nullable String> names) {
      return names == null
          ? List.of()
          : names.stream().map(name -> name == null ? "" : name).toList();
    }
  }

  /** The three parts of the test of a character, and whose it is. */
  public record StatedCharacter(
      @Nullable String work,
      @Nullable Part physicalAndConceptual,
      @Nullable Part delineated,
      @Nullable Part distinctive) {
    CharacterClaim facts() {
      String field = "use.image.character";
      if (work == null || work.isBlank() || work.length() > WorkId.LONGEST) {
        throw new EngineException.InvalidQuery(
            field
                + ".work names the work of the index whose character it is, by its id of 1 to "
                + WorkId.LONGEST
                + " characters; got "
                + (work == null ? "none" : work.length() + " characters"));
      }
      return new CharacterClaim(
          new WorkId(work),
          part(field + ".physicalAndConceptual", physicalAndConceptual),
          part(field + ".delineated", delineated),
          part(field + ".distinctive", distinctive));
    }

    private static CharacterClaim.@Nullable Part part(String field, @Nullable Part part) {
      return part == null
          ? null
          : CharacterClaim.Part.of(
              field, part.holds(), part.assertedBy(), part.reason(), part.assertedAt());
    }
  }

  /** Whether a part of that test is met, by whom and why. */
  public record Part(
      @Nullable Boolean holds,
      @Nullable String assertedBy,
      @Nullable String reason,
      @Nullable String assertedAt) {}
}
