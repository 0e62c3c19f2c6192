package io.whence.engine.credit;

import java.util.Comparator;

/**
 * Who is credited for a work, and whether anybody can claim what is credited.
 *
 * @param rightsHolder as the corpus names the holder, else the author
 * @param standing of the claim
 */
public record Claimant(String rightsHolder, Standing standing) implements Comparable<Claimant> {
  /** Name of a holder whom the corpus does not name. */
  public static final String UNKNOWN = "unknown rights holder";

  private static final Comparator<Claimant> ORDER =
      Comparator.comparing(Claimant::rightsHolder).thenComparing(Claimant::standing);

  /** Whether a holder can claim what is credited. */
  public enum Standing {
    /** A named holder, of a work not known to be free. */
    NAMED("named", "payable to the named holder, subject to proof of ownership"),
    /** Nobody is named; the share waits for its owner. */
    OWNER_UNKNOWN("ownerUnknown", "no owner is known: held until one is named"),
    /** The work is in the public domain: credit is due by name, payment is not. */
    PUBLIC_DOMAIN(
        "publicDomain", "public domain: credited by name, nothing is payable as of right");

    private final String id;
    private final String note;

    Standing(String id, String note) {
      this.id = id;
      this.note = note;
    }

    /** {@return its name in answers} */
    public String id() {
      return id;
    }

    /** {@return what a statement says of such a line} */
    public String note() {
      return note;
    }
  }

  /** Rejects a holder without a name. */
  public Claimant {
    if (rightsHolder.isBlank()) {
      throw new IllegalArgumentException("a rights holder has a name; use \"" + UNKNOWN + "\"");
    }
  }

  /**
   * {@return the claimant of a work}
   *
   * @param rightsHolder the holder, or {@value #UNKNOWN}
   * @param publicDomain whether nobody has a right in the work
   */
  public static Claimant of(String rightsHolder, boolean publicDomain) {
    if (publicDomain) {
      return new Claimant(rightsHolder, Standing.PUBLIC_DOMAIN);
    }
    return new Claimant(
        rightsHolder, rightsHolder.equals(UNKNOWN) ? Standing.OWNER_UNKNOWN : Standing.NAMED);
  }

  @Override
  public int compareTo(Claimant other) {
    return ORDER.compare(this, other);
  }
}
