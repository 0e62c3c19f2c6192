package io.whence.engine.attribution;

import io.whence.engine.corpus.Work;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Works that are copies of each other, by number. */
final class Clusters {
  private final List<Work> works;
  private final List<WorkRow> rows;
  private final Map<Integer, List<Integer>> members = new HashMap<>();

  Clusters(List<Work> works, List<WorkRow> rows) {
    this.works = works;
    this.rows = rows;
    for (int work = 0; work < rows.size(); work++) {
      members.computeIfAbsent(rows.get(work).cluster(), key -> new ArrayList<>()).add(work);
    }
  }

  /** {@return the number of the work that stands for the copies of {@code work}} */
  int first(int work) {
    return rows.get(work).cluster();
  }

  /** {@return the work and all its copies, ascending} */
  List<Integer> copies(int work) {
    return members.getOrDefault(first(work), List.of(work));
  }

  /** {@return the earliest-dated copy; where none has a year, none is} */
  Optional<Work> earliest(int work) {
    return copies(work).stream()
        .map(works::get)
        .filter(copy -> copy.year() != null)
        .min(
            Comparator.comparingInt((Work copy) -> copy.year() == null ? 0 : copy.year())
                .thenComparing(copy -> copy.published() == null ? "9" : copy.published()));
  }
}
