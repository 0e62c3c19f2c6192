package io.whence.indexbuilder;

import io.whence.engine.corpus.Corpus;
import io.whence.engine.model.Trainer;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.model.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains the reference model. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Trains the small reference language model on a corpus.")
final class Train implements Callable<Integer> {
  private static final TrainingSettings DEFAULTS = TrainingSettings.DEFAULTS;

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "FILE",
      description = "JSON Lines or Parquet.")
  List<Path> corpus = List.of();

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Checkpoint to make.")
  Path out = Path.of("");

  @Option(names = "--epochs", description = "Passes over the corpus; default ${DEFAULT-VALUE}.")
  int epochs = DEFAULTS.epochs();

  @Option(names = "--peak-rate", description = "Learning rate; default ${DEFAULT-VALUE}.")
  double peakRate = DEFAULTS.peakRate();

  @Option(names = "--seed", description = "Of weights and batches; default ${DEFAULT-VALUE}.")
  long seed = DEFAULTS.seed();

  @Option(names = "--device", description = "cpu or cuda; default ${DEFAULT-VALUE}.")
  String device = DEFAULTS.device();

  @Option(names = "--json", description = "Print the training record as JSON.")
  boolean json;

  @ArgGroup(
      exclusive = false,
      heading =
          "A smaller model trains faster, as whence evaluate poems-lm does again and again:%n")
  Shape shape = new Shape();

  /** How large a model, and what it never sees. */
  static final class Shape {
    @Option(names = "--layers", description = "Blocks; default ${DEFAULT-VALUE}.")
    int layers = DEFAULTS.layers();

    @Option(names = "--width", description = "Of the residual stream; default ${DEFAULT-VALUE}.")
    int width = DEFAULTS.width();

    @Option(names = "--heads", description = "Attention heads a block; default ${DEFAULT-VALUE}.")
    int heads = DEFAULTS.heads();

    @Option(
        names = "--context",
        description = "Longest window in tokens; default ${DEFAULT-VALUE}.")
    int context = DEFAULTS.context();

    @Option(names = "--vocabulary", description = "Tokens it knows; default ${DEFAULT-VALUE}.")
    int vocabulary = DEFAULTS.vocabulary();

    @Option(
        names = "--held-out",
        paramLabel = "PERCENT",
        description =
            "Works it never sees, to validate on and to ask with; default ${DEFAULT-VALUE}.")
    int heldOut = DEFAULTS.heldOutPercent();
  }

  private TrainingSettings settings() {
    return new TrainingSettings(
        shape.vocabulary,
        shape.context,
        shape.width,
        shape.layers,
        shape.heads,
        epochs,
        DEFAULTS.batchTokens(),
        peakRate,
        DEFAULTS.weightDecay(),
        shape.heldOut,
        DEFAULTS.keepEvery(),
        seed,
        device);
  }

  /** The command that trains the same model again: what differs from the defaults. */
  private String command() {
    StringBuilder command = new StringBuilder("./whence train");
    corpus.forEach(file -> command.append(" --corpus ").append(file));
    command.append(" --out ").append(out);
    append(command, "--epochs", epochs, DEFAULTS.epochs());
    if (peakRate != DEFAULTS.peakRate()) {
      command.append(" --peak-rate ").append(peakRate);
    }
    append(command, "--seed", seed, DEFAULTS.seed());
    append(command, "--layers", shape.layers, DEFAULTS.layers());
    append(command, "--width", shape.width, DEFAULTS.width());
    append(command, "--heads", shape.heads, DEFAULTS.heads());
    append(command, "--context", shape.context, DEFAULTS.context());
    append(command, "--vocabulary", shape.vocabulary, DEFAULTS.vocabulary());
    append(command, "--held-out", shape.heldOut, DEFAULTS.heldOutPercent());
    return command.toString();
  }

  private static void append(StringBuilder command, String option, long value, long unsaid) {
    if (value != unsaid) {
      command.append(' ').append(option).append(' ').append(value);
    }
  }

  @Override
  public Integer call() {
    TrainingSettings settings = settings();
    Corpus works = Corpus.read(corpus);
    Main.rejections(works.rejections());
    TrainingRecord record =
        new Trainer(settings, ProgressBar.onStandardError())
            .train(works, out.toAbsolutePath().normalize(), command());
    if (json) {
      Main.print(record);
    } else {
      Main.print(
          String.format(
              Locale.ROOT,
              "%s: %,d works, %,d instances, %,d tokens, %,d steps; validation loss %.3f nats a"
                  + " token on %d works held out",
              out,
              record.works(),
              record.instances(),
              record.tokens(),
              record.steps(),
              record.validationLoss(),
              record.heldOut().size()));
    }
    return Main.DONE;
  }
}
