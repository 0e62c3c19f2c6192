package io.whence.engine.evidence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * That an output shares no run of words with any work of an index. It rests on the guarantee of the
 * winnowing, on looking up every run of the output and on comparing the words of every work that
 * was found.
 *
 * @param words no shared run has as many words as this, or more
 * @param outputWords words of the output
 * @param k words in a fingerprinted run
 * @param w runs in a window of the winnowing
 * @param index SHA-256 of the manifest of the index, which holds the sum of every file
 * @param works how many works the index has
 * @param droppedFingerprints fingerprints that were not looked up, because they are too common; the
 *     certificate says nothing of runs that have no other
 * @param normalisation what counts as the same word
 */
public record NegativeCertificate(
    int words,
    int outputWords,
    int k,
    int w,
    String index,
    int works,
    List<String> droppedFingerprints,
    String normalisation) {
  private static final String NORMALISATION =
      "NFKC and case folded; punctuation, layout and invisible characters do not count";

  /**
   * {@return the certificate of an output, or null where a run as long as the guarantee was found,
   * or the output has fewer words itself, of which nothing could be certified}
   *
   * @param matches of the output with every work that has one of its fingerprints
   * @param winnowing of the index; no fingerprint is too common to be looked up
   */
  public static @Nullable NegativeCertificate of(
      List<? extends Evidence> matches,
      int outputWords,
      Winnowing winnowing,
      String index,
      int works) {
    int longest =
        matches.stream()
            // Renamed code has other words.
            .filter(match -> !(match instanceof Evidence.RenamedMatch))
            .mapToInt(Evidence::longestRun)
            .max()
            .orElse(0);
    return longest >= winnowing.guarantee() || outputWords < winnowing.guarantee()
        ? null
        : new NegativeCertificate(
            winnowing.guarantee(),
            outputWords,
            winnowing.k(),
            winnowing.w(),
            index,
            works,
            List.of(),
            NORMALISATION);
  }

  /** {@return the certificate as a sentence} */
  public String statement() {
    return "the output of "
        + outputWords
        + " words shares no run of "
        + words
        + " words or more with any of the "
        + works
        + " works of this index";
  }
}
