package io.whence.engine.statement;

import io.whence.engine.EngineException;
import io.whence.engine.credit.LargestRemainder;
import io.whence.engine.credit.Share;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The part of an output that is declared to be plug-ins', split: over the plug-ins by the weights
 * they were merged with, and of each plug-in over its works. Whole numbers by largest remainders,
 * so the parts sum to what was declared.
 *
 * @param plugIns by SHA-256 of the adapter, parts per million of the output
 * @param works by id, parts per million of the output; they sum to the same
 */
public record DeclaredUse(SortedMap<String, Integer> plugIns, SortedMap<String, Integer> works) {
  /** Nothing declared. */
  public static final DeclaredUse NONE = new DeclaredUse(new TreeMap<>(), new TreeMap<>());

  /** A weight of 1, in millionths. */
  public static final long UNIT_WEIGHT = 1_000_000;

  /** The largest weight, in millionths. */
  public static final long LARGEST_WEIGHT = 1_000 * UNIT_WEIGHT;

  /** Rejects parts that are no parts of one output, or two ways to split that do not agree. */
  public DeclaredUse {
    plugIns = Collections.unmodifiableSortedMap(new TreeMap<>(plugIns));
    works = Collections.unmodifiableSortedMap(new TreeMap<>(works));
    Usage.checkDeclared(plugIns);
    Usage.checkDeclared(works);
    // Usages of before plug-ins were registered have works alone.
    if (!plugIns.isEmpty() && sum(plugIns) != sum(works)) {
      throw new IllegalArgumentException(
          "plug-ins have " + sum(plugIns) + " ppm and their works " + sum(works));
    }
  }

  private static long sum(SortedMap<String, Integer> parts) {
    return parts.values().stream().mapToLong(Integer::longValue).sum();
  }

  /**
   * A plug-in that had a part in an output.
   *
   * @param adapter SHA-256 of the adapter
   * @param weightMicros the weight it was merged with, millionths, 1 to {@link #LARGEST_WEIGHT}
   * @param works its works, parts per million of the plug-in; they sum to a million
   */
  public record Merged(String adapter, long weightMicros, SortedMap<String, Integer> works) {
    /** Rejects a weight out of range, and works that are not the whole of the plug-in. */
    public Merged {
      works = Collections.unmodifiableSortedMap(new TreeMap<>(works));
      if (weightMicros < 1 || weightMicros > LARGEST_WEIGHT) {
        throw new EngineException.InvalidQuery(
            "the weight of adapter "
                + adapter
                + " is above 0, in steps of a millionth, and at most 1000");
      }
      if (sum(works) != Share.WHOLE) {
        throw new IllegalArgumentException(
            "the works of adapter " + adapter + " have " + sum(works) + " ppm of it");
      }
    }
  }

  /**
   * {@return the split} A plug-in whose weight leaves it less than half a part per million may have
   * none.
   *
   * @param ppm what is declared, parts per million of the output, 1 to a million
   * @param merged at least one, in any order
   * @throws EngineException.InvalidQuery when a plug-in comes twice, or {@code ppm} is out of range
   */
  public static DeclaredUse split(int ppm, List<Merged> merged) {
    if (ppm < 1 || ppm > Share.WHOLE) {
      throw new EngineException.InvalidQuery(
          "what is declared is 1 to " + Share.WHOLE + " ppm of an output; got " + ppm);
    }
    List<Merged> sorted = merged.stream().sorted(Comparator.comparing(Merged::adapter)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).adapter.equals(sorted.get(i - 1).adapter)) {
        throw new EngineException.InvalidQuery(
            "adapter "
                + sorted.get(i).adapter
                + " is declared twice for one output; give it one weight");
      }
    }
    long[] parts =
        LargestRemainder.split(ppm, sorted.stream().mapToLong(Merged::weightMicros).toArray());
    TreeMap<String, Integer> plugIns = new TreeMap<>();
    TreeMap<String, Integer> works = new TreeMap<>();
    for (int i = 0; i < parts.length; i++) {
      if (parts[i] == 0) {
        continue;
      }
      Merged plugIn = sorted.get(i);
      plugIns.put(plugIn.adapter, (int) parts[i]);
      List<String> ids = List.copyOf(plugIn.works.keySet());
      long[] each =
          LargestRemainder.split(
              parts[i], plugIn.works.values().stream().mapToLong(Integer::longValue).toArray());
      for (int k = 0; k < each.length; k++) {
        if (each[k] > 0) {
          works.merge(ids.get(k), (int) each[k], Math::addExact);
        }
      }
    }
    return new DeclaredUse(plugIns, works);
  }
}
