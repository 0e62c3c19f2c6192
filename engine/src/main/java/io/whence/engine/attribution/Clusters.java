package io.whence.engine.attribution;

import io.whence.engine.corpus.Work;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Works that are copies of each other, by number.
 *
 * <p>Credit is reckoned in the corpus without its copies: of each cluster one work stands for all,
 * in the curvature, in the null and in the claim. Of those the model was trained on it is the first
 * that is as good as whole: with nine tenths of the longest one's characters or more. So neither
 * more copies, nor edited ones of about the same length, nor parts change what is credited.
 */
public final class Clusters {
  private static final double AS_GOOD_AS_WHOLE = 0.9;

  private final List<Work> works;
  private final IntUnaryOperator first;
  private final IntPredicate heldOut;
  private final Map<Integer, List<Integer>> members = new HashMap<>();
  private final Map<Integer, Integer> standing = new HashMap<>();

  /**
   * Groups works.
   *
   * @param works of the index, by number
   * @param first the number of the first work of a work's cluster
   * @param heldOut whether the model is known never to have been trained on a work
   */
  public Clusters(List<Work> works, IntUnaryOperator first, IntPredicate heldOut) {
    this.works = works;
    this.first = first;
    this.heldOut = heldOut;
    for (int work = 0; work < works.size(); work++) {
      members.computeIfAbsent(first(work), key -> new ArrayList<>()).add(work);
    }
    members.forEach((cluster, copies) -> standing.put(cluster, standing(copies)));
  }

  private int standing(List<Integer> copies) {
    List<Integer> trained = copies.stream().filter(copy -> !heldOut.test(copy)).toList();
    List<Integer> from = trained.isEmpty() ? copies : trained;
    int longest = from.stream().mapToInt(copy -> works.get(copy).text().length()).max().orElse(0);
    return from.stream()
        .filter(copy -> works.get(copy).text().length() >= AS_GOOD_AS_WHOLE * longest)
        .findFirst()
        .orElseThrow();
  }

  static Clusters of(List<Work> works, List<WorkRow> rows) {
    return new Clusters(works, work -> rows.get(work).cluster(), work -> rows.get(work).heldOut());
  }

  /** {@return the number of the first work of which {@code work} is a copy, perhaps its own} */
  int first(int work) {
    return first.applyAsInt(work);
  }

  /** {@return the work and all its copies, ascending} */
  List<Integer> copies(int work) {
    return members.getOrDefault(first(work), List.of(work));
  }

  /** {@return whether the work stands for its copies; one of each cluster does} */
  boolean stands(int work) {
    return standing.getOrDefault(first(work), work) == work;
  }

  /** {@return whether the work stands for its copies and the model was trained on it} */
  public boolean countsForCredit(int work) {
    return stands(work) && !heldOut.test(work);
  }

  /** {@return whether any work has a copy that the model was trained on as well} */
  public boolean copiesWereTrainedOn() {
    return members.values().stream()
        .anyMatch(copies -> copies.stream().filter(copy -> !heldOut.test(copy)).count() > 1);
  }

  /** {@return the earliest-dated copy; where none has a year, none is} */
  Optional<Work> earliest(int work) {
    return copies(work).stream()
        .map(works::get)
        .filter(copy -> copy.year() != null)
        .min(Work.EARLIEST_FIRST);
  }
}
