package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How a cosine becomes a percentile. */
class ResemblanceNullTest {
  private static final ResemblanceNull NULL =
      new ResemblanceNull(
          999, 60, 7, IntStream.range(0, 999).mapToObj(i -> (999 - i) / 1000.0).toList());

  @Test
  void a_percentile_counts_the_unrelated_outputs_that_come_less_near() {
    assertThat(NULL.percentile(0.9005, 1)).isEqualTo(90, within(1e-9));
    assertThat(NULL.percentile(-1, 1)).isZero();
  }

  @Test
  void nothing_is_nearer_than_all_texts_that_were_never_tried() {
    assertThat(NULL.percentile(1, 1)).isEqualTo(99.9, within(1e-9));
  }

  @Test
  void many_passages_have_many_chances() {
    assertThat(NULL.percentile(0.9905, 10)).isEqualTo(100 * Math.pow(0.99, 10), within(1e-9));
  }

  @Test
  void there_is_a_cosine_for_each_output() {
    assertThatThrownBy(() -> new ResemblanceNull(2, 60, 7, List.of(0.5)))
        .hasMessageContaining("a cosine for each; got 2 and 1");
  }
}
