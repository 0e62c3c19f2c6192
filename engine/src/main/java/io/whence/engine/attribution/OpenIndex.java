package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.ControlCorpus;
import io.whence.engine.evidence.ResemblanceNull;
import io.whence.engine.influence.SketchedInfluence;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.TextEmbedder;
import io.whence.engine.retrieval.CandidateIndex;
import io.whence.engine.sketch.Sketch;
import io.whence.engine.sketch.SketchShard;
import io.whence.engine.sketch.Sketcher;
import io.whence.engine.sketch.TableDirections;
import io.whence.engine.sketch.TableRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Everything of an index that answers are made from, open and checked. Immutable. */
final class OpenIndex implements AutoCloseable {
  /** Enough works for a percentile to a fifth of one in a hundred. */
  private static final int SAMPLE = 512;

  final IndexManifest manifest;
  final Checkpoint checkpoint;
  final Sketcher sketcher;
  final SketchedInfluence influence;

  /** In the corpus without its copies, which is where credit is reckoned. */
  final SketchedInfluence deduplicated;

  final CandidateIndex candidates;
  final TextEmbedder embedder;
  final List<Work> works = new ArrayList<>();
  final List<WorkRow> workRows = new ArrayList<>();
  final List<InstanceRow> instances = new ArrayList<>();
  final int trainedClusters;
  final List<Integer> sample;
  final List<Integer> heldOut;
  final Clusters clusters;
  final TextEvidence evidence;
  final @Nullable ResemblanceNull unrelated;
  final @Nullable ControlCorpus codeControl;
  final @Nullable Passages passages;
  final float[] selfInfluences;
  final float[] shifts;
  private final List<SketchShard> sketches = new ArrayList<>();

  OpenIndex(Path directory, IndexManifest manifest, String device) {
    this.manifest = manifest;
    IndexLayout layout = new IndexLayout(directory);
    checkpoint = Checkpoint.open(layout.model(), device);
    ControlCorpus control;
    try {
      check(directory);
      control = Tracer.readControl(layout);
      codeControl = Tracer.readCodeControl(layout);
      unrelated = Tracer.readUnrelated(layout);
      sketcher =
          new Sketcher(
              checkpoint,
              manifest.sketch(),
              TableDirections.read(layout.directions(), manifest.sketch().table()));
      influence =
          SketchedInfluence.read(
              layout.curvature(), manifest.sketch(), manifest.tokens(), manifest.damping());
      deduplicated =
          Files.exists(layout.deduplicatedCurvature())
              ? SketchedInfluence.read(
                  layout.deduplicatedCurvature(),
                  manifest.sketch(),
                  manifest.deduplicatedTokens(),
                  manifest.damping())
              : influence;
      for (IndexManifest.Shard shard : manifest.shards()) {
        works.addAll(Corpus.read(List.of(layout.corpus(shard.name()))).works());
        workRows.addAll(Rows.readWorks(layout.works(shard.name()), shard.works()));
        instances.addAll(Rows.readInstances(layout.instances(shard.name()), shard.instances()));
        sketches.add(
            SketchShard.open(
                layout.sketches(shard.name()),
                layout.tableRows(shard.name()),
                shard.instances(),
                manifest.sketch()));
      }
      if (works.size() != manifest.counts().works()) {
        throw new EngineException.IndexDamaged(
            directory
                + " should hold "
                + manifest.counts().works()
                + " works and holds "
                + works.size());
      }
      passages = Passages.open(layout, works);
      embedder = TextEmbedder.open();
      candidates =
          CandidateIndex.open(
              manifest.shards().stream().map(shard -> layout.lucene(shard.name())).toList());
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
    clusters = Clusters.of(works, workRows);
    evidence = new TextEvidence(works, candidates, control);
    List<Integer> trained = new ArrayList<>();
    List<Integer> unseen = new ArrayList<>();
    for (int work = 0; work < works.size(); work++) {
      if (clusters.countsForCredit(work)) {
        trained.add(work);
      } else if (clusters.stands(work)) {
        unseen.add(work);
      }
    }
    List<WorkRow> distinct =
        IntStream.range(0, works.size()).filter(clusters::stands).mapToObj(workRows::get).toList();
    selfInfluences = new float[distinct.size()];
    shifts = new float[distinct.size()];
    for (int i = 0; i < distinct.size(); i++) {
      selfInfluences[i] = distinct.get(i).selfInfluence();
      shifts[i] = distinct.get(i).parameterShift();
    }
    java.util.Arrays.sort(selfInfluences);
    java.util.Arrays.sort(shifts);
    trainedClusters = trained.size();
    sample = drawn(trained.isEmpty() ? unseen : trained);
    heldOut = drawn(unseen);
  }

  private void check(Path directory) {
    if (!checkpoint.sha256().equals(manifest.checkpoint())) {
      throw new EngineException.IndexMismatch(
          directory
              + " was built with checkpoint "
              + manifest.checkpoint().substring(0, 12)
              + "..., but the one in its model directory is "
              + checkpoint.sha256().substring(0, 12)
              + "...; build the index again with the checkpoint you mean");
    }
    if (!checkpoint.tokenizer().sha256().equals(manifest.tokenizer())) {
      throw new EngineException.IndexMismatch(
          directory + " was built with another tokenizer than the one in its model directory");
    }
  }

  /** By the hash of their texts, so that copies elsewhere in the corpus change no draw. */
  private List<Integer> drawn(List<Integer> from) {
    return from.stream()
        .sorted(
            Comparator.comparing((Integer work) -> works.get(work).contentHash())
                .thenComparingInt(work -> work))
        .limit(SAMPLE)
        .sorted()
        .toList();
  }

  /** {@return the sketch of an instance, by its number in the index} */
  Sketch sketch(int instance) {
    int shard = shardOf(instance);
    return sketches.get(shard).sketch(instance - manifest.shards().get(shard).firstInstance());
  }

  /** {@return of its sketch the rows of the embedding table alone} */
  TableRows rows(int instance) {
    int shard = shardOf(instance);
    return sketches
        .get(shard)
        .table()
        .rows(instance - manifest.shards().get(shard).firstInstance());
  }

  private int shardOf(int instance) {
    int shard = 0;
    while (shard + 1 < sketches.size()
        && manifest.shards().get(shard + 1).firstInstance() <= instance) {
      shard++;
    }
    return shard;
  }

  /** {@return the share, in 100, of {@code sorted} that is below {@code value}} */
  static double percentile(float[] sorted, float value) {
    int below = 0;
    int above = sorted.length;
    while (below < above) {
      int middle = (below + above) >>> 1;
      if (sorted[middle] < value) {
        below = middle + 1;
      } else {
        above = middle;
      }
    }
    return 100.0 * below / Math.max(1, sorted.length);
  }

  @Override
  public void close() {
    candidates.close();
    embedder.close();
    sketcher.close();
    checkpoint.close();
  }
}
