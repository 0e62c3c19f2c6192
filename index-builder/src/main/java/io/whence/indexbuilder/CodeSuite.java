package io.whence.indexbuilder;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.CodeFiltration;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.CodeSimilarity;
import io.whence.engine.evidence.CodeTokens;
import io.whence.engine.evidence.CodeTokens.Kind;
import io.whence.engine.evidence.CodeTokens.Token;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.SourceNotices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Measures evidence in code: graded plagiarism of programs, and renamed fragments of licensed
 * sources.
 *
 * @param data where {@code ir-plag} and {@code java-licensed-source} lie
 * @param seed of every random choice
 */
record CodeSuite(Path data, long seed, Progress progress) {
  /** The measure was chosen on these tasks; what is to be reached is held against the others. */
  private static final Set<String> CHOSEN_ON = Set.of("case-01", "case-03", "case-05");

  private static final int LEVELS = 6;
  private static final int RESAMPLES = 1000;
  private static final int FRAGMENTS = 300;
  private static final int FRAGMENT_LINES = 15;
  private static final int CODE_LINES = 8;
  private static final int LARGEST_FILE = 1 << 20;

  /** {@return the figures, by what they are} */
  Map<String, Object> figures() throws IOException {
    Map<String, Object> figures = new LinkedHashMap<>();
    Map<String, String> programs = sources(data.resolve("ir-plag").resolve("IR-Plag-Dataset.zip"));
    plagiarism(programs, figures);
    licensed(programs, figures);
    figures.put("seed", seed);
    return figures;
  }

  private static Map<String, String> sources(Path zip) throws IOException {
    if (!Files.isRegularFile(zip)) {
      throw new EngineException.InvalidQuery(
          "no file " + zip + "; run it with the whence script of the repository");
    }
    Map<String, String> sources = new TreeMap<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.getName().endsWith(".java")) {
          sources.put(
              entry.getName(), new String(in.readNBytes(LARGEST_FILE), StandardCharsets.UTF_8));
        }
      }
    }
    return sources;
  }

  /**
   * A program of one task.
   *
   * @param level 1 to 6 of a copy; 0 of an independent solution, -1 of the original
   */
  private record Program(int level, CodeTokens code) {}

  private void plagiarism(Map<String, String> files, Map<String, Object> figures) {
    Map<String, Map<String, StringBuilder>> tasks = new TreeMap<>();
    files.forEach(
        (path, text) -> {
          // root/case/kind[/level]/number/file, or root/case/original/file; a program's files
          // together
          String[] parts = path.split("/", -1);
          String program = String.join("/", Arrays.copyOfRange(parts, 2, parts.length - 1));
          tasks
              .computeIfAbsent(parts[1], key -> new TreeMap<>())
              .computeIfAbsent(program, key -> new StringBuilder())
              .append(text)
              .append('\n');
        });
    Map<String, Comparator<CodeSimilarity>> measures = new LinkedHashMap<>();
    measures.put("as ranked", CodeSimilarity.MOST_ALIKE_FIRST);
    measures.put("non-literal", greatestFirst(CodeSimilarity::nonLiteral));
    measures.put("structure", greatestFirst(CodeSimilarity::structure));
    measures.put("constants", greatestFirst(similarity -> orZero(similarity.constants())));
    measures.put("literal", greatestFirst(CodeSimilarity::literal));
    Map<String, List<Map.Entry<Integer, CodeSimilarity>>> scored = new TreeMap<>();
    tasks.forEach((task, texts) -> scored.put(task, scored(texts)));
    measures.forEach(
        (measure, of) -> {
          for (int level = 1; level <= LEVELS; level++) {
            figures.put(
                "copies at L"
                    + level
                    + " against independent solutions, "
                    + measure
                    + ": AUC, tasks"
                    + " held out",
                auc(scored, level, of, false));
          }
        });
    for (int level = 1; level <= LEVELS; level++) {
      figures.put(
          "the same at L" + level + ", as ranked, all seven tasks",
          auc(scored, level, CodeSimilarity.MOST_ALIKE_FIRST, true));
    }
  }

  private static Comparator<CodeSimilarity> greatestFirst(ToDoubleFunction<CodeSimilarity> of) {
    return Comparator.comparingDouble(of).reversed();
  }

  private static double orZero(double value) {
    return Double.isNaN(value) ? 0 : value;
  }

  /** Each program's level, and how like the original of its task it is. */
  private static List<Map.Entry<Integer, CodeSimilarity>> scored(Map<String, StringBuilder> texts) {
    List<Program> programs = new ArrayList<>();
    texts.forEach(
        (path, text) ->
            programs.add(
                new Program(level(path), CodeTokens.of(text.toString(), CodeLanguage.JAVA))));
    Map<String, Integer> holders = new HashMap<>();
    for (Program program : programs) {
      new HashSet<>(CodeSimilarity.pairs(program.code()))
          .forEach(pair -> holders.merge(pair, 1, Integer::sum));
    }
    CodeTokens original =
        programs.stream().filter(one -> one.level() < 0).findFirst().orElseThrow().code();
    return programs.stream()
        .filter(program -> program.level() >= 0)
        .map(
            program ->
                Map.entry(
                    program.level(),
                    CodeSimilarity.of(
                        original,
                        program.code(),
                        pair ->
                            CodeSimilarity.rarity(holders.getOrDefault(pair, 0), programs.size()))))
        .toList();
  }

  private static int level(String path) {
    if (path.startsWith("original")) {
      return -1;
    }
    return path.startsWith("non-plagiarized") ? 0 : path.charAt("plagiarized/L".length()) - '0';
  }

  /** What two kinds of programs of a task have in common with its original. */
  private record Task(List<CodeSimilarity> copies, List<CodeSimilarity> others) {
    static Task of(List<Map.Entry<Integer, CodeSimilarity>> programs, int level) {
      return new Task(atLevel(programs, level), atLevel(programs, 0));
    }

    private static List<CodeSimilarity> atLevel(
        List<Map.Entry<Integer, CodeSimilarity>> programs, int level) {
      return programs.stream()
          .filter(program -> program.getKey() == level)
          .map(Map.Entry::getValue)
          .toList();
    }

    Task drawn(SplittableRandom random) {
      return new Task(drawn(copies, random), drawn(others, random));
    }

    private static List<CodeSimilarity> drawn(List<CodeSimilarity> from, SplittableRandom random) {
      return from.stream().map(one -> from.get(random.nextInt(from.size()))).toList();
    }
  }

  /** The area over pairs within tasks, with an interval by resampling the programs of each task. */
  private String auc(
      Map<String, List<Map.Entry<Integer, CodeSimilarity>>> scored,
      int level,
      Comparator<CodeSimilarity> mostAlikeFirst,
      boolean all) {
    List<Task> tasks = new ArrayList<>();
    scored.forEach(
        (task, programs) -> {
          if (all || !CHOSEN_ON.contains(task)) {
            tasks.add(Task.of(programs, level));
          }
        });
    SplittableRandom random = new SplittableRandom(seed + level);
    double[] resampled = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      resampled[i] = area(tasks.stream().map(task -> task.drawn(random)).toList(), mostAlikeFirst);
    }
    Arrays.sort(resampled);
    return String.format(
        Locale.ROOT,
        "%.3f [%.3f, %.3f], %d copies",
        area(tasks, mostAlikeFirst),
        resampled[RESAMPLES * 25 / 1000],
        resampled[RESAMPLES * 975 / 1000 - 1],
        tasks.stream().mapToInt(task -> task.copies().size()).sum());
  }

  private static double area(List<Task> tasks, Comparator<CodeSimilarity> mostAlikeFirst) {
    double above = 0;
    long pairs = 0;
    for (Task task : tasks) {
      for (CodeSimilarity copy : task.copies()) {
        for (CodeSimilarity other : task.others()) {
          int order = mostAlikeFirst.compare(copy, other);
          above += order < 0 ? 1 : order == 0 ? 0.5 : 0;
          pairs++;
        }
      }
    }
    return above / pairs;
  }

  private void licensed(Map<String, String> programs, Map<String, Object> figures)
      throws IOException {
    Path place = data.resolve("java-licensed-source");
    Map<String, String> files = sources(place.resolve("files.zip"));
    Map<String, JsonObject> rows = new TreeMap<>();
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(place.resolve("manifest.jsonl"))) {
      JsonObject row = JsonParser.parseString(line).getAsJsonObject();
      String path = row.get("path").getAsString();
      rows.put(path, row);
      lines.add(work(path, row, files.getOrDefault(path, "")).toJsonLine());
    }
    Path directory = Files.createTempDirectory("whence-code");
    try {
      Path corpus = Files.write(directory.resolve("corpus.jsonl"), lines);
      Path index = directory.resolve("index");
      new EvidenceBuild(
              List.of(corpus), index, false, BuildSettings.on("cpu").withoutSketches(), progress)
          .run();
      try (Tracer tracer = Tracer.open(index)) {
        fragments(tracer, files, figures);
        unrelated(tracer, programs, figures);
      }
    } finally {
      IndexBuild.deleteTree(directory);
    }
    headers(rows, files, figures);
  }

  private static Work work(String path, JsonObject row, String text) {
    return new Work(
        new WorkId(path),
        path.substring(path.lastIndexOf('/') + 1),
        null,
        row.get("project").getAsString(),
        row.get("licence_spdx").getAsString(),
        null,
        null,
        "java",
        Modality.CODE,
        null,
        null,
        text);
  }

  private void fragments(Tracer tracer, Map<String, String> files, Map<String, Object> figures) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> paths = List.copyOf(files.keySet());
    int rightFile = 0;
    int rightLicence = 0;
    int counted = 0;
    int[] tokens = new int[FRAGMENTS];
    int drawn = 0;
    while (drawn < FRAGMENTS) {
      String path = paths.get(random.nextInt(paths.size()));
      String fragment = fragment(files.getOrDefault(path, ""), random);
      if (fragment.isEmpty()) {
        continue;
      }
      tokens[drawn++] = CodeTokens.of(fragment, CodeLanguage.JAVA).size();
      Trace trace = tracer.trace(fragment, CodeLanguage.JAVA, Exclusions.LISTED);
      if (!trace.sources().isEmpty()) {
        Work first = trace.sources().get(0).works().get(0).work();
        rightFile += first.id().value().equals(path) ? 1 : 0;
        rightLicence += String.valueOf(first.licence()).equals(licence(tracer, path)) ? 1 : 0;
        counted += counts(trace) ? 1 : 0;
      }
      progress.report("fragments", drawn, FRAGMENTS, "fragments", "");
    }
    Arrays.sort(tokens);
    String name = "fragments of 15 lines, every name replaced: ";
    figures.put(name + "the right file first", EvidenceSuite.share(rightFile, FRAGMENTS));
    figures.put(name + "the right licence first", EvidenceSuite.share(rightLicence, FRAGMENTS));
    figures.put(name + "a match that counts", EvidenceSuite.share(counted, FRAGMENTS));
    figures.put(
        name + "tokens, least, median, most",
        tokens[0] + ", " + tokens[FRAGMENTS / 2] + ", " + tokens[FRAGMENTS - 1]);
  }

  private static String licence(Tracer tracer, String path) {
    return tracer.works().stream()
        .filter(work -> work.id().value().equals(path))
        .map(work -> String.valueOf(work.licence()))
        .findFirst()
        .orElseThrow();
  }

  private static boolean counts(Trace trace) {
    return trace.sources().stream()
        .flatMap(source -> source.works().stream())
        .flatMap(work -> work.findings().stream())
        .anyMatch(Finding::counts);
  }

  /**
   * Fifteen lines of a source, most of them code, without their comments and with every name
   * replaced throughout; empty where the place that was drawn has too little code.
   */
  private static String fragment(String text, SplittableRandom random) {
    CodeTokens code = CodeTokens.of(text, CodeLanguage.JAVA);
    int[] starts = lineStarts(text);
    if (starts.length <= FRAGMENT_LINES) {
      return "";
    }
    int first = random.nextInt(starts.length - FRAGMENT_LINES);
    int from = starts[first];
    int to = starts[first + FRAGMENT_LINES];
    CodeFiltration aside = CodeFiltration.of(code);
    Map<String, String> names = new HashMap<>();
    StringBuilder fragment = new StringBuilder();
    Set<Integer> lines = new HashSet<>();
    int line = first;
    for (int i = 0; i < code.size(); i++) {
      Token token = code.tokens().get(i);
      if (token.start() < from || token.end() > to) {
        continue;
      }
      while (token.start() >= starts[line + 1]) {
        line++;
        fragment.append('\n');
      }
      if (!imports(aside, i)) {
        lines.add(line);
      }
      fragment
          .append(
              token.kind() == Kind.NAME
                  ? names.computeIfAbsent(token.text(), key -> "renamed" + names.size())
                  : token.text())
          .append(' ');
    }
    return lines.size() >= CODE_LINES ? fragment.toString() : "";
  }

  private static boolean imports(CodeFiltration aside, int token) {
    return aside.passages().stream()
        .anyMatch(
            passage ->
                passage.rule() == CodeFiltration.Rule.IMPORT
                    && passage.tokens().start() <= token
                    && token < passage.tokens().end());
  }

  /** {@return where each line starts, and at the end where the text ends} */
  private static int[] lineStarts(String text) {
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
      starts.add(i + 1);
    }
    starts.add(text.length());
    return starts.stream().mapToInt(i -> i).toArray();
  }

  private void unrelated(Tracer tracer, Map<String, String> programs, Map<String, Object> figures) {
    int counted = 0;
    int done = 0;
    for (String program : programs.values()) {
      counted += counts(tracer.trace(program, CodeLanguage.JAVA, Exclusions.LISTED)) ? 1 : 0;
      progress.report("unrelated", ++done, programs.size(), "programs", "");
    }
    figures.put(
        "programs of students, traced to the licensed sources: a match that counts",
        EvidenceSuite.share(counted, programs.size()));
  }

  private static void headers(
      Map<String, JsonObject> rows, Map<String, String> files, Map<String, Object> figures) {
    int stated = 0;
    int read = 0;
    int without = 0;
    int readWithout = 0;
    for (Map.Entry<String, JsonObject> row : rows.entrySet()) {
      String text = files.getOrDefault(row.getKey(), "");
      String licence = SourceNotices.of(text, CodeTokens.of(text, CodeLanguage.JAVA)).licence();
      if (row.getValue().get("header_licence").isJsonNull()) {
        without++;
        readWithout += licence == null ? 0 : 1;
      } else {
        stated++;
        read += licence == null ? 0 : 1;
      }
    }
    figures.put(
        "licence headers: read where the data set's own detector saw one",
        EvidenceSuite.share(read, stated));
    figures.put(
        "licence headers: read where it saw none (some have one)",
        EvidenceSuite.share(readWithout, without));
  }
}
