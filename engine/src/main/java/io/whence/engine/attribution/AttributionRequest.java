package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.risk.UseFacts;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An output to be attributed.
 *
 * @param output what the model produced, 1 to {@value #LONGEST} characters, not blank
 * @param prompt what it was given; its own loss does not count
 * @param topK how many works to return, 1 to {@value #MOST}
 * @param exact whether to score every instance instead of candidates
 * @param perToken whether to say what each work did to each token of the output
 * @param methods the first ranks, the others stand beside it
 * @param use what is known of how the output is used
 * @param exclusions whether common property, by a list, is set aside before matches count
 */
public record AttributionRequest(
    String output,
    @Nullable String prompt,
    int topK,
    boolean exact,
    boolean perToken,
    List<InfluenceMethod> methods,
    UseFacts use,
    boolean exclusions) {
  /** Most characters of an output or a prompt. */
  public static final int LONGEST = 100_000;

  /** Most works returned. */
  public static final int MOST = 1000;

  /** Most works returned with what they did to each token. */
  public static final int MOST_PER_TOKEN = 50;

  /** How many works are returned unless asked otherwise. */
  public static final int DEFAULT_TOP_K = 10;

  /** The methods used unless asked otherwise. */
  public static final List<InfluenceMethod> DEFAULT_METHODS = InfluenceMethod.OF_AN_INDEX;

  /** Rejects what cannot be attributed, naming the field. */
  public AttributionRequest {
    text("the output", output);
    if (output.isBlank()) {
      throw new EngineException.InvalidQuery(
          "the output is empty; give the text that the model produced");
    }
    if (prompt != null) {
      text("the prompt", prompt);
    }
    use.ofNoImage();
    if (topK < 1 || topK > MOST) {
      throw new EngineException.InvalidQuery("topK is between 1 and " + MOST + "; got " + topK);
    }
    if (perToken && topK > MOST_PER_TOKEN) {
      throw new EngineException.InvalidQuery(
          "tokens are told apart for at most "
              + MOST_PER_TOKEN
              + " works; topK is "
              + topK
              + ", so lower it or leave perToken out");
    }
    methods = methods.stream().distinct().toList();
    if (methods.isEmpty()) {
      throw new EngineException.InvalidQuery("methods is empty; leave it out or name one");
    }
  }

  /** A request that sets common property aside. */
  public AttributionRequest(
      String output,
      @Nullable String prompt,
      int topK,
      boolean exact,
      boolean perToken,
      List<InfluenceMethod> methods,
      UseFacts use) {
    this(output, prompt, topK, exact, perToken, methods, use, true);
  }

  /** {@return the same request of another use} */
  AttributionRequest of(UseFacts facts) {
    return new AttributionRequest(
        output, prompt, topK, exact, perToken, methods, facts, exclusions);
  }

  private static void text(String name, String value) {
    if (value.length() > LONGEST) {
      throw new EngineException.InvalidQuery(
          name
              + " has "
              + value.length()
              + " characters; at most "
              + LONGEST
              + " are attributed at once, so split it");
    }
    int nul = value.indexOf(0);
    if (nul >= 0) {
      throw new EngineException.InvalidQuery(
          name
              + " has a NUL at character "
              + nul
              + "; it is not text, or in UTF-16: convert it first");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw new EngineException.InvalidQuery(
          name + " has half of a surrogate pair; it is not text");
    }
  }

  /**
   * {@return the method of a name}
   *
   * @throws EngineException.InvalidQuery when there is none, or none that an index can answer with
   */
  public static InfluenceMethod method(String id) {
    String usable =
        InfluenceMethod.OF_AN_INDEX.stream()
            .map(InfluenceMethod::id)
            .collect(Collectors.joining(", "));
    InfluenceMethod known =
        Arrays.stream(InfluenceMethod.values())
            .filter(method -> method.id().equals(id))
            .findFirst()
            .orElseThrow(
                () ->
                    new EngineException.InvalidQuery(
                        "method " + id + " is not known; use one of " + usable));
    if (!InfluenceMethod.OF_AN_INDEX.contains(known)) {
      throw new EngineException.InvalidQuery(
          "method "
              + id
              + " needs more than an index keeps ("
              + known.needs()
              + "); use one of "
              + usable
              + " here, or compare it in an experiment");
    }
    return known;
  }
}
