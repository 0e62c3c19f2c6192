package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.model.SgdSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The suites: each a task, a ground truth and the figures that are wanted of it. */
public enum Suite {
  /**
   * The published benchmark MNIST-10+LR (Deng et al., dattri, 2024): multinomial logistic
   * regression, 7,850 parameters, on the first 5,000 digits; 500 queries.
   */
  MNIST_LR(
      "mnist-lr",
      "logistic regression on 5,000 digits: 100 half subsets, leave-one-out by retraining"),
  /** The published benchmark MNIST-10+MLP: 784-128-64-10, 109,386 parameters, interpolating. */
  MNIST_MLP("mnist-mlp", "a perceptron on 5,000 digits: 100 half subsets"),
  /** Convex and converged: leave-one-out has one answer, known to 1e-12. */
  CONVEX_DIGITS(
      "convex-digits", "regularised logistic regression on 8 x 8 digits, retrained to 1e-12"),
  /** A tenth of the labels wrong: does self-influence find them? */
  MISLABELLED_DIGITS("mislabelled-digits", "a tenth of the labels wrong, found by self-influence"),
  /** What each method costs, and how that grows with examples and parameters. */
  COST("cost", "seconds and bytes of every method per 1,000 training examples, and their growth"),
  /** A language model on works by rights holders: whose work is missed when it is left out? */
  POEMS_LM(
      "poems-lm",
      "a language model trained again on 100 half subsets of its works and without each of its largest"
          + " rights holders"),
  /** The same without the random halves: what a larger model can afford. */
  POEMS_HOLDERS(
      "poems-holders",
      "the same without each of its largest rights holders alone: a quarter of the trainings"),
  /** Truth and scores that others computed, as arrays. */
  IMPORTED("imported", "masks, losses and scores of other tools, as .npy files");

  /** How the published benchmarks train. */
  private static final SgdSettings REGRESSION = new SgdSettings(List.of(), 0.01, 0, 32, 20, 0);

  private static final SgdSettings PERCEPTRON =
      new SgdSettings(List.of(128, 64), 0.01, 0.9, 64, 50, 0.1);

  private final String id;
  private final String title;

  Suite(String id, String title) {
    this.id = id;
    this.title = title;
  }

  /** {@return its name} */
  public String id() {
    return id;
  }

  /** {@return what it measures, in a line} */
  public String title() {
    return title;
  }

  /** {@return whether it trains without each of the largest rights holders} */
  public boolean leavesRightsHoldersOut() {
    return this == POEMS_LM || this == POEMS_HOLDERS;
  }

  Report run(Experiment experiment, Bench bench) {
    return switch (this) {
      case MNIST_LR -> new ClassifierSuite(experiment, bench, REGRESSION).run();
      case MNIST_MLP -> new ClassifierSuite(experiment, bench, PERCEPTRON).run();
      case CONVEX_DIGITS -> new ConvexSuite(experiment, bench).run();
      case MISLABELLED_DIGITS -> new MislabelSuite(experiment, bench).run();
      case COST -> new CostSuite(experiment, bench).run();
      case POEMS_LM, POEMS_HOLDERS -> new PoemsSuite(experiment, bench).run();
      case IMPORTED -> new ImportedSuite(experiment, bench).run();
    };
  }

  /** {@return the methods it can compare} */
  public List<String> methods() {
    return switch (this) {
      case MNIST_LR, MNIST_MLP, COST -> ClassifierSuite.METHODS;
      case CONVEX_DIGITS -> ConvexSuite.METHODS;
      case MISLABELLED_DIGITS -> MislabelSuite.METHODS;
      case POEMS_LM, POEMS_HOLDERS -> PoemsSuite.METHODS;
      case IMPORTED -> ImportedSuite.METHODS;
    };
  }

  /**
   * Where a suite works; none of it changes a figure but the model.
   *
   * @param ownData directory of the data that suites come with
   * @param truth directory in which ground truth is kept, and looked for
   * @param model checkpoint directory, for suites of language models
   * @param device {@code cpu} or {@code cuda}, for the same
   * @param threads trainings side by side
   */
  public record Bench(
      Path ownData, Path truth, Path model, String device, int threads, Progress progress) {
    /** {@return the directory of the truth that these inputs determine} */
    Path truthOf(String name, Object... inputs) {
      StringBuilder all = new StringBuilder();
      for (Object input : inputs) {
        all.append(input).append('\n');
      }
      return truth.resolve(
          name + "-" + io.whence.engine.Sha256.of(all.toString()).substring(0, 12));
    }
  }

  /**
   * Examples to train on, queries to report on, and queries that only tuning and calibration see.
   *
   * @param hash of all three
   */
  record Splits(
      LabelledExamples training,
      LabelledExamples queries,
      LabelledExamples validation,
      String hash) {
    /** Fewer leave no half to train on and no tenth to tune with. */
    private static final int LEAST = 20;

    static Splits of(
        LabelledExamples training, LabelledExamples queries, LabelledExamples validation) {
      return new Splits(
          training,
          queries,
          validation,
          io.whence.engine.Sha256.of(training.sha256() + queries.sha256() + validation.sha256()));
    }

    /**
     * {@return the splits of a directory} idx: files whose names hold {@code train} and {@code
     * test}, each with {@code images} and {@code labels}; those with {@code validation} or else the
     * last tenth of the training examples tune. CSV: {@code train.csv} and {@code test.csv}, or one
     * file that is cut in the order it stands in.
     */
    static Splits read(Path directory) {
      Splits read = cut(directory);
      if (read.queries().classes() > read.training().classes()) {
        throw new EngineException.InvalidCorpus(
            directory
                + ": queries have the class "
                + (read.queries().classes() - 1)
                + ", and training examples none above "
                + (read.training().classes() - 1)
                + "; train on every class that is asked for");
      }
      return read;
    }

    private static Splits cut(Path directory) {
      List<Path> files = files(directory);
      LabelledExamples training;
      LabelledExamples queries;
      LabelledExamples validation = null;
      if (files.stream().anyMatch(file -> named(file, "images"))) {
        training = idx(directory, files, "train");
        queries = idx(directory, files, "test");
        if (files.stream().anyMatch(file -> named(file, "validation"))) {
          validation = idx(directory, files, "validation");
        }
      } else {
        List<Path> tables = files.stream().filter(file -> named(file, ".csv")).toList();
        if (tables.isEmpty()) {
          throw new EngineException.InvalidCorpus(
              directory + " holds neither idx files (*train*images*, *test*images*) nor CSV");
        }
        if (tables.size() == 1) {
          LabelledExamples all = LabelledExamples.readCsv(tables.get(0));
          int cut = all.size() * 8 / 10;
          training = all.range(0, cut);
          queries = all.range(cut, all.size());
        } else {
          training = LabelledExamples.readCsv(one(directory, tables, "train", ""));
          queries = LabelledExamples.readCsv(one(directory, tables, "test", ""));
        }
      }
      if (training.size() < LEAST || queries.size() < 1) {
        throw new EngineException.InvalidCorpus(
            directory
                + " holds "
                + training.size()
                + " training examples and "
                + queries.size()
                + " queries; at least "
                + LEAST
                + " and 1 are needed");
      }
      if (validation == null) {
        int cut = training.size() - Math.max(1, training.size() / 10);
        validation = training.range(cut, training.size());
        training = training.range(0, cut);
      }
      if (queries.width() != training.width()) {
        throw new EngineException.InvalidCorpus(
            directory
                + ": training examples have "
                + training.width()
                + " features, queries "
                + queries.width());
      }
      return of(training, queries, validation);
    }

    /** {@return the splits with every feature x as (x / scale - mean) / deviation} */
    Splits normalised(double scale, double mean, double deviation) {
      return of(
          training.normalised(scale, mean, deviation),
          queries.normalised(scale, mean, deviation),
          validation.normalised(scale, mean, deviation));
    }

    /** {@return the splits with mean 0 and deviation 1 over all training features} */
    Splits standardised() {
      double[] moments = training.moments();
      return normalised(1, moments[0], moments[1]);
    }

    /** {@return the digits as the published benchmarks scale them, or other data standardised} */
    static Splits digits(Experiment experiment, Bench bench) {
      return experiment.data() == null
          ? read(bench.ownData().resolve("mnist")).normalised(255, 0.1307, 0.3081)
          : read(experiment.data()).standardised();
    }

    private static LabelledExamples idx(Path directory, List<Path> files, String part) {
      return LabelledExamples.readIdx(
          one(directory, files, part, "images"), one(directory, files, part, "labels"));
    }

    private static Path one(Path directory, List<Path> files, String part, String kind) {
      List<Path> found =
          files.stream().filter(file -> named(file, part) && named(file, kind)).toList();
      if (found.size() != 1) {
        throw new EngineException.InvalidCorpus(
            directory
                + " should hold one file named *"
                + part
                + "*"
                + kind
                + "*; it holds "
                + found.size());
      }
      return found.get(0);
    }

    private static boolean named(Path file, String part) {
      return file.getFileName().toString().contains(part);
    }

    private static List<Path> files(Path directory) {
      try (Stream<Path> files = Files.list(directory)) {
        return files.filter(Files::isRegularFile).sorted().toList();
      } catch (IOException e) {
        throw new EngineException.InvalidCorpus(
            "cannot read the directory " + directory + ": " + e);
      }
    }
  }
}
