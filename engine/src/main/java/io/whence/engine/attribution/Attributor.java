package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.InstanceId;
import io.whence.engine.Progress;
import io.whence.engine.Sha256;
import io.whence.engine.Span;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Attribution.FoundBy;
import io.whence.engine.attribution.Attribution.RankedInstance;
import io.whence.engine.attribution.Attribution.RankedWork;
import io.whence.engine.attribution.Attribution.TokenInfluence;
import io.whence.engine.corpus.Work;
import io.whence.engine.credit.Claim;
import io.whence.engine.credit.Claimant;
import io.whence.engine.credit.Share;
import io.whence.engine.credit.Shares;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.NegativeCertificate;
import io.whence.engine.evidence.OutputWords;
import io.whence.engine.evidence.PersonalData;
import io.whence.engine.evidence.Tier;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.fidelity.CheckpointTruth;
import io.whence.engine.fidelity.Estimate;
import io.whence.engine.fidelity.LeaveOut;
import io.whence.engine.fidelity.TailPatch;
import io.whence.engine.influence.Influence;
import io.whence.engine.influence.InfluenceMethod;
import io.whence.engine.influence.SketchedInfluence.QuerySide;
import io.whence.engine.model.OneStep;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.TokenizedText;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.model.Windows;
import io.whence.engine.retrieval.Hit;
import io.whence.engine.retrieval.SharedRuns;
import io.whence.engine.risk.CopiedWork;
import io.whence.engine.risk.FairUse;
import io.whence.engine.sketch.Sketch;
import io.whence.engine.sketch.Sketcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Attributes outputs to the works of one index.
 *
 * <p>A query runs through: loss and sketch of the output; candidates, which are the union of what
 * sketches, meaning, words and fingerprints propose; influence of every candidate work, over all
 * its instances; shared runs of words; risk; credit. The same request always gives the same answer.
 * Safe for several platform threads.
 */
public final class Attributor implements AutoCloseable {
  private static final float[] NO_BLOCKS = {};

  private static final int SKETCH_CANDIDATES = 200;
  private static final int EMBEDDING_CANDIDATES = 50;
  private static final int BM25_CANDIDATES = 50;

  /** How many each list proposes; fingerprints propose all they find. */
  static final String CANDIDATES =
      "sketch "
          + SKETCH_CANDIDATES
          + ", embedding "
          + EMBEDDING_CANDIDATES
          + ", bm25 "
          + BM25_CANDIDATES;

  private final String id;
  private final String manifestSum;
  private final OpenIndex index;
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();
  private boolean closed;
  private final Fidelity fidelity;
  private final Tracer tracer;
  private final SortedMap<String, String> components;

  private Attributor(
      String id, String manifestSum, OpenIndex index, Fidelity fidelity, String device) {
    this.id = id;
    this.fidelity = fidelity;
    this.manifestSum = manifestSum;
    this.index = index;
    this.tracer = new Tracer(id, manifestSum, index);
    this.components = Reproducibility.components(index.manifest, manifestSum, device);
  }

  /**
   * {@return the attributor of the index in {@code directory}, every file of it checked; the caller
   * closes it}
   *
   * @param device {@code cpu} or {@code cuda}, for the output's gradient
   * @throws EngineException.NoIndex when no finished index is there
   * @throws EngineException.IndexDamaged when a file is not what the manifest says
   * @throws EngineException.IndexMismatch when its parts do not belong together
   */
  public static Attributor open(Path directory, String device) {
    IndexManifest manifest = IndexManifest.read(directory);
    Path name = directory.toAbsolutePath().normalize().getFileName();
    if (manifest.evidenceAlone()) {
      throw new EngineException.IndexMismatch(
          "the index at "
              + directory
              + " was built with --no-sketches, for evidence alone; use whence trace, or build it"
              + " again with a model");
    }
    try {
      checkModel(directory, manifest);
      List<String> damage = manifest.damage(directory);
      if (!damage.isEmpty()) {
        throw new EngineException.IndexDamaged(
            "the index at "
                + directory
                + " is damaged: "
                + damage.get(0)
                + (damage.size() > 1 ? " (and " + (damage.size() - 1) + " more)" : "")
                + "; build it again");
      }
      return new Attributor(
          String.valueOf(name),
          Sha256.of(directory.resolve(IndexManifest.FILE)),
          new OpenIndex(directory, manifest, device),
          Fidelity.read(directory),
          device);
    } catch (IOException e) {
      throw new EngineException.IndexDamaged("cannot read the index at " + directory + ": " + e, e);
    }
  }

  /** A checkpoint put in place of another is named as such, not as a damaged file. */
  private static void checkModel(Path directory, IndexManifest manifest) throws IOException {
    Path model = new IndexLayout(directory).model();
    Path weights = model.resolve("model.safetensors");
    Path config = model.resolve("config.json");
    if (java.nio.file.Files.exists(weights) && java.nio.file.Files.exists(config)) {
      String sum = new Sha256().add(config).add(weights).hex();
      if (!sum.equals(manifest.checkpoint()) && isCheckpoint(model)) {
        throw new EngineException.IndexMismatch(
            "the index at "
                + directory
                + " was built with checkpoint "
                + manifest.checkpoint().substring(0, 12)
                + "..., but its model directory holds "
                + sum.substring(0, 12)
                + "...; put the first back or build the index again");
      }
    }
  }

  private static boolean isCheckpoint(Path model) {
    try {
      io.whence.engine.model.Checkpoint.open(model, "cpu").close();
      return true;
    } catch (EngineException e) {
      return false;
    }
  }

  /** {@return the attributor of an index that is being built, nothing checked} */
  public static Attributor ofUnpublished(Path directory, IndexManifest manifest, String device) {
    return new Attributor(
        "unpublished",
        "",
        new OpenIndex(directory, manifest, device),
        Fidelity.of(null, null, null),
        device);
  }

  /** {@return the manifest of the index} */
  public IndexManifest manifest() {
    return index.manifest;
  }

  /** {@return the name of the index: that of its directory} */
  public String id() {
    return id;
  }

  /** {@return the tracer of the same index, which is closed with this} */
  public Tracer tracer() {
    return tracer;
  }

  /** {@return what the index says of its own error} */
  public Fidelity fidelity() {
    return fidelity;
  }

  /**
   * {@return characters of a work of the index; none where it has no such work, or none there}
   *
   * @param characters of the work's text
   */
  public Optional<String> passage(WorkId work, Span characters) {
    return index.works.stream()
        .filter(one -> one.id().equals(work))
        .map(Work::text)
        .filter(text -> characters.end() <= text.length())
        .map(text -> text.substring(characters.start(), characters.end()))
        .findFirst();
  }

  /** {@return SHA-256 of the index's manifest, as answers name it} */
  public String manifestSha256() {
    return manifestSum;
  }

  /** {@return texts the index's own model writes, from a seed} */
  public List<String> write(int count, int tokens, double temperature, long seed) {
    return index.checkpoint.write(count, tokens, temperature, seed);
  }

  /** {@return the attribution of {@code request}} */
  public Attribution attribute(AttributionRequest request) {
    return attribute(request, Stages.IGNORED);
  }

  /** {@return the attribution of {@code request}; {@code stages} is told how long each took} */
  public Attribution attribute(AttributionRequest request, Stages stages) {
    inUse.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the index " + id + " is closed");
      }
      return attributed(request, stages);
    } finally {
      inUse.readLock().unlock();
    }
  }

  private Attribution attributed(AttributionRequest request, Stages stages) {
    long begin = System.nanoTime();
    Measured measured = measure(request);
    long now = lap(stages, "gradient", begin);

    WordTokens words = WordTokens.of(request.output());
    OutputWords compared = OutputWords.of(words, request.output());
    Map<Integer, Map<FoundBy, Double>> found = new TreeMap<>();
    if (request.exact()) {
      IntStream.range(0, index.works.size())
          .forEach(work -> found.put(work, new EnumMap<>(FoundBy.class)));
    }
    InfluenceMethod method = request.methods().get(0);
    Sides query = sides(measured.sketch(), method);
    propose(request, measured, query, compared, found);
    now = lap(stages, "retrieval", now);

    Set<Integer> wanted = new TreeSet<>(found.keySet());
    // Copies are credited as one, so they are scored as one.
    for (int work : found.keySet()) {
      wanted.addAll(cluster(work));
    }
    Map<Integer, Scored> scored = new TreeMap<>();
    for (int work : wanted) {
      scored.put(work, score(work, query));
    }
    Null chance = chance(query, scored);
    if (request.exact()) {
      scored.forEach(
          (work, score) -> found(found, work, FoundBy.EXACT, score.influence().deltaLoss()));
    }
    now = lap(stages, "scoring", now);

    SortedMap<Integer, List<Finding>> evidence =
        index.evidence.findings(
            compared, scored.keySet(), request.exclusions() ? Exclusions.LISTED : Exclusions.NONE);
    lap(stages, "evidence", now);

    List<Claimed> claims = claims(scored, chance.threshold());
    Shares shares = Shares.of(claims.stream().map(Claimed::claim).toList(), chance.positive());
    List<Integer> ranking = ranking(scored, evidence);
    Map<InfluenceMethod, QuerySide> otherSides = new LinkedHashMap<>();
    for (InfluenceMethod other : request.methods().subList(1, request.methods().size())) {
      otherSides.put(other, index.influence.querySide(measured.sketch(), other));
    }
    List<Integer> shown = ranking.subList(0, Math.min(request.topK(), ranking.size()));
    Map<Integer, List<TokenInfluence>> tokens =
        request.perToken() ? tokenInfluence(measured, shown, method) : Map.of();
    List<RankedWork> ranked = new ArrayList<>();
    for (int work : shown) {
      ranked.add(
          rankedWork(
              ranked.size() + 1,
              work,
              tokens.getOrDefault(work, List.of()),
              otherSides,
              scored,
              chance,
              found.getOrDefault(work, Map.of()),
              evidence.getOrDefault(work, List.of()),
              shares));
    }
    Attribution attribution =
        new Attribution(
            request,
            new Attribution.Index(
                id, index.manifest.checkpoint(), index.manifest.corpus(), manifestSum),
            new Attribution.Measurement(measured.loss(), measured.text().size()),
            List.copyOf(ranked),
            FairUse.assess(
                request.use(),
                copied(request.output(), words, evidence),
                PersonalData.in(request.output())),
            shares.byHolder(),
            credited(claims, shares),
            shares.unattributedPpm(),
            chance.threshold().of(chance.typical()),
            chance.threshold().rule(),
            fidelity,
            provenance(),
            components,
            limits(request),
            NegativeCertificate.of(
                evidence.values().stream().flatMap(List::stream).map(Finding::match).toList(),
                words.size(),
                Winnowing.TEXT,
                manifestSum,
                index.works.size()));
    lap(stages, "total", begin);
    return attribution;
  }

  private static long lap(Stages stages, String stage, long since) {
    long now = System.nanoTime();
    stages.took(stage, now - since);
    return now;
  }

  /** What the model makes of the output. */
  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Measured(
      TokenizedText text, List<TokenWindow> windows, Sketch sketch, double loss) {}

  private Measured measure(AttributionRequest request) {
    TokenizedText output = index.checkpoint.tokenizer().encode(request.output());
    int[] prompt =
        request.prompt() == null
            ? new int[0]
            : index.checkpoint.tokenizer().encode(request.prompt()).ids();
    List<TokenWindow> windows =
        Windows.ofOutput(
            prompt,
            output.ids(),
            index.checkpoint.config().context(),
            index.checkpoint.tokenizer().endOfText());
    Sketcher.Whole whole = index.sketcher.whole(windows);
    return new Measured(output, windows, whole.sketch(), whole.loss());
  }

  /** What each work did to each token: the losses' slopes along the move without the work. */
  private Map<Integer, List<TokenInfluence>> tokenInfluence(
      Measured measured, List<Integer> works, InfluenceMethod method) {
    Map<Integer, List<TokenInfluence>> influence = new TreeMap<>();
    List<Integer> trained =
        works.stream().filter(work -> !index.workRows.get(work).heldOut()).toList();
    List<Sketch> moves =
        trained.stream().map(work -> index.influence.move(sketchOf(work, method), method)).toList();
    int token = 0;
    for (TokenWindow window : measured.windows()) {
      float[][] slopes = index.sketcher.tokenSlopes(window, moves);
      for (int t = 0; t < window.scored(); t++) {
        Span characters = new Span(measured.text().start(token), measured.text().end(token));
        for (int i = 0; i < trained.size(); i++) {
          influence
              .computeIfAbsent(trained.get(i), key -> new ArrayList<>())
              .add(new TokenInfluence(characters, slopes[i][t]));
        }
        token++;
      }
    }
    return influence;
  }

  private void propose(
      AttributionRequest request,
      Measured measured,
      Sides query,
      OutputWords compared,
      Map<Integer, Map<FoundBy, Double>> found) {
    for (Hit hit :
        distinct(Math.max(SKETCH_CANDIDATES, request.topK()), bySketch(measured.sketch(), query))) {
      found(found, index.instances.get(hit.id()).work(), FoundBy.SKETCH, hit.score());
    }
    float[] embedding = index.embedder.embed(request.output());
    for (Hit hit :
        distinct(
            EMBEDDING_CANDIDATES, limit -> index.candidates.nearestEmbeddings(embedding, limit))) {
      found(found, index.instances.get(hit.id()).work(), FoundBy.EMBEDDING, hit.score());
    }
    for (Hit hit :
        distinct(
            BM25_CANDIDATES, limit -> index.candidates.bm25(compared.words().words(), limit))) {
      found(found, index.instances.get(hit.id()).work(), FoundBy.BM25, hit.score());
    }
    for (SharedRuns runs : index.evidence.sharing(compared)) {
      found(found, runs.work(), FoundBy.FINGERPRINT, runs.runs());
    }
  }

  /** Rows of the table are few and are all looked at; blocks are looked up. */
  private IntFunction<List<Hit>> bySketch(Sketch output, Sides query) {
    if (!query.method().readsTable()) {
      float[] white = index.influence.whiten(output);
      return limit -> index.candidates.nearestSketches(white, limit);
    }
    double[] influence = instanceInfluence(query.influence());
    return limit -> first(influence, limit);
  }

  /** {@return the instances of largest influence, the largest first, ties by number} */
  private static List<Hit> first(double[] influence, int limit) {
    if (influence.length == 0) {
      return List.of();
    }
    double[] sorted = influence.clone();
    java.util.Arrays.sort(sorted);
    double least = sorted[Math.max(0, sorted.length - limit)];
    return IntStream.range(0, influence.length)
        .filter(i -> influence[i] >= least)
        .mapToObj(i -> new Hit(i, influence[i]))
        .sorted(Comparator.comparingDouble((Hit hit) -> -hit.score()).thenComparingInt(Hit::id))
        .limit(limit)
        .toList();
  }

  /**
   * {@return the first hits, so many that {@code limit} of them are no copies of others} Copies
   * come with them, and crowd out nobody.
   */
  private List<Hit> distinct(int limit, IntFunction<List<Hit>> search) {
    int asked = limit;
    while (true) {
      List<Hit> hits = search.apply(asked);
      int counted = 0;
      for (int i = 0; i < hits.size(); i++) {
        counted += index.clusters.stands(index.instances.get(hits.get(i).id()).work()) ? 1 : 0;
        if (counted == limit) {
          return hits.subList(0, i + 1);
        }
      }
      if (hits.size() < asked) {
        return hits;
      }
      asked *= 2;
    }
  }

  private static void found(
      Map<Integer, Map<FoundBy, Double>> found, int work, FoundBy list, double score) {
    found.computeIfAbsent(work, key -> new EnumMap<>(FoundBy.class)).merge(list, score, Math::max);
  }

  private List<Integer> cluster(int work) {
    return index.clusters.copies(work);
  }

  /**
   * The query's side of its method.
   *
   * @param deduplicated in the corpus without its copies
   */
  private record Sides(InfluenceMethod method, QuerySide influence, QuerySide deduplicated) {
    /** Length of what the method sees of a gradient. */
    double length(Sketch sketch) {
      double square = 0;
      for (float value : method.readsTable() ? sketch.table().values() : sketch.blocks()) {
        square += (double) value * value;
      }
      return Math.sqrt(square);
    }
  }

  private Sides sides(Sketch sketch, InfluenceMethod method) {
    return new Sides(
        method,
        index.influence.querySide(sketch, method),
        index.deduplicated.querySide(sketch, method));
  }

  /**
   * A work's influence, and that of each of its instances.
   *
   * @param deduplicated its influence in the corpus without its copies
   * @param length of its gradient, as far as the method sees it
   */
  private record Scored(
      Influence influence, List<Double> instances, Influence deduplicated, double length) {}

  private Scored score(int work, Sides query) {
    WorkRow row = index.workRows.get(work);
    if (row.heldOut()) {
      // What was never trained on has moved nothing, whatever its gradient would have done.
      Influence none = new Influence(0, 0);
      return new Scored(none, java.util.Collections.nCopies(row.instances(), 0.0), none, 0);
    }
    List<Sketch> sketches = sketchesOf(work, query.method());
    Sketch sum = Sketch.sum(sketches);
    List<Double> each =
        sketches.stream()
            .map(sketch -> index.influence.deltaLoss(query.influence(), sketch))
            .toList();
    return new Scored(
        index.influence.influence(query.influence(), sum),
        each,
        index.deduplicated.influence(query.deduplicated(), sum),
        query.length(sum));
  }

  /** The sketches of a work's instances, as far as a method sees them. */
  private List<Sketch> sketchesOf(int work, InfluenceMethod method) {
    return instancesOf(work)
        .mapToObj(
            method.readsTable()
                ? instance -> new Sketch(NO_BLOCKS, index.rows(instance))
                : index::sketch)
        .toList();
  }

  /** The sketch of a work, as far as a method sees it. */
  private Sketch sketchOf(int work, InfluenceMethod method) {
    return Sketch.sum(sketchesOf(work, method));
  }

  private Sketch sketchOf(int work) {
    return Sketch.sum(instancesOf(work).mapToObj(index::sketch).toList());
  }

  private IntStream instancesOf(int work) {
    WorkRow row = index.workRows.get(work);
    return IntStream.range(row.firstInstance(), row.firstInstance() + row.instances());
  }

  /**
   * What influence means nothing.
   *
   * @param sample influences of the sampled works, ascending
   * @param threshold up to which a work cannot be told from one never seen
   * @param typical length of a sampled work's gradient, their median
   * @param positive positive influence of the whole corpus, in part estimated from the sample
   */
  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Null(double[] sample, InfluenceNull threshold, double typical, double positive) {}

  /** Threshold and whole are of the corpus without its copies, as the credit is. */
  private Null chance(Sides query, Map<Integer, Scored> scored) {
    int size = index.sample.size();
    double[] sample = new double[size];
    double[] lengths = new double[size];
    double[] ratios = new double[size];
    double outside = 0;
    int outsiders = 0;
    for (int i = 0; i < size; i++) {
      int work = index.sample.get(i);
      Scored known = scored.get(work);
      double deduplicated;
      if (known == null) {
        Sketch sum = sketchOf(work, query.method());
        sample[i] = index.influence.deltaLoss(query.influence(), sum);
        deduplicated = index.deduplicated.deltaLoss(query.deduplicated(), sum);
        lengths[i] = query.length(sum);
        outside += Math.max(0, deduplicated);
        outsiders++;
      } else {
        sample[i] = known.influence().deltaLoss();
        deduplicated = known.deduplicated().deltaLoss();
        lengths[i] = known.length();
      }
      ratios[i] = InfluenceNull.ratio(deduplicated, lengths[i]);
    }
    java.util.Arrays.sort(sample);
    java.util.Arrays.sort(lengths);
    List<Scored> distinct =
        scored.entrySet().stream()
            .filter(entry -> index.clusters.countsForCredit(entry.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    double positive =
        distinct.stream().mapToDouble(work -> Math.max(0, work.deduplicated().deltaLoss())).sum();
    int others = index.trainedClusters - distinct.size();
    if (outsiders > 0) {
      positive += outside / outsiders * Math.max(0, others);
    }
    return new Null(
        sample,
        index.heldOut.size() >= InfluenceNull.FEWEST_UNSEEN
            ? InfluenceNull.ofUnseen(unseenRatios(query))
            : InfluenceNull.ofSample(ratios),
        size == 0 ? 0 : lengths[size / 2],
        positive);
  }

  private double[] unseenRatios(Sides query) {
    return index.heldOut.stream()
        .mapToDouble(
            work -> {
              Sketch sum = sketchOf(work, query.method());
              return InfluenceNull.ratio(
                  index.deduplicated.deltaLoss(query.deduplicated(), sum), query.length(sum));
            })
        .toArray();
  }

  /**
   * {@return for each work that the model is known never to have seen, in how many of the outputs
   * it would be credited, were it held against the other such works; empty where there are too few}
   *
   * @param outputs texts of any origin
   */
  public List<Integer> creditedThoughUnseen(List<String> outputs) {
    if (index.heldOut.size() <= InfluenceNull.FEWEST_UNSEEN) {
      return List.of();
    }
    int[] credited = new int[index.heldOut.size()];
    for (String output : outputs) {
      double[] ratios =
          unseenRatios(
              sides(
                  index.sketcher.whole(windows(output)).sketch(),
                  AttributionRequest.DEFAULT_METHODS.get(0)));
      for (int i = 0; i < ratios.length; i++) {
        int own = i;
        double[] others =
            IntStream.range(0, ratios.length)
                .filter(j -> j != own)
                .mapToDouble(j -> ratios[j])
                .toArray();
        credited[i] += ratios[i] > InfluenceNull.ofUnseen(others).perLength() ? 1 : 0;
      }
    }
    return java.util.Arrays.stream(credited).boxed().toList();
  }

  /**
   * A claim on credit.
   *
   * @param work number of the work that stands for its copies
   * @param nullInfluence what chance gives it, nats
   */
  private record Claimed(int work, double nullInfluence, Claim claim) {}

  private List<Claimed> claims(Map<Integer, Scored> scored, InfluenceNull chance) {
    List<Claimed> claims = new ArrayList<>();
    scored.forEach(
        (work, score) -> {
          if (index.clusters.countsForCredit(work)) {
            Influence influence = score.deduplicated();
            double byChance = chance.of(score.length());
            int first = index.clusters.first(work);
            claims.add(
                new Claimed(
                    first,
                    byChance,
                    new Claim(
                        index.works.get(first).id().value(),
                        Math.max(0, influence.deltaLoss() - byChance),
                        Math.max(0, influence.low() - byChance),
                        Math.max(0, influence.high() - byChance),
                        // What was never trained on has moved nothing.
                        cluster(work).stream()
                            .filter(copy -> !index.workRows.get(copy).heldOut())
                            .map(index.works::get)
                            .map(Attributor::claimant)
                            .toList())));
          }
        });
    return claims;
  }

  private List<Attribution.CreditedWork> credited(List<Claimed> claims, Shares shares) {
    List<Attribution.CreditedWork> credited = new ArrayList<>();
    for (Claimed claimed : claims) {
      Claim claim = claimed.claim();
      Share share = shares.byClaim().getOrDefault(claim.id(), Share.NONE);
      if (share.highPpm() > 0) {
        Work work = index.works.get(claimed.work());
        credited.add(
            new Attribution.CreditedWork(
                work.id(),
                cluster(claimed.work()).stream().map(copy -> index.works.get(copy).id()).toList(),
                work.title(),
                work.licence(),
                claim.claimants(),
                share,
                claim.net(),
                claimed.nullInfluence()));
      }
    }
    credited.sort(Comparator.comparing(Attribution.CreditedWork::work));
    return List.copyOf(credited);
  }

  private static Claimant claimant(Work work) {
    return Claimant.of(work.creditedTo(), FairUse.inPublicDomain(work.licence(), work.year()));
  }

  /** Copying and influence are never blended: rare shared words rank first, then influence. */
  private List<Integer> ranking(Map<Integer, Scored> scored, Map<Integer, List<Finding>> evidence) {
    Map<Integer, Integer> copied = new HashMap<>();
    for (int work : scored.keySet()) {
      List<Evidence> rare =
          evidence.getOrDefault(work, List.of()).stream()
              .filter(Finding::counts)
              .map(Finding::match)
              .toList();
      copied.put(work, VerbatimMatcher.wordsCovered(rare));
    }
    return scored.keySet().stream()
        .sorted(
            Comparator.comparingInt((Integer work) -> -copied.getOrDefault(work, 0))
                .thenComparingDouble(
                    work -> {
                      Scored score = scored.get(work);
                      return score == null ? 0 : -score.influence().deltaLoss();
                    })
                .thenComparing(work -> index.works.get(work).id()))
        .toList();
  }

  private RankedWork rankedWork(
      int rank,
      int number,
      List<TokenInfluence> tokens,
      Map<InfluenceMethod, QuerySide> otherSides,
      Map<Integer, Scored> scored,
      Null chance,
      Map<FoundBy, Double> foundBy,
      List<Finding> evidence,
      Shares shares) {
    Work work = index.works.get(number);
    WorkRow row = index.workRows.get(number);
    Scored score = java.util.Objects.requireNonNull(scored.get(number));
    List<RankedInstance> instances = new ArrayList<>();
    for (int i = 0; i < row.instances(); i++) {
      instances.add(
          new RankedInstance(
              new InstanceId(work.id(), i).toString(),
              index.instances.get(row.firstInstance() + i),
              score.instances().get(i)));
    }
    instances.sort(Comparator.comparingDouble(instance -> -instance.deltaLoss()));
    Map<InfluenceMethod, Influence> others = new LinkedHashMap<>();
    Sketch sum = sketchOf(number);
    otherSides.forEach(
        (method, side) ->
            others.put(
                method,
                row.heldOut() ? new Influence(0, 0) : index.influence.influence(side, sum)));
    int first = row.cluster();
    List<WorkId> copies =
        cluster(number).stream()
            .filter(copy -> copy != number)
            .map(copy -> index.works.get(copy).id())
            .toList();
    // The share of a cluster of copies is shown once, at the copy that stands for it.
    Share share =
        first == number ? shares.byClaim().getOrDefault(work.id().value(), Share.NONE) : Share.NONE;
    double below =
        java.util.Arrays.stream(chance.sample())
            .filter(value -> value < score.influence().deltaLoss())
            .count();
    return new RankedWork(
        rank,
        work,
        membership(row),
        List.copyOf(instances),
        tokens,
        score.influence(),
        100 * below / Math.max(1, chance.sample().length),
        others,
        row.parameterShift(),
        OpenIndex.percentile(index.shifts, row.parameterShift()),
        row.selfInfluence(),
        OpenIndex.percentile(index.selfInfluences, row.selfInfluence()),
        foundBy,
        evidence,
        share,
        Tier.of(evidence),
        copies,
        index.works.get(first).id(),
        index.clusters.earliest(number).map(Work::id).orElse(null));
  }

  private String membership(WorkRow row) {
    if (row.heldOut()) {
      return "heldOut";
    }
    return index.manifest.corpus().equals(index.manifest.trainingCorpus()) ? "trained" : "assumed";
  }

  private List<CopiedWork> copied(
      String output, WordTokens words, Map<Integer, List<Finding>> evidence) {
    List<CopiedWork> copied = new ArrayList<>();
    evidence.forEach(
        (number, findings) -> {
          if (!findings.isEmpty()) {
            Work work = index.works.get(number);
            copied.add(
                Copying.ofWords(
                    output, words, work, work.licence(), cluster(number).size() - 1, findings));
          }
        });
    return copied;
  }

  private SortedMap<String, String> provenance() {
    SortedMap<String, String> provenance = new TreeMap<>(index.manifest.madeWith());
    provenance.put("tokenizer", index.manifest.tokenizer());
    provenance.put("sketchSeed", String.valueOf(index.manifest.sketch().seed()));
    provenance.put("sketchDimension", String.valueOf(index.manifest.sketch().dimension()));
    provenance.put("dampingRule", index.manifest.damping().rule());
    provenance.put("embedding", index.manifest.embedding());
    provenance.put(
        "fingerprints",
        "winnowing k="
            + index.manifest.fingerprintWords()
            + " w="
            + index.manifest.fingerprintWindow()
            + ", every shared run of "
            + Winnowing.TEXT.guarantee()
            + " words is found, runs of "
            + index.manifest.shortestMatch()
            + " or more are reported");
    provenance.put("riskModel", FairUse.MODEL);
    return provenance;
  }

  private List<String> limits(AttributionRequest request) {
    List<String> limits = new ArrayList<>();
    boolean ofTable = request.methods().get(0).readsTable();
    limits.add(
        ofTable
            ? "Influence is an estimate; its interval (90 %) held " + heldByIntervals()
            : "Influence is an estimate; its interval holds the error of the random projection and"
                + " nothing else.");
    limits.add("A match is shared text, not proof of copying; influence is not copying.");
    if (!index.manifest.corpus().equals(index.manifest.trainingCorpus())) {
      limits.add(
          "The corpus is not the one in the checkpoint's training record: influence is what training"
              + " on these works would have done.");
    }
    if (!request.exact()) {
      limits.add(
          ofTable
              ? "Only candidates were scored; candidateRecall says how much of the exact ranking they"
                  + " hold."
              : "Only candidates were scored; candidateRecall is of another method than ranks here.");
    }
    return List.copyOf(limits);
  }

  private String heldByIntervals() {
    LeaveOut leaveOut = fidelity.leaveOut();
    if (leaveOut == null || leaveOut.ownCoverage() == null) {
      return "92 % and 84 % of the changes that training again made on two small models, and was not"
          + " measured on this one.";
    }
    Estimate held = leaveOut.ownCoverage();
    return String.format(
        Locale.ROOT,
        "%.0f %% [%.0f, %.0f] of the changes that training this model again without each of %d rights"
            + " holders made to works it never saw, %s.%s",
        100 * held.value(),
        100 * held.low(),
        100 * held.high(),
        leaveOut.groups(),
        chance(leaveOut),
        widened(leaveOut));
  }

  private static String widened(LeaveOut leaveOut) {
    Estimate held = leaveOut.widenedCoverage();
    return held == null
        ? ""
        : String.format(
            Locale.ROOT,
            " %.1f times as wide they held %.0f %% [%.0f, %.0f].",
            leaveOut.widening(),
            100 * held.value(),
            100 * held.low(),
            100 * held.high());
  }

  private static String chance(LeaveOut leaveOut) {
    return leaveOut.ceiling() == null
        ? "the chance of one training included"
        : String.format(
            Locale.ROOT,
            "on average over %d trainings each; their chance leaves any method a rank correlation of"
                + " at most %.2f",
            1 + leaveOut.otherSeeds().size(),
            leaveOut.ceiling());
  }

  /**
   * {@return how many of the {@code k} instances of highest influence on each output, by the exact
   * scan, are among its candidates}
   *
   * @param outputs texts outside the corpus
   */
  public Fidelity.CandidateRecall candidateRecall(
      List<String> outputs, int k, int tokens, long seed) {
    long found = 0;
    long wanted = 0;
    for (String output : outputs) {
      AttributionRequest request =
          new AttributionRequest(
              output,
              null,
              AttributionRequest.DEFAULT_TOP_K,
              false,
              false,
              AttributionRequest.DEFAULT_METHODS,
              io.whence.engine.risk.UseFacts.NONE);
      Measured measured = measure(request);
      Map<Integer, Map<FoundBy, Double>> candidates = new TreeMap<>();
      Sides query = sides(measured.sketch(), request.methods().get(0));
      propose(request, measured, query, OutputWords.of(WordTokens.of(output), output), candidates);
      double[] scores = instanceInfluence(query.influence());
      List<Integer> best =
          IntStream.range(0, scores.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -scores[i]))
              .limit(k)
              .toList();
      wanted += best.size();
      found +=
          best.stream().filter(i -> candidates.containsKey(index.instances.get(i).work())).count();
    }
    return Fidelity.CandidateRecall.of(found, wanted, k, outputs.size(), tokens, seed);
  }

  /**
   * {@return what one more training step on the first {@code k} instances by influence does to each
   * output, beside the first by BM25 and random ones; empty without a training record}
   *
   * @param outputs texts outside the corpus
   */
  public Optional<TailPatch> tailPatch(List<String> outputs, int k, int tokens, long seed) {
    Optional<TrainingRecord> record = index.checkpoint.training();
    List<Integer> trained =
        IntStream.range(0, index.instances.size())
            .filter(i -> !index.workRows.get(index.instances.get(i).work()).heldOut())
            .boxed()
            .toList();
    if (record.isEmpty() || record.get().rootSecondMoment().isEmpty() || trained.size() < 3 * k) {
      return Optional.empty();
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<TailPatch.Trial> trials = new ArrayList<>();
    try (OneStep model = new OneStep(index.checkpoint, record.get())) {
      for (String output : outputs) {
        double[] influence =
            instanceInfluence(
                sides(
                        index.sketcher.whole(windows(output)).sketch(),
                        InfluenceMethod.WORD_EMBEDDING_FISHER)
                    .influence());
        List<Integer> chosen =
            new ArrayList<>(
                trained.stream()
                    .sorted(Comparator.comparingDouble(i -> -influence[i]))
                    .limit(k)
                    .toList());
        index.candidates.bm25(WordTokens.of(output).words(), BM25_CANDIDATES).stream()
            .map(Hit::id)
            .filter(trained::contains)
            .limit(k)
            .forEach(chosen::add);
        // Where words find too few, chance fills up.
        while (chosen.size() < 3 * k) {
          chosen.add(trained.get(random.nextInt(trained.size())));
        }
        trials.add(trial(model, output, chosen, influence));
      }
    }
    return Optional.of(TailPatch.of(trials, k, tokens, seed));
  }

  /**
   * {@return how well {@code deltaLoss} predicts training again without each of the rights holders
   * with most tokens, on the works that were never trained on; empty where the corpus is not the
   * one of the checkpoint's training record, or too little is left to ask with}
   *
   * @param holders how many, at least {@value LeaveOut#FEWEST_GROUPS}; 0 for as many as the truth
   *     that comes with the checkpoint has, so that nothing is trained
   * @param model the checkpoint's own directory
   * @param device {@code cpu} or {@code cuda}
   * @param store directory that keeps the trainings done, so that a killed measurement goes on
   */
  public Optional<LeaveOut> leaveOut(
      int holders, Path model, String device, Path store, Progress progress) {
    Optional<TrainingRecord> record = index.checkpoint.training();
    List<Integer> unseen =
        IntStream.range(0, index.works.size())
            .filter(work -> index.workRows.get(work).heldOut())
            .boxed()
            .toList();
    if (record.isEmpty()
        || !index.manifest.corpus().equals(index.manifest.trainingCorpus())
        || unseen.size() < LeaveOut.FEWEST_QUERIES) {
      return Optional.empty();
    }
    CheckpointTruth known =
        CheckpointTruth.of(model, index.manifest.corpus(), record.get(), index.checkpoint.sha256());
    int most = holders == 0 ? known.rightsHolders() : holders;
    if (most < LeaveOut.FEWEST_GROUPS) {
      // Before the corpus is tokenised once more, for nothing.
      return Optional.empty();
    }
    Map<String, Integer> tokens = new TreeMap<>();
    List<TokenWindow> windows = new ArrayList<>();
    List<Integer> works = new ArrayList<>();
    for (int work = 0; work < index.works.size(); work++) {
      if (!index.workRows.get(work).heldOut()) {
        List<TokenWindow> own = instanceWindows(work);
        windows.addAll(own);
        works.addAll(java.util.Collections.nCopies(own.size(), work));
        tokens.merge(
            index.works.get(work).creditedTo(),
            own.stream().mapToInt(TokenWindow::scored).sum(),
            Integer::sum);
      }
    }
    List<String> largest =
        tokens.entrySet().stream()
            .sorted(
                Map.Entry.<String, Integer>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(most)
            .map(Map.Entry::getKey)
            .toList();
    if (largest.size() < LeaveOut.FEWEST_GROUPS) {
      return Optional.empty();
    }
    List<List<TokenWindow>> queries = unseen.stream().map(this::instanceWindows).toList();
    List<QuerySide> sides =
        queries.stream()
            .map(
                query ->
                    // As an output is asked with: every row of the table, not the work's own alone.
                    index.influence.querySide(
                        index.sketcher.whole(query).sketch(),
                        AttributionRequest.DEFAULT_METHODS.get(0)))
            .toList();
    List<BitSet> groups = new ArrayList<>();
    double[][] predicted = new double[sides.size()][largest.size()];
    double[][] halves = new double[sides.size()][largest.size()];
    for (String holder : largest) {
      BitSet group = new BitSet();
      List<Sketch> members = new ArrayList<>();
      for (int i = 0; i < works.size(); i++) {
        int work = works.get(i);
        if (index.works.get(work).creditedTo().equals(holder)) {
          group.set(i);
          if (i == 0 || works.get(i - 1) != work) {
            members.add(sketchOf(work));
          }
        }
      }
      Sketch sum = Sketch.sum(members);
      for (int q = 0; q < predicted.length; q++) {
        Influence influence = index.influence.influence(sides.get(q), sum);
        predicted[q][groups.size()] = influence.deltaLoss();
        halves[q][groups.size()] = (influence.high() - influence.low()) / 2;
      }
      groups.add(group);
    }
    return Optional.of(
        LeaveOut.measure(
            index.checkpoint,
            record.get(),
            device,
            new LeaveOut.Task(windows, groups, queries),
            predicted,
            halves,
            store,
            known,
            progress));
  }

  private List<TokenWindow> instanceWindows(int work) {
    int[] ids = index.checkpoint.tokenizer().encode(index.works.get(work).text()).ids();
    WorkRow row = index.workRows.get(work);
    List<TokenWindow> windows = new ArrayList<>();
    for (InstanceRow instance :
        index.instances.subList(row.firstInstance(), row.firstInstance() + row.instances())) {
      windows.add(
          Windows.ofInstance(
              ids,
              new Span(instance.tokenStart(), instance.tokenEnd()),
              index.checkpoint.tokenizer().endOfText()));
    }
    return windows;
  }

  private TailPatch.Trial trial(
      OneStep model, String output, List<Integer> chosen, double[] influence) {
    List<List<TokenWindow>> query = List.of(windows(output));
    double before = model.lossesBefore(query)[0];
    double[] predicted = new double[chosen.size()];
    double[] gain = new double[chosen.size()];
    for (int i = 0; i < gain.length; i++) {
      InstanceRow row = index.instances.get(chosen.get(i));
      int[] ids = index.checkpoint.tokenizer().encode(index.works.get(row.work()).text()).ids();
      TokenWindow window =
          Windows.ofInstance(
              ids,
              new Span(row.tokenStart(), row.tokenEnd()),
              index.checkpoint.tokenizer().endOfText());
      predicted[i] = influence[chosen.get(i)];
      gain[i] = before - model.losses(window, query)[0];
    }
    return new TailPatch.Trial(predicted, gain);
  }

  private List<TokenWindow> windows(String output) {
    return Windows.ofOutput(
        new int[0],
        index.checkpoint.tokenizer().encode(output).ids(),
        index.checkpoint.config().context(),
        index.checkpoint.tokenizer().endOfText());
  }

  /**
   * The influence of every instance through the embedding table, nats; 0 of what was never trained
   * on.
   *
   * @param query of a method that {@link InfluenceMethod#readsTable}
   */
  private double[] instanceInfluence(QuerySide query) {
    return IntStream.range(0, index.instances.size())
        .parallel()
        .mapToDouble(
            i ->
                index.workRows.get(index.instances.get(i).work()).heldOut()
                    ? 0
                    : index.influence.deltaLoss(query, index.rows(i)))
        .toArray();
  }

  /**
   * Frees the index, unless an attribution is under way on another thread: it reads native memory,
   * which then is better left to the end of the process than freed under it.
   */
  @Override
  public void close() {
    if (inUse.writeLock().tryLock()) {
      try {
        closed = true;
        index.close();
      } finally {
        inUse.writeLock().unlock();
      }
    }
  }
}
