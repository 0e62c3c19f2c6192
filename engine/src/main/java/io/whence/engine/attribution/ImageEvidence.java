package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.attribution.ImageTrace.Extracted;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** What the images of an index have to do with an output that is one. */
final class ImageEvidence {
  /** More works than these are not given, but for those with the output's very pixels. */
  private static final int MOST = 32;

  private final List<Work> works;
  private final Clusters clusters;
  private final ImageStore store;
  private final List<Appearance> looks;
  private final PictureMatcher matcher;

  /** The first image with the same pixels. */
  private final Map<String, Integer> byPixels = new HashMap<>();

  ImageEvidence(List<Work> works, Clusters clusters, ImageStore store) {
    this.works = works;
    this.clusters = clusters;
    this.store = store;
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
    Map<Integer, List<TracedImage>> groups = new LinkedHashMap<>();
    Map<Integer, PictureFinding> measured = new HashMap<>();
    int given = 0;
    for (PictureMatch match : matcher.matches(Appearance.of(output))) {
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
                  first.of(match)));
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
    // Among equals the order of the matches, which is that of agreement.
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
            .orElse(null));
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
      int cluster = clusters.first(store.work(image));
      tasks.add(
          () ->
              matcher
                  .matches(output, other -> clusters.first(store.work(other)) != cluster, Set.of())
                  .stream()
                  .mapToDouble(PictureMatch::agreement)
                  .max()
                  .orElse(-1));
    }
    List<Double> best = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Double> future : pool.invokeAll(tasks)) {
        if (future.get() >= 0) {
          best.add(future.get());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException.CannotWrite("the build was interrupted; nothing was published");
    } catch (ExecutionException e) {
      throw new IllegalStateException("comparing images failed: " + e.getCause(), e);
    }
    return new PictureNull(outputs, seed, best);
  }
}
