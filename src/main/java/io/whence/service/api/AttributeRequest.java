package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.EngineException;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.risk.Act;
import io.whence.engine.risk.UseFacts;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/attributions} as it is sent; any field may be missing until it is checked.
 *
 * @param index name of the index that answers
 * @param output what the model produced
 * @param topK how many works to return
 * @param methods the first ranks, the others stand beside it
 * @param exact whether to score every instance
 * @param perToken whether to say what each work did to each token
 * @param exclusions whether common property is set aside before matches count
 * @param use what is known of the use
 */
@RegisterForReflection
record AttributeRequest(
    @Nullable String index,
    @Nullable Output output,
    @Nullable BigInteger topK,
    @Nullable List<@Nullable String> methods,
    @Nullable Boolean exact,
    @Nullable Boolean perToken,
    @Nullable Boolean exclusions,
    @Nullable Use use) {

  /** What the model produced, and from what prompt. */
  @RegisterForReflection
  record Output(@Nullable String modality, @Nullable String text, @Nullable String prompt) {}

  /**
   * What is known of how the output is used.
   *
   * @param otherActs by the name of the act
   * @param sideFacts matters beside fair use
   * @param user who uses the works
   * @param assertedBy who states what is no judgement
   * @param assertedAt when
   */
  @RegisterForReflection
  record Use(
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
      @Nullable String assertedAt) {
    UseFacts facts() {
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
          assertedBy == null ? null : new UseFacts.Declaration(assertedBy, assertedAt));
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
  }

  /** A fact that somebody has to judge, with a range where one figure says too much. */
  @RegisterForReflection
  record Judged(
      @Nullable Double value,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable String assertedBy,
      @Nullable String reason,
      @Nullable String assertedAt) {}

  /** Facts about markets, from which market harm is proposed. */
  @RegisterForReflection
  record Market(
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
  @RegisterForReflection
  record OtherAct(
      @Nullable String purpose,
      @Nullable Double commercial,
      @Nullable Double amountOfWork,
      @Nullable Judged transformative,
      @Nullable Judged marketHarm) {}

  /** A request that the engine takes. */
  record Checked(String index, AttributionRequest request) {}

  /** One field's rule, which the engine knows. */
  private interface Rule {
    void check();
  }

  /**
   * {@return the request as the engine takes it}
   *
   * @throws Refusal naming every field that is wrong
   */
  Checked checked() {
    List<Problem.Violation> wrong = new ArrayList<>();
    if (index == null || index.isBlank()) {
      wrong.add(new Problem.Violation("index", "index is missing; name the index that answers"));
    }
    String text = null;
    String prompt = null;
    if (output == null) {
      wrong.add(new Problem.Violation("output", "output is missing; it has modality and text"));
    } else {
      modality(output.modality(), wrong);
      text = output.text();
      prompt = output.prompt();
      if (text == null) {
        wrong.add(new Problem.Violation("output.text", "the output has no text"));
      }
    }
    // Each field alone against the engine's own rules, so that all that is wrong is said at once.
    String stated = text;
    String given = prompt;
    if (stated != null) {
      check("output.text", wrong, () -> request(stated, null, 1, defaults(), UseFacts.NONE));
    }
    check("output.prompt", wrong, () -> request("x", given, 1, defaults(), UseFacts.NONE));
    check("topK", wrong, () -> request("x", null, works(), defaults(), UseFacts.NONE));
    check("methods", wrong, () -> request("x", null, 1, named(), UseFacts.NONE));
    check("use", wrong, () -> request("x", null, 1, defaults(), facts()));
    if (!wrong.isEmpty()) {
      ProblemType type =
          wrong.stream().allMatch(violation -> violation.field().equals("output.modality"))
              ? ProblemType.UNSUPPORTED_MODALITY
              : ProblemType.INVALID_QUERY;
      throw new Refusal(
          type, String.join("; ", wrong.stream().map(Problem.Violation::detail).toList()), wrong);
    }
    return new Checked(
        Objects.requireNonNull(index),
        request(Objects.requireNonNull(stated), given, works(), named(), facts()));
  }

  private static void modality(@Nullable String modality, List<Problem.Violation> wrong) {
    if (modality == null) {
      wrong.add(
          new Problem.Violation("output.modality", "the output's modality is missing; say text"));
    } else if (!modality.equals("text")) {
      wrong.add(
          new Problem.Violation(
              "output.modality", "modality " + modality + " is not attributed here; only text is"));
    }
  }

  private static void check(String field, List<Problem.Violation> wrong, Rule rule) {
    try {
      rule.check();
    } catch (EngineException.InvalidQuery e) {
      wrong.add(new Problem.Violation(field, e.detail()));
    }
  }

  private AttributionRequest request(
      String output,
      @Nullable String prompt,
      int works,
      List<InfluenceMethod> ranking,
      UseFacts facts) {
    return new AttributionRequest(
        output,
        prompt,
        works,
        Boolean.TRUE.equals(exact),
        Boolean.TRUE.equals(perToken),
        ranking,
        facts,
        !Boolean.FALSE.equals(exclusions));
  }

  private int works() {
    if (topK == null) {
      return AttributionRequest.DEFAULT_TOP_K;
    }
    if (topK.signum() < 0 || topK.bitLength() > 31) {
      throw new EngineException.InvalidQuery(
          "topK is between 1 and " + AttributionRequest.MOST + "; got " + shortened(topK));
    }
    return topK.intValue();
  }

  private static String shortened(BigInteger number) {
    String digits = number.toString();
    return digits.length() <= 24 ? digits : digits.substring(0, 24) + "...";
  }

  private List<InfluenceMethod> named() {
    if (methods == null) {
      return defaults();
    }
    return methods.stream().map(name -> AttributionRequest.method(String.valueOf(name))).toList();
  }

  private static List<InfluenceMethod> defaults() {
    return AttributionRequest.DEFAULT_METHODS;
  }

  private UseFacts facts() {
    return use == null ? UseFacts.NONE : use.facts();
  }
}
