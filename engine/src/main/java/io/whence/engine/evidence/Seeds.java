package io.whence.engine.evidence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Runs of words that an output and a work have in common. */
final class Seeds {
  private Seeds() {}

  /**
   * A run that both have and that is no part of a longer one.
   *
   * @param output where it starts in the output
   * @param work where it starts in the work
   * @param length how long it is
   */
  record Seed(int output, int work, int length) {
    int outputEnd() {
      return output + length;
    }

    int workEnd() {
      return work + length;
    }
  }

  /**
   * {@return every pair of places where {@code shortest} words or more agree, by place in {@code
   * output}, then in {@code work}; of longer runs only, where finding these would take more than
   * {@code mostSteps} comparisons}
   */
  static List<Seed> common(OutputWords output, int[] work, int shortest, long mostSteps) {
    int[] here = output.here();
    for (int length = shortest; length <= Math.min(here.length, work.length); length *= 2) {
      Search search = new Search(here, work, output.runs(length), mostSteps);
      if (search.run()) {
        search.seeds.sort(Comparator.comparingInt(Seed::output).thenComparingInt(Seed::work));
        return search.seeds;
      }
    }
    return List.of();
  }

  private static final class Search {
    private final int[] output;
    private final int[] work;
    private final OutputWords.Runs runs;
    private final List<Seed> seeds = new ArrayList<>();
    private long left;

    Search(int[] output, int[] work, OutputWords.Runs runs, long mostSteps) {
      this.output = output;
      this.work = work;
      this.runs = runs;
      this.left = mostSteps;
    }

    /** {@return whether the steps sufficed} */
    boolean run() {
      runs.visit(
          work,
          (j, hash) -> {
            for (int place = runs.last(hash); place != 0 && left >= 0; place = runs.before(place)) {
              compare(place - 1, j);
            }
          });
      return left >= 0;
    }

    private void compare(int i, int j) {
      left--;
      if (i > 0 && j > 0 && output[i - 1] == work[j - 1]) {
        return;
      }
      int agreed = 0;
      while (i + agreed < output.length
          && j + agreed < work.length
          && output[i + agreed] == work[j + agreed]) {
        agreed++;
      }
      left -= agreed;
      if (agreed >= runs.length()) { // else two runs have one hash
        seeds.add(new Seed(i, j, agreed));
      }
    }
  }
}
