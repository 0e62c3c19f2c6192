package io.whence.indexbuilder;

import com.google.gson.GsonBuilder;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.attribution.Attribution;
import io.whence.engine.attribution.Attribution.RankedWork;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.Fidelity;
import io.whence.engine.attribution.IndexLayout;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.Tier;
import io.whence.engine.fidelity.Experiment;
import io.whence.engine.fidelity.Plot;
import io.whence.engine.fidelity.Report;
import io.whence.engine.fidelity.Suite;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.risk.UseFacts;
import io.whence.engine.sketch.SketchThroughput;
import io.whence.engine.sketch.Sketcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures an index and prints a table: what stands in docs/benchmarks.md is printed here. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "Measures how far answers can be trusted. Suites of an index:",
      "  tracing      passages cut from works, edited, and from elsewhere",
      "  recall       candidates against the exact scan",
      "  latency      each stage of an answer, for outputs of 128 tokens",
      "  evidence     shared words: guarantee, edits, chance, clusters",
      "  copies       what copies of a work do to its share; builds small indexes",
      "  screening    what the shipped policy stops, of copies and of other texts",
      "  code         plagiarism by level, renamed fragments, licences; builds its own index",
      "  images       near copies of images, planted copies, false alarms; builds its own indexes",
      "  scale        tracing in 1 million words and more; builds large indexes",
      "  throughput   sketching against the machine's matrix products",
      "Suites of influence methods, against retraining:",
      "  mnist-lr             logistic regression on 5,000 digits",
      "  mnist-mlp            a perceptron on 5,000 digits",
      "  convex-digits        leave-one-out to 1e-12",
      "  mislabelled-digits   wrong labels found by self-influence",
      "  cost                 seconds and bytes of every method, and how they grow",
      "  poems-lm             a language model without half its works, without a rights holder",
      "  poems-holders        the same without rights holders alone: a quarter of the trainings",
      "  imported             masks, losses and scores of other tools, as .npy files"
    })
final class Evaluate implements Callable<Integer> {
  private static final List<String> SUITES =
      List.of(
          "tracing",
          "recall",
          "latency",
          "evidence",
          "copies",
          "screening",
          "code",
          "images",
          "scale",
          "throughput");
  private static final int PASSAGES = 200;

  @Parameters(paramLabel = "SUITE", description = "One of the above.")
  String suite = "";

  @Option(names = "--index", paramLabel = "DIR", description = "Index; default the demo's.")
  @Nullable Path index;

  @Option(
      names = "--outside",
      paramLabel = "ZIP",
      description =
          "Texts from outside the corpus, for tracing, evidence, screening; default ${DEFAULT-VALUE}.")
  Path outside =
      Path.of(System.getProperty("whence.root", "."), "data", "us-presidents", "inaugural.zip");

  @Option(names = "--seed", description = "Of every random choice; default ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description = "Of the ground truth's runs, for suites of methods; default 1,2.")
  List<Long> seeds = Experiment.DEFAULT_SEEDS;

  @Option(
      names = "--rights-holders",
      paramLabel = "N",
      description =
          "Left out one by one, those with most tokens, for poems-lm and poems-holders; default 30.")
  @Nullable Integer rightsHolders;

  @Option(
      names = "--methods",
      split = ",",
      paramLabel = "NAME",
      description = "Methods to compare; default all of the suite's.")
  List<String> methods = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Other data in the suite's layout: idx files, CSV, a corpus.")
  @Nullable Path data;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Checkpoint for poems-lm and poems-holders, with its training record; default the demo's.")
  @Nullable Path model;

  @Option(names = "--device", description = "cpu or cuda, for the same; default ${DEFAULT-VALUE}.")
  String device = "cpu";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where report.json, report.csv and plots go as well.")
  @Nullable Path out;

  @Option(
      names = "--planted",
      paramLabel = "N",
      description = "Runs planted for the guarantee, for evidence; default ${DEFAULT-VALUE}.")
  int planted = 1_000_000;

  @Option(
      names = "--outputs",
      paramLabel = "N",
      description = "Edited copies of each kind and set, for images; default ${DEFAULT-VALUE}.")
  int outputs = 200;

  @Option(
      names = "--image-model",
      paramLabel = "FILE",
      description = "Embeds images, for images: ONNX or TorchScript; default none.")
  @Nullable Path imageModel;

  @Option(
      names = "--millions",
      split = ",",
      paramLabel = "N",
      description = "Millions of words, for scale; default ${DEFAULT-VALUE}.")
  List<Double> sizes = List.of(1.0, 10.0);

  @Option(
      names = "--words-a-work",
      paramLabel = "N",
      description = "Length of the works, for scale; default ${DEFAULT-VALUE}.")
  int wordsAWork = 1000;

  @Option(names = "--json", description = "Print the figures as JSON.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    if (!SUITES.contains(suite)) {
      return compare();
    }
    Path place = index == null ? Main.home().resolve("indexes").resolve("demo") : index;
    Map<String, Object> figures =
        switch (suite) {
          case "throughput" -> throughput(place);
          case "evidence" -> evidence(place).figures();
          case "copies" -> evidence(place).copies();
          case "screening" ->
              new ScreeningSuite(place, outsideTexts(), seed, Main.progress(json)).figures();
          case "code" -> new CodeSuite(root().resolve("data"), seed, Main.progress(json)).figures();
          case "images" ->
              new ImageSuite(root().resolve("data"), imageModel, outputs, seed, Main.progress(json))
                  .figures();
          case "scale" -> scale();
          default -> {
            try (Attributor attributor = Attributor.open(place, "cpu")) {
              yield switch (suite) {
                case "tracing" -> tracing(place, attributor);
                case "recall" -> recall(attributor);
                default -> latency(attributor);
              };
            }
          }
        };
    if (json) {
      System.out.println(
          new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(figures));
    } else {
      figures.forEach(
          (name, value) -> System.out.printf(Locale.ROOT, "%-58s %s%n", name, shown(value)));
    }
    return Main.DONE;
  }

  /** Compares influence methods against retraining. */
  private int compare() throws IOException {
    Suite known =
        Arrays.stream(Suite.values())
            .filter(one -> one.id().equals(suite))
            .findFirst()
            .orElseThrow(
                () ->
                    new EngineException.InvalidQuery(
                        "suite "
                            + suite
                            + " is not known; use one of "
                            + String.join(", ", SUITES)
                            + ", "
                            + Arrays.stream(Suite.values())
                                .map(Suite::id)
                                .collect(Collectors.joining(", "))));
    if (out != null) {
      makeDirectory(out);
    }
    Path root = Path.of(System.getProperty("whence.root", "."));
    Report report =
        new Experiment(known, methods, seeds, rightsHolders, data)
            .run(
                new Suite.Bench(
                    root.resolve("data"),
                    Main.home().resolve("ground-truth"),
                    model == null ? root.resolve("models").resolve("poems-gpt") : model,
                    device,
                    Runtime.getRuntime().availableProcessors(),
                    Main.progress(json)));
    if (out != null) {
      Files.writeString(out.resolve("report.json"), report.toJson() + "\n");
      Files.writeString(out.resolve("report.csv"), report.csv());
      for (Map.Entry<String, Plot> plot : report.plots().entrySet()) {
        Files.writeString(out.resolve(plot.getKey() + ".svg"), plot.getValue().svg());
      }
    }
    System.out.println(json ? report.toJson() : report.table());
    return Main.DONE;
  }

  /** Before the hours that a suite may take. */
  private static void makeDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new EngineException.CannotWrite(
          "--out " + directory + " is no directory and cannot be made one; name another", e);
    }
  }

  private static Path root() {
    return Path.of(System.getProperty("whence.root", "."));
  }

  private EvidenceSuite evidence(Path place) throws IOException {
    return new EvidenceSuite(
        Path.of(System.getProperty("whence.root", ".")),
        place,
        outsideTexts(),
        seed,
        planted,
        Main.progress(json));
  }

  /** The figures of each size, the size before each name. */
  private Map<String, Object> scale() throws IOException {
    Path poems =
        Path.of(System.getProperty("whence.root", "."), "data", "poems-gutenberg", "poems.jsonl");
    List<String> texts =
        new ArrayList<>(
            Corpus.read(List.of(data == null ? poems : data)).works().stream()
                .map(Work::text)
                .toList());
    texts.addAll(outsideTexts());
    ScaleSuite suite =
        new ScaleSuite(
            texts,
            out == null ? Path.of(System.getProperty("java.io.tmpdir")) : out,
            wordsAWork,
            seed,
            Main.progress(json));
    Map<String, Object> figures = new LinkedHashMap<>();
    for (double millions : sizes) {
      suite
          .figures(millions)
          .forEach(
              (name, value) ->
                  figures.put(String.format(Locale.ROOT, "%s M: %s", millions, name), value));
    }
    figures.put("words a work", wordsAWork);
    figures.put("seed", seed);
    return figures;
  }

  private static String shown(Object value) {
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.4g", number)
        : value.toString();
  }

  private static AttributionRequest request(String output, int topK) {
    return new AttributionRequest(
        output, null, topK, false, false, AttributionRequest.DEFAULT_METHODS, UseFacts.NONE);
  }

  /** 40 to 80 words of a text, as they stand there. */
  private static String passage(String text, SplittableRandom random) {
    List<int[]> words = new ArrayList<>();
    java.util.regex.Matcher matcher = java.util.regex.Pattern.compile("\\S+").matcher(text);
    while (matcher.find()) {
      words.add(new int[] {matcher.start(), matcher.end()});
    }
    int length = Math.min(words.size(), random.nextInt(40, 81));
    int first = random.nextInt(words.size() - length + 1);
    return text.substring(words.get(first)[0], words.get(first + length - 1)[1]);
  }

  private Map<String, Object> tracing(Path place, Attributor attributor) throws IOException {
    Corpus corpus =
        Corpus.read(
            attributor.manifest().shards().stream()
                .map(shard -> new IndexLayout(place).corpus(shard.name()))
                .toList());
    SplittableRandom random = new SplittableRandom(seed);
    List<Work> long40 =
        corpus.works().stream().filter(work -> work.text().split("\\s+").length >= 40).toList();
    Progress progress = Main.progress(json);
    int first = 0;
    int exactSpan = 0;
    int firstEdited = 0;
    int firstByInfluence = 0;
    int trained = 0;
    List<String> passages = new ArrayList<>();
    List<Double> creditVerbatim = new ArrayList<>();
    for (int i = 0; i < PASSAGES; i++) {
      Work work = long40.get(random.nextInt(long40.size()));
      String passage = passage(work.text(), random);
      passages.add(passage);
      Attribution answer = attributor.attribute(request(passage, AttributionRequest.MOST));
      RankedWork most =
          answer.works().stream()
              .filter(found -> !found.membership().equals("heldOut"))
              .max(Comparator.comparingDouble(found -> found.influence().deltaLoss()))
              .orElseThrow();
      trained += heldOut(answer, work) ? 0 : 1;
      firstByInfluence += most.work().id().equals(work.id()) ? 1 : 0;
      if (topIs(answer, work)) {
        first++;
        exactSpan += wholeSpan(answer.works().get(0), passage, work) ? 1 : 0;
      }
      creditVerbatim.add(creditOf(answer, work) / 1e6);
      String edited = edited(passage, long40, random);
      firstEdited += topIs(attributor.attribute(request(edited, 10)), work) ? 1 : 0;
      progress.report("passages", i + 1, PASSAGES, "passages", "");
    }
    List<String> addresses = outsideTexts();
    List<String> outside = new ArrayList<>();
    int verbatim = 0;
    int aboveE0 = 0;
    int mostUnattributed = 0;
    List<Double> unattributed = new ArrayList<>();
    for (int i = 0; i < PASSAGES; i++) {
      String passage = passage(addresses.get(random.nextInt(addresses.size())), random);
      outside.add(passage);
      Attribution answer = attributor.attribute(request(passage, 50));
      verbatim += answer.works().stream().anyMatch(work -> !work.evidence().isEmpty()) ? 1 : 0;
      aboveE0 += answer.works().stream().anyMatch(work -> work.tier() != Tier.E0) ? 1 : 0;
      mostUnattributed += answer.unattributedPpm() > 500_000 ? 1 : 0;
      unattributed.add(answer.unattributedPpm() / 1e6);
      progress.report("outside", i + 1, PASSAGES, "passages", "");
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("passages of 40 to 80 words, true work at rank 1", of(first));
    figures.put("of those, the exact span reported", exactSpan + " of " + first);
    figures.put(
        "true work first by influence alone, of those trained on",
        firstByInfluence + " of " + trained);
    figures.put("credit of the true rights holder, median share", median(creditVerbatim));
    figures.put("10 % of the words replaced, true work at rank 1", of(firstEdited));
    figures.put("inaugural addresses with verbatim evidence", of(verbatim));
    figures.put("inaugural addresses with a tier above E0", of(aboveE0));
    figures.put("inaugural addresses mostly unattributed", of(mostUnattributed));
    figures.put("inaugural addresses, median unattributed share", median(unattributed));
    unseen(attributor, "passages", passages, figures);
    unseen(attributor, "inaugural addresses", outside, figures);
    // Another seed than the other suites'.
    unseen(
        attributor,
        "texts written by the model",
        attributor.write(PASSAGES, 128, 1.0, 3_000_000 + seed),
        figures);
    figures.put("seed", seed);
    return figures;
  }

  /** Works that were not trained on should get nothing, however long they are. */
  private static void unseen(
      Attributor attributor, String of, List<String> outputs, Map<String, Object> figures) {
    List<Integer> credited = attributor.creditedThoughUnseen(outputs);
    if (credited.isEmpty()) {
      figures.put(of + ": works the model never saw", "too few in this index");
      return;
    }
    double mean = credited.stream().mapToInt(n -> n).average().orElse(0) / outputs.size();
    figures.put(of + ": outputs that give a work never seen nothing, mean of works", 1 - mean);
    figures.put(
        of + ": the same, least of " + credited.size() + " works",
        1 - credited.stream().mapToInt(n -> n).max().orElse(0) / (double) outputs.size());
  }

  private static boolean topIs(Attribution answer, Work work) {
    return !answer.works().isEmpty() && answer.works().get(0).work().id().equals(work.id());
  }

  private static boolean heldOut(Attribution answer, Work work) {
    return answer.works().stream()
        .anyMatch(
            found -> found.work().id().equals(work.id()) && found.membership().equals("heldOut"));
  }

  private static boolean wholeSpan(RankedWork top, String passage, Work work) {
    return top.evidence().stream()
        .map(Finding::match)
        .anyMatch(
            match ->
                letters(match.outputText()).equals(letters(passage))
                    && work.text()
                        .substring(match.workCharacters().start(), match.workCharacters().end())
                        .equals(match.workText()));
  }

  /** What is left when punctuation at the ends, which no span can hold, is taken away. */
  private static String letters(String text) {
    return text.replaceAll("^[^\\p{L}\\p{N}]+|[^\\p{L}\\p{N}\\p{M}]+$", "");
  }

  private static int creditOf(Attribution answer, Work work) {
    return answer.credits().stream()
        .filter(credit -> credit.rightsHolder().equals(work.creditedTo()))
        .mapToInt(credit -> credit.share().ppm())
        .sum();
  }

  /** A tenth of the words, each replaced by a word of another work. */
  private static String edited(String passage, List<Work> works, SplittableRandom random) {
    String[] words = passage.split("(?<=\\s)(?=\\S)", -1);
    int count = Math.round(words.length / 10f);
    for (int place : random.ints(0, words.length).distinct().limit(count).toArray()) {
      String[] others = works.get(random.nextInt(works.size())).text().split("\\s+", -1);
      words[place] = others[random.nextInt(others.length)] + " ";
    }
    return String.join("", words);
  }

  private List<String> outsideTexts() throws IOException {
    if (!Files.isRegularFile(outside)) {
      throw new EngineException.InvalidQuery("no file " + outside + "; name one with --outside");
    }
    Map<String, String> texts = new TreeMap<>();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(outside))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(".txt")) {
          texts.put(entry.getName(), new String(zip.readNBytes(1 << 22), StandardCharsets.UTF_8));
        }
      }
    }
    return List.copyOf(texts.values());
  }

  private static String of(int count) {
    return String.format(
        Locale.ROOT, "%d of %d = %.1f %%", count, PASSAGES, 100.0 * count / PASSAGES);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private Map<String, Object> recall(Attributor attributor) {
    int outputs = 100;
    int tokens = 128;
    // Another seed than the build's own measurement.
    long from = 1_000_000 + seed;
    List<String> texts = attributor.write(outputs, tokens, 1.0, from);
    Fidelity.CandidateRecall recall = attributor.candidateRecall(texts, 50, tokens, from);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("candidate recall@50 against the exact scan", recall.value());
    figures.put("95 % Wilson interval, low", recall.low());
    figures.put("95 % Wilson interval, high", recall.high());
    figures.put("outputs written by the model", outputs);
    figures.put("tokens each", tokens);
    figures.put("seed", from);
    return figures;
  }

  private Map<String, Object> latency(Attributor attributor) {
    int outputs = 100;
    List<String> texts = attributor.write(outputs, 128, 1.0, 2_000_000 + seed);
    Map<String, List<Double>> millis = new LinkedHashMap<>();
    for (int i = -10; i < outputs; i++) {
      boolean counts = i >= 0;
      attributor.attribute(
          request(texts.get(Math.floorMod(i, outputs)), 10),
          (stage, nanos) -> {
            if (counts) {
              millis.computeIfAbsent(stage, key -> new ArrayList<>()).add(nanos / 1e6);
            }
          });
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    millis.forEach(
        (stage, values) -> {
          double[] sorted = values.stream().mapToDouble(x -> x).sorted().toArray();
          figures.put(
              stage + ", ms",
              String.format(
                  Locale.ROOT,
                  "p50 %.1f  p95 %.1f  max %.1f",
                  sorted[sorted.length / 2],
                  sorted[sorted.length * 95 / 100],
                  Arrays.stream(sorted).max().orElse(0)));
        });
    figures.put("outputs of 128 tokens, written by the model", outputs);
    figures.put("instances in the index", attributor.manifest().counts().instances());
    return figures;
  }

  private Map<String, Object> throughput(Path place) {
    int threads = Runtime.getRuntime().availableProcessors();
    var manifest = io.whence.engine.attribution.IndexManifest.read(place);
    try (Checkpoint checkpoint = Checkpoint.open(new IndexLayout(place).model(), "cpu");
        Sketcher sketcher = new Sketcher(checkpoint, manifest.sketch())) {
      SketchThroughput measured = SketchThroughput.measure(sketcher, checkpoint, threads, 7);
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("sketched tokens a second, median of 7 rounds", measured.tokensPerSecond());
      figures.put("sketching, GFLOP/s (4 x parameters x tokens)", measured.sketchGflops());
      figures.put("matrix products, GFLOP/s, same threads, in turn", measured.peakGflops());
      figures.put("fraction of the peak, median", measured.fraction());
      figures.put("fraction of the peak, worst round", measured.lowest());
      figures.put("fraction of the peak, best round", measured.highest());
      figures.put("parameters in matrix products", checkpoint.config().matrixParameters());
      figures.put("threads", threads);
      return figures;
    }
  }
}
