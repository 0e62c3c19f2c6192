package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.whence.engine.Span;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NegativeCertificateTest {
  @Test
  void says_what_is_certified_over_which_index() {
    NegativeCertificate certificate =
        Objects.requireNonNull(NegativeCertificate.of(List.of(), 58, Winnowing.TEXT, "abc", 1818));

    assertThat(certificate.words()).isEqualTo(Winnowing.TEXT.guarantee());
    assertThat(certificate.index()).isEqualTo("abc");
    assertThat(certificate.droppedFingerprints()).isEmpty();
    assertThat(certificate.statement())
        .isEqualTo(
            "the output of 58 words shares no run of 10 words or more with any of the 1818 works of"
                + " this index");
  }

  @Test
  void is_not_given_once_a_run_as_long_as_the_guarantee_is_found() {
    assertThat(NegativeCertificate.of(List.of(run(9)), 58, Winnowing.TEXT, "", 1)).isNotNull();
    assertThat(NegativeCertificate.of(List.of(run(9), run(10)), 58, Winnowing.TEXT, "", 1))
        .isNull();
  }

  @Test
  void is_not_given_to_an_output_too_short_to_share_such_a_run() {
    assertThat(NegativeCertificate.of(List.of(), 9, Winnowing.TEXT, "", 1)).isNull();
    assertThat(NegativeCertificate.of(List.of(), 10, Winnowing.TEXT, "", 1)).isNotNull();
  }

  private static VerbatimMatch run(int words) {
    Span span = new Span(0, words);
    return new VerbatimMatch(span, span, span, span, "x", "x", 0);
  }
}
