package io.whence.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Training again, with and without some of what there was. */
class TrainerTest {
  private static final TrainingSettings SETTINGS =
      new TrainingSettings(300, 16, 16, 1, 2, 8, 128, 3e-3, 0.1, 10, 2, 5, "cpu");
  private static final GptConfig CONFIG = new GptConfig(300, 16, 16, 1, 2, 1e-5, "gelu");
  private final List<TokenWindow> windows = TinyCheckpoint.windows(40, 300, 16, 3);

  private double[] losses(long seed, int... leftOut) {
    BitSet gone = new BitSet();
    for (int window : leftOut) {
      gone.set(window);
    }
    return new Trainer(SETTINGS.with(SETTINGS.epochs(), seed, "cpu"), Progress.SILENT)
        .retrain(CONFIG, windows, gone, windows);
  }

  @Test
  void the_same_seed_gives_the_same_bits_another_seed_does_not() {
    assertThat(losses(5)).isEqualTo(losses(5)).isNotEqualTo(losses(6));
  }

  @Test
  void what_is_left_out_is_learned_less_and_nothing_else_moves_as_much() {
    double[] with = losses(5);

    double[] without = losses(5, 7);

    double own = without[7] - with[7];
    assertThat(own).isPositive();
    for (int i = 0; i < with.length; i++) {
      if (i != 7) {
        assertThat(Math.abs(without[i] - with[i])).as("window %d", i).isLessThan(own);
      }
    }
  }

  @Test
  void settings_that_make_no_model_are_refused_by_name() {
    assertThatThrownBy(
            () ->
                new TrainingSettings(
                    1024, 128, 250, 4, 4, 7, 2048, 1e-3, 0.1, 5, 2, 20261124, "cpu"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("width 250 does not divide into 4 heads; choose a multiple");
    assertThatThrownBy(() -> SETTINGS.with(0, 1, "cpu"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("epochs: from 1 to 10000; got 0");
  }
}
