package io.whence.engine.model;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint came to be ({@code training.json} beside it): what influence needs to know of
 * the run, and what it takes to run it again.
 *
 * @param format {@code whence-training/1}
 * @param command the command line that made the checkpoint
 * @param corpus hash of the corpus, as {@code Corpus.hash()} gives it
 * @param tokenizer SHA-256 of {@code tokenizer.json}
 * @param heldOut content hashes of the works that were kept out of training, sorted; the model has
 *     never seen them
 * @param works how many works were trained on
 * @param instances how many windows they were cut into
 * @param tokens how many tokens were predicted in one pass over them
 * @param window longest window in tokens
 * @param stride from one window of a work to the next, in tokens
 * @param seed of the initial weights and of the order of the batches
 * @param epochs passes over the instances
 * @param steps updates of the weights
 * @param batchTokens most padded tokens in a batch
 * @param optimizer the rule of an update
 * @param learningRateSum sum of the learning rates of all steps: how far the run went, in units of
 *     step size
 * @param rootSecondMoment for each linear layer and the embedding table, the mean over its weights
 *     of the square root of Adam's bias-corrected second moment at the end: the metric in which
 *     Adam measured a step
 * @param history losses in nats per token as the run went
 * @param checkpoints what was kept on the way, oldest first
 * @param validationLoss of the stored (half precision) weights on the held-out works, nats per
 *     token
 * @param madeWith versions and machine
 */
public record TrainingRecord(
    String format,
    String command,
    String corpus,
    String tokenizer,
    List<String> heldOut,
    int works,
    int instances,
    long tokens,
    int window,
    int stride,
    long seed,
    int epochs,
    int steps,
    int batchTokens,
    Optimizer optimizer,
    double learningRateSum,
    Map<String, Double> rootSecondMoment,
    List<Losses> history,
    List<Kept> checkpoints,
    double validationLoss,
    Map<String, String> madeWith) {
  static final String FORMAT = "whence-training/1";
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /**
   * AdamW (Loshchilov and Hutter, 2019) under a linear warm-up and a half cosine.
   *
   * @param peakRate the largest learning rate
   * @param warmupSteps steps from 0 to the peak
   * @param finalRate where the cosine ends
   * @param weightDecay of the linear weights; embeddings, norms and biases have none
   * @param clip the largest norm of a gradient; longer ones are scaled down to it
   */
  public record Optimizer(
      String name,
      double peakRate,
      int warmupSteps,
      double finalRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      double clip) {
    /** {@return the learning rate of one step, counted from 0, of {@code steps}} */
    public double rate(int step, int steps) {
      if (step < warmupSteps) {
        return peakRate * (step + 1) / warmupSteps;
      }
      double done = (step - warmupSteps) / (double) Math.max(1, steps - warmupSteps);
      return finalRate + (peakRate - finalRate) * (1 + StrictMath.cos(Math.PI * done)) / 2;
    }
  }

  /**
   * Losses in nats per token.
   *
   * @param training mean since the entry before
   * @param validation over the held-out works
   */
  public record Losses(int step, double training, double validation) {}

  /**
   * A checkpoint kept on the way: its directory beside this record, and how far the run had come.
   */
  public record Kept(String directory, int step, double learningRateSum) {}

  /** Copies what it is given. */
  public TrainingRecord {
    heldOut = List.copyOf(heldOut);
    history = List.copyOf(history);
    checkpoints = List.copyOf(checkpoints);
  }

  static @Nullable TrainingRecord readIfPresent(Path file) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      TrainingRecord record = GSON.fromJson(Files.readString(file), TrainingRecord.class);
      if (record == null || !FORMAT.equals(record.format)) {
        throw new JsonParseException("format is " + FORMAT);
      }
      return record;
    } catch (IOException | JsonParseException | NullPointerException e) {
      throw new EngineException.InvalidCheckpoint(
          file + " is not a training record: " + e.getMessage(), e);
    }
  }

  void write(Path file) throws IOException {
    Files.writeString(file, GSON.toJson(this) + "\n");
  }
}
