package io.whence.engine.attribution;

import io.whence.engine.Span;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Finding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A passage of an output that stands in several works, copies of each other or not: a poem and the
 * anthologies that hold it, a quotation and all who quote it.
 *
 * @param characters where it is in the output, in UTF-16 code units
 * @param words how many words of the output that is
 * @param places one in each work that has it, the earliest-dated work first, those without a date
 *     last; at least 2
 * @param known of the passages that were found when the index was built, the one that has most
 *     words in common with an unchanged run of this one; null where none has {@link
 *     Passages#SHORTEST}, as where it stands in copies of one work alone, or where the index was
 *     built before they were looked for
 */
public record SharedPassage(Span characters, int words, List<Place> places, @Nullable Known known) {

  /**
   * A passage of the index.
   *
   * @param passage which, and in how many works it stands
   * @param common how many of its words are in the run
   */
  public record Known(Passages.Passage passage, int common) {
    static final Comparator<Known> CLOSEST =
        Comparator.comparingInt(Known::common)
            .thenComparingInt(known -> known.passage().works())
            .thenComparingInt(known -> -known.passage().number());
  }

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
   *
   * @param known the passage of the index where a run stands in a work
   */
  static List<SharedPassage> of(
      List<Trace.Source> sources, Function<Place, Optional<Known>> known) {
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
      List<Place> runs = new ArrayList<>();
      left.removeIf(
          place -> {
            boolean belongs = liesIn(place.match().outputWords(), longest.outputWords());
            if (belongs) {
              byWork.merge(place.work().id().value(), place, SharedPassage::longer);
              if (place.match() instanceof Evidence.VerbatimMatch) {
                runs.add(place);
              }
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
                    .toList(),
                runs.stream()
                    .flatMap(run -> known.apply(run).stream())
                    .max(Known.CLOSEST)
                    .orElse(null)));
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
