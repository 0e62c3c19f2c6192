package io.whence.indexbuilder;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.attribution.Attribution;
import io.whence.engine.attribution.AttributionJson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.ImageTrace;
import io.whence.engine.attribution.ImageTraceJson;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.TraceJson;
import io.whence.engine.attribution.TraceRisk;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Picture;
import io.whence.engine.corpus.Rejection;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.risk.StatedUse;
import io.whence.engine.risk.UseFacts;
import io.whence.engine.screening.Policy;
import io.whence.engine.screening.Screening;
import io.whence.engine.screening.ScreeningJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command line. Exit 0: done; 2: bad usage or input, in one line that says what and where; 1:
 * failure. With {@code --json} one document goes to standard output and nothing else does.
 */
@Command(
    name = "whence",
    mixinStandardHelpOptions = true,
    version = "whence 0.1.0",
    description = "Finds the training works behind a generated output.",
    subcommands = {
      Train.class,
      Main.Index.class,
      Main.Attribute.class,
      Main.TraceText.class,
      Main.Screen.class,
      PassagesCommand.class,
      Evaluate.class,
      RiskCommand.class,
      RightsCommand.class,
      VerifyBundle.class,
      Main.Keys.class,
      Main.ReplayRecord.class,
      Main.Serve.class,
      Main.Demo.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Start with:  whence demo",
      "WHENCE_HOME (default ~/.whence) holds indexes, database and logs."
    })
public final class Main implements Callable<Integer> {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int BAD_INPUT = 2;

  /**
   * They tell of their vector kernels and codecs at every start; only warnings concern the user.
   */
  private static final List<Logger> QUIET =
      Stream.of("org.apache.lucene", "dev.hardwood").map(Logger::getLogger).toList();

  private static final Gson PRETTY =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private Main() {}

  /** Runs a command and exits. */
  public static void main(String... arguments) {
    System.exit(run(arguments));
  }

  /** {@return the exit code of a command} */
  static int run(String... arguments) {
    QUIET.forEach(logger -> logger.setLevel(Level.WARNING));
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (e instanceof EngineException refusal) {
            System.err.println("whence: " + refusal.detail());
            return BAD_INPUT;
          }
          System.err.println("whence: failed: " + e);
          if (Boolean.getBoolean("whence.debug")) {
            e.printStackTrace();
          } else {
            System.err.println("whence: run with WHENCE_DEBUG=1 to see where");
          }
          return FAILED;
        });
    line.setParameterExceptionHandler(
        (e, given) -> {
          System.err.println(
              "whence: "
                  + String.valueOf(e.getMessage()).replaceFirst("^Error: ", "")
                  + "; see "
                  + e.getCommandLine().getCommandSpec().qualifiedName(" ")
                  + " --help");
          return BAD_INPUT;
        });
    return line.execute(arguments);
  }

  /** Shows the help. */
  @Override
  public Integer call() {
    CommandLine.usage(this, System.err);
    return BAD_INPUT;
  }

  /** {@return where indexes lie unless told otherwise} */
  static Path home() {
    String set = System.getenv("WHENCE_HOME");
    return set == null || set.isBlank()
        ? Path.of(System.getProperty("user.home"), ".whence")
        : Path.of(set);
  }

  static void print(Object json) {
    print(PRETTY.toJson(json));
  }

  static void print(String line) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(line);
  }

  static void rejections(List<Rejection> rejections) {
    for (Rejection rejection : rejections.subList(0, Math.min(10, rejections.size()))) {
      System.err.println("rejected " + rejection);
    }
    if (rejections.size() > 10) {
      System.err.println("rejected " + (rejections.size() - 10) + " more");
    }
  }

  /** Builds and verifies indexes. */
  @Command(
      name = "index",
      mixinStandardHelpOptions = true,
      description = "Builds and verifies indexes.",
      subcommands = {Build.class, Verify.class})
  static final class Index implements Callable<Integer> {
    @Override
    public Integer call() {
      CommandLine.usage(this, System.err);
      return BAD_INPUT;
    }
  }

  /** Builds an index. */
  @Command(
      name = "build",
      mixinStandardHelpOptions = true,
      description = "Builds an index of a corpus with a checkpoint.")
  static final class Build implements Callable<Integer> {
    @Option(
        names = "--model",
        paramLabel = "DIR",
        description = "Checkpoint; not needed with --no-sketches.")
    @Nullable Path model;

    @Option(
        names = "--no-sketches",
        description = "For evidence alone: whence trace answers, attribute does not.")
    boolean noSketches;

    @Option(
        names = "--corpus",
        required = true,
        arity = "1..*",
        paramLabel = "FILE",
        description =
            "JSON Lines, Parquet, text and source files, directories of them; images, too, without"
                + " sketches.")
    List<Path> corpus = List.of();

    @Option(
        names = "--image-model",
        paramLabel = "FILE",
        description =
            "Embeds images, with --no-sketches: ONNX or TorchScript; FILE.json says how it takes"
                + " them.")
    @Nullable Path imageModel;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Index to make.")
    Path out = Path.of("");

    @Option(names = "--device", description = "cpu or cuda; default ${DEFAULT-VALUE}.")
    String device = "cpu";

    @Option(
        names = "--leave-out",
        paramLabel = "N",
        description =
            "Train the checkpoint again without each of N rights holders, to measure deltaLoss:"
                + " N + 1 trainings; default what comes with the checkpoint, no training.")
    int leaveOut;

    @Option(names = "--resume", description = "Go on with an unfinished build.")
    boolean resume;

    @Option(names = "--json", description = "Print the summary as JSON.")
    boolean json;

    @Override
    public Integer call() {
      BuildSettings settings = BuildSettings.on(device).leavingOut(leaveOut);
      BuildSummary summary;
      if (noSketches) {
        if (model != null || leaveOut != 0) {
          throw new EngineException.InvalidQuery(
              "--no-sketches builds for evidence alone, with no checkpoint: leave out "
                  + (model != null ? "--model" : "--leave-out")
                  + ", or --no-sketches");
        }
        summary =
            new EvidenceBuild(
                    corpus,
                    imageModel,
                    out,
                    resume,
                    settings.withoutSketches(),
                    ProgressBar.onStandardError())
                .run();
      } else if (imageModel != null) {
        throw new EngineException.InvalidQuery(
            "--image-model embeds the images of an index for evidence alone; add --no-sketches");
      } else if (model != null) {
        summary =
            new IndexBuild(model, corpus, out, resume, settings, ProgressBar.onStandardError())
                .run();
      } else {
        throw new EngineException.InvalidQuery(
            "an index is built with a model; name its checkpoint with --model, or build for"
                + " evidence alone with --no-sketches");
      }
      rejections(summary.rejections());
      if (json) {
        print(asJson(summary));
      } else {
        print(summary(summary));
      }
      return DONE;
    }
  }

  private static Map<String, Object> asJson(BuildSummary summary) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("index", summary.index().toString());
    json.put("counts", summary.manifest().counts());
    json.put("candidateRecall", summary.fidelity().candidateRecall());
    json.put("tailPatch", summary.fidelity().tailPatch());
    json.put("leaveOut", summary.fidelity().leaveOut());
    json.put("stageSeconds", summary.stageSeconds());
    json.put("bytes", summary.bytes());
    json.put("peakMemoryBytes", summary.peakMemoryBytes());
    return json;
  }

  /** {@return what a build did, for people} */
  public static String summary(BuildSummary summary) {
    IndexManifest.Counts counts = summary.manifest().counts();
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "built    %s: %,d works, %,d instances, %,d tokens in %d shards; %d entries rejected",
            summary.index(),
            counts.works(),
            counts.instances(),
            counts.tokens(),
            summary.manifest().shards().size(),
            counts.rejected()));
    double seconds = summary.stageSeconds().values().stream().mapToDouble(x -> x).sum();
    StringBuilder stages = new StringBuilder();
    summary
        .stageSeconds()
        .forEach(
            (stage, took) -> stages.append(String.format(Locale.ROOT, ", %s %.1f", stage, took)));
    lines.add(String.format(Locale.ROOT, "took     %.0f s%s", seconds, stages));
    long bytes = summary.bytes().values().stream().mapToLong(x -> x).sum();
    // Images have no instances.
    long units = counts.instances() > 0 ? counts.instances() : Math.max(1, counts.works());
    StringBuilder parts = new StringBuilder();
    summary
        .bytes()
        .forEach(
            (part, size) ->
                parts.append(String.format(Locale.ROOT, ", %s %,d", part, size / units)));
    lines.add(
        String.format(
            Locale.ROOT,
            "size     %.1f MB, %,d bytes %s%s",
            bytes / 1e6,
            bytes / units,
            counts.instances() > 0 ? "an instance" : "a work",
            parts));
    lines.add(
        String.format(
            Locale.ROOT, "memory   %.0f MB at the most", summary.peakMemoryBytes() / 1e6));
    var recall = summary.fidelity().candidateRecall();
    if (recall != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "recall   candidates hold %.3f [%.3f, %.3f] of the exact scan's first %d, on %d texts"
                  + " the model wrote",
              recall.value(),
              recall.low(),
              recall.high(),
              recall.k(),
              recall.outputs()));
    }
    var patch = summary.fidelity().tailPatch();
    if (patch != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "patch    a step on a first proponent lowers the loss of a text by %.3f [%.3f, %.3f]"
                  + " nats; on one by words %.3f, by chance %.3f",
              patch.gain(),
              patch.low(),
              patch.high(),
              patch.bm25(),
              patch.random()));
    }
    var leaveOut = summary.fidelity().leaveOut();
    if (leaveOut != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "left out %d rights holders, asked %d works: rank correlation %.2f [%.2f, %.2f]%s, true"
                  + " = %.2f x predicted, slope after that %.2f, R2 %.2f, 90 %% intervals hold %.0f"
                  + " %%, those of answers %.0f %%%s",
              leaveOut.groups(),
              leaveOut.queries(),
              leaveOut.spearman().value(),
              leaveOut.spearman().low(),
              leaveOut.spearman().high(),
              leaveOut.ceiling() == null
                  ? ""
                  : String.format(Locale.ROOT, " of at most %.2f", leaveOut.ceiling()),
              leaveOut.factor(),
              leaveOut.slope().value(),
              leaveOut.r2().value(),
              100 * leaveOut.coverage().value(),
              100 * Objects.requireNonNull(leaveOut.ownCoverage()).value(),
              leaveOut.widenedCoverage() == null
                  ? ""
                  : String.format(
                      Locale.ROOT,
                      ", %.1f times as wide %.0f %%",
                      leaveOut.widening(),
                      100 * leaveOut.widenedCoverage().value())));
    }
    return String.join(System.lineSeparator(), lines);
  }

  /** Verifies an index. */
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = "Checks sums, version and counts; exit 0 only if whole.")
  static final class Verify implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "Index.")
    Path index = Path.of("");

    @Option(names = "--json", description = "Print what was found as JSON.")
    boolean json;

    @Override
    public Integer call() {
      IndexManifest manifest = IndexManifest.read(index);
      List<String> damage = manifest.damage(index);
      if (json) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("index", index.toString());
        found.put("whole", damage.isEmpty());
        found.put("files", manifest.files().size());
        found.put("damage", damage);
        print(found);
      } else if (damage.isEmpty()) {
        print(
            String.format(
                Locale.ROOT,
                "whole: %d files, %,d works, %,d instances",
                manifest.files().size(),
                manifest.counts().works(),
                manifest.counts().instances()));
      } else {
        damage.forEach(line -> System.err.println("whence: " + index + ": " + line));
      }
      return damage.isEmpty() ? DONE : BAD_INPUT;
    }
  }

  /** Attributes one output. */
  @Command(
      name = "attribute",
      mixinStandardHelpOptions = true,
      description = "Finds the works behind an output.")
  static final class Attribute implements Callable<Integer> {
    @Option(names = "--index", required = true, paramLabel = "DIR", description = "Index.")
    Path index = Path.of("");

    @ArgGroup(multiplicity = "1")
    @Nullable Output output;

    /** The output, in one of two ways. */
    static final class Output {
      @Option(names = "--text", required = true, paramLabel = "STR", description = "The output.")
      @Nullable String text;

      @Option(
          names = "--file",
          required = true,
          paramLabel = "F",
          description = "File with the output; - is standard input.")
      @Nullable Path file;
    }

    @Option(names = "--prompt", paramLabel = "STR", description = "What the model was given.")
    @Nullable String prompt;

    @Option(
        names = "--top",
        paramLabel = "K",
        description = "How many works; default ${DEFAULT-VALUE}.")
    int top = AttributionRequest.DEFAULT_TOP_K;

    @Option(names = "--exact", description = "Score every instance, not candidates.")
    boolean exact;

    @Option(
        names = "--per-token",
        description = "Say what each work did to each token of the output; with --json.")
    boolean perToken;

    @Option(names = "--device", description = "cpu or cuda; default ${DEFAULT-VALUE}.")
    String device = "cpu";

    @Option(names = "--json", description = "Print the attribution as JSON.")
    boolean json;

    @Override
    public Integer call() throws IOException {
      AttributionRequest request =
          new AttributionRequest(
              textOf(java.util.Objects.requireNonNull(output)),
              prompt,
              top,
              exact,
              perToken,
              AttributionRequest.DEFAULT_METHODS,
              UseFacts.NONE);
      try (Attributor attributor = Attributor.open(index, device)) {
        Attribution attribution = attributor.attribute(request);
        String document =
            new String(
                AttributionJson.write(attribution, UUID.randomUUID().toString(), Instant.now()),
                StandardCharsets.UTF_8);
        if (json) {
          print(document);
        } else {
          JsonObject answer = JsonParser.parseString(document).getAsJsonObject();
          print(AnswerTable.of(answer));
        }
      }
      return DONE;
    }
  }

  private static String textOf(Attribute.Output given) throws IOException {
    if (given.text != null) {
      return given.text;
    }
    Path file = java.util.Objects.requireNonNull(given.file);
    byte[] bytes;
    if (file.toString().equals("-")) {
      bytes = System.in.readNBytes(8 * AttributionRequest.LONGEST + 1);
      if (bytes.length > 8 * AttributionRequest.LONGEST) {
        throw new EngineException.InvalidQuery(
            "standard input has more than "
                + 8 * AttributionRequest.LONGEST
                + " bytes; at most "
                + AttributionRequest.LONGEST
                + " characters are attributed at once, so split it");
      }
    } else if (!Files.isRegularFile(file)) {
      throw new EngineException.InvalidQuery("no file " + file + "; --file names a text file");
    } else if (Files.size(file) > 8L * AttributionRequest.LONGEST) {
      throw new EngineException.InvalidQuery(
          file
              + " has "
              + Files.size(file)
              + " bytes; at most "
              + AttributionRequest.LONGEST
              + " characters are attributed at once, so split it");
    } else {
      bytes = Files.readAllBytes(file);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    if (StandardCharsets.UTF_8.newDecoder().decode(in, text, true).isError()) {
      throw new EngineException.InvalidQuery(
          file
              + " is not valid UTF-8: byte "
              + in.position()
              + " begins no character; convert it first");
    }
    return text.flip().toString();
  }

  /** The output, within the limits of an attribution. */
  private static String checkedTextOf(Attribute.Output given) throws IOException {
    return new AttributionRequest(
            textOf(given),
            null,
            AttributionRequest.DEFAULT_TOP_K,
            false,
            false,
            AttributionRequest.DEFAULT_METHODS,
            UseFacts.NONE)
        .output();
  }

  /** Traces one output. */
  @Command(
      name = "trace",
      mixinStandardHelpOptions = true,
      description =
          "Finds the works an output shares words with, or the images that it agrees with if it is"
              + " one: evidence alone, no influence.")
  static final class TraceText implements Callable<Integer> {
    private static final List<String> IMAGE_SUFFIXES =
        List.of(
            ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".avif", ".heic");

    @Option(names = "--index", required = true, paramLabel = "DIR", description = "Index.")
    Path index = Path.of("");

    @ArgGroup(multiplicity = "1")
    Attribute.@Nullable Output output;

    @Option(
        names = "--language",
        paramLabel = "LANG",
        description =
            "The output is code: java, javascript, typescript, python or c; default by the file's"
                + " suffix, or where it looks like code.")
    @Nullable String language;

    @Option(
        names = "--no-exclusions",
        description = "Let licence headers, well-known quotations and phrases count.")
    boolean noExclusions;

    @Option(
        names = "--use",
        paramLabel = "FILE",
        description =
            "Give the fair-use risk of this use, too: FILE is a JSON object as the field use of POST"
                + " /v1/attributions; {} states nothing.")
    @Nullable Path use;

    @Option(names = "--json", description = "Print the trace as JSON.")
    boolean json;

    @Option(
        names = "--html",
        paramLabel = "FILE",
        description = "Write an exhibit of an image: each match drawn on both sides.")
    @Nullable Path html;

    @Override
    public Integer call() throws IOException {
      Path file = output == null ? null : output.file;
      if (file != null && Files.isRegularFile(file) && isImage(file)) {
        return traceImage(file);
      }
      if (html != null) {
        throw new EngineException.InvalidQuery(
            "--html draws images, and the output is none; leave it out, or use --json");
      }
      String text = checkedTextOf(java.util.Objects.requireNonNull(output));
      UseFacts stated = stated();
      if (stated != null) {
        stated.ofNoImage();
      }
      try (Tracer tracer = Tracer.open(index)) {
        Trace trace =
            tracer.trace(text, language(), noExclusions ? Exclusions.NONE : Exclusions.LISTED);
        TraceRisk risk = stated == null ? null : tracer.risk(trace, stated);
        print(TraceJson.write(trace, risk), TraceTable.of(trace));
      }
      return DONE;
    }

    /** By its first bytes, or by its name, so that an image that is damaged is refused as one. */
    private static boolean isImage(Path file) throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return Picture.isImage(in.readNBytes(32))
            || IMAGE_SUFFIXES.stream().anyMatch(name::endsWith);
      }
    }

    private int traceImage(Path file) throws IOException {
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(Picture.MOST_BYTES + 1);
      }
      // Before the index is opened, so that a bad image is refused at once.
      Picture.read(bytes, file.toString());
      if (html != null && !Files.isDirectory(html.toAbsolutePath().resolveSibling(""))) {
        throw new EngineException.CannotWrite(
            "--html " + html + " cannot be written: there is no such directory; make it first");
      }
      UseFacts stated = stated();
      try (Tracer tracer = Tracer.open(index)) {
        ImageTrace trace = tracer.traceImage(bytes, file.toString());
        TraceRisk risk = stated == null ? null : tracer.risk(trace, stated);
        if (html != null) {
          Files.writeString(
              html,
              ImageExhibit.of(trace, bytes, String.valueOf(file.getFileName()), tracer::image));
        }
        print(ImageTraceJson.write(trace, risk), ImageTraceTable.of(trace));
      }
      return DONE;
    }

    /** What is stated of the use; null where no risk is asked for. */
    private @Nullable UseFacts stated() throws IOException {
      if (use == null) {
        return null;
      }
      if (!Files.isRegularFile(use)) {
        throw new EngineException.InvalidQuery("no file " + use + "; --use names a JSON file");
      }
      try (InputStream in = Files.newInputStream(use)) {
        return StatedUse.read(in.readNBytes(StatedUse.LARGEST + 1), use.toString());
      }
    }

    private void print(String document, String table) {
      if (json) {
        Main.print(document);
        return;
      }
      Main.print(table);
      JsonElement risk = JsonParser.parseString(document).getAsJsonObject().get("risk");
      if (risk != null) {
        Main.print("");
        Main.print(RiskTable.of(risk.getAsJsonObject()));
      }
    }

    private @Nullable CodeLanguage language() {
      if (language != null) {
        return CodeLanguage.named(language)
            .orElseThrow(
                () ->
                    new EngineException.InvalidQuery(
                        "language "
                            + language
                            + " is not read; give java, javascript, typescript, python or c, or"
                            + " leave --language out and the output is compared word by word"));
      }
      Path file = output == null ? null : output.file;
      return file == null ? null : CodeLanguage.ofFile(file.toString()).orElse(null);
    }
  }

  /** Screens one output. */
  @Command(
      name = "screen",
      mixinStandardHelpOptions = true,
      description = "Says by a policy whether an output may be released: allow, flag or block.")
  static final class Screen implements Callable<Integer> {
    @Option(names = "--index", required = true, paramLabel = "DIR", description = "Index.")
    Path index = Path.of("");

    @ArgGroup(multiplicity = "1")
    Attribute.@Nullable Output output;

    @Option(
        names = "--policy",
        paramLabel = "FILE",
        description = "Policy as in docs/formats/policy.md; default the shipped one.")
    @Nullable Path policy;

    @Option(
        names = "--no-exclusions",
        description = "Let licence headers, well-known quotations and phrases count.")
    boolean noExclusions;

    @Option(names = "--json", description = "Print the screening as JSON.")
    boolean json;

    @Override
    public Integer call() throws IOException {
      String text = checkedTextOf(java.util.Objects.requireNonNull(output));
      Policy rules = policy == null ? Policy.DEFAULT : policyIn(policy);
      try (Tracer tracer = Tracer.open(index)) {
        Screening screening =
            rules.screen(tracer, text, noExclusions ? Exclusions.NONE : Exclusions.LISTED);
        print(
            json
                ? new String(
                    ScreeningJson.write(screening, UUID.randomUUID().toString(), Instant.now()),
                    StandardCharsets.UTF_8)
                : ScreeningTable.of(screening));
      }
      return DONE;
    }

    private static Policy policyIn(Path file) throws IOException {
      if (!Files.isRegularFile(file)) {
        throw new EngineException.InvalidQuery("no file " + file + "; --policy names a policy");
      }
      try (InputStream in = Files.newInputStream(file)) {
        return Policy.of(in.readNBytes(Policy.LARGEST + 1), file.toString());
      }
    }
  }

  /** Stands in the help; the launcher starts it with the service's database. */
  @Command(
      name = "key",
      mixinStandardHelpOptions = true,
      description = {
        "Makes, lists and revokes API keys of the service:",
        "create NAME --role ROLE [--expires 90d], list, revoke ID."
      })
  static final class Keys implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new EngineException.InvalidQuery("key is started by the whence launcher");
    }
  }

  /** Stands in the help; the launcher starts it with the service's database. */
  @Command(
      name = "replay",
      mixinStandardHelpOptions = true,
      description = {
        "Repeats an attribution from its record; exit 0 only if equal, else says what differs:",
        "ID|FILE [--index DIR] [--home DIR] [--json]."
      })
  static final class ReplayRecord implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new EngineException.InvalidQuery("replay is started by the whence launcher");
    }
  }

  /** Stands in the help; the launcher starts the service. */
  @Command(
      name = "serve",
      mixinStandardHelpOptions = true,
      description = "Serves the indexes over REST, on this machine only: [--port N] [--home DIR].")
  static final class Serve implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new EngineException.InvalidQuery("serve is started by the whence launcher");
    }
  }

  /** Stands in the help; the launcher starts the demo. */
  @Command(
      name = "demo",
      mixinStandardHelpOptions = true,
      description = {
        "Builds the demo index, serves it and attributes three outputs:",
        "[--no-serve] [--port N] [--home DIR]."
      })
  static final class Demo implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new EngineException.InvalidQuery("demo is started by the whence launcher");
    }
  }

  static Progress progress(boolean silent) {
    return silent ? Progress.SILENT : ProgressBar.onStandardError();
  }
}
