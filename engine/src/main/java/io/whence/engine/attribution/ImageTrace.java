package io.whence.engine.attribution;

import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Extraction;
import io.whence.engine.evidence.PictureFinding;
import java.util.List;
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
 *     well the best agrees
 * @param extraction distances of the whole output from works of its size; null where none has it
 */
public record ImageTrace(
    int width,
    int height,
    String sha256,
    Attribution.Index index,
    int images,
    int unrelatedOutputs,
    List<Source> sources,
    @Nullable Extracted extraction) {
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
   */
  public record TracedImage(Work work, int width, int height, int image, PictureFinding finding) {}

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
