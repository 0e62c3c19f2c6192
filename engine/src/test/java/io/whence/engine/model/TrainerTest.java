package io.whence.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void the_model_that_is_written_is_the_one_that_windows_are_left_out_of(@TempDir Path directory)
      throws IOException {
    Path of = TinyCheckpoint.write(directory.resolve("of"), 1);
    GptConfig config = GptConfig.read(of.resolve("config.json"));
    record(config).write(of.resolve("training.json"));
    List<TokenWindow> own = TinyCheckpoint.windows(40, config.vocabulary(), 16, 3);
    Trainer trainer = new Trainer(SETTINGS, Progress.SILENT);

    trainer.trainAgain(of, own, own.subList(0, 3), directory.resolve("again"));

    double[] expected = trainer.retrain(config, own, new BitSet(), own);
    try (Checkpoint again = Checkpoint.open(directory.resolve("again"), "cpu")) {
      TrainingRecord record = again.training().orElseThrow();
      assertThat(record.seed()).isEqualTo(SETTINGS.seed());
      assertThat(record.heldOut()).containsExactly("left");
      assertThat(record.checkpoints()).hasSize(SETTINGS.epochs() / SETTINGS.keepEvery());
      assertThat(record.rootSecondMoment()).containsKeys("wte", "h.0.mlp.c_fc");
      for (int i = 0; i < own.size(); i++) {
        // What is stored is rounded to half precision.
        assertThat(again.losses(own.subList(i, i + 1))[0])
            .isCloseTo(expected[i], within(2e-3 * expected[i]));
      }
    }
    assertThatThrownBy(() -> trainer.trainAgain(of, own, own, directory.resolve("again")))
        .isInstanceOf(EngineException.CannotWrite.class)
        .hasMessageContaining("exists");
  }

  private static TrainingRecord record(GptConfig config) {
    return new TrainingRecord(
        TrainingRecord.FORMAT,
        "whence train",
        "corpus",
        "tokenizer",
        List.of("left"),
        40,
        40,
        300,
        config.context(),
        config.context(),
        1,
        SETTINGS.epochs(),
        1,
        SETTINGS.batchTokens(),
        SETTINGS.optimizer(1),
        0.1,
        Map.of(),
        List.of(),
        List.of(),
        4,
        Map.of());
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
