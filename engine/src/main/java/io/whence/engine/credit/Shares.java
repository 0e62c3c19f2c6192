package io.whence.engine.credit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The credit for one output, split.
 *
 * <p>A claim's share is its net influence over the positive influence of the whole corpus, so what
 * cannot be told from chance is nobody's: it stays unattributed. Shares are whole by the method of
 * largest remainders, ties by ascending id; from there on there are no fractions.
 *
 * @param byClaim each claim's share by its id
 * @param byHolder each rights holder's share, largest first, then by name
 * @param unattributedPpm what is left: byHolder and this sum to 1,000,000
 */
public record Shares(Map<String, Share> byClaim, List<HolderShare> byHolder, int unattributedPpm) {
  /** What one rights holder is credited with. */
  public record HolderShare(String rightsHolder, Share share) {}

  /**
   * {@return the shares of {@code claims}}
   *
   * @param total positive influence of the whole corpus, in nats; where the claims exceed it, they
   *     are the whole
   */
  public static Shares of(List<Claim> claims, double total) {
    List<Claim> ordered = claims.stream().sorted(Comparator.comparing(Claim::id)).toList();
    double sum = Math.max(total, ordered.stream().mapToDouble(Claim::net).sum());
    int[] ppm = wholes(ordered, sum);
    Map<String, Share> byClaim = new TreeMap<>();
    SortedMap<String, Share> holders = new TreeMap<>();
    int given = 0;
    for (int i = 0; i < ordered.size(); i++) {
      Claim claim = ordered.get(i);
      Share share =
          new Share(
              ppm[i],
              Math.min(ppm[i], (int) Math.floor(fraction(claim.low(), sum))),
              Math.max(
                  ppm[i], (int) Math.min(Share.WHOLE, Math.ceil(fraction(claim.high(), sum)))));
      given += share.ppm();
      byClaim.put(claim.id(), share);
      List<String> names = claim.holders().stream().sorted().toList();
      for (int h = 0; h < names.size(); h++) {
        holders.merge(names.get(h), part(share, h, names.size()), Share::plus);
      }
    }
    List<HolderShare> byHolder =
        holders.entrySet().stream()
            .map(entry -> new HolderShare(entry.getKey(), entry.getValue()))
            .filter(holder -> holder.share().highPpm() > 0)
            .sorted(
                Comparator.comparingInt((HolderShare holder) -> -holder.share().ppm())
                    .thenComparing(HolderShare::rightsHolder))
            .toList();
    return new Shares(Map.copyOf(byClaim), byHolder, Share.WHOLE - given);
  }

  private static double fraction(double net, double sum) {
    return sum > 0 ? net / sum * Share.WHOLE : 0;
  }

  /** The unattributed rest takes part in the rounding, as the last of equals. */
  private static int[] wholes(List<Claim> claims, double sum) {
    double[] exact = new double[claims.size() + 1];
    double rest = Share.WHOLE;
    for (int i = 0; i < claims.size(); i++) {
      exact[i] = fraction(claims.get(i).net(), sum);
      rest -= exact[i];
    }
    exact[claims.size()] = Math.max(0, rest);
    int[] wholes = new int[exact.length];
    int left = Share.WHOLE;
    for (int i = 0; i < exact.length; i++) {
      wholes[i] = (int) Math.floor(exact[i]);
      left -= wholes[i];
    }
    List<Integer> byFraction = new ArrayList<>(IntStream.range(0, exact.length).boxed().toList());
    byFraction.sort(Comparator.comparingDouble(i -> wholes[i] - exact[i]));
    for (int i = 0; left > 0; i = (i + 1) % exact.length) {
      wholes[byFraction.get(i)]++;
      left--;
    }
    return wholes;
  }

  /** The h-th of n equal parts; the first ones take what does not divide. */
  private static Share part(Share share, int h, int n) {
    return new Share(
        part(share.ppm(), h, n), part(share.lowPpm(), h, n), part(share.highPpm(), h, n));
  }

  private static int part(int ppm, int h, int n) {
    return ppm / n + (h < ppm % n ? 1 : 0);
  }
}
