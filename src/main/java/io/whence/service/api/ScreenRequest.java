package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.service.jobs.Screenings;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/screenings} as it is sent; any field may be missing until it is checked.
 *
 * @param index name of the index that the output is compared with
 * @param output what the model produced
 * @param policy name of the policy
 * @param exclusions whether common property is set aside
 */
@RegisterForReflection
record ScreenRequest(
    @Nullable String index,
    @Nullable Output output,
    @Nullable String policy,
    @Nullable Boolean exclusions) {

  /** What the model produced. */
  @RegisterForReflection
  record Output(@Nullable String modality, @Nullable String text) {}

  /** A request that the engine takes. */
  record Checked(String index, String output, String policy, boolean exclusions) {}

  /**
   * {@return the request as the engine takes it}
   *
   * @throws Refusal naming every field that is wrong, as an attribution of the same output would
   */
  Checked checked() {
    AttributeRequest.Checked same =
        new AttributeRequest(
                index,
                output == null
                    ? null
                    : new AttributeRequest.Output(output.modality(), output.text(), null),
                null,
                null,
                null,
                null,
                exclusions,
                null)
            .checked();
    return new Checked(
        same.index(),
        same.request().output(),
        policy == null ? Screenings.DEFAULT : policy,
        same.request().exclusions());
  }
}
