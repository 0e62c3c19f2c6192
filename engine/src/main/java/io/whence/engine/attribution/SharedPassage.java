package io.whence.engine.attribution;

import io.whence.engine.Span;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Finding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A passage of an output that stands in several works, copies of each other or not: a poem and the
 * anthologies that hold it, a quotation and all who quote it.
 *
 * @param characters where it is in the output, in UTF-16 code units
 * @param words how many words of the output that is
 * @param places one in each work that has it, the earliest-dated work first, those without a date
 *     last; at least 2
 */
public record SharedPassage(Span characters, int words, List<Place> places) {

  /**
   * Where it stands in a work.
   *
   * @param match the one there with most equal words
   */
  public record Place(Work work, Evidence match) {}

  /** {@return the earliest-dated work that has it; null where none is dated} */
  public @Nullable Work earliest() {
    Work first = places.get(0).work();
    return first.year() == null ? null : first;
  }

  /**
   * {@return the passages, by where they start in the output}
   *
   * <p>The longest match is a passage, and with it go all that lie in it with at least half of
   * their words; then the longest of those that are left, and so on. Only matches that count as
   * evidence are looked at.
   */
  static List<SharedPassage> of(List<Trace.Source> sources) {
    List<Place> left = new ArrayList<>();
    for (Trace.Source source : sources) {
      for (Trace.TracedWork work : source.works()) {
        work.findings().stream()
            .filter(Finding::counts)
            .forEach(finding -> left.add(new Place(work.work(), finding.match())));
      }
    }
    left.sort(
        Comparator.comparingInt((Place place) -> -place.match().outputWords().length())
            .thenComparingInt(place -> place.match().outputWords().start())
            .thenComparing(place -> place.work().id()));
    List<SharedPassage> passages = new ArrayList<>();
    while (!left.isEmpty()) {
      Evidence longest = left.get(0).match();
      Map<String, Place> byWork = new TreeMap<>();
      left.removeIf(
          place -> {
            boolean belongs = liesIn(place.match().outputWords(), longest.outputWords());
            if (belongs) {
              byWork.merge(place.work().id().value(), place, SharedPassage::longer);
            }
            return belongs;
          });
      if (byWork.size() > 1) {
        passages.add(
            new SharedPassage(
                longest.outputCharacters(),
                longest.outputWords().length(),
                byWork.values().stream()
                    .sorted(
                        Comparator.comparing(Place::work, Work.EARLIEST_FIRST)
                            .thenComparing(place -> place.work().id()))
                    .toList()));
      }
    }
    passages.sort(Comparator.comparingInt(passage -> passage.characters().start()));
    return List.copyOf(passages);
  }

  private static boolean liesIn(Span words, Span passage) {
    int common = Math.min(words.end(), passage.end()) - Math.max(words.start(), passage.start());
    return 2 * common >= words.length();
  }

  private static Place longer(Place one, Place other) {
    return other.match().equalWords() > one.match().equalWords() ? other : one;
  }
}
