package io.whence.engine.risk;

import com.google.gson.annotations.SerializedName;
import io.whence.engine.EngineException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What was done with a work. Each act is judged apart, as in Bartz v. Anthropic (2025). */
public enum Act {
  /** Obtaining the copy. */
  @SerializedName("acquisition")
  ACQUISITION("acquisition"),
  /** The copy that training reads. */
  @SerializedName("trainingCopy")
  TRAINING_COPY("trainingCopy"),
  /** The copy that the weights hold, where the work is memorised. */
  @SerializedName("weightsCopy")
  WEIGHTS_COPY("weightsCopy"),
  /** The copy that stands in a prompt. */
  @SerializedName("retrievalContext")
  RETRIEVAL_CONTEXT("retrievalContext"),
  /** The output; the one act whose amount is measured here. */
  @SerializedName("output")
  OUTPUT("output");

  private final String id;

  Act(String id) {
    this.id = id;
  }

  /** {@return its name in requests and answers} */
  public String id() {
    return id;
  }

  /**
   * {@return the act of a name}
   *
   * @throws EngineException.InvalidQuery when there is none
   */
  public static Act of(String id) {
    return Arrays.stream(values())
        .filter(act -> act.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException.InvalidQuery(
                    "act "
                        + id
                        + " is not known; use one of "
                        + Arrays.stream(values()).map(Act::id).collect(Collectors.joining(", "))));
  }
}
