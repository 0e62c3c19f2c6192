package io.whence.engine.credit;

import io.whence.engine.EngineException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Who owns which part of a work, as registered. What nobody has registered has no known owner; what
 * is disputed waits, with the names of those who claim it.
 *
 * @param work the work's id
 * @param publicDomain whether nobody has a right in the work; then there are no parts
 * @param parts by holder and role; they sum to a million or less
 */
public record Ownership(String work, boolean publicDomain, List<Part> parts) {
  private static final Comparator<Part> ORDER =
      Comparator.comparing(Part::holder).thenComparing(Part::role);

  /**
   * A part of a work.
   *
   * @param holder who claims it
   * @param role in which: author, publisher, performer, or as the register has it
   * @param ppm of the work, parts per million, at least 1
   * @param disputed whether another claims the same part
   */
  public record Part(String holder, String role, int ppm, boolean disputed) {
    /** Rejects a part of nobody and a part of nothing. */
    public Part {
      if (holder.isBlank() || role.isBlank()) {
        throw new EngineException.InvalidQuery("a part of a work names its holder and a role");
      }
      if (ppm < 1 || ppm > Share.WHOLE) {
        throw new EngineException.InvalidQuery(
            holder + " has a part of " + ppm + " ppm; a part has 1 to " + Share.WHOLE);
      }
    }
  }

  /** Sorts the parts; rejects more than the whole, and two parts of one holder in one role. */
  public Ownership {
    parts = parts.stream().sorted(ORDER).toList();
    long sum = parts.stream().mapToLong(Part::ppm).sum();
    if (sum > Share.WHOLE) {
      throw new EngineException.InvalidQuery(
          "the parts of " + work + " sum to " + sum + " ppm; a work has " + Share.WHOLE);
    }
    if (publicDomain && !parts.isEmpty()) {
      throw new EngineException.InvalidQuery(
          work + " is in the public domain, and " + parts.get(0).holder + " has a part of it");
    }
    Set<String> seen = new HashSet<>();
    for (Part part : parts) {
      if (!seen.add(part.holder + "\0" + part.role)) {
        throw new EngineException.InvalidQuery(
            part.holder + " has two parts of " + work + " as " + part.role);
      }
    }
  }

  /** {@return a work of which nobody has registered anything} */
  public static Ownership unknown(String work) {
    return new Ownership(work, false, List.of());
  }

  /**
   * {@return registered parts where several registers disagree: what sums to more than the work is
   * cut in proportion, and every part is disputed}
   */
  public static Ownership contested(String work, List<Part> claims) {
    List<Part> sorted = claims.stream().sorted(ORDER).toList();
    long sum = sorted.stream().mapToLong(Part::ppm).sum();
    long[] cut =
        LargestRemainder.split(
            Math.min(sum, Share.WHOLE), sorted.stream().mapToLong(Part::ppm).toArray());
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < cut.length; i++) {
      if (cut[i] > 0) {
        parts.add(new Part(sorted.get(i).holder, sorted.get(i).role, (int) cut[i], true));
      }
    }
    return new Ownership(work, false, parts);
  }

  /** {@return what no part covers, parts per million} */
  public int unregisteredPpm() {
    return Share.WHOLE - parts.stream().mapToInt(Part::ppm).sum();
  }
}
