package io.whence.engine.risk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.WorkId;
import io.whence.engine.corpus.Modality;
import io.whence.engine.evidence.PersonalData;
import io.whence.engine.risk.CharacterClaim.Part;
import io.whence.engine.risk.RiskAssessment.Factor;
import io.whence.engine.risk.RiskAssessment.Flag;
import io.whence.engine.risk.RiskAssessment.Gate;
import io.whence.engine.risk.RiskAssessment.Input;
import io.whence.engine.risk.RiskAssessment.MissingFact;
import io.whence.engine.risk.RiskAssessment.NearCase;
import io.whence.engine.risk.RiskAssessment.Origin;
import io.whence.engine.risk.RiskAssessment.Proposal;
import io.whence.engine.risk.RiskAssessment.Status;
import io.whence.engine.risk.RiskAssessment.Swing;
import io.whence.engine.risk.RiskAssessment.Verdict;
import io.whence.engine.risk.RiskAssessment.WorkAndAct;
import io.whence.engine.risk.Shared.Code;
import io.whence.engine.risk.Shared.Likeness;
import io.whence.engine.risk.Shared.Pixels;
import io.whence.engine.risk.Shared.Style;
import io.whence.engine.risk.Shared.Words;
import io.whence.engine.risk.UseFacts.Declaration;
import io.whence.engine.risk.UseFacts.Judgement;
import io.whence.engine.risk.UseFacts.Market;
import io.whence.engine.risk.UseFacts.OtherAct;
import io.whence.engine.risk.UseFacts.SideFact;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FairUseTest {
  private static final CopiedWork NOVEL = work("novel", 1, 0, 60_000);

  @Test
  void asks_six_gates_and_scores_what_passes_them() {
    RiskAssessment risk = FairUse.assess(use("entertainment", 1, 1, 0.0, .9), List.of(NOVEL));

    assertThat(risk.status()).isEqualTo(Status.SCORED);
    assertThat(risk.point()).isCloseTo(98.12, within(0.005));
    assertThat(risk.band()).isEqualTo("High");
    assertThat(risk.reason()).isEqualTo("High on the scale of fu-us-v1");
    assertThat(risk.gates())
        .extracting(Gate::id)
        .containsExactly("G0", "G1", "G2", "G3", "G4", "G5");
    assertThat(risk.gates()).extracting(Gate::verdict).containsOnly(Verdict.PASSED);
    assertThat(risk.work()).isEqualTo(new WorkId("novel"));
    assertThat(risk.act()).isEqualTo(Act.OUTPUT);
    assertThat(risk.model()).isEqualTo("fu-us-v1");
    assertThat(risk.lawPackAsOf()).isEqualTo("2026-06-30");
  }

  @Test
  void prints_the_disclaimers_word_for_word() {
    assertThat(FairUse.assess(UseFacts.NONE, List.of(NOVEL)).disclaimers())
        .containsExactly(
            "Risk is the share of comparable decided cases that failed fair use, not a probability"
                + " of liability.",
            "Litigated cases are not a random sample.",
            "No court has adopted this score. The Eleventh Circuit has said that courts must not"
                + " apply a mathematical formula to fair use (Cambridge University Press v. Albert,"
                + " 2018).");
    assertThat(FairUse.assess(UseFacts.NONE, List.of()).disclaimers())
        .isEqualTo(FairUse.DISCLAIMERS);
  }

  @Test
  void says_undetermined_and_what_it_needs_when_nobody_judged() {
    RiskAssessment risk =
        FairUse.assess(
            new UseFacts("US", "realism", 1.0, .7, 0.0, null, null),
            List.of(work("tattoo", 1, 0, 100)));

    assertThat(risk.status()).isEqualTo(Status.UNDETERMINED);
    assertThat(risk.undetermined()).isTrue();
    assertThat(risk.band()).isNull();
    assertThat(risk.reason())
        .isEqualTo("undetermined - needs: market facts, transformative purpose");
    assertThat(risk.needs()).containsExactly("market facts", "transformative purpose");
    assertThat(risk.missingFacts())
        .extracting(MissingFact::input)
        .containsExactly("marketHarm", "transformative");
    assertThat(risk.missingFacts().get(0).questions()).contains("Same audience?");
    assertThat(risk.point()).isCloseTo(42.504, within(0.0005));
    assertThat(risk.low()).isCloseTo(1.757, within(0.0005));
    assertThat(risk.high()).isCloseTo(97.647, within(0.0005));
    RiskAssessment.Uncertainty uncertainty = Objects.requireNonNull(risk.uncertainty());
    assertThat(uncertainty.measurement().low()).isEqualTo(risk.point());
    assertThat(uncertainty.weights().low()).isCloseTo(31.228, within(0.0005));
    assertThat(uncertainty.weights().high()).isCloseTo(53.019, within(0.0005));
    assertThat(uncertainty.missing().low()).isCloseTo(2.758, within(0.0005));
    assertThat(uncertainty.missing().high()).isCloseTo(96.418, within(0.0005));
  }

  @Test
  void keeps_the_published_order_of_the_scenarios() {
    List<RiskAssessment> rows =
        List.of(
            one(use("entertainment", 1, 1, 0.0, .9), work("a", 1, 0, 99)),
            one(use("aggregation", 1, .3, 0.0, .8), work("a", 1, 0, 99)),
            one(use("other", 1, 1, .1, .5), work("a", .3, 0, 99)),
            one(use("ai_training", 1, 1, 1.0, .8), work("a", 1, 0, 99)),
            one(use("ai_training", 1, 1, 1.0, .1), work("a", 1, 0, 99)),
            one(use("search", 1, .5, .9, .15), work("a", 1, 0, 99)),
            one(use("parody", 1, 1, .9, .05), work("a", .16, .9, 99)),
            one(use("interop", 1, .1, .8, .2), work("a", .004, 0, 99)));

    assertThat(rows)
        .extracting(RiskAssessment::point)
        .isSortedAccordingTo(Collections.reverseOrder());
  }

  @Test
  void flags_a_privacy_guarantee_that_duplicates_void_without_scoring_it() {
    CopiedWork lyric =
        new CopiedWork(
            new WorkId("lyric"), "Lyric", null, null, .3, 0, 3, List.of(), new Words(80, true));
    UseFacts facts = use("other", 1, 1, .1, .5);

    RiskAssessment risk = one(with(facts, Map.of(), SideFact.DIFFERENTIAL_PRIVACY), lyric);

    assertThat(risk.point()).isCloseTo(84.995, within(0.0005)).isEqualTo(one(facts, lyric).point());
    assertThat(risk.flags())
        .containsExactly(
            new Flag(
                "dpVoid",
                "DP guarantee void for duplicated work",
                new WorkId("lyric"),
                Origin.DECLARED));
    assertThat(one(with(facts, Map.of(), SideFact.DIFFERENTIAL_PRIVACY), NOVEL).flags()).isEmpty();
  }

  @Test
  void never_lets_a_flag_enter_the_sum() {
    UseFacts facts = use("other", 1, 1, .1, .5);

    RiskAssessment flagged =
        one(with(facts, Map.of(), SideFact.UNLAWFUL_ACQUISITION, SideFact.BAD_FAITH), NOVEL);

    assertThat(flagged.point()).isEqualTo(one(facts, NOVEL).point());
    assertThat(flagged.flags())
        .extracting(Flag::id)
        .containsExactly("unlawfulAcquisition", "badFaith");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"DE, 3", "fr, 1", "GB, 1", "UK, 1", "JP, 0"})
  void gives_no_score_outside_the_us_but_what_is_known_there(String jurisdiction, int notes) {
    RiskAssessment risk =
        FairUse.assess(
            new UseFacts(jurisdiction, "parody", 1.0, null, null, null, null), List.of(NOVEL));

    assertThat(risk.status()).isEqualTo(Status.NOT_APPLICABLE);
    assertThat(risk.reason())
        .isEqualTo(
            "no fair-use score; see EU/UK notes: fair use is US law, asked for was "
                + jurisdiction);
    assertThat(risk.point()).isNull();
    assertThat(risk.authorities()).hasSize(notes);
    assertThat(risk.gates())
        .extracting(Gate::verdict)
        .containsExactly(
            Verdict.FAILED,
            Verdict.NOT_REACHED,
            Verdict.NOT_REACHED,
            Verdict.NOT_REACHED,
            Verdict.NOT_REACHED,
            Verdict.NOT_REACHED);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"US", "us", "USA", "US-CA"})
  void takes_the_us_and_its_states_for_us_law(String jurisdiction) {
    assertThat(
            FairUse.assess(
                    new UseFacts(jurisdiction, null, null, null, null, null, null), List.of(NOVEL))
                .status())
        .isEqualTo(Status.UNDETERMINED);
  }

  @Test
  void finds_no_right_in_the_public_domain() {
    RiskAssessment risk =
        FairUse.assess(UseFacts.NONE, List.of(licensed("Public domain (author died 1899)", null)));

    assertThat(risk.status()).isEqualTo(Status.NOT_APPLICABLE);
    assertThat(risk.reason())
        .isEqualTo("no right: the work is stated to be Public domain (author died 1899)");
    assertThat(risk.point()).isZero();
    assertThat(risk.high()).isZero();
    assertThat(risk.gates().get(1).verdict()).isEqualTo(Verdict.FAILED);
    assertThat(risk.factors()).isEmpty();
  }

  @Test
  void counts_years_from_publication_only() {
    assertThat(FairUse.assess(UseFacts.NONE, List.of(licensed(null, 1930))).reason())
        .isEqualTo("no right: published in 1930, and works from before 1931 are free in the US");
    assertThat(FairUse.assess(UseFacts.NONE, List.of(licensed(null, 1931))).status())
        .isEqualTo(Status.UNDETERMINED);
    assertThat(
            FairUse.assess(
                    new UseFacts(null, null, null, null, 1.0, null, null),
                    List.of(licensed(null, 1900)))
                .status())
        .isEqualTo(Status.UNDETERMINED);
    assertThat(FairUse.inPublicDomain(null, 1930)).isTrue();
    assertThat(FairUse.inPublicDomain("CC0-1.0", null)).isTrue();
    assertThat(FairUse.inPublicDomain("MIT", null)).isFalse();
  }

  @Test
  void sends_a_licensed_work_to_its_conditions() {
    RiskAssessment risk =
        FairUse.assess(use("piracy", 1, 1, 0.0, 1.0), List.of(licensed("CC-BY-SA-4.0", null)));

    assertThat(risk.status()).isEqualTo(Status.NOT_APPLICABLE);
    assertThat(risk.point()).isNull();
    assertThat(risk.reason())
        .isEqualTo("licensed, check conditions: CC-BY-SA-4.0 asks for attribution, share-alike");
    assertThat(risk.flags())
        .containsExactly(
            new Flag(
                "licenceBreach",
                "the work matches and CC-BY-SA-4.0 asks for attribution, share-alike; whether that"
                    + " was kept is no fair-use matter",
                new WorkId("licensed"),
                Origin.MEASURED));
  }

  @Test
  void flags_what_is_beside_fair_use_of_every_work_without_scoring_it() {
    CopiedWork stripped =
        new CopiedWork(
            new WorkId("s"),
            "Stripped",
            null,
            null,
            .25,
            0,
            0,
            List.of("Copyright 2019 A. Poet"),
            new Words(80, true));
    UseFacts facts = use("other", 1, 1, .1, .5);
    List<PersonalData> persons = PersonalData.in("write to a.reader@example.org");

    RiskAssessment risk =
        FairUse.assess(
            with(facts, Map.of(), SideFact.UNLAWFUL_ACQUISITION, SideFact.TRADEMARK),
            List.of(NOVEL, stripped),
            persons);

    assertThat(risk.work()).isEqualTo(new WorkId("novel"));
    assertThat(risk.flags())
        .extracting(Flag::id, Flag::work, Flag::origin)
        .containsExactly(
            tuple("publicity", null, Origin.MEASURED),
            tuple("unlawfulAcquisition", null, Origin.DECLARED),
            tuple("trademark", null, Origin.DECLARED),
            tuple("noticeRemoval", new WorkId("s"), Origin.MEASURED));
    assertThat(risk.flags().get(0).text()).contains("\"a.reader@example.org\"");
    assertThat(risk.flags().get(3).text())
        .startsWith("the output has 25.0 % of the work and not its notice \"Copyright 2019");
    assertThat(risk.point()).isEqualTo(FairUse.assess(facts, List.of(NOVEL, stripped)).point());
  }

  @Test
  void says_how_far_each_open_input_moves_the_score_and_whether_the_band_changes() {
    UseFacts facts =
        new UseFacts(
            "US",
            null,
            1.0,
            .7,
            0.0,
            judged(.9),
            judged(.1),
            null,
            null,
            null,
            Map.of(),
            Set.of(),
            null,
            null);
    CopiedWork song = work("song", .16, 0, 40);

    List<Swing> swings = one(facts, song).swings();

    assertThat(swings)
        .extracting(Swing::input, Swing::origin)
        .containsExactly(
            tuple("transformative", Origin.JUDGED),
            tuple("marketHarm", Origin.JUDGED),
            tuple("purpose", Origin.MISSING));
    Swing t = swings.get(0);
    assertThat(t.lowAt()).isEqualTo("1");
    assertThat(t.highAt()).isEqualTo("0");
    assertThat(t.low()).isEqualTo(point(with(facts, judged(1), judged(.1)), song));
    assertThat(t.high()).isEqualTo(point(with(facts, judged(0), judged(.1)), song));
    assertThat(t.lowBand()).isEqualTo("Low");
    assertThat(t.highBand()).isEqualTo("Contested");
    assertThat(t.changesBand()).isTrue();
    Swing purpose = swings.get(2);
    assertThat(purpose.lowAt()).isEqualTo("detection");
    assertThat(purpose.changesBand()).isFalse();
    assertThat(swings).isSortedAccordingTo(Comparator.comparingDouble(s -> s.low() - s.high()));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void an_input_moves_the_score_around_the_point_and_a_missing_one_never_out_of_the_interval(
      long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 300; trial++) {
      UseFacts facts = randomFacts(random);
      CopiedWork work = work("w", random.nextDouble(), random.nextDouble(), 8 + random.nextInt(40));
      RiskAssessment risk = one(facts, work);

      assertThat(risk.swings())
          .allSatisfy(
              swing -> {
                assertThat(risk.point()).isBetween(swing.low(), swing.high());
                if (swing.origin() == Origin.MISSING) {
                  assertThat(swing.low()).isGreaterThanOrEqualTo(risk.low());
                  assertThat(swing.high()).isLessThanOrEqualTo(risk.high());
                }
              });
      assertThat(risk.swings())
          .filteredOn(swing -> swing.origin() == Origin.MISSING)
          .extracting(Swing::input)
          .containsExactlyInAnyOrderElementsOf(
              risk.missingFacts().stream().map(MissingFact::input).toList());
      if (risk.bandCap() != null) {
        assertThat(risk.swings()).extracting(Swing::highBand).isSubsetOf("Low", "Guarded");
      }
    }
  }

  @Test
  void says_who_stated_what_is_no_judgement_and_when() {
    UseFacts facts =
        new UseFacts(
            "US",
            "art",
            1.0,
            null,
            0.0,
            judged(.5),
            null,
            null,
            null,
            null,
            Map.of(),
            Set.of(),
            "A. Publisher",
            new Declaration("B. Clerk", "2026-11-02"));

    List<Input> inputs = one(facts, work("w", .16, 0, 40)).factors().get(0).inputs();

    assertThat(inputs.get(1).name()).isEqualTo("commercial");
    assertThat(inputs.get(1).assertedBy()).isEqualTo("B. Clerk");
    assertThat(inputs.get(1).assertedAt()).isEqualTo("2026-11-02");
    assertThat(inputs.get(2).assertedBy()).isEqualTo("J. Doe, counsel");
    assertThat(inputs.get(2).assertedAt()).isNull();
    assertThat(one(facts, work("w", .16, 0, 40)).factors().get(1).inputs().get(0).assertedBy())
        .as("nobody stated how creative the work is")
        .isNull();
  }

  @Test
  void scores_a_commercial_use_that_a_non_commercial_licence_does_not_cover() {
    CopiedWork work = licensed("CC-BY-NC-4.0", null);

    assertThat(one(new UseFacts(null, null, 1.0, null, null, null, null), work).status())
        .isEqualTo(Status.UNDETERMINED);
    assertThat(one(new UseFacts(null, null, 0.0, null, null, null, null), work).status())
        .isEqualTo(Status.NOT_APPLICABLE);
    assertThat(one(UseFacts.NONE, work).status()).isEqualTo(Status.NOT_APPLICABLE);
  }

  @Test
  void finds_no_protected_expression_in_common_phrases() {
    CopiedWork common = measured("w", null, null, .2, .5, 9, false);

    RiskAssessment risk = FairUse.assess(UseFacts.NONE, List.of(common));

    assertThat(risk.reason())
        .isEqualTo("no protected expression found: every shared run is a common phrase");
    assertThat(risk.gates().get(2).verdict()).isEqualTo(Verdict.FAILED);
    assertThat(risk.point()).isNull();
  }

  @Test
  void finds_no_copying_where_nothing_is_shared() {
    RiskAssessment nothing = FairUse.assess(UseFacts.NONE, List.of());
    RiskAssessment noRun =
        FairUse.assess(UseFacts.NONE, List.of(measured("w", null, null, 0, 0, 0, false)));

    assertThat(nothing.status()).isEqualTo(Status.NOT_APPLICABLE);
    assertThat(nothing.reason())
        .isEqualTo("no copying in fact found: no run of words is shared with any work");
    assertThat(nothing.gates().get(3).verdict()).isEqualTo(Verdict.FAILED);
    assertThat(nothing.gates().get(4).verdict()).isEqualTo(Verdict.NOT_REACHED);
    assertThat(nothing.work()).isNull();
    assertThat(noRun.reason())
        .isEqualTo("no copying in fact found: no run of words is shared, evidence tier E0");
    assertThat(noRun.gates().get(3).verdict()).isEqualTo(Verdict.FAILED);
  }

  @Test
  void caps_the_band_where_similarity_is_insubstantial() {
    UseFacts worst = use("piracy", 1, 1, 0.0, 1.0);

    RiskAssessment capped = one(worst, work("w", .09, 0, 15));
    RiskAssessment byWords = one(worst, work("w", .09, 0, 16));
    RiskAssessment byAmount = one(worst, work("w", .1, 0, 15));

    assertThat(capped.band()).isEqualTo("Guarded");
    assertThat(capped.bandCap()).isEqualTo("Guarded");
    assertThat(capped.gates().get(4))
        .isEqualTo(
            new Gate(
                "G4",
                "substantial similarity: are protected parts similar?",
                Verdict.FAILED,
                "below the threshold: longest run 15 words, 9.0 % of the work"));
    assertThat(capped.reason())
        .isEqualTo(
            "Guarded on the scale of fu-us-v1, capped at Guarded: below the threshold: longest run"
                + " 15 words, 9.0 % of the work");
    assertThat(byWords.band()).isEqualTo("High");
    assertThat(byAmount.band()).isEqualTo("High");
  }

  @Test
  void ranks_a_capped_score_no_higher_than_its_cap() {
    UseFacts facts = use("piracy", 1, 1, 0.0, .1);
    CopiedWork capped = work("a", .09, 0, 15);
    CopiedWork longer = work("b", .05, 0, 40);

    RiskAssessment risk = FairUse.assess(facts, List.of(capped, longer));

    assertThat(point(facts, capped)).isGreaterThan(point(facts, longer));
    assertThat(risk.work()).isEqualTo(new WorkId("b"));
  }

  @Test
  void caps_style_and_says_that_it_is_not_copying() {
    CopiedWork style =
        new CopiedWork(
            new WorkId("s"), "Style", null, null, .001, 0, 0, List.of(), new Style("alike"));
    UseFacts facts =
        new UseFacts(
            null,
            "other",
            1.0,
            1.0,
            0.0,
            judged(.5),
            new Judgement(
                .3, 0, .6, "J. Doe, counsel", "no market is known to be touched", "2026-11-02"));

    RiskAssessment risk = one(facts, style);

    assertThat(risk.low()).isCloseTo(0.959, within(0.0005));
    assertThat(risk.high()).isCloseTo(30.02, within(0.0005));
    assertThat(risk.band()).isEqualTo("Low");
    assertThat(risk.bandCap()).isEqualTo("Guarded");
    assertThat(risk.disclaimers()).hasSize(4).endsWith("Style similarity is not copying.");
  }

  private static CopiedWork picture(double ofWork, double ofOutput, Shared shared) {
    return new CopiedWork(
        new WorkId("p"), "Picture", null, null, ofWork, ofOutput, 0, List.of(), shared);
  }

  private static final CopiedWork STYLE = picture(0, 0, new Style("near"));

  private static CopiedWork region(double ofWork, double ofOutput) {
    return picture(ofWork, ofOutput, new Pixels(true, "the output matches a part of this work"));
  }

  private static UseFacts shown(UseFacts facts, @Nullable Boolean distinctive) {
    Part met = new Part(true, "A. Witness", "seen", null);
    return facts.withImage(
        new ImageFacts(
            new CharacterClaim(
                new WorkId("p"),
                met,
                met,
                distinctive == null ? null : new Part(distinctive, "B. Witness", "seen", null)),
            null,
            List.of(),
            List.of()));
  }

  /** The point, no higher than its cap; below all where nothing is scored. */
  private static double effective(UseFacts facts, CopiedWork work) {
    RiskAssessment risk = one(facts, work);
    Double point = risk.point();
    if (point == null) {
      return -1;
    }
    return risk.bandCap() == null ? point : Math.min(point, 40);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void a_larger_region_never_lowers_the_risk_and_style_alone_is_never_above_guarded(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 200; trial++) {
      UseFacts facts = randomFacts(random);
      if (random.nextBoolean()) {
        facts = shown(facts, random.nextBoolean() ? true : null);
      }
      double ofWork = random.nextDouble();
      double ofOutput = random.nextDouble();
      CopiedWork less = region(ofWork * random.nextDouble(), ofOutput * random.nextDouble());

      assertThat(effective(facts, less)).isGreaterThanOrEqualTo(effective(facts, STYLE) - 1e-9);
      assertThat(effective(facts, region(ofWork, ofOutput)))
          .isGreaterThanOrEqualTo(effective(facts, less) - 1e-9);
      assertThat(one(facts.withImage(null), STYLE).band()).isIn(null, "Low", "Guarded");
    }
  }

  @Test
  void a_character_lifts_the_cap_only_where_all_three_parts_are_stated_to_be_met() {
    UseFacts facts = use("piracy", 1, 1, 0.0, 1);

    assertThat(one(facts, STYLE).band()).isEqualTo("Guarded");
    assertThat(one(shown(facts, null), STYLE).band()).isEqualTo("Guarded");
    assertThat(one(shown(facts, false), STYLE).band()).isEqualTo("Guarded");
    assertThat(one(shown(facts, true), STYLE).bandCap()).isNull();
    assertThat(one(shown(facts, true), STYLE).band()).isEqualTo("High");
    assertThat(one(shown(facts, false), STYLE).gates().get(2).evidence())
        .isEqualTo(
            "style alone is shared, which is not protected; scored as triage only; no character is"
                + " taken to be shown: all three parts have to be stated and met: physical as well"
                + " as conceptual qualities: met, by A. Witness; sufficiently delineated and"
                + " recognisable: met, by A. Witness; especially distinctive with unique elements"
                + " of expression: not met, by B. Witness (DC Comics v. Towle, unverified)");
    assertThatThrownBy(() -> new Part(true, "A. Witness", " ", null))
        .hasMessage(
            "a part of use.image.character names who asserts it and gives the reason; reason is"
                + " blank");
  }

  @Test
  void no_region_of_a_picture_means_no_copying_in_fact_and_no_score() {
    RiskAssessment none = one(UseFacts.NONE, picture(0, 0, new Pixels(false, "chance would do")));

    assertThat(none.status()).isEqualTo(Status.NOT_APPLICABLE);
    assertThat(none.reason())
        .isEqualTo("no protected expression found: no region agrees better than chance would give");
    assertThat(FairUse.assess(UseFacts.NONE, Modality.IMAGE, List.of(), List.of()).reason())
        .isEqualTo("no copying in fact found: no image agrees with it");
  }

  @Test
  void literal_and_structural_likeness_of_code_are_shown_apart_and_enter_no_score() {
    UseFacts facts = use("interop", 1, .2, .8, .2);
    CopiedWork unlike = code(new Likeness(0, 0));
    CopiedWork alike = code(new Likeness(.9, .7));

    assertThat(one(facts, alike).point()).isEqualTo(one(facts, unlike).point());
    assertThat(one(facts, alike).factors().get(2).inputs())
        .extracting(Input::name, Input::value)
        .contains(
            tuple("rawAmount", .5),
            tuple("literalSimilarity", .9),
            tuple("structuralSimilarity", .7));
    assertThat(one(facts, alike).proposals()).isEmpty();
    assertThat(one(UseFacts.NONE, alike).proposals())
        .extracting(Proposal::input, Proposal::value)
        .containsExactly(tuple("creative", .25));
    assertThat(one(UseFacts.NONE, alike).missingFacts())
        .extracting(MissingFact::input)
        .contains("creative");
  }

  private static CopiedWork code(Likeness likeness) {
    return new CopiedWork(
        new WorkId("c"),
        "Code",
        null,
        null,
        .3,
        .1,
        0,
        List.of(),
        new Code(40, true, .5, .2, List.of("import"), likeness));
  }

  @Test
  void shows_each_factor_with_who_asserted_what_and_why() {
    UseFacts facts =
        new UseFacts(
            "US",
            "art",
            1.0,
            .7,
            0.0,
            new Judgement(.9, "J. Doe, counsel", "it comments on the work"),
            null,
            new Judgement(1, "J. Doe, counsel", "the hook"),
            null,
            null,
            Map.of(),
            Set.of(),
            null,
            null);

    RiskAssessment risk = one(facts, work("song", .16, .7, 40));

    Factor first = risk.factors().get(0);
    assertThat(risk.factors()).extracting(Factor::id).containsExactly("F1", "F2", "F3", "F4");
    assertThat(first.inputs())
        .extracting(Input::name)
        .containsExactly("purpose", "commercial", "transformative", "passThrough");
    Input transformative = first.inputs().get(2);
    assertThat(transformative.origin()).isEqualTo(Origin.JUDGED);
    assertThat(transformative.assertedBy()).isEqualTo("J. Doe, counsel");
    assertThat(transformative.value()).isCloseTo(.3, within(1e-12));
    assertThat(transformative.basis())
        .isEqualTo(
            "it comments on the work (stated 0.900, capped: 0.700 of the output passes through"
                + " unchanged)");
    assertThat(transformative.contribution()).isCloseTo(-3.4444 * (.3 - .4), within(1e-12));
    Input amount = risk.factors().get(2).inputs().get(0);
    assertThat(amount.origin()).isEqualTo(Origin.MEASURED);
    assertThat(amount.value()).isEqualTo(.16);
    assertThat(amount.contribution()).isCloseTo(.9815 * (Math.log10(.16) + .5), within(1e-12));
    assertThat(risk.factors().get(2).inputs())
        .extracting(Input::name)
        .containsExactly("amount", "longestRun", "heart", "necessity");
    assertThat(risk.factors().get(3).inputs().get(0).origin()).isEqualTo(Origin.MISSING);
    assertThat(first.note())
        .isEqualTo(
            "when directional, this factor agreed with the outcome in 94.8 % of 153 coded rulings");
  }

  @Test
  void has_factors_that_add_up_to_the_point() {
    RiskAssessment risk = one(use("parody", .4, .8, .6, .2), work("w", .16, .1, 40));

    double z = -0.1571 + risk.factors().stream().mapToDouble(Factor::logOdds).sum();

    assertThat(100 / (1 + Math.exp(-z))).isCloseTo(risk.point(), within(1e-9));
    assertThat(risk.factors())
        .allSatisfy(
            factor ->
                assertThat(factor.inputs().stream().mapToDouble(Input::contribution).sum())
                    .isCloseTo(factor.logOdds(), within(1e-12)));
  }

  @Test
  void proposes_market_harm_but_counts_it_only_when_somebody_holds_it() {
    UseFacts facts =
        new UseFacts(
            null,
            "art",
            1.0,
            1.0,
            0.0,
            judged(.5),
            null,
            judged(1),
            null,
            new Market(.8, .5, null),
            Map.of(),
            Set.of(),
            null,
            null);

    RiskAssessment risk = one(facts, work("w", .25, 0, 40));

    Proposal proposal = risk.proposals().get(0);
    assertThat(proposal.input()).isEqualTo("marketHarm");
    assertThat(proposal.value()).isCloseTo(1 - (1 - .8) * (1 - .5 * .5 * .25), within(1e-12));
    assertThat(risk.missingFacts()).extracting(MissingFact::input).containsExactly("marketHarm");
    assertThat(risk.factors().get(3).logOdds()).isZero();
  }

  @Test
  void leaves_licence_markets_out_of_a_proposal_for_criticism() {
    UseFacts facts =
        new UseFacts(
            null,
            "parody",
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            new Market(.8, 1.0, 0.1),
            Map.of(),
            Set.of(),
            null,
            null);

    double proposed = one(facts, work("w", .25, 0, 40)).proposals().get(0).value();

    assertThat(proposed).isCloseTo(1 - (1 - .8 * .5) * (1 - .1), within(1e-12));
  }

  @Test
  void assesses_each_act_apart_and_other_acts_only_when_stated() {
    UseFacts facts =
        with(
            use("entertainment", 1, 1, 0.0, .9),
            Map.of(
                Act.TRAINING_COPY, new OtherAct("ai_training", 1.0, 1.0, judged(1), judged(.1))));

    RiskAssessment risk = FairUse.assess(facts, List.of(NOVEL));

    assertThat(risk.act()).isEqualTo(Act.OUTPUT);
    assertThat(risk.all())
        .extracting(WorkAndAct::act)
        .containsExactly(Act.OUTPUT, Act.TRAINING_COPY);
    assertThat(risk.all().get(1).point()).isCloseTo(9.824, within(0.0005));
    assertThat(risk.all().get(1).band()).isEqualTo("Low");
  }

  @Test
  void assesses_training_on_a_work_that_the_output_does_not_copy() {
    UseFacts facts =
        with(
            UseFacts.NONE,
            Map.of(
                Act.TRAINING_COPY, new OtherAct("ai_training", 1.0, 1.0, judged(1), judged(.1))));

    RiskAssessment risk = FairUse.assess(facts, List.of(measured("w", null, null, 0, 0, 0, false)));

    assertThat(risk.act()).isEqualTo(Act.TRAINING_COPY);
    assertThat(risk.all())
        .extracting(WorkAndAct::status)
        .containsExactly(Status.SCORED, Status.NOT_APPLICABLE);
  }

  @Test
  void reports_the_highest_and_lists_all_without_averaging() {
    UseFacts facts = use("art", 1, .5, .5, .5);
    CopiedWork little = work("little", .01, 0, 30);
    CopiedWork much = work("much", .9, 0, 300);
    CopiedWork free = licensed("CC0-1.0", null);

    RiskAssessment risk = FairUse.assess(facts, List.of(little, free, much));

    assertThat(risk.work()).isEqualTo(new WorkId("much"));
    assertThat(risk.all())
        .extracting(entry -> entry.work().value())
        .containsExactly("much", "little", "licensed");
    double a = point(facts, little) / 100;
    double b = point(facts, much) / 100;
    assertThat(risk.upperBoundIfIndependent())
        .isCloseTo(100 * (1 - (1 - a) * (1 - b)), within(1e-9));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void does_not_depend_on_the_order_of_works_or_on_works_beside(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 100; trial++) {
      UseFacts facts = randomFacts(random);
      List<CopiedWork> works = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        works.add(work("w" + i, random.nextDouble(), random.nextDouble(), 8 + random.nextInt(50)));
      }
      RiskAssessment risk = FairUse.assess(facts, works);

      Collections.shuffle(works, new Random(trial));
      assertThat(FairUse.assess(facts, works).toString()).isEqualTo(risk.toString());

      works.add(measured("other", null, null, 0, 0, 0, false));
      RiskAssessment more = FairUse.assess(facts, works);
      assertThat(more.all()).containsAll(risk.all());
      assertThat(more.point()).isEqualTo(risk.point());
      assertThat(more.upperBoundIfIndependent()).isEqualTo(risk.upperBoundIfIndependent());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void never_names_a_band_because_a_judgement_was_withdrawn(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 1000; trial++) {
      UseFacts facts = randomFacts(random);
      UseFacts unjudged =
          new UseFacts(
              null,
              facts.purpose(),
              facts.commercial(),
              facts.creative(),
              facts.unpublished(),
              random.nextBoolean() ? facts.transformative() : null,
              null);
      CopiedWork work = work("w", random.nextDouble(), random.nextDouble(), 8 + random.nextInt(40));

      if (one(facts, work).undetermined()) {
        assertThat(one(unjudged, work).undetermined()).isTrue();
      }
      RiskAssessment risk = one(unjudged, work);
      assertThat(risk.point()).isBetween(risk.low(), risk.high());
      if (risk.bandCap() != null) {
        assertThat(risk.band()).isIn(null, "Low", "Guarded");
      }
    }
  }

  @Test
  void shows_the_nearest_decided_cases_of_both_outcomes_with_citations() {
    UseFacts parody = use("parody", 1, 1, .9, 0);
    UseFacts piracy = use("piracy", 1, 1, 0.0, .9);

    List<NearCase> nearParody = one(parody, work("song", .3, 0, 40)).nearestCases();
    List<NearCase> nearPiracy = one(piracy, NOVEL).nearestCases();

    for (List<NearCase> near : List.of(nearParody, nearPiracy)) {
      assertThat(near)
          .hasSize(5)
          .isSortedAccordingTo(Comparator.comparingDouble(NearCase::distance));
      assertThat(near).filteredOn(one -> one.outcome().equals("fair")).hasSizeGreaterThan(1);
      assertThat(near).filteredOn(one -> one.outcome().equals("not_fair")).hasSizeGreaterThan(1);
      assertThat(near).allSatisfy(one -> assertThat(one.citation()).isNotBlank());
    }
    assertThat(nearParody.get(0).outcome()).isEqualTo("fair");
    assertThat(nearPiracy.get(0).outcome()).isEqualTo("not_fair");
    assertThat(one(use("art", 1, 1, 0.0, .9), licensed("CC0-1.0", null)).nearestCases()).isEmpty();
  }

  @Test
  void finds_a_case_at_no_distance_from_its_own_facts() {
    // Fisher v. Dees, 794 F.2d 432, as coded.
    UseFacts facts = use("parody", 1, 1, .9, .05);

    NearCase nearest = one(facts, work("when-sunny-gets-blue", .16, 0, 40)).nearestCases().get(0);

    assertThat(nearest.id()).isEqualTo("C023");
    assertThat(nearest.citation()).isEqualTo("794 F.2d 432");
    assertThat(nearest.distance()).isCloseTo(0, within(1e-12));
  }

  @Test
  void refuses_a_judged_input_without_a_name_or_a_reason() {
    assertThatThrownBy(() -> new Judgement(.5, "J. Doe", " "))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("a judged input names who asserts it and gives the reason; reason is blank");
    assertThatThrownBy(
            () -> Judgement.of("use.transformative", .9, null, null, "J. Doe", null, null))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("use.transformative is a judged input and needs a reason; say why it is 0.9");
    assertThatThrownBy(() -> Judgement.of("use.marketHarm", .9, null, null, null, "a reason", null))
        .hasMessage(
            "use.marketHarm is a judged input and needs assertedBy; say who holds it to be 0.9");
    assertThatThrownBy(
            () -> Judgement.of("use.heart", null, null, null, "J. Doe", "a reason", null))
        .hasMessage("use.heart.value is between 0 and 1; got none");
    assertThatThrownBy(() -> new Judgement(.5, .6, .7, "J. Doe", "a reason", null))
        .hasMessage(
            "a judged input is between 0 and 1, with low <= value <= high; got 0.6, 0.5, 0.7");
  }

  @Test
  void refuses_facts_that_cannot_be() {
    assertThatThrownBy(() -> new UseFacts(null, "fun", null, null, null, null, null))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessageStartingWith("use.purpose fun is not known; use one of access, advert, ");
    assertThatThrownBy(() -> new UseFacts(null, null, 1.5, null, null, null, null))
        .hasMessage("use.commercial is between 0 and 1; got 1.5");
    assertThatThrownBy(() -> new UseFacts(null, null, Double.NaN, null, null, null, null))
        .hasMessage("use.commercial is between 0 and 1; got NaN");
    assertThatThrownBy(() -> new UseFacts(" ", null, null, null, null, null, null))
        .hasMessage("use.jurisdiction is blank; leave it out or give an ISO 3166 code such as US");
    assertThatThrownBy(
            () ->
                with(UseFacts.NONE, Map.of(Act.OUTPUT, new OtherAct(null, null, null, null, null))))
        .hasMessage(
            "use.otherActs holds output; what is stated of the output stands in use itself");
    assertThatThrownBy(() -> Act.of("training"))
        .hasMessage(
            "act training is not known; use one of acquisition, trainingCopy, weightsCopy,"
                + " retrievalContext, output");
    assertThatThrownBy(() -> new Declaration("B. Clerk", "last week"))
        .hasMessage(
            "use.assertedAt is a date such as 2026-11-28 or a time such as 2026-11-28T09:30:00Z; got"
                + " last week");
    assertThatThrownBy(() -> new Declaration("x".repeat(201), null))
        .hasMessage("use.assertedBy has 201 characters; a name has at most 200, so shorten it");
    assertThatThrownBy(() -> new Judgement(.5, "J. Doe", "x".repeat(4001)))
        .hasMessage(
            "the reason of a judged input has 4001 characters; at most 4000 are kept, so shorten"
                + " it");
    assertThatThrownBy(() -> SideFact.of("theft"))
        .hasMessage(
            "use.sideFacts theft is not known; use one of unlawfulAcquisition, badFaith,"
                + " differentialPrivacy, noticeRemoved, publicity, trademark");
    assertThatThrownBy(() -> work("w", 1.1, 0, 9))
        .hasMessage("amountOfWork is between 0 and 1; got 1.1");
  }

  private static RiskAssessment one(UseFacts facts, CopiedWork work) {
    return FairUse.assess(facts, List.of(work));
  }

  private static double point(UseFacts facts, CopiedWork work) {
    return Objects.requireNonNull(one(facts, work).point());
  }

  private static CopiedWork work(String id, double ofWork, double ofOutput, int longestRun) {
    return measured(id, null, null, ofWork, ofOutput, longestRun, true);
  }

  private static CopiedWork licensed(@Nullable String licence, @Nullable Integer year) {
    return measured("licensed", licence, year, .5, .2, 40, true);
  }

  private static CopiedWork measured(
      String id,
      @Nullable String licence,
      @Nullable Integer year,
      double ofWork,
      double ofOutput,
      int longestRun,
      boolean rare) {
    return new CopiedWork(
        new WorkId(id),
        id,
        licence,
        year,
        ofWork,
        ofOutput,
        0,
        List.of(),
        new Words(longestRun, rare));
  }

  private static Judgement judged(double value) {
    return new Judgement(value, "J. Doe, counsel", "for this test");
  }

  private static UseFacts use(
      String purpose, double commercial, double creative, double t, double marketHarm) {
    return new UseFacts("US", purpose, commercial, creative, 0.0, judged(t), judged(marketHarm));
  }

  private static UseFacts with(
      UseFacts facts, Map<Act, OtherAct> otherActs, SideFact... sideFacts) {
    return new UseFacts(
        facts.jurisdiction(),
        facts.purpose(),
        facts.commercial(),
        facts.creative(),
        facts.unpublished(),
        facts.transformative(),
        facts.marketHarm(),
        facts.heart(),
        facts.necessity(),
        facts.market(),
        otherActs,
        Set.of(sideFacts),
        facts.user(),
        facts.declaration());
  }

  private static UseFacts with(UseFacts facts, Judgement transformative, Judgement marketHarm) {
    return new UseFacts(
        facts.jurisdiction(),
        facts.purpose(),
        facts.commercial(),
        facts.creative(),
        facts.unpublished(),
        transformative,
        marketHarm);
  }

  private static UseFacts randomFacts(SplittableRandom random) {
    List<String> purposes = List.copyOf(FittedModel.SERVED.model().purposes());
    return new UseFacts(
        null,
        random.nextInt(4) == 0 ? null : purposes.get(random.nextInt(purposes.size())),
        random.nextInt(4) == 0 ? null : random.nextDouble(),
        random.nextInt(4) == 0 ? null : random.nextDouble(),
        random.nextInt(4) == 0 ? null : random.nextDouble(),
        random.nextInt(4) == 0 ? null : judged(random.nextDouble()),
        random.nextInt(4) == 0 ? null : judged(random.nextDouble()));
  }
}
