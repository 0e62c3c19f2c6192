package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.EngineException;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.risk.StatedUse;
import io.whence.engine.risk.UseFacts;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
    @Nullable StatedUse use) {

  /** What the model produced, and from what prompt. */
  @RegisterForReflection
  record Output(@Nullable String modality, @Nullable String text, @Nullable String prompt) {}

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
