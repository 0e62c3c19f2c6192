package io.whence.engine.attribution;

import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Extraction;
import io.whence.engine.evidence.PictureFinding;
import io.whence.engine.evidence.Tier;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which images of an index an output that is one agrees with, without a word on influence.
 *
 * @param width of the output, in pixels
 * @param height of the output, in pixels
 * @param sha256 of the output's file
 * @param index which index answered
 * @param images how many the index has
 * @param unrelatedOutputs how many were tried for the p-values, which are above 1 in one more
 * @param sources ranked: clusters of copies, first those with a finding that counts, then by how
 *     much of the output the best explains ({@code saved})
 * @param extraction distances of the whole output from works of its size; null where none has it
 * @param embedded what a model that embeds images adds; null where the index has none
 */
public record ImageTrace(
    int width,
    int height,
    String sha256,
    Attribution.Index index,
    int images,
    int unrelatedOutputs,
    List<Source> sources,
    @Nullable Extracted extraction,
    @Nullable Embedded embedded) {
  /** Copies the list. */
  public ImageTrace {
    sources = List.copyOf(sources);
  }

  /**
   * Works that are copies of each other, as far as they agree with the output.
   *
   * @param cluster id of the work that stands for the copies
   * @param copies how many works of the index are in the cluster
   * @param earliest id of the earliest-dated work of the cluster, found or not; null where none is
   *     dated
   * @param works with a finding each, best first
   */
  public record Source(
      String cluster, int copies, @Nullable String earliest, List<TracedImage> works) {
    /** Copies the list. */
    public Source {
      works = List.copyOf(works);
    }
  }

  /**
   * One work.
   *
   * @param width of its picture, in pixels
   * @param height of its picture, in pixels
   * @param image its number among the images of the index
   * @param nearness by its embedding; null where the index has none
   */
  public record TracedImage(
      Work work,
      int width,
      int height,
      int image,
      PictureFinding finding,
      @Nullable Nearness nearness) {}

  /**
   * How near an embedding puts a work to the output. A reason to look, never one to say that
   * anything was copied.
   *
   * @param cosine of the two embeddings, -1 to 1
   * @param percentile how many in 100 images of the index come nowhere as near to one that is no
   *     copy of theirs; the output is counted in, so it is below 100
   */
  public record Nearness(double cosine, double percentile) {
    /** A work that is not beyond it is not named for its nearness. */
    static final double TELLING = 99;
  }

  /**
   * What a model that embeds images adds to what the pixels show.
   *
   * @param model SHA-256 of its file
   * @param unrelatedImages how many were tried for the percentiles
   * @param similar works beyond the 99th percentile of which no finding counts, one of each
   *     cluster, nearest first
   */
  public record Embedded(String model, int unrelatedImages, List<SimilarImage> similar) {
    /** Copies the list. */
    public Embedded {
      similar = List.copyOf(similar);
    }
  }

  /**
   * A work that the output is near to, and that its pixels do not show to be the source.
   *
   * @param width of its picture, in pixels
   * @param height of its picture, in pixels
   * @param image its number among the images of the index
   */
  public record SimilarImage(Work work, int width, int height, int image, Nearness nearness) {
    /** {@return how far it carries} */
    public Tier tier() {
      return Tier.E0;
    }

    /** {@return the sentence that may be printed beside it} */
    public String wording() {
      return String.format(
          Locale.ROOT,
          "the output resembles this work: by its embedding it is nearer than %.1f in 100 images of"
              + " the index are to any that is no copy of theirs (cosine %.3f); their pixels show"
              + " no copy beyond chance",
          nearness.percentile(),
          nearness.cosine());
    }
  }

  /** The measures of extraction, with the work that is nearest. */
  public record Extracted(Work nearest, Extraction measures) {}

  /** {@return a sentence where nothing counts; null where something does} */
  public @Nullable String nothingFound() {
    boolean counts =
        sources.stream()
            .flatMap(source -> source.works().stream())
            .anyMatch(work -> work.finding().counts());
    return counts
        ? null
        : "no image of the "
            + images
            + " in this index agrees with the output, or a part of at least half of each side with"
            + " it, better than unrelated images do; smaller parts and redrawn images are not"
            + " looked for";
  }
}
