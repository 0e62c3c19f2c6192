package io.whence.indexbuilder;

import io.whence.engine.Progress;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.IndexLayout;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Fingerprints;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.retrieval.ShardWriter;
import io.whence.engine.screening.Policy;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Measures tracing and screening on corpora made from real texts: pieces of {@value #SHORTEST} to
 * {@value #LONGEST} words from random places, one after the other, so that words, and short runs of
 * them, are as frequent as they are, and long runs are new.
 *
 * @param texts the real ones
 * @param place where corpora and indexes are made; what is made there is deleted again
 * @param wordsAWork how long the works are
 * @param seed of every random choice
 */
record ScaleSuite(List<String> texts, Path place, int wordsAWork, long seed, Progress progress) {
  private static final int SHORTEST = 2;
  private static final int LONGEST = 6;

  /** Words of an output: the mean of the answers that OLMoTrace was measured on, in tokens. */
  private static final int OUTPUT = 458;

  private static final int PLANTED = 60;
  private static final int WARM_UP = 100;
  private static final int OUTPUTS = 200;
  private static final Predicate<Path> IS_LUCENE =
      file -> !file.getFileName().toString().startsWith("words.");

  /** {@return the figures of a corpus of about {@code millions} of words, by what they are} */
  Map<String, Object> figures(double millions) throws IOException {
    Files.createDirectories(place);
    Path directory = Files.createTempDirectory(place, "scale");
    try {
      long begin = System.nanoTime();
      int works = (int) Math.max(1, Math.round(millions * 1e6 / wordsAWork));
      Path corpus = directory.resolve("corpus.jsonl");
      Recombined recombined = new Recombined(new SplittableRandom(seed));
      long words = write(corpus, works, recombined);
      double made = (System.nanoTime() - begin) / 1e9;
      Path fingerprints = directory.resolve("fingerprints");
      double hashed = fingerprints(fingerprints, works, new Recombined(new SplittableRandom(seed)));
      begin = System.nanoTime();
      Path index = directory.resolve("index");
      BuildSummary summary =
          new EvidenceBuild(
                  List.of(corpus),
                  index,
                  false,
                  BuildSettings.on("cpu").withoutSketches(),
                  progress)
              .run();
      double built = (System.nanoTime() - begin) / 1e9;

      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("words", words);
      figures.put("works", works);
      figures.put("seconds to make the corpus", made);
      figures.put("seconds to winnow and index the fingerprints alone", hashed);
      figures.put("seconds to build the index", built);
      figures.put(
          "of that, finding passages that several works share",
          summary.stageSeconds().get("passages"));
      figures.put("most memory of the process till then, MB", summary.peakMemoryBytes() / 1e6);
      figures.put(
          "bytes a word: fingerprints, as a Lucene index of their own",
          bytes(fingerprints, IS_LUCENE) / (double) words);
      figures.put(
          "bytes a word: Lucene, with the words for BM25",
          bytes(index.resolve("lucene"), IS_LUCENE) / (double) words);
      figures.put(
          "bytes a word: the numbers of the words, to compare by",
          bytes(index.resolve("lucene"), IS_LUCENE.negate()) / (double) words);
      figures.put(
          "bytes a word: the works' texts",
          bytes(index.resolve("corpus"), file -> true) / (double) words);
      figures.put(
          "bytes a word: passages", Files.size(new IndexLayout(index).passages()) / (double) words);
      measure(index, recombined, figures);
      return figures;
    } finally {
      IndexBuild.deleteTree(directory);
    }
  }

  private void measure(Path index, Recombined recombined, Map<String, Object> figures) {
    try (Tracer tracer = Tracer.open(index)) {
      figures.put("passages", tracer.passages().size());
      SplittableRandom random = new SplittableRandom(seed + 1);
      List<String> outputs = new ArrayList<>();
      List<String> sources = new ArrayList<>();
      for (int i = 0; i < WARM_UP + OUTPUTS; i++) {
        Work work = tracer.works().get(random.nextInt(tracer.works().size()));
        WordTokens words = WordTokens.of(work.text());
        int from = random.nextInt(words.size() - PLANTED + 1);
        outputs.add(
            recombined.text((OUTPUT - PLANTED) / 2)
                + " "
                + work.text().substring(words.start(from), words.end(from + PLANTED - 1))
                + " "
                + recombined.text((OUTPUT - PLANTED) / 2));
        sources.add(work.id().value());
      }
      int[] found = new int[1];
      int[] next = new int[1];
      Times traced =
          timed(
              outputs,
              output -> {
                Trace trace = tracer.trace(output, Exclusions.LISTED);
                String source = sources.get(next[0]++);
                found[0] +=
                    trace.sources().stream()
                            .limit(1)
                            .flatMap(first -> first.works().stream())
                            .anyMatch(work -> work.work().id().value().equals(source))
                        ? 1
                        : 0;
              });
      put(figures, "tracing an output of " + OUTPUT + " words", traced);
      figures.put(
          "outputs whose planted " + PLANTED + " words are traced to their work, at rank 1",
          EvidenceSuite.share(found[0], outputs.size()));
      Times looked = timed(outputs, output -> tracer.sharingFingerprints(output));
      put(figures, "of that, looking up every run of 5 words", looked);
      figures.put(
          "random reads: look-ups of a run in an output",
          outputs.stream()
              .mapToInt(
                  output ->
                      (int)
                          Arrays.stream(Winnowing.TEXT.everyRun(WordTokens.of(output)).hashes())
                              .distinct()
                              .count())
              .average()
              .orElse(0));
      figures.put(
          "works compared for a run of 5 words or more that they share, mean",
          outputs.stream().mapToInt(tracer::sharingFingerprints).average().orElse(0));
      put(
          figures,
          "screening it by words, the shipped policy",
          timed(outputs, output -> Policy.DEFAULT.screen(tracer, output, Exclusions.LISTED)));
    }
  }

  /**
   * Milliseconds of each output, ascending.
   *
   * @param clock by the clock, in which other processes have their part
   * @param processor of the thread that answers, in which they have not
   */
  private record Times(List<Double> clock, List<Double> processor) {}

  private Times timed(List<String> outputs, Consumer<String> action) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    List<Double> clock = new ArrayList<>();
    List<Double> processor = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      long begin = System.nanoTime();
      long worked = threads.getCurrentThreadCpuTime();
      action.accept(outputs.get(i));
      if (i >= WARM_UP) {
        processor.add((threads.getCurrentThreadCpuTime() - worked) / 1e6);
        clock.add((System.nanoTime() - begin) / 1e6);
      }
      progress.report("outputs", i + 1, outputs.size(), "outputs", "");
    }
    return new Times(clock.stream().sorted().toList(), processor.stream().sorted().toList());
  }

  private static void put(Map<String, Object> figures, String name, Times times) {
    figures.put(
        name + ": p50, p95, ms; of processor time",
        quantiles(times.clock()) + "; " + quantiles(times.processor()));
  }

  private static String quantiles(List<Double> sorted) {
    return String.format(
        Locale.ROOT,
        "%.1f, %.1f",
        sorted.get(sorted.size() / 2),
        sorted.get(sorted.size() * 95 / 100));
  }

  private long write(Path corpus, int works, Recombined recombined) throws IOException {
    long words = 0;
    try (BufferedWriter out = Files.newBufferedWriter(corpus)) {
      for (int i = 0; i < works; i++) {
        String text = recombined.text(wordsAWork);
        words += wordsAWork;
        out.write(made(i, text).toJsonLine());
        out.newLine();
        progress.report("corpus", i + 1, works, "works", "");
      }
    }
    return words;
  }

  private static Work made(int number, String text) {
    return new Work(
        new WorkId("made-" + number),
        "made-" + number,
        null,
        null,
        null,
        null,
        null,
        null,
        Modality.TEXT,
        null,
        null,
        text);
  }

  private double fingerprints(Path directory, int works, Recombined recombined) throws IOException {
    long begin = System.nanoTime();
    try (ShardWriter writer = new ShardWriter(directory)) {
      for (int i = 0; i < works; i++) {
        WordTokens words = WordTokens.of(recombined.text(wordsAWork));
        Fingerprints prints = Winnowing.TEXT.select(words);
        writer.addWork(i, words.words(), prints.hashes(), prints.positions());
      }
      writer.commit();
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private static long bytes(Path directory, Predicate<Path> which) throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).filter(which).toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }

  /** Texts of pieces of the real ones. */
  private final class Recombined {
    private final SplittableRandom random;
    private final List<String> words;

    Recombined(SplittableRandom random) {
      this.random = random;
      this.words = texts.stream().flatMap(text -> WordTokens.of(text).words().stream()).toList();
    }

    /** {@return a text of so many words} */
    String text(int count) {
      List<String> text = new ArrayList<>(count);
      while (text.size() < count) {
        int length = Math.min(count - text.size(), random.nextInt(SHORTEST, LONGEST + 1));
        int from = random.nextInt(words.size() - length + 1);
        text.addAll(words.subList(from, from + length));
      }
      return String.join(" ", text);
    }
  }
}
