package io.whence.engine.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.credit.Claimant.Standing;
import io.whence.engine.credit.Shares.HolderShare;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharesTest {
  @Test
  void gives_each_claim_its_part_of_all_positive_influence_and_nobody_the_rest() {
    Shares shares = Shares.of(List.of(claim("a", "Ann", 3), claim("b", "Bob", 1)), 8);

    assertThat(share(shares, "a")).isEqualTo(new Share(375_000, 375_000, 375_000));
    assertThat(share(shares, "b")).isEqualTo(new Share(125_000, 125_000, 125_000));
    assertThat(shares.unattributedPpm()).isEqualTo(500_000);
  }

  @Test
  void takes_the_claims_as_the_whole_where_they_exceed_it() {
    Shares shares = Shares.of(List.of(claim("a", "Ann", 3), claim("b", "Bob", 1)), 2);

    assertThat(share(shares, "a").ppm()).isEqualTo(750_000);
    assertThat(shares.unattributedPpm()).isZero();
  }

  @Test
  void leaves_all_unattributed_where_nothing_beats_chance() {
    Shares shares = Shares.of(List.of(claim("a", "Ann", 0)), 0);

    assertThat(shares.unattributedPpm()).isEqualTo(Share.WHOLE);
    assertThat(shares.byHolder()).isEmpty();
    assertThat(Shares.of(List.of(), 5).unattributedPpm()).isEqualTo(Share.WHOLE);
  }

  @Test
  void gives_the_units_that_do_not_divide_to_the_largest_remainders_then_by_id() {
    Shares thirds =
        Shares.of(List.of(claim("c", "C", 1), claim("a", "A", 1), claim("b", "B", 1)), 3);
    Shares sevenths = Shares.of(List.of(claim("a", "A", 1), claim("b", "B", 2)), 7);

    assertThat(thirds.byClaim().values())
        .extracting(Share::ppm)
        .containsExactly(333_334, 333_333, 333_333);
    // 142,857.14 + 285,714.29 + 571,428.57: the rest has the largest remainder.
    assertThat(sevenths.byClaim().values())
        .extracting(Share::ppm)
        .containsExactly(142_857, 285_714);
    assertThat(sevenths.unattributedPpm()).isEqualTo(571_429);
  }

  @Test
  void moves_a_share_to_the_ends_of_its_own_interval() {
    Shares shares =
        Shares.of(List.of(new Claim("a", 2, 1, 20, List.of(Claimant.of("Ann", false)))), 8);

    assertThat(share(shares, "a")).isEqualTo(new Share(250_000, 125_000, 1_000_000));
  }

  @Test
  void splits_a_claim_equally_among_its_different_holders() {
    Claim claim = claim("a", List.of("Bob", "Ann", "Cid", "Ann"), 1, 1, 1);

    Shares shares = Shares.of(List.of(claim), 1);

    assertThat(shares.byHolder())
        .extracting(HolderShare::rightsHolder, line -> line.share().ppm())
        .containsExactly(tuple("Ann", 333_334), tuple("Bob", 333_333), tuple("Cid", 333_333));
  }

  @Test
  void adds_up_what_a_holder_has_in_several_claims() {
    Shares shares =
        Shares.of(List.of(claim("p", "Ann", 1), claim("q", "Bob", 1), claim("r", "Ann", 1)), 4);

    HolderShare ann = shares.byHolder().get(0);
    assertThat(ann.rightsHolder()).isEqualTo("Ann");
    assertThat(ann.share().ppm()).isEqualTo(500_000);
    assertThat(ann.net()).isCloseTo(2, within(1e-12));
    assertThat(ann.claims()).containsExactly("p", "r");
  }

  @Test
  void keeps_what_nobody_can_claim_in_lines_of_their_own() {
    Claim owned = new Claim("a", 1, 1, 1, List.of(Claimant.of("Ann", false)));
    Claim free = new Claim("b", 1, 1, 1, List.of(Claimant.of("Ann", true)));
    Claim ownerless = new Claim("c", 1, 1, 1, List.of(Claimant.of(Claimant.UNKNOWN, false)));

    Shares shares = Shares.of(List.of(owned, free, ownerless), 3);

    assertThat(shares.byHolder())
        .extracting(HolderShare::rightsHolder, HolderShare::standing)
        .containsExactly(
            tuple("Ann", Standing.NAMED),
            tuple("Ann", Standing.PUBLIC_DOMAIN),
            tuple("unknown rights holder", Standing.OWNER_UNKNOWN));
    assertThat(shares.byHolder())
        .extracting(HolderShare::note)
        .containsExactly(
            "payable to the named holder, subject to proof of ownership",
            "public domain: credited by name, nothing is payable as of right",
            "no owner is known: held until one is named");
  }

  @Test
  void moves_nothing_when_a_work_is_copied_by_its_own_holder() {
    Claim alone = claim("a", List.of("Ann"), 2, 1, 3);
    Claim withClones = claim("a", Collections.nCopies(1000, "Ann"), 2, 1, 3);
    Claim other = claim("b", "Bob", 1);

    assertThat(Shares.of(List.of(withClones, other), 6))
        .isEqualTo(Shares.of(List.of(alone, other), 6));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void always_sums_to_a_million_in_any_order_with_points_inside_their_intervals(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 25_000; trial++) {
      List<Claim> claims = randomClaims(random);
      double total = random.nextInt(4) == 0 ? 0 : random.nextDouble() * 30;

      Shares shares = Shares.of(claims, total);

      int byClaim = shares.byClaim().values().stream().mapToInt(Share::ppm).sum();
      int byHolder = shares.byHolder().stream().mapToInt(line -> line.share().ppm()).sum();
      if (byClaim + shares.unattributedPpm() != Share.WHOLE
          || byHolder + shares.unattributedPpm() != Share.WHOLE
          || shares.unattributedPpm() < 0) {
        throw new AssertionError("trial " + trial + ": " + claims + " of " + total);
      }
      if (trial % 50 == 0) {
        Collections.shuffle(claims, new Random(trial));
        assertThat(Shares.of(claims, total)).as("trial %d", trial).isEqualTo(shares);
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void is_within_one_unit_of_the_exact_share_and_never_less_for_more_influence(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 1_000; trial++) {
      List<Claim> claims = randomClaims(random);
      double total = random.nextDouble() * 30;
      Shares shares = Shares.of(claims, total);
      double whole = Math.max(total, claims.stream().mapToDouble(Claim::net).sum());
      for (Claim claim : claims) {
        double exact = whole > 0 ? claim.net() / whole * 1e6 : 0;
        assertThat((double) share(shares, claim.id()).ppm()).isCloseTo(exact, within(1.0));
        for (Claim other : claims) {
          if (claim.net() > other.net()) {
            assertThat(share(shares, claim.id()).ppm())
                .isGreaterThanOrEqualTo(share(shares, other.id()).ppm());
          }
        }
      }
    }
  }

  @Test
  void sums_to_a_million_over_ten_thousand_tiny_claims() {
    List<Claim> claims =
        IntStream.range(0, 10_000).mapToObj(i -> claim("w" + i, "H" + i % 7, 1e-300)).toList();

    Shares shares = Shares.of(claims, 0);

    assertThat(shares.byClaim().values()).allMatch(share -> share.ppm() == 100);
    assertThat(shares.unattributedPpm()).isZero();
  }

  @Test
  void refuses_what_cannot_be_split() {
    assertThatThrownBy(() -> Shares.of(List.of(), Double.NaN))
        .hasMessage("the positive influence of a corpus is at least 0 and finite; got NaN");
    assertThatThrownBy(() -> Shares.of(List.of(claim("a", "A", 1), claim("a", "B", 1)), 2))
        .hasMessage("two claims have the id a");
    assertThatThrownBy(() -> claim("a", "A", Double.POSITIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> claim("a", "A", -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> claim("a", List.of(), 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Share(1, 2, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Claimant.of(" ", false))
        .hasMessage("a rights holder has a name; use \"unknown rights holder\"");
  }

  private static Share share(Shares shares, String claim) {
    return Objects.requireNonNull(shares.byClaim().get(claim));
  }

  private static Claim claim(String id, String holder, double net) {
    return claim(id, List.of(holder), net, net, net);
  }

  private static Claim claim(String id, List<String> holders, double net, double low, double high) {
    return new Claim(
        id, net, low, high, holders.stream().map(name -> Claimant.of(name, false)).toList());
  }

  /** Also zeros, equal values, and values many orders of magnitude apart. */
  private static List<Claim> randomClaims(SplittableRandom random) {
    List<Claim> claims = new ArrayList<>();
    int n = random.nextInt(9);
    for (int i = 0; i < n; i++) {
      double net =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> Math.pow(10, random.nextDouble(-12, 12));
            default -> random.nextDouble();
          };
      List<String> holders =
          random.ints(1 + random.nextInt(4), 0, 5).mapToObj(h -> "H" + h).toList();
      claims.add(
          claim("w" + i, holders, net, net * random.nextDouble(), net * (1 + random.nextDouble())));
    }
    return claims;
  }
}
