package io.whence.engine.model;

import io.whence.engine.EngineException;

/**
 * Everything a training run is decided by; the defaults made the shipped demo model.
 *
 * @param vocabulary tokens of the byte-level BPE tokenizer, at least 257
 * @param context longest window in tokens, which is also how long the instances are
 * @param width of the residual stream
 * @param layers how many blocks
 * @param heads attention heads a block
 * @param epochs passes over the corpus
 * @param batchTokens most padded tokens in a batch
 * @param peakRate the largest learning rate
 * @param weightDecay of the linear weights
 * @param heldOutPercent how many of a hundred works are kept out, for validation
 * @param keepEvery a checkpoint is kept after every so many epochs
 * @param seed of the initial weights and the order of the batches
 * @param device {@code cpu} or {@code cuda}
 */
public record TrainingSettings(
    int vocabulary,
    int context,
    int width,
    int layers,
    int heads,
    int epochs,
    int batchTokens,
    double peakRate,
    double weightDecay,
    int heldOutPercent,
    int keepEvery,
    long seed,
    String device) {
  /** What the shipped demo model was trained with. */
  public static final TrainingSettings DEFAULTS =
      new TrainingSettings(1024, 128, 256, 4, 4, 7, 2048, 1e-3, 0.1, 5, 2, 20261124, "cpu");

  /** Refuses what no training could be made of, naming the setting. */
  public TrainingSettings {
    within("vocabulary", vocabulary, 257, 65_536);
    within("context", context, 8, 4096);
    within("width", width, 8, 4096);
    within("layers", layers, 1, 64);
    within("heads", heads, 1, width);
    if (width % heads != 0) {
      throw new EngineException.InvalidQuery(
          "width " + width + " does not divide into " + heads + " heads; choose a multiple");
    }
    within("epochs", epochs, 1, 10_000);
    if (!(peakRate > 0 && peakRate <= 1)) {
      throw new EngineException.InvalidQuery(
          "the peak rate is above 0 and at most 1; got " + peakRate);
    }
    within("held-out percentage", heldOutPercent, 1, 90);
  }

  private static void within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new EngineException.InvalidQuery(
          name + ": from " + least + " to " + most + "; got " + value);
    }
  }

  /** {@return these settings with other epochs, seed and device} */
  public TrainingSettings with(int epochs, long seed, String device) {
    return new TrainingSettings(
        vocabulary,
        context,
        width,
        layers,
        heads,
        epochs,
        batchTokens,
        peakRate,
        weightDecay,
        heldOutPercent,
        keepEvery,
        seed,
        device);
  }

  /** {@return the settings that a recorded run was made with} */
  public static TrainingSettings of(GptConfig config, TrainingRecord record, String device) {
    return new TrainingSettings(
        config.vocabulary(),
        config.context(),
        config.width(),
        config.layers(),
        config.heads(),
        record.epochs(),
        record.batchTokens(),
        record.optimizer().peakRate(),
        record.optimizer().weightDecay(),
        DEFAULTS.heldOutPercent(),
        DEFAULTS.keepEvery(),
        record.seed(),
        device);
  }

  TrainingRecord.Optimizer optimizer(int steps) {
    return new TrainingRecord.Optimizer(
        "AdamW", peakRate, Math.max(1, steps / 20), peakRate / 10, 0.9, 0.99, 1e-8, weightDecay, 1);
  }
}
