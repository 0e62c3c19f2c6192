package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be measured: a suite, with some of its methods, from seeds. The same experiment always
 * gives the same {@link Report}, its seconds apart.
 *
 * @param suite which ground truth, and what of it
 * @param methods names of the methods to compare, in any order; empty for all of the suite's
 * @param seeds of the ground truth's trainings, one run of everything for each, distinct; two or
 *     more give a noise ceiling
 * @param rightsHolders how many rights holders are left out at most, those with most tokens first,
 *     {@value #FEWEST_RIGHTS_HOLDERS} to {@value #MOST_RIGHTS_HOLDERS}; null for a suite that
 *     leaves none out, and for {@value #DEFAULT_RIGHTS_HOLDERS} of one that does
 * @param data directory of other data in the same layout, or null for the suite's own
 */
public record Experiment(
    Suite suite,
    List<String> methods,
    List<Long> seeds,
    @Nullable Integer rightsHolders,
    @Nullable Path data) {
  /** Most runs of the ground truth. */
  public static final int MOST_SEEDS = 32;

  /** Fewer are no ranking. */
  public static final int FEWEST_RIGHTS_HOLDERS = LeaveOut.FEWEST_GROUPS;

  /** Each is a training, of every seed. */
  public static final int MOST_RIGHTS_HOLDERS = 1000;

  /** As many as a rank correlation wants. */
  public static final int DEFAULT_RIGHTS_HOLDERS = 30;

  /** Two runs, for a noise ceiling. */
  public static final List<Long> DEFAULT_SEEDS = List.of(1L, 2L);

  /** Rejects what no suite can do. */
  public Experiment {
    methods = List.copyOf(methods);
    seeds = List.copyOf(seeds);
    if (seeds.isEmpty()
        || seeds.size() > MOST_SEEDS
        || seeds.stream().distinct().count() < seeds.size()) {
      throw new EngineException.InvalidQuery(
          "seeds are 1 to " + MOST_SEEDS + " different numbers; got " + seeds);
    }
    if (suite.leavesRightsHoldersOut()) {
      rightsHolders = rightsHolders == null ? DEFAULT_RIGHTS_HOLDERS : rightsHolders;
      if (rightsHolders < FEWEST_RIGHTS_HOLDERS || rightsHolders > MOST_RIGHTS_HOLDERS) {
        throw new EngineException.InvalidQuery(
            "rights holders to leave out are "
                + FEWEST_RIGHTS_HOLDERS
                + " to "
                + MOST_RIGHTS_HOLDERS
                + "; got "
                + rightsHolders);
      }
    } else if (rightsHolders != null) {
      throw new EngineException.InvalidQuery(
          "suite "
              + suite.id()
              + " leaves no rights holders out, so it takes no number of them; "
              + Suite.POEMS_LM.id()
              + " and "
              + Suite.POEMS_HOLDERS.id()
              + " do");
    }
    for (String method : methods) {
      if (!suite.methods().contains(method)) {
        throw new EngineException.InvalidQuery(
            "method "
                + method
                + " is not in suite "
                + suite.id()
                + "; use some of "
                + String.join(", ", suite.methods()));
      }
    }
  }

  /** {@return whether a method of the suite is to be compared} */
  boolean wants(String method) {
    return methods.isEmpty() || methods.contains(method);
  }

  /** {@return what the suite measures, where {@code bench} says} */
  public Report run(Suite.Bench bench) {
    return suite.run(this, bench);
  }
}
