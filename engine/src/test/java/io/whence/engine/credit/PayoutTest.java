package io.whence.engine.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.credit.Ownership.Part;
import io.whence.engine.credit.Payout.Kind;
import io.whence.engine.credit.Payout.Line;
import io.whence.engine.credit.Payout.RemainderRule;
import io.whence.engine.credit.Payout.Terms;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PayoutTest {
  private static final Map<String, Ownership> OWNERS =
      Map.of(
          "song",
              new Ownership(
                  "song",
                  false,
                  List.of(
                      new Part("Ada", "author", 500_000, false),
                      new Part("Bee", "publisher", 300_000, true))),
          "psalm", new Ownership("psalm", true, List.of()));

  private static Terms terms(long pool, RemainderRule rule, long least, Map<String, Long> in) {
    return new Terms(pool, rule, least, in);
  }

  private static SortedMap<String, Integer> shares(Object... pairs) {
    TreeMap<String, Integer> shares = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      shares.put((String) pairs[i], (Integer) pairs[i + 1]);
    }
    return shares;
  }

  @Test
  void gives_every_unit_a_line() {
    Payout payout =
        Payout.of(
            terms(1_000, RemainderRule.KEEP, 100, Map.of()),
            shares("song", 400_000, "psalm", 100_000, "lost", 50_000),
            OWNERS);

    assertThat(payout.lines())
        .containsExactly(
            new Line(Kind.PAYABLE, "Ada", 200),
            new Line(Kind.ESCROW_PUBLIC_DOMAIN, "psalm", 100),
            new Line(Kind.ESCROW_OWNER_UNKNOWN, "lost", 50),
            new Line(Kind.ESCROW_OWNER_UNKNOWN, "song", 80),
            new Line(Kind.ESCROW_DISPUTED, "song", 120),
            new Line(Kind.REMAINDER, "", 450));
    assertThat(payout.totalMinor()).isEqualTo(1_000);
  }

  @Test
  void carries_forward_what_is_too_little_to_pay_and_pays_it_later() {
    SortedMap<String, Integer> shares = shares("song", 400_000);

    Payout first = Payout.of(terms(100, RemainderRule.KEEP, 50, Map.of()), shares, OWNERS);
    Payout second =
        Payout.of(terms(200, RemainderRule.KEEP, 50, Map.of("Ada", 20L)), shares, OWNERS);

    assertThat(first.lines()).contains(new Line(Kind.CARRIED_FORWARD, "Ada", 20));
    assertThat(second.lines()).contains(new Line(Kind.PAYABLE, "Ada", 60));
    assertThat(second.totalMinor()).isEqualTo(220);
  }

  @Test
  void spreads_the_remainder_only_where_the_rule_says_so() {
    Map<String, Ownership> owners =
        Map.of(
            "a", new Ownership("a", false, List.of(new Part("Ada", "author", 1_000_000, false))),
            "b", new Ownership("b", false, List.of(new Part("Bee", "author", 1_000_000, false))));
    SortedMap<String, Integer> shares = shares("a", 300_000, "b", 100_000);

    assertThat(Payout.of(terms(1_000, RemainderRule.EQUAL, 0, Map.of()), shares, owners).lines())
        .containsExactly(new Line(Kind.PAYABLE, "Ada", 600), new Line(Kind.PAYABLE, "Bee", 400));
    assertThat(Payout.of(terms(1_000, RemainderRule.PRO_RATA, 0, Map.of()), shares, owners).lines())
        .containsExactly(new Line(Kind.PAYABLE, "Ada", 750), new Line(Kind.PAYABLE, "Bee", 250));
    assertThat(Payout.of(terms(1_000, RemainderRule.EQUAL, 0, Map.of()), shares(), owners).lines())
        .containsExactly(new Line(Kind.REMAINDER, "", 1_000));
  }

  @ParameterizedTest
  @EnumSource(RemainderRule.class)
  void sums_exactly_in_random_statements(RemainderRule rule) {
    SplittableRandom random = new SplittableRandom(rule.name().length());
    // Three rules of 33,334 each: 100,002 statements.
    for (int trial = 0; trial < 33_334; trial++) {
      int works = 1 + random.nextInt(6);
      TreeMap<String, Integer> shares = new TreeMap<>();
      Map<String, Ownership> owners = new HashMap<>();
      int left = Share.WHOLE;
      for (int i = 0; i < works; i++) {
        int ppm = random.nextInt(left + 1);
        left -= ppm;
        shares.put("w" + i, ppm);
        owners.put("w" + i, randomOwner("w" + i, random));
      }
      long pool = random.nextInt(3) == 0 ? random.nextLong(1L << 50) : random.nextInt(1_000);
      Map<String, Long> carried = random.nextBoolean() ? Map.of() : Map.of("h1", 7L, "h9", 3L);
      Terms terms = terms(pool, rule, random.nextInt(500), carried);

      Payout payout = Payout.of(terms, shares, owners);

      BigInteger sum = BigInteger.ZERO;
      for (Line line : payout.lines()) {
        assertThat(line.minor()).isPositive();
        sum = sum.add(BigInteger.valueOf(line.minor()));
      }
      assertThat(sum).isEqualTo(BigInteger.valueOf(pool + (carried.isEmpty() ? 0 : 10)));
      assertThat(Payout.of(terms, new TreeMap<>(shares), owners)).isEqualTo(payout);
    }
  }

  private static Ownership randomOwner(String work, SplittableRandom random) {
    if (random.nextInt(5) == 0) {
      return new Ownership(work, true, List.of());
    }
    List<Part> parts = new ArrayList<>();
    int left = Share.WHOLE;
    for (int i = 0; i < random.nextInt(4); i++) {
      int ppm = 1 + random.nextInt(left / 2);
      left -= ppm;
      parts.add(new Part("h" + i, "author", ppm, random.nextInt(4) == 0));
    }
    return new Ownership(work, false, parts);
  }

  @Test
  void cuts_contested_parts_to_the_work_and_holds_them() {
    Ownership contested =
        Ownership.contested(
            "song",
            List.of(
                new Part("Ada", "author", 1_000_000, false),
                new Part("Bee", "author", 500_000, false)));

    assertThat(contested.parts())
        .containsExactly(
            new Part("Ada", "author", 666_667, true), new Part("Bee", "author", 333_333, true));
    assertThat(contested.unregisteredPpm()).isZero();
  }

  @Test
  void refuses_what_cannot_be_owned_or_paid() {
    Part half = new Part("Ada", "author", 500_000, false);
    assertThatThrownBy(
            () -> new Ownership("w", false, List.of(half, new Part("Bee", "x", 500_001, false))))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("the parts of w sum to 1000001 ppm; a work has 1000000");
    assertThatThrownBy(() -> new Ownership("w", false, List.of(half, half)))
        .hasMessage("Ada has two parts of w as author");
    assertThatThrownBy(() -> new Ownership("w", true, List.of(half)))
        .hasMessage("w is in the public domain, and Ada has a part of it");
    assertThatThrownBy(() -> new Part("Ada", "author", 0, false))
        .hasMessage("Ada has a part of 0 ppm; a part has 1 to 1000000");
    assertThatThrownBy(() -> new Part(" ", "author", 1, false))
        .hasMessage("a part of a work names its holder and a role");
    assertThatThrownBy(
            () ->
                Payout.of(
                    terms(1, RemainderRule.KEEP, 0, Map.of()), shares("w", 1_000_001), OWNERS))
        .hasMessage(
            "the shares of the works are at least 0 and sum to at most 1000000 ppm; they sum to"
                + " 1000001");
    assertThatThrownBy(() -> terms(-1, RemainderRule.KEEP, 0, Map.of()))
        .hasMessage("pool, least payment and what is carried in are at least 0 minor units");
  }
}
