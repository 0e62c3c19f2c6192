package io.whence.indexbuilder;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.Span;
import io.whence.engine.attribution.Attributor;
import io.whence.engine.attribution.Clusters;
import io.whence.engine.attribution.Fidelity;
import io.whence.engine.attribution.IndexLayout;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.attribution.InstanceRow;
import io.whence.engine.attribution.Passages;
import io.whence.engine.attribution.Rows;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.attribution.WorkRow;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Instance;
import io.whence.engine.corpus.InstanceCutter;
import io.whence.engine.corpus.Rejection;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.ControlCorpus;
import io.whence.engine.evidence.DuplicateClusters;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.fidelity.LeaveOut;
import io.whence.engine.fidelity.TailPatch;
import io.whence.engine.influence.Damping;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.influence.SketchedInfluence;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.TextEmbedder;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.TokenizedText;
import io.whence.engine.model.Torch;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.model.Windows;
import io.whence.engine.retrieval.ShardWriter;
import io.whence.engine.sketch.Sketch;
import io.whence.engine.sketch.SketchShard;
import io.whence.engine.sketch.SketchSpec;
import io.whence.engine.sketch.Sketcher;
import io.whence.engine.sketch.TableDirections;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Builds an index: corpus, instances, sketches, curvature, Lucene, measured recall, manifest.
 *
 * <p>Everything is made in {@code <out>.building}, in parts that are a file or directory each: a
 * part is written under another name and moved into place when it is whole, so what stands there is
 * finished and a resumed build goes on behind it. The manifest is written last and the directory
 * then gets its name; before that nobody can open it. The same inputs and settings give the same
 * sketches, figures and rankings whatever the number of threads and however often a build was
 * killed.
 */
public final class IndexBuild {
  private static final String PARTIAL = ".partial";

  /** Examples of each kind that the tail-patch test tries for an output. */
  private static final int PATCHED = 5;

  private static final String PLAN = "plan.txt";
  private static final String TRUTH = "truth";
  private static final String LOCK = "lock";

  /** Enough for a p-value of one in a thousand; fewer of a corpus that has few passages. */
  private static final int CONTROL_OUTPUTS = 1000;

  private static final int FEWEST_CONTROL_OUTPUTS = 200;
  private static final int CONTROL_OUTPUTS_A_WORK = 5;

  private static final int CONTROL_WORDS = 60;

  private final Path model;
  private final List<Path> corpusFiles;
  private final Path out;
  private final boolean resume;
  private final BuildSettings settings;
  private final Progress progress;
  private final Map<String, Double> stageSeconds = new LinkedHashMap<>();

  /**
   * Prepares a build.
   *
   * @param model directory of the checkpoint; the index gets a copy
   * @param corpusFiles JSON Lines files and directories
   * @param out the index, which must not exist yet
   * @param resume whether an unfinished build of {@code out} is gone on with
   */
  public IndexBuild(
      Path model,
      List<Path> corpusFiles,
      Path out,
      boolean resume,
      BuildSettings settings,
      Progress progress) {
    this.model = model;
    this.corpusFiles = List.copyOf(corpusFiles);
    this.out = out.toAbsolutePath().normalize();
    this.resume = resume;
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Builds and publishes.
   *
   * @throws EngineException for anything wrong with the inputs or the place; then {@code out} does
   *     not exist, and what was finished is kept for {@code --resume}
   */
  public BuildSummary run() {
    if (Files.exists(out)) {
      throw new EngineException.CannotWrite(
          out + " exists; choose another --out, or delete it to build it anew");
    }
    Path building = out.resolveSibling(out.getFileName() + ".building");
    boolean unfinished = Files.exists(building);
    if (unfinished && !resume) {
      throw new EngineException.CannotWrite(
          "an unfinished build lies at "
              + building
              + "; go on with --resume, or delete it to start anew");
    }
    // Inputs are read before anything is written, so that a wrong one leaves no trace.
    long begin = System.nanoTime();
    try (Checkpoint checkpoint = Checkpoint.open(model, settings.device())) {
      Corpus corpus = Corpus.read(corpusFiles);
      lap("read", begin);
      Files.createDirectories(building);
      try (FileChannel channel =
              FileChannel.open(
                  building.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = lock(channel)) {
        if (!lock.isValid()) {
          throw new IllegalStateException("the build's lock was lost");
        }
        return new Building(checkpoint, corpus, building).run();
      }
    } catch (IOException | UncheckedIOException e) {
      throw new EngineException.CannotWrite(
          "cannot write to "
              + building
              + ": "
              + reason(e)
              + "; make room and go on with --resume, nothing was published",
          e);
    }
  }

  private FileLock lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // Another build of this very process holds it.
    }
    throw new EngineException.CannotWrite("another build of " + out + " is running; wait for it");
  }

  static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private void lap(String stage, long since) {
    stageSeconds.merge(stage, (System.nanoTime() - since) / 1e9, Double::sum);
  }

  /** What can fail for want of room on the disk, among other things. */
  @FunctionalInterface
  private interface Part {
    void write(Path place) throws IOException;
  }

  /** One build, once its inputs are read and its place is locked. */
  private final class Building {
    private final Checkpoint checkpoint;
    private final Corpus corpus;
    private final Path root;
    private final IndexLayout layout;
    private final SketchSpec spec;
    private final List<TokenizedText> texts = new ArrayList<>();
    private final List<Instance> instances = new ArrayList<>();
    private final int[] firstInstance;
    private final List<IndexManifest.Shard> shards = new ArrayList<>();
    private final Set<String> heldOut;
    private long tokens;
    private long deduplicatedTokens;

    Building(Checkpoint checkpoint, Corpus corpus, Path root) {
      this.checkpoint = checkpoint;
      this.corpus = corpus;
      this.root = root;
      this.layout = new IndexLayout(root);
      this.spec = SketchSpec.of(checkpoint.config(), settings.sketch(), settings.sketchSeed());
      this.firstInstance = new int[corpus.works().size() + 1];
      this.heldOut =
          new HashSet<>(checkpoint.training().map(TrainingRecord::heldOut).orElse(List.of()));
    }

    BuildSummary run() throws IOException {
      // A build that was killed while publishing may have left one: nothing unfinished can be
      // opened.
      Files.deleteIfExists(root.resolve(IndexManifest.FILE));
      cut();
      checkPlan();
      copyInputs();
      sketch();
      int[] cluster = clusters();
      SketchedInfluence influence = curvature(cluster);
      figuresAndLucene(influence, cluster);
      passages(cluster);
      IndexManifest manifest = manifest(influence, new TreeMap<>());
      control(manifest);
      resemblance(manifest);
      Fidelity fidelity = fidelity(manifest);
      long begin = System.nanoTime();
      Files.deleteIfExists(root.resolve(PLAN));
      Files.deleteIfExists(root.resolve(LOCK));
      deleteTree(root.resolve(TRUTH));
      try (Stream<Path> losses = Files.list(root.resolve("sketches"))) {
        for (Path file : losses.filter(p -> p.toString().endsWith(".losses")).toList()) {
          Files.delete(file);
        }
      }
      manifest = manifest(influence, IndexManifest.sums(root));
      manifest.write(root);
      Files.move(root, out, StandardCopyOption.ATOMIC_MOVE);
      lap("publish", begin);
      return new BuildSummary(
          out,
          manifest,
          fidelity,
          corpus.rejections(),
          new LinkedHashMap<>(stageSeconds),
          bytes(manifest),
          peakMemory());
    }

    private void cut() {
      long begin = System.nanoTime();
      InstanceCutter cutter =
          new InstanceCutter(checkpoint.config().context(), checkpoint.config().context());
      int shardWork = 0;
      int shardInstance = 0;
      for (int work = 0; work < corpus.works().size(); work++) {
        TokenizedText text = checkpoint.tokenizer().encode(corpus.works().get(work).text());
        texts.add(text);
        firstInstance[work] = instances.size();
        instances.addAll(cutter.cut(work, text.size()));
        if (!isHeldOut(work)) {
          tokens += text.size();
        }
        boolean last = work + 1 == corpus.works().size();
        if (last || instances.size() - shardInstance >= settings.shardInstances()) {
          shards.add(
              new IndexManifest.Shard(
                  "shard-%04d".formatted(shards.size()),
                  shardWork,
                  work + 1 - shardWork,
                  shardInstance,
                  instances.size() - shardInstance));
          shardWork = work + 1;
          shardInstance = instances.size();
        }
        progress.report("tokenise", work + 1, corpus.works().size(), "works", "");
      }
      firstInstance[corpus.works().size()] = instances.size();
      // A corpus of nothing but held-out works has no training tokens to divide by.
      tokens = Math.max(1, tokens);
      lap("tokenise", begin);
    }

    private boolean isHeldOut(int work) {
      return !heldOut.isEmpty() && heldOut.contains(corpus.works().get(work).contentHash());
    }

    /** A build goes on only with the inputs and settings it began with. */
    private void checkPlan() throws IOException {
      String plan =
          "format "
              + IndexManifest.VERSION
              + "\ncheckpoint "
              + checkpoint.sha256()
              + "\ntokenizer "
              + checkpoint.tokenizer().sha256()
              + "\ncorpus "
              + corpus.hash()
              + "\nsketch "
              + settings.sketch()
              + " "
              + settings.sketchSeed()
              + "\nshard "
              + settings.shardInstances()
              + "\n";
      Path file = root.resolve(PLAN);
      if (!Files.exists(file)) {
        part(file, place -> Files.writeString(place, plan));
      } else if (!Files.readString(file).equals(plan)) {
        throw new EngineException.CannotWrite(
            "the unfinished build at "
                + root
                + " was begun by another version, or with another checkpoint, corpus or settings;"
                + " delete it to start anew");
      }
    }

    private void copyInputs() throws IOException {
      long begin = System.nanoTime();
      for (String name : Checkpoint.FILES) {
        Path source = model.resolve(name);
        if (Files.exists(source)) {
          part(layout.model().resolve(name), place -> Files.copy(source, place));
        }
      }
      for (IndexManifest.Shard shard : shards) {
        part(layout.corpus(shard.name()), place -> Files.write(place, lines(shard)));
      }
      part(
          layout.rejected(),
          place -> Files.write(place, corpus.rejections().stream().map(Json::line).toList()));
      lap("copy", begin);
    }

    private List<String> lines(IndexManifest.Shard shard) {
      return works(shard).mapToObj(work -> corpus.works().get(work).toJsonLine()).toList();
    }

    private IntStream works(IndexManifest.Shard shard) {
      return IntStream.range(shard.firstWork(), shard.firstWork() + shard.works());
    }

    private void sketch() throws IOException {
      long begin = System.nanoTime();
      long all = texts.stream().mapToLong(TokenizedText::size).sum();
      long[] done = new long[1];
      part(layout.directions(), place -> TableDirections.of(checkpoint, spec.table()).write(place));
      try (Sketcher sketcher =
          new Sketcher(checkpoint, spec, TableDirections.read(layout.directions(), spec.table()))) {
        for (IndexManifest.Shard shard : shards) {
          Path losses = losses(shard);
          if (Files.exists(layout.sketches(shard.name()))
              && Files.exists(layout.tableRows(shard.name()))
              && Files.exists(losses)) {
            done[0] += works(shard).mapToLong(work -> texts.get(work).size()).sum();
            continue;
          }
          Files.deleteIfExists(layout.sketches(shard.name()));
          Files.deleteIfExists(layout.tableRows(shard.name()));
          part(
              layout.tableRows(shard.name()),
              rows ->
                  part(
                      layout.sketches(shard.name()),
                      blocks -> sketchShard(sketcher, shard, blocks, rows, all, done)));
        }
      }
      lap("sketch", begin);
    }

    private Path losses(IndexManifest.Shard shard) {
      return root.resolve("sketches").resolve(shard.name() + ".losses");
    }

    private void sketchShard(
        Sketcher sketcher, IndexManifest.Shard shard, Path blocks, Path rows, long all, long[] done)
        throws IOException {
      List<TokenWindow> windows = new ArrayList<>();
      for (Instance instance : instances(shard)) {
        windows.add(
            Windows.ofInstance(
                texts.get(instance.work()).ids(),
                instance.tokens(),
                checkpoint.tokenizer().endOfText()));
      }
      List<String> losses = new ArrayList<>(java.util.Collections.nCopies(windows.size(), ""));
      try (SketchShard.Writer writer = new SketchShard.Writer(blocks, rows, windows, spec)) {
        sketcher.sketch(
            windows,
            settings.threads(),
            (row, sketch, loss) -> {
              try {
                writer.write(row, sketch);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              losses.set(row, Double.toString(loss));
              done[0] += windows.get(row).scored();
              progress.report("sketch", done[0], all, "tokens", shard.name());
            });
      }
      Files.deleteIfExists(losses(shard));
      part(losses(shard), file -> Files.write(file, losses));
    }

    private List<Instance> instances(IndexManifest.Shard shard) {
      return instances.subList(shard.firstInstance(), shard.firstInstance() + shard.instances());
    }

    private List<SketchShard> sketches() {
      return shards.stream()
          .map(
              shard ->
                  SketchShard.open(
                      layout.sketches(shard.name()),
                      layout.tableRows(shard.name()),
                      shard.instances(),
                      spec))
          .toList();
    }

    private int[] clusters() {
      long begin = System.nanoTime();
      int[] cluster =
          DuplicateClusters.of(corpus.works().stream().map(Work::text).toList(), progress);
      lap("clusters", begin);
      return cluster;
    }

    private SketchedInfluence curvature(int[] cluster) throws IOException {
      long begin = System.nanoTime();
      progress.report("curvature", 0, 1, "passes", "");
      SketchedInfluence fitted = fit(work -> !isHeldOut(work), tokens);
      part(layout.curvature(), fitted::write);
      Clusters clusters = new Clusters(corpus.works(), work -> cluster[work], this::isHeldOut);
      deduplicatedTokens =
          Math.max(
              1,
              IntStream.range(0, texts.size())
                  .filter(clusters::countsForCredit)
                  .mapToLong(work -> texts.get(work).size())
                  .sum());
      // One damping for both, which copies do not move either.
      Damping damping = fitted.damping();
      if (clusters.copiesWereTrainedOn()) {
        SketchedInfluence deduplicated = fit(clusters::countsForCredit, deduplicatedTokens);
        part(layout.deduplicatedCurvature(), deduplicated::write);
        damping = deduplicated.damping();
      }
      progress.report("curvature", 1, 1, "passes", "");
      lap("curvature", begin);
      // What is on disk is in single precision: go on with what a query will read.
      return SketchedInfluence.read(layout.curvature(), spec, tokens, damping);
    }

    private SketchedInfluence fit(IntPredicate work, long tokens) {
      return SketchedInfluence.fit(
          spec,
          sketches(),
          instance -> work.test(instances.get(instance).work()),
          tokens,
          checkpoint.training().orElse(null));
    }

    private void figuresAndLucene(SketchedInfluence influence, int[] cluster) throws IOException {
      List<SketchShard> sketches = sketches();
      try (TextEmbedder embedder = TextEmbedder.open()) {
        for (int s = 0; s < shards.size(); s++) {
          IndexManifest.Shard shard = shards.get(s);
          SketchShard sketched = sketches.get(s);
          figures(shard, sketched, influence, cluster);
          if (!Files.exists(layout.lucene(shard.name()))) {
            part(
                layout.lucene(shard.name()),
                place -> lucene(shard, sketched, influence, embedder, place));
          }
        }
      }
    }

    private void figures(
        IndexManifest.Shard shard, SketchShard sketched, SketchedInfluence influence, int[] cluster)
        throws IOException {
      long begin = System.nanoTime();
      List<Double> losses =
          Files.readAllLines(losses(shard)).stream().map(Double::valueOf).toList();
      List<InstanceRow> rows = new ArrayList<>();
      for (int i = 0; i < shard.instances(); i++) {
        Instance instance = instances.get(shard.firstInstance() + i);
        Span characters = characters(instance);
        rows.add(
            new InstanceRow(
                instance.work(),
                instance.tokens().start(),
                instance.tokens().end(),
                characters.start(),
                characters.end(),
                losses.get(i).floatValue()));
      }
      part(layout.instances(shard.name()), place -> Rows.writeInstances(place, rows));
      List<WorkRow> works =
          works(shard)
              .parallel()
              .mapToObj(work -> workRow(work, shard, sketched, influence, cluster[work]))
              .toList();
      part(layout.works(shard.name()), place -> Rows.writeWorks(place, works));
      lap("figures", begin);
    }

    private WorkRow workRow(
        int work,
        IndexManifest.Shard shard,
        SketchShard sketched,
        SketchedInfluence influence,
        int cluster) {
      Sketch sum =
          Sketch.sum(
              IntStream.range(firstInstance[work], firstInstance[work + 1])
                  .mapToObj(i -> sketched.sketch(i - shard.firstInstance()))
                  .toList());
      return new WorkRow(
          firstInstance[work],
          firstInstance[work + 1] - firstInstance[work],
          cluster,
          isHeldOut(work),
          (float) influence.selfInfluence(sum, InfluenceMethod.OF_AN_INDEX.get(0)),
          (float) influence.parameterShift(sum));
    }

    private Span characters(Instance instance) {
      TokenizedText text = texts.get(instance.work());
      int start = text.start(instance.tokens().start());
      return new Span(start, Math.max(start + 1, text.end(instance.tokens().end() - 1)));
    }

    private void lucene(
        IndexManifest.Shard shard,
        SketchShard sketched,
        SketchedInfluence influence,
        TextEmbedder embedder,
        Path place)
        throws IOException {
      long begin = System.nanoTime();
      List<String> texts = new ArrayList<>();
      for (Instance instance : instances(shard)) {
        Span characters = characters(instance);
        texts.add(
            corpus
                .works()
                .get(instance.work())
                .text()
                .substring(characters.start(), characters.end()));
      }
      float[][] embeddings = embeddings(shard, texts, embedder);
      lap("embed", begin);
      begin = System.nanoTime();
      try (ShardWriter writer = new ShardWriter(place)) {
        for (int work : works(shard).toArray()) {
          Work added = corpus.works().get(work);
          WorkDocuments.add(writer, work, added, WordTokens.of(added.text()));
        }
        for (int i = 0; i < shard.instances(); i++) {
          writer.addInstance(
              shard.firstInstance() + i,
              instances.get(shard.firstInstance() + i).work(),
              WordTokens.of(texts.get(i)).words(),
              influence.whiten(sketched.sketch(i)),
              embeddings[i]);
          progress.report(
              "lucene", shard.firstInstance() + i + 1, instances.size(), "instances", shard.name());
        }
        writer.commit();
      }
      lap("lucene", begin);
    }

    private float[][] embeddings(
        IndexManifest.Shard shard, List<String> texts, TextEmbedder embedder) {
      int slice = 256;
      float[][] all = new float[texts.size()][];
      for (int from = 0; from < texts.size(); from += slice) {
        int to = Math.min(from + slice, texts.size());
        float[][] rows = embedder.embed(texts.subList(from, to), settings.threads());
        System.arraycopy(rows, 0, all, from, rows.length);
        progress.report(
            "embed", shard.firstInstance() + to, instances.size(), "instances", shard.name());
      }
      return all;
    }

    private void passages(int[] cluster) throws IOException {
      long begin = System.nanoTime();
      part(
          layout.passages(),
          place ->
              Passages.write(
                  place,
                  layout,
                  shards.stream().map(IndexManifest.Shard::name).toList(),
                  corpus.works(),
                  cluster,
                  progress));
      lap("passages", begin);
    }

    private void control(IndexManifest manifest) throws IOException {
      long begin = System.nanoTime();
      progress.report("control", 0, 1, "measurements", "");
      if (!Files.exists(layout.control())) {
        IndexBuild.control(layout, manifest, settings.recallSeed());
      }
      progress.report("control", 1, 1, "measurements", "");
      lap("control", begin);
    }

    private void resemblance(IndexManifest manifest) throws IOException {
      long begin = System.nanoTime();
      progress.report("resemblance", 0, 1, "measurements", "");
      try (Tracer tracer = Tracer.ofUnpublished(root, manifest)) {
        part(
            layout.resemblance(),
            place ->
                Files.writeString(
                    place,
                    Tracer.toJson(
                        tracer.unrelated(
                            controlOutputs(manifest), settings.threads(), settings.recallSeed()))));
      }
      progress.report("resemblance", 1, 1, "measurements", "");
      lap("resemblance", begin);
    }

    private Fidelity fidelity(IndexManifest manifest) throws IOException {
      long begin = System.nanoTime();
      progress.report("recall", 0, 1, "measurements", "");
      try (Attributor attributor = Attributor.ofUnpublished(root, manifest, settings.device())) {
        List<String> outputs =
            attributor.write(
                settings.recallOutputs(), settings.recallTokens(), 1.0, settings.recallSeed());
        int k = Math.min(50, instances.size());
        List<String> texts = outputs.stream().filter(text -> !text.isBlank()).toList();
        Fidelity.CandidateRecall recall =
            attributor.candidateRecall(texts, k, settings.recallTokens(), settings.recallSeed());
        progress.report("recall", 1, 1, "measurements", "");
        progress.report("tail-patch", 0, 1, "measurements", "");
        TailPatch patch =
            attributor
                .tailPatch(texts, PATCHED, settings.recallTokens(), settings.recallSeed())
                .orElse(null);
        progress.report("tail-patch", 1, 1, "measurements", "");
        Optional<LeaveOut> leaveOut =
            attributor.leaveOut(
                settings.leaveOut(), model, settings.device(), root.resolve(TRUTH), progress);
        if (settings.leaveOut() > 0 && leaveOut.isEmpty()) {
          throw new EngineException.InvalidQuery(
              "nothing can be left out: that takes the corpus of the checkpoint's training record,"
                  + " four rights holders in it and six works held out; build without --leave-out");
        }
        Fidelity fidelity = Fidelity.of(recall, patch, leaveOut.orElse(null));
        Files.deleteIfExists(layout.fidelity());
        fidelity.write(root);
        lap("fidelity", begin);
        return fidelity;
      }
    }

    private IndexManifest manifest(
        SketchedInfluence influence, SortedMap<String, IndexManifest.FileSum> files) {
      SortedMap<String, String> madeWith = new TreeMap<>();
      madeWith.put("whence", version());
      madeWith.put("java", Runtime.version().toString());
      madeWith.put("pytorch", Torch.version());
      madeWith.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
      madeWith.put("device", settings.device());
      int unseen = (int) IntStream.range(0, corpus.works().size()).filter(this::isHeldOut).count();
      return new IndexManifest(
          IndexManifest.FORMAT,
          IndexManifest.VERSION,
          Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
          checkpoint.sha256(),
          checkpoint.tokenizer().sha256(),
          corpus.hash(),
          checkpoint.training().map(TrainingRecord::corpus).orElse(null),
          checkpoint.config().context(),
          checkpoint.config().context(),
          spec,
          influence.damping(),
          tokens,
          deduplicatedTokens,
          new IndexManifest.Counts(
              corpus.works().size(),
              instances.size(),
              texts.stream().mapToLong(TokenizedText::size).sum(),
              unseen,
              corpus.rejections().size()),
          shards,
          Winnowing.TEXT.k(),
          Winnowing.TEXT.w(),
          VerbatimMatcher.TEXT.shortest(),
          TextEmbedder.ID,
          madeWith,
          files);
    }

    /** Makes a part whole or not at all; one that is there already is left as it is. */
    private void part(Path place, Part part) throws IOException {
      if (Files.exists(place)) {
        return;
      }
      Files.createDirectories(place.getParent());
      Path partial = place.resolveSibling(place.getFileName() + PARTIAL);
      deleteTree(partial);
      part.write(partial);
      if (Files.isRegularFile(partial)) {
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
      Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Measures what unrelated outputs have in common with an index that is whole but for that. */
  static void control(IndexLayout layout, IndexManifest manifest, long seed) throws IOException {
    Path partial = layout.root().resolve("control.json" + PARTIAL);
    try (Tracer tracer = Tracer.ofUnpublished(layout.root(), manifest)) {
      if (tracer.texts() == 0) {
        return;
      }
      Optional<ControlCorpus> code =
          tracer.codeControl(controlOutputs(manifest), CONTROL_WORDS, seed);
      if (code.isPresent()) {
        Files.writeString(layout.codeControl(), Tracer.toJson(code.get()));
      }
      Files.writeString(
          partial, Tracer.toJson(tracer.control(controlOutputs(manifest), CONTROL_WORDS, seed)));
    }
    Files.move(partial, layout.control(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static int controlOutputs(IndexManifest manifest) {
    return Math.clamp(
        (long) CONTROL_OUTPUTS_A_WORK * manifest.counts().works(),
        FEWEST_CONTROL_OUTPUTS,
        CONTROL_OUTPUTS);
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  static Map<String, Long> bytes(IndexManifest manifest) {
    Map<String, Long> bytes = new TreeMap<>();
    manifest
        .files()
        .forEach((name, sum) -> bytes.merge(name.replaceAll("/.*", ""), sum.bytes(), Long::sum));
    return bytes;
  }

  /** The kernel's own count of the most memory this process held. */
  static long peakMemory() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }

  static String version() {
    String version = IndexBuild.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Rejections as JSON lines. */
  static final class Json {
    private static final com.google.gson.Gson GSON = new com.google.gson.Gson();

    static String line(Rejection rejection) {
      return GSON.toJson(rejection);
    }

    private Json() {}
  }
}
