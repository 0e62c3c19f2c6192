package io.whence.indexbuilder;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.IndexLayout;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.Trace.Source;
import io.whence.engine.attribution.Trace.TracedWork;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.DuplicateClusters;
import io.whence.engine.evidence.Evidence.NearVerbatimMatch;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.Significance;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.risk.UseFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures evidence: the guarantee of exact runs, edited passages, chance, and copies.
 *
 * @param root of the repository: its sources are the code that runs are planted from
 * @param index that answers
 * @param outside texts that owe nothing to the corpus
 * @param seed of every random choice
 * @param planted how many runs to plant for the guarantee
 */
record EvidenceSuite(
    Path root, Path index, List<String> outside, long seed, int planted, Progress progress) {
  private static final int PASSAGES = 300;
  private static final int UNRELATED = 1000;

  /** {@return the figures, by what they are} */
  Map<String, Object> figures() throws IOException {
    Map<String, Object> figures = new LinkedHashMap<>();
    try (Tracer tracer = Tracer.open(index)) {
      guarantee(tracer, figures);
      edits(tracer, figures);
      chance(tracer, figures);
      editions(tracer, figures);
      clusters(tracer, figures);
    }
    figures.put("works in the index", worksOf(index));
    figures.put("seed", seed);
    return figures;
  }

  private static int worksOf(Path index) {
    return io.whence.engine.attribution.IndexManifest.read(index).counts().works();
  }

  private void guarantee(Tracer tracer, Map<String, Object> figures) throws IOException {
    List<String> poems =
        tracer.works().stream()
            .map(Work::text)
            .filter(text -> WordTokens.of(text).size() >= 20)
            .toList();
    Map<String, PlantedRuns> runs = new LinkedHashMap<>();
    int third = planted / 3;
    runs.put("random Unicode", PlantedRuns.inUnicode(planted - 2 * third, seed));
    progress.report("guarantee", 1, 3, "sources", "");
    runs.put("code", PlantedRuns.in(sources(), third, seed + 1));
    progress.report("guarantee", 2, 3, "sources", "");
    runs.put("works", PlantedRuns.in(poems, third, seed + 2));
    progress.report("guarantee", 3, 3, "sources", "");
    PlantedRuns all = new PlantedRuns(0, 0, 0, 0);
    for (Map.Entry<String, PlantedRuns> entry : runs.entrySet()) {
      PlantedRuns of = entry.getValue();
      all = all.plus(of);
      figures.put(
          "planted runs in " + entry.getKey() + ": violations",
          of.violations() + " of " + of.planted());
    }
    figures.put(
        "planted runs: violations of the guarantee", all.violations() + " of " + all.planted());
    figures.put(
        "planted runs: reported runs that are the same words",
        (all.reported() - all.wrong()) + " of " + all.reported());
  }

  /** The project's own sources. */
  private List<String> sources() throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root.resolve("engine").resolve("src"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        texts.add(Files.readString(file));
      }
    } catch (IOException e) {
      throw new EngineException.InvalidQuery(
          "no sources below " + root + "; run it with the whence script of the repository");
    }
    return texts;
  }

  private void edits(Tracer tracer, Map<String, Object> figures) {
    List<Integer> longEnough = atLeast(tracer, 50);
    for (int percent : new int[] {10, 20}) {
      SplittableRandom random = new SplittableRandom(seed + percent);
      int found = 0;
      int others = 0;
      int othersBySignificance = 0;
      for (int i = 0; i < PASSAGES; i++) {
        int number = longEnough.get(random.nextInt(longEnough.size()));
        String edited =
            edited(passage(text(tracer, number), 50, 100, random), percent, tracer, random);
        String output =
            passage(outside.get(random.nextInt(outside.size())), 40, 41, random)
                + "\n"
                + edited
                + "\n"
                + passage(outside.get(random.nextInt(outside.size())), 40, 41, random);
        Trace trace = tracer.trace(output, Exclusions.LISTED);
        String cluster = tracer.works().get(tracer.cluster(number)).id().value();
        int half = WordTokens.of(edited).size() / 2;
        found +=
            any(trace, source -> source.cluster().equals(cluster) && source.words() >= half)
                ? 1
                : 0;
        others +=
            any(
                    trace,
                    source ->
                        !source.cluster().equals(cluster) && nearVerbatim(source, finding -> true))
                ? 1
                : 0;
        othersBySignificance +=
            any(
                    trace,
                    source ->
                        !source.cluster().equals(cluster) && nearVerbatim(source, Finding::counts))
                ? 1
                : 0;
        progress.report(percent + " % edits", i + 1, PASSAGES, "passages", "");
      }
      String name = "passages of 50 to 100 words, " + percent + " % of them edited: ";
      figures.put(name + "found, half or more of it", share(found, PASSAGES));
      figures.put(name + "an edited passage in an unrelated work", share(others, PASSAGES));
      figures.put(name + "of these, one that counts", share(othersBySignificance, PASSAGES));
    }
  }

  private static boolean any(Trace trace, Predicate<Source> is) {
    return trace.sources().stream().anyMatch(is);
  }

  private static boolean nearVerbatim(Source source, Predicate<Finding> is) {
    return findings(source)
        .anyMatch(finding -> finding.match() instanceof NearVerbatimMatch && is.test(finding));
  }

  private static Stream<Finding> findings(Source source) {
    return source.works().stream().map(TracedWork::findings).flatMap(List::stream);
  }

  private void chance(Tracer tracer, Map<String, Object> figures) {
    SplittableRandom random = new SplittableRandom(seed + 1000);
    int shared = 0;
    int byModel = 0;
    int significant = 0;
    int near = 0;
    int certified = 0;
    for (int i = 0; i < UNRELATED; i++) {
      String passage = passage(outside.get(random.nextInt(outside.size())), 60, 61, random);
      Trace trace = tracer.trace(passage, Exclusions.LISTED);
      List<Finding> all = trace.sources().stream().flatMap(EvidenceSuite::findings).toList();
      shared += all.isEmpty() ? 0 : 1;
      byModel += all.stream().anyMatch(f -> f.significance().holm() < Significance.LEVEL) ? 1 : 0;
      significant += all.stream().anyMatch(f -> f.significance().significant()) ? 1 : 0;
      near += any(trace, source -> nearVerbatim(source, Finding::counts)) ? 1 : 0;
      certified += trace.negativeCertificate() != null ? 1 : 0;
      progress.report("chance", i + 1, UNRELATED, "passages", "");
    }
    String name = "passages of 60 words from outside the corpus: ";
    figures.put(name + "words shared at all", share(shared, UNRELATED));
    figures.put(
        name + "p < .01 by the model of independent words, Holm", share(byModel, UNRELATED));
    figures.put(name + "p < .01, control corpus too", share(significant, UNRELATED));
    figures.put(name + "an edited passage that counts", share(near, UNRELATED));
    figures.put(name + "with a negative certificate", share(certified, UNRELATED));
  }

  /** The same poems as they stand in other books. */
  private void editions(Tracer tracer, Map<String, Object> figures) throws IOException {
    Path file = root.resolve("data").resolve("poems-gutenberg").resolve("variants.jsonl");
    if (!Files.isRegularFile(file)) {
      figures.put("other editions of poems", "no file " + file);
      return;
    }
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < tracer.works().size(); i++) {
      numbers.put(tracer.works().get(i).id().value(), i);
    }
    int first = 0;
    int tried = 0;
    for (String line : Files.readAllLines(file)) {
      JsonObject variant = JsonParser.parseString(line).getAsJsonObject();
      Integer number = numbers.get(variant.get("poem_id").getAsString());
      if (number == null) {
        continue;
      }
      tried++;
      String cluster = tracer.works().get(tracer.cluster(number)).id().value();
      Trace trace = tracer.trace(variant.get("text").getAsString(), Exclusions.LISTED);
      first +=
          !trace.sources().isEmpty() && trace.sources().get(0).cluster().equals(cluster) ? 1 : 0;
    }
    figures.put("other editions of poems, the poem at rank 1", share(first, tried));
  }

  /** Planted copies: as they are, edited, and in part. */
  private void clusters(Tracer tracer, Map<String, Object> figures) {
    SplittableRandom random = new SplittableRandom(seed + 2000);
    List<Integer> longEnough = atLeast(tracer, 40);
    List<String> texts = new ArrayList<>(tracer.works().stream().map(Work::text).toList());
    int works = texts.size();
    List<Integer> truth = new ArrayList<>(IntStream.range(0, works).boxed().toList());
    for (int kind = 0; kind < 3; kind++) {
      for (int i = 0; i < 200; i++) {
        int number = longEnough.get(random.nextInt(longEnough.size()));
        String text = texts.get(number);
        texts.add(
            switch (kind) {
              case 0 -> text.toUpperCase(Locale.ROOT);
              case 1 -> edited(text, 10, tracer, random);
              default -> part(text, random);
            });
        truth.add(number);
      }
    }
    int[] found = DuplicateClusters.of(texts, progress);
    long both = 0;
    long inTruth = 0;
    long inFound = 0;
    long[] kinds = new long[3];
    long[] kindsFound = new long[3];
    for (int a = 0; a < found.length; a++) {
      for (int b = Math.max(a + 1, works); b < found.length; b++) {
        boolean true_ = truth.get(a).equals(truth.get(b));
        boolean same = found[a] == found[b];
        both += true_ && same ? 1 : 0;
        inTruth += true_ ? 1 : 0;
        inFound += same ? 1 : 0;
        if (true_ && a < works) {
          kinds[(b - works) / 200]++;
          kindsFound[(b - works) / 200] += same ? 1 : 0;
        }
      }
    }
    double f1 = 2.0 * both / (inTruth + inFound);
    figures.put("clusters with 600 planted copies: F1 over pairs with a copy", f1);
    figures.put("clusters: precision", share(both, inFound));
    figures.put("clusters: exact copies joined to their work", share(kindsFound[0], kinds[0]));
    figures.put("clusters: copies with 10 % edited", share(kindsFound[1], kinds[1]));
    figures.put("clusters: parts of two to four fifths", share(kindsFound[2], kinds[2]));
    long joined = IntStream.range(0, works).filter(work -> tracer.cluster(work) != work).count();
    figures.put(
        "clusters: works of the index itself that are in another's", joined + " of " + works);
  }

  /** {@return what copies of a work do to the share of all of them} */
  Map<String, Object> copies() throws IOException {
    Map<String, Object> figures = new LinkedHashMap<>();
    Path directory = Files.createTempDirectory("whence-copies");
    try (Tracer tracer = Tracer.open(index)) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Work> works = tracer.works().stream().limit(100).toList();
      List<Work> copied =
          IntStream.of(7, 23, 41, 61, 88)
              .filter(i -> i < works.size())
              .mapToObj(works::get)
              .toList();
      List<String> outputs =
          copied.stream().map(work -> passage(work.text(), 40, 41, random)).toList();
      Map<String, List<String>> copies = new LinkedHashMap<>();
      copies.put("no more copies", List.of());
      for (int more : new int[] {1, 10}) {
        copies.put(more + " more, as they are", copies(copied, more, Work::text));
      }
      copies.put(
          "10 more, 10 % edited", copies(copied, 10, w -> edited(w.text(), 10, tracer, random)));
      copies.put(
          "10 more, two to four fifths of it", copies(copied, 10, w -> part(w.text(), random)));
      List<Integer> before = List.of();
      for (Map.Entry<String, List<String>> with : copies.entrySet()) {
        Path place = directory.resolve("index-" + figures.size());
        List<String> lines = new ArrayList<>(works.stream().map(Work::toJsonLine).toList());
        lines.addAll(with.getValue());
        List<Integer> ppm =
            shares(Files.write(directory.resolve("corpus.jsonl"), lines), place, copied, outputs);
        before = before.isEmpty() ? ppm : before;
        double most = 0;
        for (int i = 0; i < ppm.size(); i++) {
          most = Math.max(most, Math.abs(ppm.get(i) / (double) before.get(i) - 1));
        }
        figures.put("share of the cluster of each of 5 works in 100, ppm: " + with.getKey(), ppm);
        figures.put("the most that one moves, of itself: " + with.getKey(), most);
      }
      figures.put("seed", seed);
      return figures;
    } finally {
      try (Stream<Path> paths = Files.walk(directory)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private static List<String> copies(List<Work> works, int count, Function<Work, String> text) {
    List<String> lines = new ArrayList<>();
    for (Work work : works) {
      for (int i = 0; i < count; i++) {
        JsonObject line = JsonParser.parseString(work.toJsonLine()).getAsJsonObject();
        line.addProperty("id", "copy-" + i + "-of-" + work.id().value());
        line.addProperty("text", text.apply(work));
        lines.add(line.toString());
      }
    }
    return lines;
  }

  private List<Integer> shares(Path corpus, Path place, List<Work> works, List<String> outputs) {
    new IndexBuild(
            new IndexLayout(index).model(),
            List.of(corpus),
            place,
            false,
            BuildSettings.on("cpu"),
            progress)
        .run();
    List<Integer> ppm = new ArrayList<>();
    try (Attributor attributor = Attributor.open(place, "cpu")) {
      for (int i = 0; i < works.size(); i++) {
        String cluster = works.get(i).id().value();
        ppm.add(
            attributor
                .attribute(
                    new AttributionRequest(
                        outputs.get(i),
                        null,
                        AttributionRequest.MOST,
                        false,
                        false,
                        AttributionRequest.DEFAULT_METHODS,
                        UseFacts.NONE))
                .works()
                .stream()
                .filter(ranked -> ranked.cluster().value().equals(cluster))
                .mapToInt(ranked -> ranked.share().ppm())
                .sum());
      }
    }
    return ppm;
  }

  private static String part(String text, SplittableRandom random) {
    int words = WordTokens.of(text).size();
    return passage(text, words * 2 / 5, words * 4 / 5, random);
  }

  /** {@return the numbers of the works of so many words} */
  static List<Integer> atLeast(Tracer tracer, int words) {
    return IntStream.range(0, tracer.works().size())
        .filter(work -> WordTokens.of(text(tracer, work)).size() >= words)
        .boxed()
        .toList();
  }

  private static String text(Tracer tracer, int work) {
    return tracer.works().get(work).text();
  }

  /** {@return from {@code least} to below {@code most} words of a text, as they stand there} */
  static String passage(String text, int least, int most, SplittableRandom random) {
    WordTokens words = WordTokens.of(text);
    int length = Math.min(words.size(), random.nextInt(least, Math.max(least + 1, most)));
    int first = random.nextInt(words.size() - length + 1);
    return text.substring(words.start(first), words.end(first + length - 1));
  }

  /** Each word with a probability left out, replaced, or followed by a word of another work. */
  static String edited(String passage, int percent, Tracer tracer, SplittableRandom random) {
    WordTokens words = WordTokens.of(passage);
    List<String> edited = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = passage.substring(words.start(i), words.end(i));
      if (random.nextInt(100) >= percent) {
        edited.add(word);
        continue;
      }
      WordTokens other = WordTokens.of(text(tracer, random.nextInt(tracer.works().size())));
      String another = other.word(random.nextInt(other.size()));
      switch (random.nextInt(3)) {
        case 0 -> edited.add(another);
        case 1 -> edited.addAll(List.of(word, another));
        default -> {
          // left out
        }
      }
    }
    return String.join(" ", edited);
  }

  /** A share with its 95 % Wilson interval. */
  static String share(long found, long of) {
    if (of == 0) {
      return "0 of 0";
    }
    double z = 1.959963984540054;
    double p = found / (double) of;
    double centre = (p + z * z / (2 * of)) / (1 + z * z / of);
    double half = z * Math.sqrt(p * (1 - p) / of + z * z / (4.0 * of * of)) / (1 + z * z / of);
    return String.format(
        Locale.ROOT,
        "%d of %d = %.4f [%.4f, %.4f]",
        found,
        of,
        p,
        Math.max(0, centre - half),
        Math.min(1, centre + half));
  }
}
