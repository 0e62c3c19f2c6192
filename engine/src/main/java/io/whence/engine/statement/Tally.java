package io.whence.engine.statement;

import io.whence.engine.EngineException;
import io.whence.engine.credit.LargestRemainder;
import io.whence.engine.credit.Ownership;
import io.whence.engine.credit.Payout;
import io.whence.engine.credit.Share;
import io.whence.engine.credit.Shrinkage;
import io.whence.engine.record.MerkleTree;
import io.whence.engine.statement.Statement.WorkLine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the usages of a month, one after the other in the order of their keys, and makes the
 * statement. Needs memory for the works, not for the outputs. For one thread.
 */
public final class Tally {
  // The month's share of a work by influence is s = sum of its ppm / sum of all, over the outputs.
  // Its error is taken for the same in all outputs, as they share a projection and a model, so the
  // ends of the interval add up as the shares do, and its variance is
  // ((high - low) / (2 x 1.645))^2. Shares are shrunk
  // (engine.credit.Shrinkage) towards equal parts of the licensed repertoire, which here is:
  // works with a claim this month of which an undisputed part is registered. Where there is none,
  // there is nothing to shrink towards. Declared parts are exact: they are not shrunk, and a work
  // that is only declared is not among the shares whose variance is taken.

  /** Half the width of a 90 % interval of the normal law, in standard deviations. */
  private static final double Z90 = 1.6448536269514722;

  /** Shares become whole weights of this resolution; from then on there are no fractions. */
  private static final double RESOLUTION = 1e12;

  private final MerkleTree tree = new MerkleTree();
  private final TreeMap<String, Sum> works = new TreeMap<>();
  private final TreeMap<String, Integer> answeredBy = new TreeMap<>();
  private final TreeMap<String, Statement.PlugInLine> plugIns = new TreeMap<>();
  private long unattributed;
  private int outputs;
  private @Nullable String last;

  /** What the month's outputs give one cluster of copies, parts per million of one output. */
  private static final class Sum {
    private final TreeSet<String> copies = new TreeSet<>();
    private @Nullable String title;
    private @Nullable String licence;
    private boolean publicDomain;
    private long declared;
    private long influence;
    private long low;
    private long high;
  }

  /**
   * Adds an output.
   *
   * @throws IllegalArgumentException when its key does not come after the last one's
   */
  public void add(Usage usage) {
    if (last != null && last.compareTo(usage.key()) >= 0) {
      throw new IllegalArgumentException(
          "usages come in the order of their keys; " + usage.key() + " came after " + last);
    }
    last = usage.key();
    outputs++;
    tree.append(MerkleTree.leaf(usage.canonical()));
    answeredBy.merge(usage.checkpoint() + " " + usage.manifest(), 1, Math::addExact);
    usage.declared().works().forEach((work, ppm) -> sum(work).declared += ppm);
    usage
        .declared()
        .plugIns()
        .forEach(
            (adapter, ppm) ->
                plugIns.merge(
                    adapter, new Statement.PlugInLine(adapter, 1, ppm), Statement.PlugInLine::and));
    for (Usage.WorkShare share : usage.works()) {
      Sum sum = sum(share.work());
      sum.copies.addAll(share.copies());
      sum.title = share.title();
      sum.licence = share.licence();
      sum.publicDomain = share.publicDomain();
      sum.influence += share.ppm();
      sum.low += share.lowPpm();
      sum.high += share.highPpm();
    }
    unattributed += usage.unattributedPpm();
  }

  private Sum sum(String work) {
    Sum sum = works.computeIfAbsent(work, id -> new Sum());
    sum.copies.add(work);
    return sum;
  }

  /** {@return ids of all works with a claim, copies among them} */
  public List<String> works() {
    TreeSet<String> ids = new TreeSet<>();
    works.values().forEach(sum -> ids.addAll(sum.copies));
    return List.copyOf(ids);
  }

  /**
   * {@return the statement of what was added}
   *
   * @param registry that has the registered ones of {@link #works}
   * @throws EngineException.InvalidQuery when nothing was added
   */
  public Statement close(Statement.Account account, Statement.Terms terms, Registry registry) {
    if (outputs == 0) {
      throw new EngineException.InvalidQuery(
          "index "
              + account.index()
              + " has no outputs charged to "
              + account.period()
              + "; send a batch for that period first");
    }
    List<String> clusters = List.copyOf(works.keySet());
    List<Sum> sums = List.copyOf(works.values());
    Shrinkage shrinkage = shrink(sums, registry);
    long[] shrunk = shrunk(sums, shrinkage);
    long[] weights = new long[sums.size() + 1];
    for (int i = 0; i < sums.size(); i++) {
      weights[i] = sums.get(i).declared + shrunk[i];
    }
    weights[sums.size()] = unattributed;
    long[] ppm = LargestRemainder.split(Share.WHOLE, weights);
    List<WorkLine> lines = new ArrayList<>();
    SortedMap<String, Integer> ppmByWork = new TreeMap<>();
    Map<String, Ownership> owners = new HashMap<>();
    for (int i = 0; i < sums.size(); i++) {
      Sum sum = sums.get(i);
      List<String> payees = payees(clusters.get(i), sum, registry);
      int n = payees.size();
      for (int k = 0; k < n; k++) {
        String work = payees.get(k);
        Registry.Registered registered = registry.works().get(work);
        lines.add(
            new WorkLine(
                work,
                clusters.get(i),
                sum.copies.size(),
                registered != null && registered.title() != null ? registered.title() : sum.title,
                registered != null && registered.licence() != null
                    ? registered.licence()
                    : sum.licence,
                part(ppm[i], k, n),
                part(scaled(sum.declared + sum.influence), k, n),
                part(scaled(sum.declared + sum.low), k, n),
                part(Math.ceilDiv(sum.declared + sum.high, outputs), k, n),
                part(scaled(sum.declared), k, n),
                shrinkage.lambda().get(i)));
        ppmByWork.merge(work, part(ppm[i], k, n), Math::addExact);
        owners.put(work, owner(work, sum, registered));
      }
    }
    Payout payout = Payout.of(terms.payout(), ppmByWork, owners);
    return new Statement(
        account,
        Collections.unmodifiableSortedMap(new TreeMap<>(answeredBy)),
        outputs,
        HexFormat.of().formatHex(tree.root()),
        registry.version(),
        terms,
        lines,
        (int) ppm[sums.size()],
        shrinkage.clipped(),
        payout,
        names(payout, registry),
        List.copyOf(plugIns.values()));
  }

  /** Registered copies share alike; where none is, the work that stands for them waits. */
  private static List<String> payees(String cluster, Sum sum, Registry registry) {
    List<String> registered = sum.copies.stream().filter(registry.works()::containsKey).toList();
    return registered.isEmpty() ? List.of(cluster) : registered;
  }

  private static Ownership owner(String work, Sum sum, Registry.@Nullable Registered registered) {
    if (registered != null) {
      return registered.ownership();
    }
    return new Ownership(work, sum.publicDomain, List.of());
  }

  private int scaled(long sum) {
    return (int) (sum / outputs);
  }

  private static int part(long whole, int i, int n) {
    return (int) (whole / n + (i < whole % n ? 1 : 0));
  }

  private Shrinkage shrink(List<Sum> sums, Registry registry) {
    long total = sums.stream().mapToLong(sum -> sum.influence).sum();
    double whole = Math.max(1, total);
    List<Double> shares = sums.stream().map(sum -> sum.influence / whole).toList();
    List<Double> noise =
        sums.stream().map(sum -> Math.pow((sum.high - sum.low) / (2 * Z90 * whole), 2)).toList();
    List<Integer> measured =
        IntStream.range(0, sums.size()).filter(i -> sums.get(i).high > 0).boxed().toList();
    List<Boolean> licensed = sums.stream().map(sum -> licensed(sum, registry)).toList();
    long repertoire = licensed.stream().filter(is -> is).count();
    List<Double> base =
        repertoire == 0
            ? shares
            : licensed.stream().map(is -> is ? 1.0 / repertoire : 0.0).toList();
    double signal =
        signalVariance(
            measured.stream().map(shares::get).toList(),
            measured.stream().map(noise::get).toList());
    return Shrinkage.of(shares, signal, noise, base);
  }

  private static boolean licensed(Sum sum, Registry registry) {
    return sum.influence > 0
        && sum.copies.stream()
            .map(registry.works()::get)
            .anyMatch(
                registered ->
                    registered != null
                        && registered.ownership().parts().stream()
                            .anyMatch(part -> !part.disputed()));
  }

  /** Variance of the shares beyond that of their measurement, by the method of moments. */
  private static double signalVariance(List<Double> shares, List<Double> noise) {
    int n = shares.size();
    if (n < 2) {
      return 1; // one share alone says nothing of how shares vary
    }
    double mean = shares.stream().mapToDouble(share -> share).sum() / n;
    double variance =
        shares.stream().mapToDouble(share -> (share - mean) * (share - mean)).sum() / (n - 1);
    double measured = noise.stream().mapToDouble(one -> one).sum() / n;
    return Math.max(0, variance - measured);
  }

  /** What was attributed by influence, shared out again by the shrunk shares, in whole numbers. */
  private static long[] shrunk(List<Sum> sums, Shrinkage shrinkage) {
    long total = sums.stream().mapToLong(sum -> sum.influence).sum();
    long[] weights =
        shrinkage.shares().stream().mapToLong(share -> Math.round(share * RESOLUTION)).toArray();
    return total == 0 ? new long[sums.size()] : LargestRemainder.split(total, weights);
  }

  private static SortedMap<String, String> names(Payout payout, Registry registry) {
    TreeMap<String, String> names = new TreeMap<>();
    payout.lines().forEach(line -> name(line.party(), registry, names));
    payout.allocations().forEach(part -> name(part.holder(), registry, names));
    return Collections.unmodifiableSortedMap(names);
  }

  private static void name(String holder, Registry registry, Map<String, String> names) {
    String name = registry.holders().get(holder);
    if (name != null) {
      names.put(holder, name);
    }
  }
}
