package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.attribution.ImageNeighbours.Near;
import io.whence.engine.attribution.ImageTrace.Extracted;
import io.whence.engine.attribution.ImageTrace.Nearness;
import io.whence.engine.attribution.ImageTrace.SimilarImage;
import io.whence.engine.attribution.ImageTrace.Source;
import io.whence.engine.attribution.ImageTrace.TracedImage;
import io.whence.engine.corpus.Picture;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Appearance;
import io.whence.engine.evidence.Extraction;
import io.whence.engine.evidence.PictureFinding;
import io.whence.engine.evidence.PictureMatch;
import io.whence.engine.evidence.PictureMatcher;
import io.whence.engine.evidence.PictureNull;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the images of an index have to do with an output that is one. */
final class ImageEvidence implements AutoCloseable {
  /** More works than these are not given, but for those with the output's very pixels. */
  private static final int MOST = 32;

  private final List<Work> works;
  private final Clusters clusters;
  private final ImageStore store;
  private final List<Appearance> looks;
  private final PictureMatcher matcher;
  private final @Nullable ImageNeighbours neighbours;

  /** The first image with the same pixels. */
  private final Map<String, Integer> byPixels = new HashMap<>();

  ImageEvidence(
      List<Work> works, Clusters clusters, ImageStore store, @Nullable ImageNeighbours neighbours) {
    this.works = works;
    this.clusters = clusters;
    this.store = store;
    this.neighbours = neighbours;
    looks = store.looks();
    matcher = new PictureMatcher(looks);
    for (int image = 0; image < looks.size(); image++) {
      byPixels.putIfAbsent(looks.get(image).sha256(), image);
    }
  }

  int size() {
    return store.size();
  }

  byte[] file(int image) {
    return store.file(image);
  }

  /**
   * {@return the trace of an image}
   *
   * @param name of its file, for people
   */
  ImageTrace trace(byte[] file, String name, Attribution.Index index, PictureNull unrelated) {
    Picture output = Picture.read(file, name);
    Near near = neighbours == null ? null : neighbours.of(output);
    Map<Integer, List<TracedImage>> groups = new LinkedHashMap<>();
    Map<Integer, PictureFinding> measured = new HashMap<>();
    int given = 0;
    for (PictureMatch match :
        matcher.matches(Appearance.of(output), image -> true, proposed(near, image -> true))) {
      if (match.agreement() < PictureMatcher.LEAST) {
        continue;
      }
      if (!match.exact() && given++ >= MOST) {
        break;
      }
      Work work = works.get(store.work(match.work()));
      // Works with the same pixels have the same finding.
      int picture = firstAlike(match.work());
      PictureFinding first =
          measured.computeIfAbsent(
              picture, key -> PictureFinding.of(match, output, store.picture(key), unrelated));
      groups
          .computeIfAbsent(clusters.first(store.work(match.work())), key -> new ArrayList<>())
          .add(
              new TracedImage(
                  work,
                  looks.get(match.work()).width(),
                  looks.get(match.work()).height(),
                  match.work(),
                  first.of(match),
                  near == null ? null : near.nearness(match.work())));
    }
    List<Source> sources = new ArrayList<>();
    groups.forEach(
        (cluster, found) ->
            sources.add(
                new Source(
                    works.get(cluster).id().value(),
                    clusters.copies(cluster).size(),
                    clusters.earliest(cluster).map(work -> work.id().value()).orElse(null),
                    found)));
    // Among equals the order of the matches, which is that of what they save.
    sources.sort(
        Comparator.comparing(
            source -> source.works().stream().noneMatch(work -> work.finding().counts())));
    return new ImageTrace(
        output.width(),
        output.height(),
        Sha256.of(file),
        index,
        store.size(),
        unrelated.outputs(),
        sources,
        Extraction.of(
                output, looks, IntStream.range(0, looks.size()).boxed().toList(), store::picture)
            .map(measures -> new Extracted(works.get(store.work(measures.nearest())), measures))
            .orElse(null),
        neighbours == null || near == null ? null : neighbours.embedded(similar(near, sources)));
  }

  /** Of pictures with the same pixels the first, which is as good as the others. */
  private List<Integer> proposed(@Nullable Near near, IntPredicate asked) {
    return near == null
        ? List.of()
        : near.nearest(image -> firstAlike(image) == image && asked.test(image));
  }

  /** The nearest works, beyond chance, of whose clusters no finding counts. */
  private List<SimilarImage> similar(Near near, List<Source> sources) {
    Set<Integer> named = new HashSet<>();
    sources.stream()
        .flatMap(source -> source.works().stream())
        .filter(work -> work.finding().counts())
        .forEach(work -> named.add(clusters.first(store.work(work.image()))));
    List<SimilarImage> similar = new ArrayList<>();
    for (int image : proposed(near, other -> true)) {
      Nearness nearness = near.nearness(image);
      if (nearness.percentile() > Nearness.TELLING
          && named.add(clusters.first(store.work(image)))) {
        similar.add(
            new SimilarImage(
                works.get(store.work(image)),
                looks.get(image).width(),
                looks.get(image).height(),
                image,
                nearness));
      }
    }
    return similar;
  }

  private int firstAlike(int image) {
    return byPixels.getOrDefault(looks.get(image).sha256(), image);
  }

  /**
   * {@return how well images of the index, and parts cut from them, agree with images that are no
   * copies of them}
   *
   * @param outputs how many to draw
   * @param threads that search; the result does not depend on it
   */
  PictureNull control(int outputs, int threads, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Callable<Double>> tasks = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      int image = random.nextInt(looks.size());
      Appearance output = i % 2 == 0 ? looks.get(image) : looks.get(image).part(random);
      IntPredicate others = noCopies(image);
      tasks.add(
          () -> {
            // A part is proposed what its whole is: nothing is kept here that could be embedded.
            Near near = neighbours == null ? null : neighbours.of(image);
            return matcher.matches(output, others, proposed(near, others)).stream()
                .mapToDouble(PictureMatch::agreement)
                .max()
                .orElse(-1);
          });
    }
    return new PictureNull(
        outputs, seed, done(tasks, threads).stream().filter(best -> best >= 0).toList());
  }

  /**
   * {@return how near images of the index are, by their embeddings, to the nearest that is no copy
   * of theirs}
   *
   * @param most how many to draw, each at most once
   * @param threads that compare; the result does not depend on it
   */
  PictureNull embeddingControl(int most, int threads, long seed) {
    ImageNeighbours all = Objects.requireNonNull(neighbours);
    SplittableRandom random = new SplittableRandom(seed);
    int[] drawn = IntStream.range(0, looks.size()).toArray();
    int outputs = Math.min(most, drawn.length);
    List<Callable<Double>> tasks = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      int other = random.nextInt(i, drawn.length);
      int image = drawn[other];
      drawn[other] = drawn[i];
      IntPredicate others = noCopies(image);
      tasks.add(() -> all.of(image).nearestCosine(others));
    }
    return new PictureNull(outputs, seed, done(tasks, threads));
  }

  private IntPredicate noCopies(int image) {
    int cluster = clusters.first(store.work(image));
    return other -> clusters.first(store.work(other)) != cluster;
  }

  private static List<Double> done(List<Callable<Double>> tasks, int threads) {
    List<Double> results = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Double> future : pool.invokeAll(tasks)) {
        results.add(future.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException.CannotWrite("the build was interrupted; nothing was published");
    } catch (ExecutionException e) {
      throw new IllegalStateException("comparing images failed: " + e.getCause(), e);
    }
    return results;
  }

  @Override
  public void close() {
    if (neighbours != null) {
      neighbours.close();
    }
  }
}
