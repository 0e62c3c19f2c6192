package io.whence.engine.attribution;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.Span;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Trace.Source;
import io.whence.engine.attribution.Trace.TracedWork;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Picture;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.CodeMatcher;
import io.whence.engine.evidence.CodeTokens;
import io.whence.engine.evidence.ControlCorpus;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.NegativeCertificate;
import io.whence.engine.evidence.OutputWords;
import io.whence.engine.evidence.PictureNull;
import io.whence.engine.evidence.Resemblance;
import io.whence.engine.evidence.ResemblanceNull;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.model.TextEmbedder;
import io.whence.engine.retrieval.CandidateIndex;
import io.whence.engine.retrieval.Hit;
import io.whence.engine.retrieval.SharedRuns;
import io.whence.engine.risk.UseFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Traces outputs to the works they share words with: evidence alone, without the model and its
 * gradients. Safe for several threads.
 */
public final class Tracer implements AutoCloseable {
  /** Works that share telling words are aligned even where no run of them is unchanged. */
  private static final int BM25_CANDIDATES = 50;

  /** Words of a passage whose meaning is compared; the null is of as many. */
  private static final int PASSAGE_WORDS = 60;

  /** Longer outputs are compared in meaning as far as this many passages go. */
  private static final int MOST_PASSAGES = 64;

  private static final int NEAREST = 10;

  private final String id;
  private final String manifestSum;
  private final IndexManifest manifest;
  private final CandidateIndex candidates;
  private final List<Work> works;
  private final List<InstanceRow> instances;
  private final Clusters clusters;
  private final TextEvidence evidence;
  private final CodeEvidence codeEvidence;
  private final @Nullable ResemblanceNull unrelated;
  private final @Nullable Passages passages;
  private final @Nullable ImageEvidence images;
  private final @Nullable PictureNull imageControl;
  private final boolean ownsParts;
  private @Nullable TextEmbedder embedder;

  private Tracer(String id, String manifestSum, Path directory, IndexManifest manifest) {
    this.id = id;
    this.manifestSum = manifestSum;
    this.manifest = manifest;
    IndexLayout layout = new IndexLayout(directory);
    List<WorkRow> rows = new ArrayList<>();
    works = new ArrayList<>();
    instances = new ArrayList<>();
    for (IndexManifest.Shard shard : manifest.shards()) {
      works.addAll(Corpus.kept(layout.corpus(shard.name())).works());
      rows.addAll(Rows.readWorks(layout.works(shard.name()), shard.works()));
      instances.addAll(Rows.readInstances(layout.instances(shard.name()), shard.instances()));
    }
    clusters = Clusters.of(works, rows);
    passages = Passages.open(layout, works);
    ControlCorpus control = readControl(layout);
    candidates =
        CandidateIndex.open(
            manifest.shards().stream().map(shard -> layout.lucene(shard.name())).toList());
    evidence = new TextEvidence(works, candidates, control);
    codeEvidence = new CodeEvidence(works, candidates, readCodeControl(layout));
    unrelated = readUnrelated(layout);
    ImageStore store = ImageStore.open(layout, manifest.shards());
    ImageNeighbours neighbours =
        store.isEmbedded()
            ? new ImageNeighbours(
                store, layout.imageModel(), read(layout.embeddingControl(), PictureNull.class))
            : null;
    images = store.size() == 0 ? null : new ImageEvidence(works, clusters, store, neighbours);
    imageControl = read(layout.imageControl(), PictureNull.class);
    ownsParts = true;
  }

  /** The tracer of an index that is open for attribution, and is closed with it. */
  Tracer(String id, String manifestSum, OpenIndex index) {
    this.id = id;
    this.manifestSum = manifestSum;
    manifest = index.manifest;
    candidates = index.candidates;
    works = index.works;
    instances = index.instances;
    clusters = index.clusters;
    evidence = index.evidence;
    codeEvidence = new CodeEvidence(works, candidates, index.codeControl);
    unrelated = index.unrelated;
    passages = index.passages;
    embedder = index.embedder;
    images = null;
    imageControl = null;
    ownsParts = false;
  }

  /**
   * {@return the tracer of the index in {@code directory}, every file of it checked; the caller
   * closes it}
   *
   * @throws EngineException.NoIndex when no finished index is there
   * @throws EngineException.IndexDamaged when a file is not what the manifest says
   */
  public static Tracer open(Path directory) {
    IndexManifest manifest = IndexManifest.read(directory);
    List<String> damage = manifest.damage(directory);
    if (!damage.isEmpty()) {
      throw new EngineException.IndexDamaged(
          "the index at " + directory + " is damaged: " + damage.get(0) + "; build it again");
    }
    try {
      return new Tracer(
          String.valueOf(directory.toAbsolutePath().normalize().getFileName()),
          Sha256.of(directory.resolve(IndexManifest.FILE)),
          directory,
          manifest);
    } catch (IOException e) {
      throw new EngineException.IndexDamaged("cannot read the index at " + directory + ": " + e, e);
    }
  }

  /** {@return the tracer of an index that is being built, nothing checked} */
  public static Tracer ofUnpublished(Path directory, IndexManifest manifest) {
    return new Tracer("unpublished", "", directory, manifest);
  }

  /** {@return the works of the index, by number} */
  public List<Work> works() {
    return List.copyOf(works);
  }

  /** {@return the number of the work that stands for the copies of work {@code number}} */
  public int cluster(int number) {
    return clusters.first(number);
  }

  /** {@return the name of the index} */
  public String id() {
    return id;
  }

  /**
   * {@return the runs of words that several works of the index share}
   *
   * @throws EngineException.InvalidQuery when the index was built before they were looked for
   */
  public Passages passages() {
    if (passages == null) {
      throw new EngineException.InvalidQuery(
          "the index "
              + id
              + " was built before passages were looked for and has none; build it again to have"
              + " them");
    }
    return passages;
  }

  /**
   * {@return the number of a work}
   *
   * @throws EngineException.InvalidQuery when there is none of the id
   */
  public int number(WorkId work) {
    return IntStream.range(0, works.size())
        .filter(number -> works.get(number).id().equals(work))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException.InvalidQuery(
                    "the index " + id + " has no work " + work.value() + "; ids are the corpus's"));
  }

  /**
   * {@return what {@code output} shares with the works; it is taken for code where it looks like it
   * and the index has code}
   */
  public Trace trace(String output, Exclusions exclusions) {
    return trace(output, null, exclusions);
  }

  /**
   * {@return what {@code output} shares with the works}
   *
   * @param language the output is code of; null where it is not known to be any
   */
  public Trace trace(String output, @Nullable CodeLanguage language, Exclusions exclusions) {
    if (texts() == 0) {
      throw new EngineException.InvalidQuery(
          "the index " + id + " holds images alone; give the file of an image, or another index");
    }
    WordTokens words = WordTokens.of(output);
    OutputWords compared = OutputWords.of(words, output);
    Set<Integer> proposed = proposed(compared);
    Optional<CodeMatcher.Side> code =
        Optional.ofNullable(language)
            .or(() -> candidates.codeWorks() > 0 ? CodeLanguage.detect(output) : Optional.empty())
            .map(known -> new CodeMatcher.Side(output, CodeTokens.of(output, known), words));
    code.ifPresent(side -> proposed.addAll(proposed(side.code())));
    SortedMap<Integer, List<Finding>> findings = evidence.findings(compared, proposed, exclusions);
    code.ifPresent(
        side ->
            codeEvidence
                .findings(side, proposed)
                .forEach((work, found) -> findings.merge(work, found, Tracer::joined)));
    SortedMap<Integer, List<Integer>> groups = new TreeMap<>();
    Set<String> applied = new LinkedHashSet<>();
    findings.forEach(
        (work, found) -> {
          if (!found.isEmpty()) {
            groups.computeIfAbsent(clusters.first(work), key -> new ArrayList<>()).add(work);
          }
          found.stream()
              .map(Finding::excludedBy)
              .filter(java.util.Objects::nonNull)
              .forEach(applied::add);
        });
    List<Source> sources =
        groups.values().stream()
            .map(group -> source(group, findings))
            .sorted(
                Comparator.comparingInt((Source source) -> -source.words())
                    .thenComparingInt(source -> -covered(source))
                    .thenComparing(Source::cluster))
            .toList();
    return new Trace(
        output,
        words.size(),
        new Attribution.Index(id, manifest.checkpoint(), manifest.corpus(), manifestSum),
        sources,
        SharedPassage.of(sources, place -> known(place, findings.keySet())),
        NegativeCertificate.of(
            findings.values().stream().flatMap(List::stream).map(Finding::match).toList(),
            words.size(),
            Winnowing.TEXT,
            manifestSum,
            texts()),
        exclusions.rules().stream().filter(rule -> applied.contains(rule.name())).toList(),
        code.map(side -> codeEvidence.trace(side, findings)).orElse(null));
  }

  /** The passage of the index at a place, which is in one of some works. */
  private Optional<SharedPassage.Known> known(SharedPassage.Place place, Set<Integer> among) {
    if (passages == null) {
      return Optional.empty();
    }
    return among.stream()
        .filter(work -> works.get(work).id().equals(place.work().id()))
        .findFirst()
        .flatMap(work -> passages.closest(work, place.match().workWords()));
  }

  /** {@return how many works are text or code} */
  public int texts() {
    return works.size() - (images == null ? 0 : images.size());
  }

  /**
   * {@return which images an output that is one agrees with}
   *
   * @param file its bytes: PNG, JPEG, GIF or BMP
   * @param name of the file, for people
   * @throws EngineException.InvalidQuery when it is no still picture within the limits of {@link
   *     Picture#read}, or the index has no images
   */
  public ImageTrace traceImage(byte[] file, String name) {
    if (imageControl == null) {
      throw new EngineException.InvalidQuery(
          "the index "
              + id
              + " holds no images; build one of them with whence index build --no-sketches");
    }
    return images()
        .trace(
            file,
            name,
            new Attribution.Index(id, manifest.checkpoint(), manifest.corpus(), manifestSum),
            imageControl);
  }

  /**
   * {@return the fair-use risk of a use of a traced text or code, on its evidence alone}
   *
   * @throws EngineException.InvalidQuery when something is stated of an image
   */
  public TraceRisk risk(Trace trace, UseFacts use) {
    return TraceRisk.of(trace, use);
  }

  /**
   * {@return the fair-use risk of a use of a traced image, on its evidence alone}
   *
   * @param trace by this tracer
   * @throws EngineException.InvalidQuery when a character is stated to be that of a work that the
   *     index has not
   */
  public TraceRisk risk(ImageTrace trace, UseFacts use) {
    return TraceRisk.of(
        trace,
        use,
        id -> works.get(number(id)),
        id -> clusters.copies(clusters.first(number(id))).size());
  }

  /**
   * {@return the file of an image as it was read}
   *
   * @param number among the images of the index, as {@link ImageTrace.TracedImage#image} has it
   */
  public byte[] image(int number) {
    return images().file(number);
  }

  /**
   * {@return how well images that have nothing to do with each other agree}
   *
   * @param outputs how many to draw
   * @param threads that search; the result does not depend on it
   */
  public PictureNull imageControl(int outputs, int threads, long seed) {
    return images().control(outputs, threads, seed);
  }

  /**
   * {@return how near images that have nothing to do with each other are, by their embeddings}
   *
   * @param most how many to draw, each at most once
   * @param threads that compare; the result does not depend on it
   */
  public PictureNull embeddingControl(int most, int threads, long seed) {
    return images().embeddingControl(most, threads, seed);
  }

  private ImageEvidence images() {
    if (images == null) {
      throw new IllegalStateException("the index has no images");
    }
    return images;
  }

  private static List<Finding> joined(List<Finding> some, List<Finding> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  /**
   * {@return a work with its cluster, and without findings; empty where there is none of the id}
   */
  public Optional<Source> source(WorkId id) {
    return IntStream.range(0, works.size())
        .filter(work -> works.get(work).id().equals(id))
        .boxed()
        .findFirst()
        .map(work -> source(List.of(work), new TreeMap<>()));
  }

  private Source source(List<Integer> group, SortedMap<Integer, List<Finding>> findings) {
    List<TracedWork> traced =
        group.stream()
            .map(work -> new TracedWork(works.get(work), findings.getOrDefault(work, List.of())))
            .sorted(
                Comparator.comparingInt((TracedWork work) -> -counted(List.of(work)))
                    .thenComparing(work -> work.work().id()))
            .toList();
    int first = clusters.first(group.get(0));
    return new Source(
        works.get(first).id().value(),
        clusters.copies(first).size(),
        clusters.earliest(first).map(work -> work.id().value()).orElse(null),
        counted(traced),
        traced);
  }

  private static int counted(List<TracedWork> works) {
    return VerbatimMatcher.wordsCovered(
        works.stream()
            .flatMap(work -> work.findings().stream())
            .filter(Finding::counts)
            .map(Finding::match)
            .toList());
  }

  private static int covered(Source source) {
    return VerbatimMatcher.wordsCovered(
        source.works().stream()
            .flatMap(work -> work.findings().stream())
            .map(Finding::match)
            .toList());
  }

  /** {@return how many works are compared with the output for the runs of words they share} */
  public int sharingFingerprints(String output) {
    OutputWords compared = OutputWords.of(WordTokens.of(output), output);
    return evidence.sharing(compared).size();
  }

  private Set<Integer> proposed(CodeTokens code) {
    Set<Integer> proposed = new TreeSet<>();
    for (Hit hit :
        candidates.codeFingerprints(Winnowing.CODE.everyRun(code.normalised()).hashes())) {
      proposed.add(hit.id());
    }
    return proposed;
  }

  private Set<Integer> proposed(OutputWords output) {
    Set<Integer> proposed = new TreeSet<>();
    for (SharedRuns runs : evidence.sharing(output)) {
      proposed.add(runs.work());
    }
    for (Hit hit : candidates.bm25(output.words().words(), BM25_CANDIDATES)) {
      proposed.add(instances.get(hit.id()).work());
    }
    return proposed;
  }

  /**
   * {@return the works that come nearest in meaning, one of each cluster, nearest first; empty
   * where the index has no embeddings or no null for them}
   *
   * <p>The output is compared in passages of as many words as those of the null.
   */
  public Optional<List<Resemblance>> resemblances(String output) {
    ResemblanceNull known = unrelated;
    if (known == null) {
      return Optional.empty();
    }
    List<Span> passages = passages(output);
    Map<Integer, Resemblance> nearest = new TreeMap<>();
    for (Span passage : passages) {
      float[] embedding = embedder().embed(output.substring(passage.start(), passage.end()));
      for (Hit hit : candidates.nearestEmbeddings(embedding, NEAREST)) {
        InstanceRow row = instances.get(hit.id());
        nearest.merge(
            clusters.first(row.work()),
            new Resemblance(
                works.get(row.work()).id(),
                passage,
                new Span(row.charStart(), row.charEnd()),
                hit.score(),
                known.percentile(hit.score(), passages.size())),
            (one, other) -> other.cosine() > one.cosine() ? other : one);
      }
    }
    return Optional.of(
        nearest.values().stream()
            .sorted(
                Comparator.comparingDouble(Resemblance::cosine)
                    .reversed()
                    .thenComparing(Resemblance::work))
            .limit(NEAREST)
            .toList());
  }

  /** {@return how many characters of an output are compared in meaning, from its beginning} */
  public int comparedInMeaning(String output) {
    List<Span> passages = passages(output);
    return passages.get(passages.size() - 1).end();
  }

  /** One after the other, at least one; a rest shorter than half a passage belongs to the last. */
  private static List<Span> passages(String output) {
    WordTokens words = WordTokens.of(output);
    List<Span> passages = new ArrayList<>();
    int from = 0;
    while (passages.size() < MOST_PASSAGES && from < words.size()) {
      int left = words.size() - from;
      int to = left < PASSAGE_WORDS * 3 / 2 ? words.size() : from + PASSAGE_WORDS;
      passages.add(new Span(words.start(from), words.end(to - 1)));
      from = to;
    }
    return passages.isEmpty() ? List.of(new Span(0, output.length())) : List.copyOf(passages);
  }

  private synchronized TextEmbedder embedder() {
    TextEmbedder open = embedder == null ? TextEmbedder.open() : embedder;
    embedder = open;
    return open;
  }

  /**
   * {@return how near in meaning passages of the works come to works that are no copies of them}
   *
   * @param outputs how many passages to draw, from the works with as many words, or from all
   * @param threads that embed; the result does not depend on it
   */
  public ResemblanceNull unrelated(int outputs, int threads, long seed) {
    List<Drawn> drawn = drawn(outputs, PASSAGE_WORDS, seed);
    float[][] embeddings = embedder().embed(drawn.stream().map(Drawn::passage).toList(), threads);
    List<Double> nearest = new ArrayList<>();
    for (int i = 0; i < drawn.size(); i++) {
      List<Integer> copies = clusters.copies(drawn.get(i).work());
      nearest.add(nearestBeside(embeddings[i], copies));
    }
    return new ResemblanceNull(outputs, PASSAGE_WORDS, seed, nearest);
  }

  /** The cosine with the nearest instance of other works; -1 where there are none. */
  private double nearestBeside(float[] embedding, List<Integer> copies) {
    for (int limit = NEAREST; ; limit *= 4) {
      List<Hit> hits = candidates.nearestEmbeddings(embedding, limit);
      for (Hit hit : hits) {
        if (!copies.contains(instances.get(hit.id()).work())) {
          return hit.score();
        }
      }
      if (hits.size() < limit) {
        return -1;
      }
    }
  }

  /**
   * {@return what passages of the works have in common with works that are no copies of them}
   *
   * @param outputs how many passages to draw, from the works with as many words, or from all
   * @param length of a passage, in words
   */
  public ControlCorpus control(int outputs, int length, long seed) {
    List<Double> rarest =
        // On this thread: one of the common pool sees other classes where a service hosts the
        // build.
        drawn(outputs, length, seed).stream()
            .map(
                output -> {
                  WordTokens words = WordTokens.of(output.passage());
                  OutputWords compared = OutputWords.of(words, output.passage());
                  Set<Integer> others = proposed(compared);
                  others.removeAll(clusters.copies(output.work()));
                  List<Evidence> matches =
                      evidence.findings(compared, others, Exclusions.LISTED).values().stream()
                          .flatMap(List::stream)
                          .filter(finding -> finding.excludedBy() == null)
                          .map(Finding::match)
                          .toList();
                  return ControlCorpus.rarest(matches, words.size());
                })
            .filter(rarity -> rarity > Double.NEGATIVE_INFINITY)
            .toList();
    return new ControlCorpus(outputs, length, seed, rarest);
  }

  /**
   * {@return what passages of the works' code have in common with code of others: neither copies of
   * theirs nor, as far as it is known, of the same holder or directory; empty where no work is
   * code}
   *
   * @param outputs how many passages to draw
   * @param length of a passage, in tokens
   */
  public Optional<ControlCorpus> codeControl(int outputs, int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> from =
        IntStream.range(0, works.size())
            .filter(work -> CodeLanguage.of(works.get(work)).isPresent())
            .boxed()
            .toList();
    if (from.isEmpty()) {
      return Optional.empty();
    }
    List<Double> rarest = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      int work = from.get(random.nextInt(from.size()));
      CodeLanguage language = CodeLanguage.of(works.get(work)).orElseThrow();
      CodeMatcher.Side passage =
          CodeMatcher.Side.of(
              codePassage(works.get(work).text(), language, length, random), language);
      Set<Integer> others = proposed(passage.code());
      others.removeIf(
          other -> clusters.first(other) == clusters.first(work) || related(work, other));
      double rarity =
          ControlCorpus.rarest(
              codeEvidence.findings(passage, others).values().stream()
                  .flatMap(List::stream)
                  .filter(finding -> finding.excludedBy() == null)
                  .map(Finding::match)
                  .toList(),
              passage.code().size());
      if (rarity > Double.NEGATIVE_INFINITY) {
        rarest.add(rarity);
      }
    }
    return Optional.of(new ControlCorpus(outputs, length, seed, rarest));
  }

  private static String codePassage(
      String text, CodeLanguage language, int length, SplittableRandom random) {
    CodeTokens code = CodeTokens.of(text, language);
    int count = Math.min(length, code.size());
    int first = random.nextInt(code.size() - count + 1);
    return count == 0
        ? text
        : text.substring(
            code.tokens().get(first).start(), code.tokens().get(first + count - 1).end());
  }

  /** Files of one project share code for other reasons than chance. */
  private boolean related(int one, int other) {
    String holder = works.get(one).creditedTo();
    return holder.equals(Work.UNKNOWN_HOLDER)
        ? directory(one).equals(directory(other)) && !directory(one).isEmpty()
        : holder.equals(works.get(other).creditedTo());
  }

  private String directory(int work) {
    String id = works.get(work).id().value();
    return id.substring(0, Math.max(0, id.lastIndexOf('/')));
  }

  /** A passage, and the work it was drawn from. */
  private record Drawn(int work, String passage) {}

  private List<Drawn> drawn(int outputs, int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> longEnough =
        IntStream.range(0, works.size())
            .filter(this::isText)
            .filter(work -> WordTokens.of(works.get(work).text()).size() >= length)
            .boxed()
            .toList();
    List<Integer> from =
        longEnough.isEmpty()
            ? IntStream.range(0, works.size()).filter(this::isText).boxed().toList()
            : longEnough;
    List<Drawn> drawn = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      int work = from.get(random.nextInt(from.size()));
      drawn.add(new Drawn(work, passage(works.get(work).text(), length, random)));
    }
    return List.copyOf(drawn);
  }

  private boolean isText(int work) {
    return works.get(work).modality() != Modality.IMAGE;
  }

  private static String passage(String text, int length, SplittableRandom random) {
    WordTokens words = WordTokens.of(text);
    int count = Math.min(length, words.size());
    int first = random.nextInt(words.size() - count + 1);
    return count == 0 ? text : text.substring(words.start(first), words.end(first + count - 1));
  }

  /** {@return what an index's control corpus gave; null where it has none} */
  static @Nullable ControlCorpus readControl(IndexLayout layout) {
    return read(layout.control(), ControlCorpus.class);
  }

  /** {@return what an index's control corpus of code gave; null where it has none} */
  static @Nullable ControlCorpus readCodeControl(IndexLayout layout) {
    return read(layout.codeControl(), ControlCorpus.class);
  }

  /** {@return how near in meaning unrelated outputs come; null where that was not measured} */
  static @Nullable ResemblanceNull readUnrelated(IndexLayout layout) {
    return read(layout.resemblance(), ResemblanceNull.class);
  }

  private static <T> @Nullable T read(Path file, Class<T> type) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return new Gson().fromJson(Files.readString(file), type);
    } catch (IOException | JsonParseException | IllegalArgumentException e) {
      throw new EngineException.IndexDamaged("cannot read " + file + ": " + e, e);
    }
  }

  /** {@return a control corpus as it is stored} */
  public static String toJson(ControlCorpus control) {
    return new GsonBuilder().setPrettyPrinting().create().toJson(control) + "\n";
  }

  /** {@return a null of pictures as it is stored} */
  public static String toJson(PictureNull unrelated) {
    return new GsonBuilder().setPrettyPrinting().create().toJson(unrelated) + "\n";
  }

  /** {@return a null of resemblance as it is stored} */
  public static String toJson(ResemblanceNull unrelated) {
    return new GsonBuilder().setPrettyPrinting().create().toJson(unrelated) + "\n";
  }

  @Override
  public void close() {
    if (!ownsParts) {
      return;
    }
    candidates.close();
    if (images != null) {
      images.close();
    }
    synchronized (this) {
      if (embedder != null) {
        embedder.close();
      }
    }
  }
}
