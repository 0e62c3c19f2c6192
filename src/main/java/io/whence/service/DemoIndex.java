package io.whence.service;

import io.whence.engine.EngineException;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Work;
import io.whence.engine.model.Checkpoint;
import io.whence.indexbuilder.BuildSettings;
import io.whence.indexbuilder.IndexBuild;
import io.whence.indexbuilder.ProgressBar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The index of the demo: the shipped poems with the shipped checkpoint.
 *
 * @param directory where it is, in the home
 * @param corpus the shipped poems
 */
record DemoIndex(Path directory, Path corpus) {
  /** Its name in requests. */
  static final String ID = "demo";

  private static final String MODEL = "models/poems-gpt";
  private static final String CORPUS = "data/poems-gutenberg/poems.jsonl";

  /** {@return the demo index in a home, built first where it is not there} */
  static DemoIndex in(Home home) throws Refused {
    Path root = Path.of(System.getProperty("whence.root", ".")).toAbsolutePath().normalize();
    Path model = root.resolve(MODEL);
    Path corpus = root.resolve(CORPUS);
    if (!Files.isDirectory(model) || !Files.isRegularFile(corpus)) {
      throw new Refused(
          "the demo needs "
              + MODEL
              + " and "
              + CORPUS
              + ", which are not in "
              + root
              + "; start it with the whence script of the repository");
    }
    Path directory = home.indexes().resolve(ID);
    try {
      if (Files.exists(directory)) {
        IndexManifest.read(directory);
        Console.ERR.println("whence: using the index " + directory);
      } else {
        build(model, corpus, directory);
      }
    } catch (EngineException.IndexMismatch e) {
      throw new Refused(e.detail() + ": delete " + directory + " and start again");
    } catch (EngineException e) {
      throw new Refused(e.detail());
    }
    return new DemoIndex(directory, corpus);
  }

  private static void build(Path model, Path corpus, Path directory) {
    Console.ERR.println("whence: building the demo index in " + directory + ", once");
    boolean resume = Files.exists(directory.resolveSibling(ID + ".building"));
    Console.ERR.println(
        io.whence.indexbuilder.Main.summary(
            new IndexBuild(
                    model,
                    List.of(corpus),
                    directory,
                    resume,
                    BuildSettings.on("cpu"),
                    ProgressBar.onStandardError())
                .run()));
  }

  /**
   * {@return words {@code from} to {@code to} of a work, as they stand there}
   *
   * @param work its id
   */
  String passage(String work, int from, int to) {
    Work found =
        Corpus.read(List.of(corpus)).works().stream()
            .filter(candidate -> candidate.id().value().equals(work))
            .findFirst()
            .orElseThrow();
    String[] words = found.text().split("(?<=\\s)(?=\\S)");
    return String.join("", List.of(words).subList(from, to)).strip();
  }

  /** {@return a text the index's own model writes when given nothing} */
  String written(int tokens, double temperature, long seed) {
    try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("model"), "cpu")) {
      return checkpoint.write(1, tokens, temperature, seed).get(0).strip();
    }
  }
}
