package io.whence.engine.statement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.credit.Ownership;
import io.whence.engine.credit.Ownership.Part;
import io.whence.engine.credit.Payout;
import io.whence.engine.credit.Payout.Kind;
import io.whence.engine.credit.Payout.RemainderRule;
import io.whence.engine.credit.Share;
import io.whence.engine.statement.Statement.Delta;
import io.whence.engine.statement.Statement.WorkLine;
import io.whence.engine.statement.Usage.WorkShare;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementTest {
  private static final Statement.Account OCTOBER =
      new Statement.Account("poems", YearMonth.of(2026, 10));

  private static final List<RemainderRule> RULES = List.of(RemainderRule.values());

  private static Statement.Terms terms(long pool, RemainderRule rule) {
    return new Statement.Terms("EUR", new Payout.Terms(pool, rule, 0, Map.of()));
  }

  private static WorkShare share(String work, int ppm, int halfWidth) {
    return new WorkShare(
        work,
        List.of(work),
        null,
        null,
        false,
        ppm,
        Math.max(0, ppm - halfWidth),
        Math.min(Share.WHOLE, ppm + halfWidth));
  }

  private static Usage usage(String key, Map<String, Integer> declared, WorkShare... works) {
    int left = Share.WHOLE;
    for (WorkShare work : works) {
      left -= work.ppm();
    }
    for (int ppm : declared.values()) {
      left -= ppm;
    }
    return new Usage(
        key,
        "o".repeat(64),
        "c".repeat(64),
        "m".repeat(64),
        new DeclaredUse(new TreeMap<>(), new TreeMap<>(declared)),
        List.of(works),
        left);
  }

  private static Registry registry(Ownership... owners) {
    Map<String, Registry.Registered> works = new HashMap<>();
    Map<String, String> holders = new HashMap<>();
    for (Ownership owner : owners) {
      works.put(owner.work(), new Registry.Registered(owner, null, null));
      owner.parts().forEach(part -> holders.put(part.holder(), "Name of " + part.holder()));
    }
    return new Registry(owners.length, works, holders);
  }

  private static Ownership owned(String work, String holder) {
    return new Ownership(work, false, List.of(new Part(holder, "author", Share.WHOLE, false)));
  }

  private static Statement statement(Statement.Terms terms, Registry registry, Usage... usages) {
    Tally tally = new Tally();
    for (Usage usage : usages) {
      tally.add(usage);
    }
    return tally.close(OCTOBER, terms, registry);
  }

  @Test
  void a_pool_is_paid_by_the_months_shares() {
    Statement month =
        statement(
            terms(1_000, RemainderRule.KEEP),
            registry(owned("a", "ann"), owned("b", "bob")),
            usage("1", Map.of(), share("a", 400_000, 0), share("b", 100_000, 0)),
            usage("2", Map.of(), share("a", 200_000, 0)));

    assertThat(month.works())
        .extracting(WorkLine::work, WorkLine::ppm)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a", 300_000),
            org.assertj.core.groups.Tuple.tuple("b", 50_000));
    assertThat(month.unattributedPpm()).isEqualTo(650_000);
    assertThat(month.payout().lines())
        .containsExactly(
            new Payout.Line(Kind.PAYABLE, "ann", 300),
            new Payout.Line(Kind.PAYABLE, "bob", 50),
            new Payout.Line(Kind.REMAINDER, "", 650));
    assertThat(month.holders()).containsEntry("ann", "Name of ann");
  }

  @Test
  void what_is_declared_comes_first_and_influence_has_the_rest() {
    String record =
        """
        {"output": {"sha256": "%s"}, "index": {"checkpoint": "c", "manifest": "m"},
         "creditedWorks": [{"work": "a", "works": ["a"], "title": null, "licence": null,
           "claimants": [{"rightsHolder": "x", "standing": "named"}],
           "ppm": 500000, "lowPpm": 400000, "highPpm": 600000}],
         "unattributedPpm": 500000}
        """
            .formatted("0".repeat(64));

    Usage usage =
        Usage.of(
            "k",
            record.getBytes(java.nio.charset.StandardCharsets.UTF_8),
            new DeclaredUse(
                new TreeMap<>(Map.of("adapter", 600_000)),
                new TreeMap<>(Map.of("plug-in", 600_000))));

    assertThat(usage.works())
        .containsExactly(
            new WorkShare("a", List.of("a"), null, null, false, 200_000, 160_000, 240_000));
    assertThat(usage.unattributedPpm()).isEqualTo(200_000);
  }

  @Test
  void what_plug_ins_were_declared_to_have_is_what_their_works_are_credited_with() {
    DeclaredUse one =
        DeclaredUse.split(
            600_000,
            List.of(
                new DeclaredUse.Merged(
                    "aa", DeclaredUse.UNIT_WEIGHT, new TreeMap<>(Map.of("rose", 1_000_000))),
                new DeclaredUse.Merged(
                    "bb", 2 * DeclaredUse.UNIT_WEIGHT, new TreeMap<>(Map.of("tyger", 1_000_000)))));
    DeclaredUse other =
        DeclaredUse.split(
            100_001,
            List.of(
                new DeclaredUse.Merged(
                    "aa", 5, new TreeMap<>(Map.of("rose", 500_000, "tyger", 500_000)))));

    Statement month =
        statement(
            terms(1_000, RemainderRule.KEEP),
            registry(),
            new Usage("1", "o", "c", "m", one, List.of(), 400_000),
            Usage.read(new Usage("2", "o", "c", "m", other, List.of(), 899_999).canonical()));

    assertThat(month.plugIns())
        .containsExactly(
            new Statement.PlugInLine("aa", 2, 200_000 + 100_001),
            new Statement.PlugInLine("bb", 1, 400_000));
    assertThat(month.works())
        .extracting(WorkLine::work, WorkLine::declaredPpm)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("rose", (200_000 + 50_001) / 2),
            org.assertj.core.groups.Tuple.tuple("tyger", (400_000 + 50_000) / 2));
    assertThat(new String(month.canonical(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"plugIns\":[{\"adapterSha256\":\"aa\",\"outputs\":2,\"sumPpm\":300001}");
  }

  @Test
  void what_nobody_can_be_paid_for_is_in_escrow_by_its_reason() {
    WorkShare free =
        new WorkShare("free", List.of("free"), null, null, true, 100_000, 100_000, 100_000);

    Statement month =
        statement(
            terms(1_000, RemainderRule.KEEP),
            registry(
                new Ownership(
                    "half",
                    false,
                    List.of(
                        new Part("ann", "author", 500_000, false),
                        new Part("bob", "author", 250_000, true)))),
            usage("1", Map.of(), free, share("half", 400_000, 0), share("nobody's", 100_000, 0)));

    assertThat(month.payout().lines())
        .containsExactly(
            new Payout.Line(Kind.PAYABLE, "ann", 200),
            new Payout.Line(Kind.ESCROW_PUBLIC_DOMAIN, "free", 100),
            new Payout.Line(Kind.ESCROW_OWNER_UNKNOWN, "half", 100),
            new Payout.Line(Kind.ESCROW_OWNER_UNKNOWN, "nobody's", 100),
            new Payout.Line(Kind.ESCROW_DISPUTED, "half", 100),
            new Payout.Line(Kind.REMAINDER, "", 400));
    assertThat(month.payout().totalMinor()).isEqualTo(1_000);
  }

  @Test
  void shares_that_are_mostly_error_go_to_the_licensed_repertoire_alike() {
    Registry registry = registry(owned("a", "ann"), owned("b", "bob"), owned("c", "cid"));

    Statement exact =
        statement(
            terms(0, RemainderRule.KEEP),
            registry,
            usage(
                "1",
                Map.of(),
                share("a", 310_000, 0),
                share("b", 300_000, 0),
                share("c", 290_000, 0)));
    Statement noisy =
        statement(
            terms(0, RemainderRule.KEEP),
            registry,
            usage(
                "1",
                Map.of(),
                share("a", 310_000, 200_000),
                share("b", 300_000, 200_000),
                share("c", 290_000, 200_000)));

    assertThat(exact.works()).extracting(WorkLine::ppm).containsExactly(310_000, 300_000, 290_000);
    assertThat(exact.works()).extracting(WorkLine::lambda).containsOnly(1.0);
    assertThat(noisy.works()).extracting(WorkLine::ppm).containsExactly(300_000, 300_000, 300_000);
    assertThat(noisy.works()).extracting(WorkLine::lambda).containsOnly(0.0);
    assertThat(noisy.works())
        .extracting(WorkLine::attributedPpm)
        .containsExactly(310_000, 300_000, 290_000);
  }

  @ParameterizedTest(name = "{0} copies")
  @ValueSource(ints = {1, 2, 10})
  void a_clusters_share_does_not_depend_on_how_many_copies_it_has(int copies) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < copies; i++) {
      ids.add("a" + i);
    }
    WorkShare cluster = new WorkShare("a0", ids, null, null, false, 300_000, 250_000, 350_000);

    Statement month =
        statement(
            terms(1_000, RemainderRule.KEEP),
            registry(owned("a0", "ann"), owned("b", "bob")),
            usage("1", Map.of(), cluster, share("b", 100_000, 10_000)));

    assertThat(month.works().get(0).copies()).isEqualTo(copies);
    assertThat(month.works().get(0).ppm()).isCloseTo(300_000, within(10_000));
    assertThat(month.works().stream().mapToInt(WorkLine::ppm).sum()).isEqualTo(400_000);
  }

  @Test
  void copies_that_different_holders_registered_share_alike() {
    WorkShare cluster =
        new WorkShare("a", List.of("a", "b"), null, null, false, 300_001, 300_001, 300_001);

    Statement month =
        statement(
            terms(0, RemainderRule.KEEP),
            registry(owned("a", "ann"), owned("b", "bob")),
            usage("1", Map.of(), cluster));

    assertThat(month.works()).extracting(WorkLine::work).containsExactly("a", "b");
    assertThat(month.works()).extracting(WorkLine::ppm).containsExactly(150_001, 150_000);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void a_hundred_thousand_random_statements_are_exact(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 25_000; i++) {
      int works = random.nextInt(1, 6);
      Ownership[] owners = new Ownership[random.nextInt(works + 1)];
      for (int w = 0; w < owners.length; w++) {
        owners[w] = owner("w" + w, random);
      }
      Usage[] usages = new Usage[random.nextInt(1, 4)];
      for (int u = 0; u < usages.length; u++) {
        usages[u] = usage(String.valueOf(u), works, random);
      }
      long pool = random.nextLong(1L << random.nextInt(1, 45));
      RemainderRule rule = RULES.get(random.nextInt(3));

      Statement month = statement(terms(pool, rule), registry(owners), usages);

      assertThat(month.works().stream().mapToLong(WorkLine::ppm).sum() + month.unattributedPpm())
          .isEqualTo(Share.WHOLE);
      assertThat(month.payout().totalMinor()).isEqualTo(pool);
      assertThat(month.payout().allocations().stream().mapToLong(Payout.Allocation::minor).sum())
          .isEqualTo(pool);
    }
  }

  private static Ownership owner(String work, SplittableRandom random) {
    List<Part> parts = new ArrayList<>();
    int left = Share.WHOLE;
    for (int p = 0; p < 3 && left > 1; p++) {
      int ppm = random.nextInt(1, left);
      left -= ppm;
      parts.add(new Part("h" + random.nextInt(4), "role" + p, ppm, random.nextInt(4) == 0));
    }
    return new Ownership(work, false, parts);
  }

  private static Usage usage(String key, int works, SplittableRandom random) {
    int left = Share.WHOLE;
    List<WorkShare> shares = new ArrayList<>();
    for (int w = 0; w < works; w++) {
      int ppm = random.nextInt(left + 1);
      left -= ppm;
      WorkShare share = share("w" + w, ppm, random.nextInt(100_000));
      shares.add(share);
    }
    Map<String, Integer> declared =
        left > 0 && random.nextBoolean() ? Map.of("w0", random.nextInt(1, left + 1)) : Map.of();
    return usage(key, declared, shares.toArray(WorkShare[]::new));
  }

  @Test
  void the_same_stored_inputs_give_the_same_bytes() {
    SplittableRandom random = new SplittableRandom(9);
    Usage[] usages = new Usage[50];
    Usage[] again = new Usage[50];
    for (int u = 0; u < usages.length; u++) {
      usages[u] = usage("key %02d".formatted(u), 8, random);
      again[u] = Usage.read(usages[u].canonical());
    }
    Registry registry = registry(owned("w0", "ann"), owner("w1", random), owner("w2", random));
    Statement month = statement(terms(123_457, RemainderRule.PRO_RATA), registry, usages);

    Statement recomputed = statement(Statement.terms(month.canonical()), registry, again);

    assertThat(recomputed.canonical()).isEqualTo(month.canonical());
    assertThat(recomputed).isEqualTo(month);
  }

  @Test
  void a_correction_says_what_moved_and_its_deltas_sum_to_nothing() {
    Usage usage = usage("1", Map.of(), share("a", 400_000, 0), share("b", 100_000, 0));
    Statement.Terms terms = terms(1_000, RemainderRule.KEEP);
    Statement first = statement(terms, registry(owned("a", "ann"), owned("b", "bob")), usage);

    Statement corrected = statement(terms, registry(owned("a", "eve"), owned("b", "bob")), usage);

    assertThat(corrected.corrects(first))
        .containsExactly(
            new Delta("a", "ann", "author", Kind.PAYABLE, 400, 0),
            new Delta("a", "eve", "author", Kind.PAYABLE, 0, 400));
    assertThat(corrected.corrects(first).stream().mapToLong(Delta::minor).sum()).isZero();
    assertThat(first.corrects(first)).isEmpty();
  }

  @Test
  void what_is_below_the_least_payment_is_carried_into_the_next_month() {
    Statement.Terms least =
        new Statement.Terms(
            "EUR", new Payout.Terms(1_000, RemainderRule.KEEP, 500, Map.of("ann", 70L)));

    Statement month =
        statement(least, registry(owned("a", "ann")), usage("1", Map.of(), share("a", 400_000, 0)));

    assertThat(Statement.carriedForward(month.canonical())).containsExactly(Map.entry("ann", 470L));
    assertThat(month.payout().totalMinor()).isEqualTo(1_070);
  }

  @Test
  void what_cannot_be_a_statement_is_refused() {
    Tally tally = new Tally();
    assertThatThrownBy(() -> tally.close(OCTOBER, terms(1, RemainderRule.KEEP), Registry.EMPTY))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "index poems has no outputs charged to 2026-10; send a batch for that period first");
    tally.add(usage("b", Map.of()));
    assertThatThrownBy(() -> tally.add(usage("b", Map.of())))
        .hasMessage("usages come in the order of their keys; b came after b");
    assertThatThrownBy(() -> Usage.checkDeclared(Map.of("a", 600_000, "b", 400_001)))
        .hasMessage(
            "declared parts are at least 1 ppm and sum to at most 1000000 ppm; they sum to 1000001");
    assertThatThrownBy(() -> new Statement.Terms("euro", terms(1, RemainderRule.KEEP).payout()))
        .hasMessage("currency is an ISO 4217 code such as EUR; got euro");
  }
}
