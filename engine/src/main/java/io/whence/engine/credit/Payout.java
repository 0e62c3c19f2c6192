package io.whence.engine.credit;

import io.whence.engine.EngineException;
import io.whence.engine.credit.Ownership.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A pool of money, paid out by shares of credit, in whole minor units throughout.
 *
 * <p>Every unit has a line: payable to a named holder, carried forward where a holder's sum is
 * below the least payment, in escrow by its reason, or in the remainder that nothing attributes.
 * The lines sum to the pool and what was carried in, exactly.
 *
 * @param lines payable ones by holder, then the others by kind
 * @param allocations where the pool's money comes from: by work, holder and role; with what was
 *     carried in they sum to the lines
 */
public record Payout(List<Line> lines, List<Allocation> allocations) {
  /** What happens with a line's money. */
  public enum Kind {
    /** Paid to the holder. */
    PAYABLE("payable"),
    /** Owed to the holder, and paid with a later statement. */
    CARRIED_FORWARD("carriedForward"),
    /** The work is in the public domain. */
    ESCROW_PUBLIC_DOMAIN("escrowPublicDomain"),
    /** Nobody is registered for the part. */
    ESCROW_OWNER_UNKNOWN("escrowOwnerUnknown"),
    /** Several claim the part. */
    ESCROW_DISPUTED("escrowDisputed"),
    /** Nothing attributes it. */
    REMAINDER("remainder");

    private final String id;

    Kind(String id) {
      this.id = id;
    }

    /** {@return its name in statements} */
    public String id() {
      return id;
    }
  }

  /** What becomes of the part of the pool that nothing attributes. */
  public enum RemainderRule {
    /** It stays in a line of its own. */
    KEEP("keep"),
    /** The holders with an undisputed part get equal parts of it. */
    EQUAL("equal"),
    /** The holders with an undisputed part get it in proportion to what they are owed. */
    PRO_RATA("proRata");

    private final String id;

    RemainderRule(String id) {
      this.id = id;
    }

    /** {@return its name in requests and statements} */
    public String id() {
      return id;
    }

    /**
     * {@return the rule of a name}
     *
     * @throws EngineException.InvalidQuery when there is none
     */
    public static RemainderRule of(String id) {
      for (RemainderRule rule : values()) {
        if (rule.id.equals(id)) {
          return rule;
        }
      }
      throw new EngineException.InvalidQuery(
          "remainderRule " + id + " is not known; use keep, equal or proRata");
    }
  }

  /**
   * One line.
   *
   * @param kind what happens with the money
   * @param party the holder, or the work in escrow; empty for the remainder
   * @param minor minor units of the currency, at least 0
   */
  public record Line(Kind kind, String party, long minor) {}

  /**
   * Money of one work for one holder in one role.
   *
   * @param work empty for what nothing attributes
   * @param holder empty where nobody is registered
   * @param role empty where nobody is registered; {@value #REMAINDER_ROLE} for a part of what
   *     nothing attributes
   * @param kind payable, in escrow, or the remainder; what a holder is owed may yet be carried
   *     forward
   * @param minor minor units of the currency, at least 1
   */
  public record Allocation(String work, String holder, String role, Kind kind, long minor) {
    /** Role in which a holder gets a part of what nothing attributes. */
    public static final String REMAINDER_ROLE = "remainder";
  }

  /** Copies the lists. */
  public Payout {
    lines = List.copyOf(lines);
    allocations = List.copyOf(allocations);
  }

  /**
   * What is paid out, and how.
   *
   * @param poolMinor minor units, at least 0
   * @param rule for what nothing attributes
   * @param leastMinor the least sum that is paid, minor units
   * @param carriedIn by holder, what earlier statements carried forward, minor units
   */
  public record Terms(
      long poolMinor, RemainderRule rule, long leastMinor, Map<String, Long> carriedIn) {
    /** Rejects sums below 0. */
    public Terms {
      carriedIn = Map.copyOf(carriedIn);
      if (poolMinor < 0
          || leastMinor < 0
          || carriedIn.values().stream().anyMatch(minor -> minor < 0)) {
        throw new EngineException.InvalidQuery(
            "pool, least payment and what is carried in are at least 0 minor units");
      }
    }
  }

  /**
   * {@return the payout of a pool}
   *
   * @param ppmByWork shares of the works, parts per million; what they leave of a million is not
   *     attributed
   * @param owners of the works; a work that is not there has no known owner
   */
  public static Payout of(
      Terms terms, SortedMap<String, Integer> ppmByWork, Map<String, Ownership> owners) {
    long attributed = ppmByWork.values().stream().mapToLong(Integer::longValue).sum();
    if (attributed > Share.WHOLE || ppmByWork.values().stream().anyMatch(ppm -> ppm < 0)) {
      throw new EngineException.InvalidQuery(
          "the shares of the works are at least 0 and sum to at most "
              + Share.WHOLE
              + " ppm; they sum to "
              + attributed);
    }
    List<String> works = List.copyOf(ppmByWork.keySet());
    long[] weights = new long[works.size() + 1];
    for (int i = 0; i < works.size(); i++) {
      weights[i] = ppmByWork.getOrDefault(works.get(i), 0);
    }
    weights[works.size()] = Share.WHOLE - attributed;
    long[] byWork = LargestRemainder.split(terms.poolMinor, weights);
    TreeMap<String, Long> owed = new TreeMap<>();
    TreeMap<Line, Long> held =
        new TreeMap<>(Comparator.comparing(Line::kind).thenComparing(Line::party));
    List<Allocation> allocations = new ArrayList<>();
    for (int i = 0; i < works.size(); i++) {
      Ownership owner = owners.getOrDefault(works.get(i), Ownership.unknown(works.get(i)));
      share(works.get(i), byWork[i], owner, allocations);
      // Whose part comes to less than one unit still has a part of what nothing attributes.
      owner.parts().stream()
          .filter(part -> !part.disputed())
          .forEach(part -> owed.putIfAbsent(part.holder(), 0L));
    }
    for (Allocation part : allocations) {
      if (part.kind == Kind.PAYABLE) {
        owed.merge(part.holder, part.minor, Math::addExact);
      } else {
        hold(held, part.kind, part.work, part.minor);
      }
    }
    long remainder = byWork[works.size()];
    if (terms.rule != RemainderRule.KEEP && owed.values().stream().anyMatch(minor -> minor > 0)) {
      spread(remainder, terms.rule, owed, allocations);
    } else {
      hold(held, Kind.REMAINDER, "", remainder);
      allocate(allocations, new Allocation("", "", "", Kind.REMAINDER, remainder));
    }
    return new Payout(lines(terms, owed, held), allocations);
  }

  /** Gives a work's money to its parts. */
  private static void share(
      String work, long minor, Ownership owner, List<Allocation> allocations) {
    if (owner.publicDomain()) {
      allocate(allocations, new Allocation(work, "", "", Kind.ESCROW_PUBLIC_DOMAIN, minor));
      return;
    }
    long[] weights = new long[owner.parts().size() + 1];
    for (int i = 0; i < owner.parts().size(); i++) {
      weights[i] = owner.parts().get(i).ppm();
    }
    weights[owner.parts().size()] = owner.unregisteredPpm();
    long[] each = LargestRemainder.split(minor, weights);
    for (int i = 0; i < owner.parts().size(); i++) {
      Part part = owner.parts().get(i);
      Kind kind = part.disputed() ? Kind.ESCROW_DISPUTED : Kind.PAYABLE;
      allocate(allocations, new Allocation(work, part.holder(), part.role(), kind, each[i]));
    }
    allocate(
        allocations,
        new Allocation(work, "", "", Kind.ESCROW_OWNER_UNKNOWN, each[owner.parts().size()]));
  }

  private static void allocate(List<Allocation> allocations, Allocation part) {
    if (part.minor > 0) {
      allocations.add(part);
    }
  }

  private static void spread(
      long remainder,
      RemainderRule rule,
      TreeMap<String, Long> owed,
      List<Allocation> allocations) {
    List<String> holders = List.copyOf(owed.keySet());
    long[] weights =
        holders.stream()
            .mapToLong(holder -> rule == RemainderRule.EQUAL ? 1 : owed.getOrDefault(holder, 0L))
            .toArray();
    long[] each = LargestRemainder.split(remainder, weights);
    for (int i = 0; i < each.length; i++) {
      owed.merge(holders.get(i), each[i], Math::addExact);
      allocate(
          allocations,
          new Allocation("", holders.get(i), Allocation.REMAINDER_ROLE, Kind.PAYABLE, each[i]));
    }
  }

  private static void hold(TreeMap<Line, Long> held, Kind kind, String party, long minor) {
    held.merge(new Line(kind, party, 0), minor, Math::addExact);
  }

  private static List<Line> lines(
      Terms terms, TreeMap<String, Long> owed, TreeMap<Line, Long> held) {
    List<Line> lines = new ArrayList<>();
    TreeSet<String> holders = new TreeSet<>(owed.keySet());
    holders.addAll(terms.carriedIn.keySet());
    for (String holder : holders) {
      long minor =
          Math.addExact(owed.getOrDefault(holder, 0L), terms.carriedIn.getOrDefault(holder, 0L));
      if (minor > 0) {
        lines.add(
            new Line(
                minor >= terms.leastMinor ? Kind.PAYABLE : Kind.CARRIED_FORWARD, holder, minor));
      }
    }
    held.forEach(
        (line, minor) -> {
          if (minor > 0) {
            lines.add(new Line(line.kind, line.party, minor));
          }
        });
    lines.sort(Comparator.comparing(Line::kind).thenComparing(Line::party));
    return List.copyOf(lines);
  }

  /** {@return the sum of all lines, minor units} */
  public long totalMinor() {
    return lines.stream().mapToLong(Line::minor).reduce(0, Math::addExact);
  }
}
