package io.whence.engine.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.SeededNormal;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Instance;
import io.whence.engine.corpus.InstanceCutter;
import io.whence.engine.corpus.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Trains the small reference language model on a corpus, and keeps the record that influence needs.
 *
 * <p>The same corpus, settings and machine type give the same bytes. Each batch is cut into a fixed
 * number of parts whose gradients are added in order, so the result does not depend on how many
 * threads there are; the update itself is in Java.
 */
public final class Trainer {
  private static final int PARTS = 2;
  private static final int POOL = 256;
  private static final int MEAN_EVERY = 20;

  private final TrainingSettings settings;
  private final Progress progress;

  /** Prepares training; {@code progress} is told of every step. */
  public Trainer(TrainingSettings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Trains on {@code corpus} and writes the checkpoint, the ones kept on the way (under {@code
   * checkpoints/}) and {@code training.json}.
   *
   * @param out a directory that does not exist yet; it appears when all is written
   * @param command the command line, for the record
   * @return what was recorded
   * @throws EngineException.CannotWrite when {@code out} exists or cannot be written
   * @throws EngineException.InvalidCorpus when too few works are left to train on
   */
  public TrainingRecord train(Corpus corpus, Path out, String command) {
    return whole(
        out, partial -> train(corpus, partial, partial.resolve("tokenizer.json"), command));
  }

  /** Writes a checkpoint. */
  @FunctionalInterface
  private interface Writing {
    TrainingRecord into(Path directory) throws IOException;
  }

  /** Writes beside {@code out} and moves it there when all is written. */
  private static TrainingRecord whole(Path out, Writing writing) {
    if (Files.exists(out)) {
      throw new EngineException.CannotWrite(out + " exists; choose another directory for --out");
    }
    Path partial = out.resolveSibling(out.getFileName() + ".partial");
    try {
      deleteTree(partial);
      Files.createDirectories(partial);
      TrainingRecord record = writing.into(partial);
      Files.move(partial, out, StandardCopyOption.ATOMIC_MOVE);
      return record;
    } catch (IOException e) {
      throw new EngineException.CannotWrite("cannot write the checkpoint to " + out + ": " + e, e);
    }
  }

  private TrainingRecord train(Corpus corpus, Path out, Path tokenizerFile, String command)
      throws IOException {
    HoldOut split = HoldOut.of(corpus, settings.heldOutPercent());
    if (split.training().isEmpty() || split.heldOut().isEmpty()) {
      throw new EngineException.InvalidCorpus(
          "the corpus has "
              + corpus.works().size()
              + " works, too few to train on some and hold out others; it takes about 50");
    }
    progress.report("tokenizer", 0, 1, "vocabularies", "");
    BpeTrainer.train(
        split.training().stream().map(Work::text).toList(), settings.vocabulary(), tokenizerFile);
    try (Tokenizer tokenizer = Tokenizer.open(tokenizerFile)) {
      GptConfig config =
          new GptConfig(
              tokenizer.vocabularySize(),
              settings.context(),
              settings.width(),
              settings.layers(),
              settings.heads(),
              1e-5,
              "gelu");
      List<TokenWindow> windows = windows(split.training(), tokenizer);
      List<TokenWindow> unseen = windows(split.heldOut(), tokenizer);
      Map<String, float[]> values = initial(config);
      Source source =
          new Source(
              command,
              corpus.hash(),
              tokenizer.sha256(),
              split.heldOut().stream().map(Work::contentHash).sorted().toList(),
              split.training().size());
      try (Run run = new Run(config, values)) {
        return run.train(windows, unseen, source, out, tokenizerFile);
      }
    }
  }

  /** What a run is made from, for its record. */
  private record Source(
      String command, String corpus, String tokenizer, List<String> heldOut, int works) {}

  /**
   * Trains a model of a checkpoint's shape anew, with these settings' seed, and writes it as {@link
   * #train(Corpus, Path, String)} does: the model that {@link #retrain} leaves windows out of, when
   * given the same windows in the same order.
   *
   * @param of a checkpoint's directory, with its record; its tokenizer stays
   * @param windows what {@code of} was trained on
   * @param unseen what it was not; their loss is kept in the record
   * @param out a directory that does not exist yet
   * @throws EngineException.CannotWrite when {@code out} exists or cannot be written
   */
  public void trainAgain(Path of, List<TokenWindow> windows, List<TokenWindow> unseen, Path out) {
    GptConfig config = GptConfig.read(of.resolve("config.json"));
    TrainingRecord record =
        requireNonNull(TrainingRecord.readIfPresent(of.resolve("training.json")));
    Source source =
        new Source(
            record.command(),
            record.corpus(),
            record.tokenizer(),
            record.heldOut(),
            record.works());
    try (Run run = new Run(config, initial(config))) {
      whole(
          out,
          partial -> run.train(windows, unseen, source, partial, of.resolve("tokenizer.json")));
    }
  }

  /**
   * {@return the summed loss of each query, in nats, under a model of {@code config} trained anew
   * without some windows: what ground truth is made of; nothing is written}
   *
   * <p>What is left out leaves its batch and changes nothing else: initial weights, batches, their
   * order and rates are those of training on everything with the same seed. So the difference of
   * two such runs is the data's doing, not the dice's.
   *
   * @param windows all there is to train on
   * @param leftOut which of {@code windows}, by index, are not trained on
   * @param queries each of at most {@code config.context()} inputs
   */
  public double[] retrain(
      GptConfig config, List<TokenWindow> windows, BitSet leftOut, List<TokenWindow> queries) {
    Set<TokenWindow> gone = Collections.newSetFromMap(new IdentityHashMap<>());
    leftOut.stream().mapToObj(windows::get).forEach(gone::add);
    try (Run run = new Run(config, initial(config))) {
      return run.retrain(windows, gone, queries);
    }
  }

  private List<TokenWindow> windows(List<Work> works, Tokenizer tokenizer) {
    InstanceCutter cutter = new InstanceCutter(settings.context(), settings.context());
    List<TokenWindow> windows = new ArrayList<>();
    for (int i = 0; i < works.size(); i++) {
      int[] ids = tokenizer.encode(works.get(i).text()).ids();
      for (Instance instance : cutter.cut(i, ids.length)) {
        windows.add(Windows.ofInstance(ids, instance.tokens(), tokenizer.endOfText()));
      }
    }
    return windows;
  }

  /** GPT-2's: N(0, 0.02²), the projections into the residual stream divided by sqrt(2 layers). */
  private Map<String, float[]> initial(GptConfig config) {
    SeededNormal normal = new SeededNormal(settings.seed());
    Map<String, float[]> values = new LinkedHashMap<>();
    Gpt.shapes(
        config,
        (name, shape) -> {
          int size = Gpt.size(shape);
          float[] value = new float[size];
          if (name.endsWith(".bias")) {
            values.put(name, value);
          } else if (shape.length == 1) {
            java.util.Arrays.fill(value, 1);
            values.put(name, value);
          } else {
            double deviation =
                name.contains("c_proj") ? 0.02 / Math.sqrt(2.0 * config.layers()) : 0.02;
            values.put(name, normal.floats(size, deviation));
          }
        });
    return values;
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (var paths = Files.walk(root)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** The moving parts of one training run. */
  private final class Run implements AutoCloseable {
    private final GptConfig config;
    private final Map<String, float[]> values;
    private final AdamW adam;
    private final List<Gpt> replicas = new ArrayList<>();
    private final List<NDManager> managers = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(PARTS);

    Run(GptConfig config, Map<String, float[]> values) {
      this.config = config;
      this.values = values;
      this.adam = new AdamW(values);
      for (int part = 0; part < PARTS; part++) {
        NDManager manager = Torch.newManager(settings.device());
        Gpt replica = new Gpt(config, values, manager);
        replica.parameters().values().forEach(Torch::requireGradient);
        managers.add(manager);
        replicas.add(replica);
      }
    }

    TrainingRecord train(
        List<TokenWindow> windows,
        List<TokenWindow> unseen,
        Source source,
        Path out,
        Path tokenizerFile)
        throws IOException {
      Random order = new Random(settings.seed());
      List<List<List<TokenWindow>>> epochs = new ArrayList<>();
      for (int epoch = 0; epoch < settings.epochs(); epoch++) {
        epochs.add(batches(windows, order));
      }
      int steps = epochs.stream().mapToInt(List::size).sum();
      TrainingRecord.Optimizer optimizer = settings.optimizer(steps);
      List<TrainingRecord.Losses> history = new ArrayList<>();
      List<TrainingRecord.Kept> kept = new ArrayList<>();
      double rateSum = 0;
      double lossSum = 0;
      long lossTokens = 0;
      double recent = 0;
      int step = 0;
      for (int epoch = 0; epoch < epochs.size(); epoch++) {
        for (List<TokenWindow> batch : epochs.get(epoch)) {
          long tokens = batch.stream().mapToLong(TokenWindow::scored).sum();
          double loss = step(batch, tokens, optimizer, step, steps);
          rateSum += optimizer.rate(step, steps);
          lossSum += loss;
          lossTokens += tokens;
          recent = step == 0 ? loss / tokens : recent + (loss / tokens - recent) / MEAN_EVERY;
          step++;
          progress.report(
              "training", step, steps, "steps", "loss %.3f nats/token".formatted(recent));
        }
        double validation = evaluate(unseen);
        history.add(new TrainingRecord.Losses(step, lossSum / lossTokens, validation));
        lossSum = 0;
        lossTokens = 0;
        progress.report(
            "training", step, steps, "steps", "validation %.3f nats/token".formatted(validation));
        if ((epoch + 1) % settings.keepEvery() == 0 || epoch + 1 == epochs.size()) {
          String name = "checkpoints/step-%06d".formatted(step);
          Checkpoint.write(out.resolve(name), config, values, tokenizerFile);
          kept.add(new TrainingRecord.Kept(name, step, rateSum));
        }
      }
      // What is stored is rounded; the model is the rounded one from here on, its loss too.
      values.replaceAll((name, value) -> Safetensors.roundedToHalf(value));
      copyToReplicas();
      TrainingRecord record =
          new TrainingRecord(
              TrainingRecord.FORMAT,
              source.command(),
              source.corpus(),
              source.tokenizer(),
              source.heldOut(),
              source.works(),
              windows.size(),
              windows.stream().mapToLong(TokenWindow::scored).sum(),
              config.context(),
              config.context(),
              settings.seed(),
              settings.epochs(),
              steps,
              settings.batchTokens(),
              optimizer,
              rateSum,
              rootSecondMoment(steps),
              history,
              kept,
              evaluate(unseen),
              madeWith());
      Checkpoint.write(out, config, values, tokenizerFile);
      record.write(out.resolve("training.json"));
      return record;
    }

    double[] retrain(List<TokenWindow> windows, Set<TokenWindow> gone, List<TokenWindow> queries) {
      Random order = new Random(settings.seed());
      List<List<TokenWindow>> batches = new ArrayList<>();
      for (int epoch = 0; epoch < settings.epochs(); epoch++) {
        batches.addAll(batches(windows, order));
      }
      TrainingRecord.Optimizer optimizer = settings.optimizer(batches.size());
      for (int step = 0; step < batches.size(); step++) {
        List<TokenWindow> batch =
            batches.get(step).stream().filter(window -> !gone.contains(window)).toList();
        if (!batch.isEmpty()) {
          long tokens = batch.stream().mapToLong(TokenWindow::scored).sum();
          step(batch, tokens, optimizer, step, batches.size());
        }
        progress.report("training", step + 1, batches.size(), "steps", "");
      }
      double[] losses = new double[queries.size()];
      Torch.withoutGradients(
          () -> {
            for (List<Integer> batch : TokenBatches.of(queries, settings.batchTokens())) {
              try (NDManager scope = managers.get(0).newSubManager()) {
                List<TokenWindow> chosen = batch.stream().map(queries::get).toList();
                NDArray each =
                    replicas.get(0).losses(scope, new TokenWindow.Padded(chosen), LinearTap.NONE);
                double[] sums = Checkpoint.rowSums(Torch.floats(each), chosen.size());
                for (int i = 0; i < sums.length; i++) {
                  losses[batch.get(i)] = sums[i];
                }
              }
            }
            return true;
          });
      return losses;
    }

    /** Similar lengths share a batch, yet which windows meet and when is shuffled. */
    private List<List<TokenWindow>> batches(List<TokenWindow> windows, Random order) {
      List<TokenWindow> shuffled = new ArrayList<>(windows);
      Collections.shuffle(shuffled, order);
      List<List<TokenWindow>> batches = new ArrayList<>();
      for (int from = 0; from < shuffled.size(); from += POOL) {
        List<TokenWindow> pool = shuffled.subList(from, Math.min(from + POOL, shuffled.size()));
        for (List<Integer> batch : TokenBatches.of(pool, settings.batchTokens())) {
          batches.add(batch.stream().map(pool::get).toList());
        }
      }
      Collections.shuffle(batches, order);
      return batches;
    }

    private double step(
        List<TokenWindow> batch,
        long tokens,
        TrainingRecord.Optimizer optimizer,
        int step,
        int of) {
      int half = (batch.size() + PARTS - 1) / PARTS;
      List<Callable<PartialGradient>> tasks = new ArrayList<>();
      for (int part = 0; part * half < batch.size(); part++) {
        List<TokenWindow> mine =
            batch.subList(part * half, Math.min((part + 1) * half, batch.size()));
        Gpt replica = replicas.get(part);
        NDManager manager = managers.get(part);
        tasks.add(() -> Torch.withGradients(() -> gradient(replica, manager, mine)));
      }
      List<PartialGradient> parts = inParallel(tasks);
      Map<String, float[]> gradient = parts.get(0).gradient();
      double loss = parts.get(0).loss();
      for (PartialGradient other : parts.subList(1, parts.size())) {
        gradient.forEach((name, sum) -> addTo(sum, requireNonNull(other.gradient().get(name))));
        loss += other.loss();
      }
      adam.update(gradient, 1.0 / tokens, optimizer, optimizer.rate(step, of));
      copyToReplicas();
      return loss;
    }

    private PartialGradient gradient(Gpt replica, NDManager manager, List<TokenWindow> windows) {
      try (NDManager batch = manager.newSubManager()) {
        NDArray loss = replica.losses(batch, new TokenWindow.Padded(windows), LinearTap.NONE).sum();
        Torch.backward(loss, batch);
        Map<String, float[]> gradient = new LinkedHashMap<>();
        replica
            .parameters()
            .forEach(
                (name, parameter) -> {
                  gradient.put(name, Torch.gradient(parameter));
                  Torch.zeroGradient(parameter);
                });
        return new PartialGradient(gradient, loss.getFloat());
      }
    }

    private void copyToReplicas() {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (Gpt replica : replicas) {
        tasks.add(
            () ->
                Torch.withoutGradients(
                    () -> {
                      replica
                          .parameters()
                          .forEach(
                              (name, array) ->
                                  Torch.overwrite(array, requireNonNull(values.get(name))));
                      return true;
                    }));
      }
      inParallel(tasks);
    }

    private double evaluate(List<TokenWindow> windows) {
      List<Callable<Double>> tasks = new ArrayList<>();
      for (int part = 0; part < PARTS; part++) {
        int mine = part;
        tasks.add(() -> Torch.withoutGradients(() -> summedLoss(mine, windows)));
      }
      double loss = inParallel(tasks).stream().mapToDouble(Double::doubleValue).sum();
      return loss / windows.stream().mapToLong(TokenWindow::scored).sum();
    }

    private double summedLoss(int part, List<TokenWindow> windows) {
      List<List<Integer>> batches = TokenBatches.of(windows, settings.batchTokens());
      double sum = 0;
      for (int i = part; i < batches.size(); i += PARTS) {
        try (NDManager batch = managers.get(part).newSubManager()) {
          List<TokenWindow> chosen = batches.get(i).stream().map(windows::get).toList();
          sum +=
              replicas
                  .get(part)
                  .losses(batch, new TokenWindow.Padded(chosen), LinearTap.NONE)
                  .sum()
                  .getFloat();
        }
      }
      return sum;
    }

    private Map<String, Double> rootSecondMoment(int steps) {
      Map<String, Double> means = new TreeMap<>();
      means.put("wte", adam.rootSecondMoment("wte.weight", steps));
      for (GptConfig.LinearLayer layer : config.linearLayers()) {
        means.put(layer.name(), adam.rootSecondMoment(layer.name() + ".weight", steps));
      }
      return means;
    }

    private <V> List<V> inParallel(List<Callable<V>> tasks) {
      List<V> results = new ArrayList<>();
      try {
        for (Future<V> future : threads.invokeAll(tasks)) {
          results.add(future.get());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("training was interrupted", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException("training failed: " + e.getCause(), e);
      }
      return results;
    }

    @Override
    public void close() {
      // An interrupted step goes on in native code for a while, and reads the replicas.
      threads.shutdownNow();
      threads.close();
      replicas.forEach(Gpt::close);
    }
  }

  private record PartialGradient(Map<String, float[]> gradient, double loss) {}

  private static void addTo(float[] sum, float[] other) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other[i];
    }
  }

  static Map<String, String> madeWith() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("java", Runtime.version().toString());
    versions.put("pytorch", Torch.version());
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return versions;
  }
}
