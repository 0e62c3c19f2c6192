package io.whence.engine.attribution;

import io.whence.engine.EngineException;
import io.whence.engine.attribution.ImageTrace.Embedded;
import io.whence.engine.attribution.ImageTrace.Nearness;
import io.whence.engine.attribution.ImageTrace.SimilarImage;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.PictureNull;
import io.whence.engine.model.PictureEmbedder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where the model of an index puts an output among the images. Every image is compared, in double
 * precision and in one order: images are few beside what is asked of each, and a percentile needs
 * the nearest, not one of the nearest.
 */
final class ImageNeighbours implements AutoCloseable {
  /** Whose pixels are compared whatever their shapes say. */
  private static final int PROPOSED = 10;

  private final ImageStore store;
  private final Path model;
  private final @Nullable PictureNull unrelated;
  private @Nullable PictureEmbedder embedder;

  /**
   * Prepares.
   *
   * @param store whose images have embeddings
   * @param model that made them; opened when it is first asked
   * @param unrelated cosines of images with the nearest that is no copy; null while the index is
   *     being built
   */
  ImageNeighbours(ImageStore store, Path model, @Nullable PictureNull unrelated) {
    this.store = store;
    this.model = model;
    this.unrelated = unrelated;
  }

  /** {@return how near each image is to an output} */
  Near of(Picture output) {
    return new Near(embedder().embed(output));
  }

  /** {@return how near each image is to one of them} */
  Near of(int image) {
    return new Near(store.embedding(image));
  }

  /** How near each image is to an embedding. */
  final class Near {
    private final double[] cosines = new double[store.size()];

    private Near(float[] embedding) {
      for (int image = 0; image < cosines.length; image++) {
        float[] other = store.embedding(image);
        if (other.length != embedding.length) {
          throw new EngineException.IndexDamaged(
              "the embeddings of the index have "
                  + other.length
                  + " numbers and its model gives "
                  + embedding.length
                  + "; build it again");
        }
        for (int i = 0; i < other.length; i++) {
          cosines[image] += (double) embedding[i] * other[i];
        }
      }
    }

    /** {@return those of some images that are nearest, nearest first} */
    List<Integer> nearest(IntPredicate among) {
      return IntStream.range(0, cosines.length)
          .filter(among)
          .boxed()
          .sorted(
              Comparator.comparingDouble((Integer image) -> -cosines[image])
                  .thenComparing(Comparator.naturalOrder()))
          .limit(PROPOSED)
          .toList();
    }

    /** {@return the cosine with the nearest of some images; 1 where there are none, to be safe} */
    double nearestCosine(IntPredicate among) {
      return IntStream.range(0, cosines.length)
          .filter(among)
          .mapToDouble(image -> cosines[image])
          .max()
          .orElse(1);
    }

    /** {@return how near an image is, and what that means} */
    Nearness nearness(int image) {
      return new Nearness(cosines[image], 100 * (1 - control().pValue(cosines[image])));
    }
  }

  private PictureNull control() {
    if (unrelated == null) {
      throw new IllegalStateException("the index has no null of its embeddings");
    }
    return unrelated;
  }

  /** {@return what the model adds to a trace} */
  Embedded embedded(List<SimilarImage> similar) {
    return new Embedded(embedder().sha256(), control().outputs(), similar);
  }

  private synchronized PictureEmbedder embedder() {
    PictureEmbedder open = embedder == null ? PictureEmbedder.open(model) : embedder;
    embedder = open;
    return open;
  }

  @Override
  public synchronized void close() {
    if (embedder != null) {
      embedder.close();
    }
  }
}
