package io.whence.engine.credit;

import io.whence.engine.credit.Claimant.Standing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The credit for one output, split.
 *
 * <p>A claim's share is its net influence over the positive influence of the whole corpus, so what
 * cannot be told from chance is nobody's: it stays unattributed. Shares are whole by the method of
 * largest remainders, ties by ascending id and the unattributed rest last; from there on there are
 * no fractions. Neither the order of the claims nor that of a claim's holders matters. The ends of
 * a share move one claim to the ends of its own interval and leave the whole as it is.
 *
 * @param byClaim each claim's share by its id
 * @param byHolder what each rights holder is credited with, largest first, then by name
 * @param unattributedPpm what is left: the points of {@code byHolder} and this sum to 1,000,000
 */
public record Shares(
    SortedMap<String, Share> byClaim, List<HolderShare> byHolder, int unattributedPpm) {

  /**
   * One line of credit. A holder has one for each standing.
   *
   * @param note what a statement says of the standing
   * @param net influence above the null of the claims, each in equal parts for its holders, in nats
   * @param claims the ids of the claims, ascending
   */
  public record HolderShare(
      String rightsHolder,
      Share share,
      Standing standing,
      String note,
      double net,
      List<String> claims) {}

  /**
   * {@return the shares of {@code claims}}
   *
   * @param claims with different ids
   * @param total positive influence of the whole corpus, in nats, at least 0 and finite; where the
   *     claims exceed it, they are the whole
   */
  public static Shares of(List<Claim> claims, double total) {
    if (!(total >= 0 && total < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the positive influence of a corpus is at least 0 and finite; got " + total);
    }
    List<Claim> ordered = claims.stream().sorted(Comparator.comparing(Claim::id)).toList();
    double whole = Math.max(total, ordered.stream().mapToDouble(Claim::net).sum());
    int[] ppm = largestRemainders(ordered, whole);
    TreeMap<String, Share> byClaim = new TreeMap<>();
    TreeMap<Claimant, Line> lines = new TreeMap<>();
    for (int i = 0; i < ordered.size(); i++) {
      Claim claim = ordered.get(i);
      Share share =
          new Share(
              ppm[i],
              Math.min(ppm[i], (int) Math.floor(millionths(claim.low(), whole))),
              Math.max(
                  ppm[i], (int) Math.min(Share.WHOLE, Math.ceil(millionths(claim.high(), whole)))));
      if (byClaim.put(claim.id(), share) != null) {
        throw new IllegalArgumentException("two claims have the id " + claim.id());
      }
      int n = claim.claimants().size();
      for (int k = 0; k < n; k++) {
        lines
            .computeIfAbsent(claim.claimants().get(k), key -> new Line())
            .add(claim.id(), share.part(k, n), claim.net() / n);
      }
    }
    List<HolderShare> byHolder =
        lines.entrySet().stream()
            .map(entry -> entry.getValue().of(entry.getKey()))
            .filter(line -> line.share().highPpm() > 0)
            .sorted(Comparator.comparingInt(line -> -line.share().ppm()))
            .toList();
    return new Shares(Collections.unmodifiableSortedMap(byClaim), byHolder, ppm[ordered.size()]);
  }

  /** Adds up what a claimant is credited with. */
  private static final class Line {
    private final List<String> claims = new ArrayList<>();
    private Share share = Share.NONE;
    private double net;

    void add(String claim, Share part, double partOfNet) {
      claims.add(claim);
      share = share.plus(part);
      net += partOfNet;
    }

    HolderShare of(Claimant claimant) {
      return new HolderShare(
          claimant.rightsHolder(),
          share,
          claimant.standing(),
          claimant.standing().note(),
          net,
          List.copyOf(claims));
    }
  }

  private static double millionths(double net, double whole) {
    // First the quotient: it is at most 1, and multiplying first could overflow.
    return whole > 0 ? net / whole * Share.WHOLE : 0;
  }

  /** {@return the shares of the claims in order, and of the rest; they sum to the whole} */
  private static int[] largestRemainders(List<Claim> claims, double whole) {
    double[] exact = new double[claims.size() + 1];
    double rest = Share.WHOLE;
    for (int i = 0; i < claims.size(); i++) {
      exact[i] = millionths(claims.get(i).net(), whole);
      rest -= exact[i];
    }
    exact[claims.size()] = Math.max(0, rest);
    int[] floors = new int[exact.length];
    int left = Share.WHOLE;
    for (int i = 0; i < exact.length; i++) {
      floors[i] = (int) Math.floor(exact[i]);
      left -= floors[i];
    }
    int[] byRemainder =
        IntStream.range(0, exact.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> floors[i] - exact[i]))
            .mapToInt(i -> i)
            .toArray();
    for (int i = 0; i < left; i++) {
      floors[byRemainder[i]]++;
    }
    return floors;
  }
}
