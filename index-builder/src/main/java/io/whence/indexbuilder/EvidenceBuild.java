package io.whence.indexbuilder;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.Span;
import io.whence.engine.attribution.Fidelity;
import io.whence.engine.attribution.ImageStore;
import io.whence.engine.attribution.IndexLayout;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.attribution.InstanceRow;
import io.whence.engine.attribution.Passages;
import io.whence.engine.attribution.Rows;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.attribution.WorkRow;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.ImageFile;
import io.whence.engine.corpus.Instance;
import io.whence.engine.corpus.InstanceCutter;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Picture;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Appearance;
import io.whence.engine.evidence.DuplicateClusters;
import io.whence.engine.evidence.PictureClusters;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.influence.Damping;
import io.whence.engine.model.PictureEmbedder;
import io.whence.engine.retrieval.ShardWriter;
import io.whence.engine.sketch.SketchSpec;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Builds an index for evidence alone: works, fingerprints, words, clusters and the control corpus,
 * without a language model and so without sketches and influence, and without embeddings but those
 * of images by a model that the user brings. Its instances are windows of {@value #WINDOW} words.
 * It takes so little that an unfinished one is not gone on with but made anew.
 */
public final class EvidenceBuild {
  private static final int WINDOW = 256;

  /** Enough for a p-value of one in two hundred. */
  private static final int IMAGE_CONTROL_OUTPUTS = 200;

  /** Enough for a percentile to a tenth of one in a hundred. */
  private static final int EMBEDDING_CONTROL_IMAGES = 1000;

  private final List<Path> corpusFiles;
  private final @Nullable Path imageModel;
  private final Path out;
  private final boolean anew;
  private final BuildSettings settings;
  private final Progress progress;
  private final Map<String, Double> stageSeconds = new LinkedHashMap<>();

  /**
   * Prepares a build.
   *
   * @param corpusFiles JSON Lines files, idx files and directories
   * @param out the index, which must not exist yet
   * @param anew whether an unfinished build of {@code out} is thrown away
   * @param settings of which only the size of a shard and the seed of the control corpus count
   */
  public EvidenceBuild(
      List<Path> corpusFiles, Path out, boolean anew, BuildSettings settings, Progress progress) {
    this(corpusFiles, null, out, anew, settings, progress);
  }

  /**
   * Prepares a build with a model that embeds its images.
   *
   * @param corpusFiles JSON Lines files, idx files and directories
   * @param imageModel as {@link PictureEmbedder} takes it, of which the index gets a copy; null for
   *     none
   * @param out the index, which must not exist yet
   * @param anew whether an unfinished build of {@code out} is thrown away
   * @param settings of which only the size of a shard, the threads and the seed of the control
   *     corpus count
   */
  public EvidenceBuild(
      List<Path> corpusFiles,
      @Nullable Path imageModel,
      Path out,
      boolean anew,
      BuildSettings settings,
      Progress progress) {
    this.corpusFiles = List.copyOf(corpusFiles);
    this.imageModel = imageModel;
    this.out = out.toAbsolutePath().normalize();
    this.anew = anew;
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Builds and publishes.
   *
   * @throws EngineException for anything wrong with the inputs or the place; then {@code out} does
   *     not exist
   */
  public BuildSummary run() {
    if (Files.exists(out)) {
      throw new EngineException.CannotWrite(
          out + " exists; choose another --out, or delete it to build it anew");
    }
    Path building = out.resolveSibling(out.getFileName() + ".building");
    if (Files.exists(building) && !anew) {
      throw new EngineException.CannotWrite(
          "an unfinished build lies at " + building + "; make it anew with --resume, or delete it");
    }
    long begin = System.nanoTime();
    // The model first: a bad one is known in a second, a corpus in minutes.
    try (PictureEmbedder embedder = imageModel == null ? null : PictureEmbedder.open(imageModel)) {
      Corpus corpus = Corpus.readWithImages(corpusFiles);
      if (embedder != null && corpus.images().isEmpty()) {
        throw new EngineException.InvalidCorpus(
            "no work of " + corpusFiles + " is an image; leave --image-model out");
      }
      lap("read", begin);
      IndexBuild.deleteTree(building);
      IndexManifest manifest = build(corpus, embedder, new IndexLayout(building));
      Files.move(building, out, StandardCopyOption.ATOMIC_MOVE);
      return new BuildSummary(
          out,
          manifest,
          Fidelity.EVIDENCE_ALONE,
          corpus.rejections(),
          new LinkedHashMap<>(stageSeconds),
          IndexBuild.bytes(manifest),
          IndexBuild.peakMemory());
    } catch (IOException | UncheckedIOException e) {
      throw new EngineException.CannotWrite(
          "cannot write to "
              + building
              + ": "
              + IndexBuild.reason(e)
              + "; make room and build again, nothing was published",
          e);
    }
  }

  private void lap(String stage, long since) {
    stageSeconds.merge(stage, (System.nanoTime() - since) / 1e9, Double::sum);
  }

  private IndexManifest build(Corpus corpus, @Nullable PictureEmbedder embedder, IndexLayout layout)
      throws IOException {
    long begin = System.nanoTime();
    List<Work> works = corpus.works();
    Map<Integer, Appearance> looks = looks(corpus);
    lap("looks", begin);
    Map<Integer, float[]> embeddings = Map.of();
    if (embedder != null) {
      begin = System.nanoTime();
      embeddings = embeddings(corpus, List.copyOf(looks.keySet()), embedder, layout);
      lap("embed", begin);
    }
    begin = System.nanoTime();
    int[] clusters = clusters(works, looks, progress);
    lap("clusters", begin);
    begin = System.nanoTime();
    List<IndexManifest.Shard> shards = new ArrayList<>();
    long words = 0;
    int instances = 0;
    int work = 0;
    while (work < works.size()) {
      ShardDraft draft = new ShardDraft("shard-%04d".formatted(shards.size()), work, instances);
      Files.createDirectories(layout.lucene(draft.name));
      try (ShardWriter writer = new ShardWriter(layout.lucene(draft.name))) {
        while (work < works.size() && draft.size() < settings.shardInstances()) {
          Appearance look = looks.get(work);
          if (look == null) {
            words += draft.add(works.get(work), work, clusters[work], writer);
          } else {
            draft.addImage(
                clusters[work],
                new Image(
                    work, works.get(work), imageFile(corpus, work), look, embeddings.get(work)),
                writer);
          }
          work++;
          progress.report("fingerprints", work, works.size(), "works", draft.name);
        }
        draft.addInstances(writer, works.size(), progress);
        writer.commit();
      }
      draft.write(layout);
      shards.add(draft.shard());
      instances += draft.instances.size();
    }
    Files.write(
        layout.rejected(), corpus.rejections().stream().map(IndexBuild.Json::line).toList());
    lap("index", begin);
    begin = System.nanoTime();
    Passages.write(
        layout.passages(),
        layout,
        shards.stream().map(IndexManifest.Shard::name).toList(),
        works,
        clusters,
        progress);
    lap("passages", begin);
    IndexManifest unsummed = manifest(corpus, shards, instances, words, new TreeMap<>());
    begin = System.nanoTime();
    IndexBuild.control(layout, unsummed, settings.recallSeed());
    if (!looks.isEmpty()) {
      try (Tracer tracer = Tracer.ofUnpublished(layout.root(), unsummed)) {
        Files.writeString(
            layout.imageControl(),
            Tracer.toJson(
                tracer.imageControl(
                    IMAGE_CONTROL_OUTPUTS, settings.threads(), settings.recallSeed())));
        if (!embeddings.isEmpty()) {
          Files.writeString(
              layout.embeddingControl(),
              Tracer.toJson(
                  tracer.embeddingControl(
                      EMBEDDING_CONTROL_IMAGES, settings.threads(), settings.recallSeed())));
        }
      }
    }
    lap("control", begin);
    IndexManifest manifest =
        manifest(corpus, shards, instances, words, IndexManifest.sums(layout.root()));
    manifest.write(layout.root());
    return manifest;
  }

  /** How each work looks that is an image, by its number. */
  private Map<Integer, Appearance> looks(Corpus corpus) {
    Map<Integer, Appearance> looks = new TreeMap<>();
    for (int work = 0; work < corpus.works().size(); work++) {
      if (corpus.works().get(work).modality() == Modality.IMAGE) {
        looks.put(work, Appearance.of(picture(corpus, work)));
        progress.report("looks", looks.size(), corpus.images().size(), "images", "");
      }
    }
    return looks;
  }

  /** The embedding of each image, by the number of its work; the model is copied. */
  private Map<Integer, float[]> embeddings(
      Corpus corpus, List<Integer> images, PictureEmbedder embedder, IndexLayout layout)
      throws IOException {
    Files.createDirectories(layout.imageModel().getParent());
    embedder.copyTo(layout.imageModel());
    int[] done = new int[1];
    List<float[]> rows =
        embedder.embed(
            images.size(),
            image -> {
              synchronized (done) {
                progress.report("embed", ++done[0], images.size(), "images", "");
              }
              return picture(corpus, images.get(image));
            },
            settings.threads());
    Map<Integer, float[]> embeddings = new TreeMap<>();
    for (int image = 0; image < rows.size(); image++) {
      embeddings.put(images.get(image), rows.get(image));
    }
    return embeddings;
  }

  private static ImageFile imageFile(Corpus corpus, int work) {
    return Objects.requireNonNull(corpus.images().get(corpus.works().get(work).id()));
  }

  private static Picture picture(Corpus corpus, int work) {
    return Picture.read(imageFile(corpus, work).bytes(), corpus.works().get(work).id().value());
  }

  /**
   * For each work the first that it is a copy of; texts and images are never copies of each other.
   */
  private static int[] clusters(
      List<Work> works, Map<Integer, Appearance> looks, Progress progress) {
    List<Integer> images = List.copyOf(looks.keySet());
    List<Integer> texts =
        IntStream.range(0, works.size()).boxed().filter(work -> !looks.containsKey(work)).toList();
    int[] clusters = new int[works.size()];
    int[] ofTexts =
        DuplicateClusters.of(texts.stream().map(i -> works.get(i).text()).toList(), progress);
    for (int i = 0; i < texts.size(); i++) {
      clusters[texts.get(i)] = texts.get(ofTexts[i]);
    }
    int[] ofImages = PictureClusters.of(List.copyOf(looks.values()));
    for (int i = 0; i < images.size(); i++) {
      clusters[images.get(i)] = images.get(ofImages[i]);
    }
    return clusters;
  }

  private IndexManifest manifest(
      Corpus corpus,
      List<IndexManifest.Shard> shards,
      int instances,
      long words,
      SortedMap<String, IndexManifest.FileSum> files) {
    SortedMap<String, String> madeWith = new TreeMap<>();
    madeWith.put("whence", IndexBuild.version());
    madeWith.put("java", Runtime.version().toString());
    madeWith.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return new IndexManifest(
        IndexManifest.FORMAT,
        IndexManifest.VERSION,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        "",
        "",
        corpus.hash(),
        null,
        WINDOW,
        WINDOW,
        new SketchSpec(List.of(), SketchSpec.Table.NONE, settings.sketchSeed()),
        new Damping("no sketches", List.of()),
        0,
        0,
        new IndexManifest.Counts(
            corpus.works().size(), instances, words, 0, corpus.rejections().size()),
        shards,
        Winnowing.TEXT.k(),
        Winnowing.TEXT.w(),
        VerbatimMatcher.TEXT.shortest(),
        "",
        madeWith,
        files);
  }

  /** An image of the work with a number. */
  private record Image(
      int number,
      Work work,
      ImageFile file,
      Appearance look,
      @SuppressWarnings("ArrayRecordComponent") float @Nullable [] embedding) {}

  /** A shard that works are added to. */
  private static final class ShardDraft {
    private final String name;
    private final int firstWork;
    private final int firstInstance;
    private final List<Work> added = new ArrayList<>();
    private final List<WorkRow> works = new ArrayList<>();
    private final List<InstanceRow> instances = new ArrayList<>();
    private final List<Image> images = new ArrayList<>();

    /** An image has no instances and counts as one. */
    int size() {
      return instances.size() + images.size();
    }

    void addImage(int cluster, Image image, ShardWriter writer) {
      // Every work of a shard has a place there, with words or without.
      writer.addWork(image.number(), List.of(), new long[0], new int[0]);
      works.add(new WorkRow(firstInstance + instances.size(), 0, cluster, false, 0, 0));
      added.add(image.work());
      images.add(image);
    }

    ShardDraft(String name, int firstWork, int firstInstance) {
      this.name = name;
      this.firstWork = firstWork;
      this.firstInstance = firstInstance;
    }

    /** {@return how many words the work has} */
    int add(Work work, int number, int cluster, ShardWriter writer) throws IOException {
      WordTokens words = WordTokens.of(work.text());
      WorkDocuments.add(writer, number, work, words);
      int first = firstInstance + instances.size();
      List<Instance> windows = new InstanceCutter(WINDOW, WINDOW).cut(number, words.size());
      for (Instance window : windows) {
        Span span = window.tokens();
        instances.add(
            new InstanceRow(
                number,
                span.start(),
                span.end(),
                words.start(span.start()),
                words.end(span.end() - 1),
                0));
      }
      works.add(new WorkRow(first, windows.size(), cluster, false, 0, 0));
      added.add(work);
      return words.size();
    }

    /** The words are made again from the works: those of a whole shard would fill the memory. */
    void addInstances(ShardWriter writer, int ofWorks, Progress progress) throws IOException {
      int next = 0;
      for (int i = 0; i < works.size(); i++) {
        WordTokens words = WordTokens.of(added.get(i).text());
        for (int left = works.get(i).instances(); left > 0; left--, next++) {
          InstanceRow row = instances.get(next);
          writer.addInstance(
              firstInstance + next,
              firstWork + i,
              words.words().subList(row.tokenStart(), row.tokenEnd()));
        }
        progress.report("index", firstWork + i + 1, ofWorks, "works", name);
      }
    }

    void write(IndexLayout layout) throws IOException {
      for (Path file : List.of(layout.corpus(name), layout.works(name), layout.instances(name))) {
        Files.createDirectories(file.getParent());
      }
      try (BufferedWriter out = Files.newBufferedWriter(layout.corpus(name))) {
        for (Work work : added) {
          out.write(work.toJsonLine());
          out.write('\n');
        }
      }
      Rows.writeWorks(layout.works(name), works);
      Rows.writeInstances(layout.instances(name), instances);
      if (images.isEmpty()) {
        return;
      }
      try (ImageStore.Writer writer = new ImageStore.Writer(layout, name)) {
        for (Image image : images) {
          writer.add(image.number(), image.file().bytes(), image.look(), image.embedding());
        }
      }
    }

    IndexManifest.Shard shard() {
      return new IndexManifest.Shard(
          name, firstWork, works.size(), firstInstance, instances.size());
    }
  }
}
