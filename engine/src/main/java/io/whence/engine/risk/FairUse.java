package io.whence.engine.risk;

import io.whence.engine.corpus.Modality;
import io.whence.engine.evidence.PersonalData;
import io.whence.engine.risk.FairUseModel.Missing;
import io.whence.engine.risk.FairUseModel.Part;
import io.whence.engine.risk.FairUseModel.Range;
import io.whence.engine.risk.FittedModel.Result;
import io.whence.engine.risk.Licence.Grant;
import io.whence.engine.risk.RiskAssessment.Ends;
import io.whence.engine.risk.RiskAssessment.Factor;
import io.whence.engine.risk.RiskAssessment.Flag;
import io.whence.engine.risk.RiskAssessment.Input;
import io.whence.engine.risk.RiskAssessment.MissingFact;
import io.whence.engine.risk.RiskAssessment.Origin;
import io.whence.engine.risk.RiskAssessment.Proposal;
import io.whence.engine.risk.RiskAssessment.Status;
import io.whence.engine.risk.RiskAssessment.Swing;
import io.whence.engine.risk.RiskAssessment.Uncertainty;
import io.whence.engine.risk.RiskAssessment.WorkAndAct;
import io.whence.engine.risk.UseFacts.Judgement;
import io.whence.engine.risk.UseFacts.Market;
import io.whence.engine.risk.UseFacts.OtherAct;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Assesses a use of works under US fair-use law: six gates, then the published model {@link
 * #MODEL}, fitted on decided cases and shown in full.
 *
 * <p>Each work and each act is assessed by itself, so one more work changes nothing for the others.
 * The output is measured; other acts are assessed where the request states something of them. The
 * same facts give the same bytes on every machine.
 */
public final class FairUse {
  /** Id of the model. */
  public static final String MODEL = FittedModel.SERVED.model().id();

  /** Date of the law the gates know. */
  public static final String LAW_PACK_AS_OF = LawPack.US.asOf();

  /** To be printed with every score, word for word. */
  public static final List<String> DISCLAIMERS = List.copyOf(LawPack.US.disclaimers());

  private static final FairUseModel SERVED = FittedModel.SERVED.model();
  private static final String HIGHEST_BAND_OF_INSUBSTANTIAL = "Guarded";

  /** The middle of what such code is held to be. */
  private static final Proposal CREATIVE_OF_CODE =
      new Proposal(
          "creative",
          0.25,
          "what is left of code after abstraction, filtration and comparison is about 0.1 to 0.4"
              + " creative, more where its makers had choices; it counts once somebody states it as"
              + " use.creative");

  private FairUse() {}

  /**
   * {@return the served model as JSON: weights with their bootstrap, centres, bands, provenance,
   * the cross-check, gates, law pack and disclaimers}
   */
  public static String modelAsJson() {
    return ModelJson.write();
  }

  /**
   * {@return the assessment of an output}
   *
   * @param use what is stated about the use
   * @param works what was measured of each work that shares something with the output, in any order
   */
  public static RiskAssessment assess(UseFacts use, List<CopiedWork> works) {
    return assess(use, works, List.of());
  }

  /**
   * {@return the assessment of an output}
   *
   * @param use what is stated about the use
   * @param works what was measured of each work that shares something with the output, in any order
   * @param persons whom the output names, by form
   */
  public static RiskAssessment assess(
      UseFacts use, List<CopiedWork> works, List<PersonalData> persons) {
    return assess(use, Modality.TEXT, works, persons);
  }

  /**
   * {@return the assessment of an output}
   *
   * @param use what is stated about the use
   * @param medium of the output
   * @param works what was measured of each work that shares something with the output, in any
   *     order, and a work of which a character is stated to be shown
   * @param persons whom the output names, by form
   */
  public static RiskAssessment assess(
      UseFacts use, Modality medium, List<CopiedWork> works, List<PersonalData> persons) {
    List<Assessed> each = new ArrayList<>();
    for (CopiedWork work : works.stream().sorted(Comparator.comparing(CopiedWork::work)).toList()) {
      for (Act act : Act.values()) {
        if (act == Act.OUTPUT || use.otherActs().containsKey(act)) {
          each.add(new Assessed(work, assess(use, work, act)));
        }
      }
    }
    if (each.isEmpty()) {
      return notApplicable(use, Gates.ofNoWork(use, medium), null, Act.OUTPUT)
          .among(List.of(), SideFlags.ofOutput(use, persons), null, DISCLAIMERS);
    }
    each.sort(Comparator.comparingDouble(Assessed::rank).reversed());
    double noneOfThem = 1;
    boolean scored = false;
    for (Assessed one : each) {
      Double point = one.risk.point();
      if (one.risk.status() != Status.NOT_APPLICABLE && point != null) {
        scored = true;
        noneOfThem *= 1 - point / 100;
      }
    }
    List<Flag> flags = new ArrayList<>(SideFlags.ofOutput(use, persons));
    each.forEach(one -> flags.addAll(SideFlags.of(use, one.work, one.risk.act())));
    return each.get(0)
        .risk
        .among(
            each.stream().map(Assessed::summary).toList(),
            flags.stream().distinct().toList(),
            scored ? 100 * (1 - noneOfThem) : null,
            disclaimers(use, works));
  }

  private record Assessed(CopiedWork work, RiskAssessment risk) {
    /** A capped score ranks no higher than its cap; what has no score comes last. */
    double rank() {
      Double point = risk.point();
      if (point == null) {
        return -2;
      }
      if (risk.status() == Status.NOT_APPLICABLE) {
        return -1;
      }
      return risk.bandCap() == null ? point : Math.min(point, SERVED.endOf(risk.bandCap()));
    }

    WorkAndAct summary() {
      return new WorkAndAct(
          work.work(),
          work.title(),
          risk.act(),
          risk.status(),
          risk.reason(),
          risk.point(),
          risk.low(),
          risk.high(),
          risk.band());
    }
  }

  /**
   * {@return whether nobody is known to have a right in a work in the US}
   *
   * @param licence SPDX, or what the source says
   * @param year of publication
   */
  public static boolean inPublicDomain(@Nullable String licence, @Nullable Integer year) {
    return Licence.of(licence).grant() == Grant.NO_RIGHT || Gates.free(year) != null;
  }

  /** {@return the assessment of one act with one work} */
  private static RiskAssessment assess(UseFacts use, CopiedWork work, Act act) {
    Gates gates = Gates.of(use, work, act);
    if (!gates.open()) {
      return notApplicable(use, gates, work, act);
    }
    Facts facts = Facts.of(use, work, act);
    Result score = FittedModel.SERVED.score(facts.purpose, facts.known, facts.passThrough);
    boolean undetermined = SERVED.undetermined(score.low(), score.high());
    String cap = gates.capReason();
    String band = band(score.point(), cap != null);
    List<String> labels =
        score.missing().stream().map(missing -> missing.part().label().words()).toList();
    List<String> needs = new ArrayList<>();
    if (undetermined) {
      needs.addAll(labels);
      if (labels.isEmpty()) {
        needs.add("a narrower judgement");
      }
    }
    return new RiskAssessment(
        undetermined ? Status.UNDETERMINED : Status.SCORED,
        undetermined
            ? "undetermined - needs: " + String.join(", ", needs)
            : band
                + " on the scale of "
                + SERVED.id()
                + (cap == null ? "" : ", capped at " + HIGHEST_BAND_OF_INSUBSTANTIAL + ": " + cap),
        score.point(),
        score.low(),
        score.high(),
        undetermined ? null : band,
        cap == null ? null : HIGHEST_BAND_OF_INSUBSTANTIAL,
        List.copyOf(needs),
        work.work(),
        act,
        factors(score, facts),
        gates.all(),
        missingFacts(score.missing()),
        swings(facts, cap != null, band),
        new Uncertainty(
            new Ends(score.point(), score.point()), score.ofWeights(), score.ofMissing()),
        facts.proposals(),
        List.of(),
        List.of(),
        null,
        authorities(use, facts, score),
        NearestCases.to(facts.purpose, score.parts()),
        SERVED.id(),
        LawPack.US.asOf(),
        LawPack.US.reviewer(),
        DISCLAIMERS.get(0),
        DISCLAIMERS);
  }

  private static String band(double point, boolean capped) {
    return SERVED.band(
        capped ? Math.min(point, SERVED.startOf(HIGHEST_BAND_OF_INSUBSTANTIAL)) : point);
  }

  private static List<Swing> swings(Facts facts, boolean capped, String band) {
    Set<String> open = new TreeSet<>(facts.judged.keySet());
    SERVED.terms().stream()
        .map(FairUseModel.Term::id)
        .filter(input -> !facts.known.containsKey(input))
        .forEach(open::add);
    if (facts.purpose == null) {
      open.add(FairUseModel.PURPOSE);
    }
    return SERVED.swings(facts.purpose, facts.known, facts.passThrough, open).stream()
        .map(
            swing -> {
              String low = band(swing.low(), capped);
              String high = band(swing.high(), capped);
              return new Swing(
                  swing.label().id(),
                  swing.label().words(),
                  facts.judged.containsKey(swing.label().id()) ? Origin.JUDGED : Origin.MISSING,
                  swing.low(),
                  swing.lowAt(),
                  low,
                  swing.high(),
                  swing.highAt(),
                  high,
                  !low.equals(band) || !high.equals(band));
            })
        .toList();
  }

  private static RiskAssessment notApplicable(
      UseFacts use, Gates gates, @Nullable CopiedWork work, Act act) {
    Double score = gates.publicDomain() ? 0.0 : null;
    String jurisdiction = use.jurisdiction();
    return new RiskAssessment(
        Status.NOT_APPLICABLE,
        gates.reason(),
        score,
        score,
        score,
        null,
        null,
        List.of(),
        work == null ? null : work.work(),
        act,
        List.of(),
        gates.all(),
        List.of(),
        List.of(),
        null,
        List.of(),
        List.of(),
        List.of(),
        null,
        jurisdiction == null || LawPack.isUs(jurisdiction)
            ? List.of()
            : LawPack.US.notes(jurisdiction),
        List.of(),
        SERVED.id(),
        LawPack.US.asOf(),
        LawPack.US.reviewer(),
        DISCLAIMERS.get(0),
        DISCLAIMERS);
  }

  static @Nullable Double commercial(UseFacts use, Act act) {
    OtherAct other = use.otherActs().get(act);
    return other == null ? use.commercial() : other.commercial();
  }

  static @Nullable Double amount(UseFacts use, CopiedWork work, Act act) {
    OtherAct other = use.otherActs().get(act);
    if (other != null) {
      return other.amountOfWork();
    }
    // How much of a work its character is, nothing says.
    return Gates.onCharacter(use, work) ? null : Double.valueOf(work.amountOfWork());
  }

  /** The inputs of one act with one work: what the model reads, and what is shown beside it. */
  private record Facts(
      @Nullable String purpose,
      Map<String, Range> known,
      double passThrough,
      Map<String, Judgement> judged,
      boolean measured,
      UseFacts use,
      CopiedWork work) {

    static Facts of(UseFacts use, CopiedWork work, Act act) {
      OtherAct other = use.otherActs().get(act);
      Map<String, Judgement> judged = new HashMap<>();
      Judgement ownOrReviewed =
          use.transformative() == null ? use.reviewed() : use.transformative();
      put(judged, "transformative", other == null ? ownOrReviewed : other.transformative());
      put(judged, "marketHarm", other == null ? use.marketHarm() : other.marketHarm());
      Map<String, Range> known = new HashMap<>();
      judged.forEach(
          (name, judgement) ->
              known.put(name, new Range(judgement.low(), judgement.value(), judgement.high())));
      put(known, "commercial", commercial(use, act));
      put(known, "creative", use.creative());
      put(known, "unpublished", use.unpublished());
      put(known, "amount", amount(use, work, act));
      return new Facts(
          other == null ? use.purpose() : other.purpose(),
          known,
          other == null ? work.amountOfOutput() : 0,
          judged,
          other == null,
          use,
          work);
    }

    private static void put(Map<String, Judgement> judged, String name, @Nullable Judgement value) {
      if (value != null) {
        judged.put(name, value);
      }
    }

    private static void put(Map<String, Range> known, String name, @Nullable Double value) {
      if (value != null) {
        known.put(name, Range.exact(value));
      }
    }

    /** What facts and media suggest, for a person to accept or edit. */
    List<Proposal> proposals() {
      List<Proposal> proposals = new ArrayList<>();
      if (measured && work.shared() instanceof Shared.Code && use.creative() == null) {
        proposals.add(CREATIVE_OF_CODE);
      }
      Market market = use.market();
      boolean open = !judged.containsKey("marketHarm") && known.containsKey("amount");
      if (measured && market != null && open) {
        proposals.add(harm(market));
      }
      return List.copyOf(proposals);
    }

    /** Market harm as facts about the market suggest it. */
    private Proposal harm(Market market) {
      double heart = use.heart() == null ? 0 : use.heart().value();
      double taken = Math.max(StrictMath.sqrt(work.amountOfWork()), heart);
      // What criticism and parody take from a market for licences does not count.
      double licensing =
          market.licensingMarket() == null || SERVED.quotes(purpose) ? 0 : market.licensingMarket();
      double dilution = market.dilution() == null ? 0 : market.dilution();
      double harm =
          1
              - (1 - market.sameMarket() * taken)
                  * (1 - 0.5 * licensing * work.amountOfWork())
                  * (1 - dilution);
      return new Proposal(
          "marketHarm",
          harm,
          String.format(
              Locale.ROOT,
              "1 - (1 - %.3f x %.3f)(1 - %.3f x %.3f / 2)(1 - %.3f): same market x share taken"
                  + " (square root of the amount, or the heart), licensing market x amount,"
                  + " dilution; what was not stated is 0",
              market.sameMarket(),
              taken,
              licensing,
              work.amountOfWork(),
              dilution));
    }
  }

  private static List<Factor> factors(Result score, Facts facts) {
    List<Factor> factors = new ArrayList<>();
    for (FairUseModel.FactorName name : SERVED.factors()) {
      List<Input> inputs = new ArrayList<>();
      double sum = 0;
      for (Part part : score.parts()) {
        if (part.label().factor().equals(name.id())) {
          inputs.add(input(part, facts));
          sum += part.contribution();
        }
      }
      inputs.addAll(shown(name.id(), facts));
      factors.add(new Factor(name.id(), name.name(), sum, name.note(), List.copyOf(inputs)));
    }
    return List.copyOf(factors);
  }

  private static Input input(Part part, Facts facts) {
    String id = part.label().id();
    Judgement judgement = facts.judged.get(id);
    Range range = facts.known.get(id);
    Origin origin = origin(part, facts, judgement);
    UseFacts.Declaration declared = origin == Origin.DECLARED ? facts.use.declaration() : null;
    String basis =
        switch (origin) {
          case JUDGED -> judgement == null ? "" : judgement.reason();
          case MEASURED -> ofWork(facts.work.shared());
          case DECLARED ->
              id.equals(FairUseModel.PURPOSE)
                  ? String.valueOf(facts.purpose)
                  : "stated in the request";
          case MISSING ->
              part.contribution() == 0
                  ? "nobody stated it"
                  : "nobody stated it; at most what does not pass through unchanged";
        };
    Judgement reviews = facts.use.reviewed();
    if (facts.measured
        && id.equals("transformative")
        && reviews != null
        && facts.use.transformative() != null) {
      basis +=
          String.format(
              Locale.ROOT,
              " (asserted in the request, which wins over the reviews: %.3f, %.2f to %.2f, by %s)",
              reviews.value(),
              reviews.low(),
              reviews.high(),
              reviews.assertedBy());
    }
    if (range != null && part.value() != null && part.value() < range.value()) {
      basis +=
          String.format(
              Locale.ROOT,
              " (stated %.3f, capped: %.3f of the output passes through unchanged)",
              range.value(),
              facts.passThrough);
    }
    return new Input(
        id,
        part.value(),
        range == null ? null : range.low(),
        range == null ? null : range.high(),
        origin,
        judgement != null
            ? judgement.assertedBy()
            : declared == null ? null : declared.assertedBy(),
        judgement != null
            ? judgement.assertedAt()
            : declared == null ? null : declared.assertedAt(),
        basis,
        part.label().weight(),
        part.label().centre(),
        part.contribution());
  }

  private static Origin origin(Part part, Facts facts, @Nullable Judgement judgement) {
    if (part.missing()) {
      return Origin.MISSING;
    }
    if (judgement != null) {
      return Origin.JUDGED;
    }
    return facts.measured && part.label().id().equals("amount") ? Origin.MEASURED : Origin.DECLARED;
  }

  /** What belongs to a factor but is no term of the model, so that nothing counts twice. */
  private static List<Input> shown(String factor, Facts facts) {
    if (!facts.measured) {
      return List.of();
    }
    List<Input> shown = new ArrayList<>();
    if (factor.equals("F1")) {
      shown.add(
          measured(
              "passThrough",
              facts.passThrough,
              ofOutput(facts.work.shared()) + "; caps transformative"));
    }
    if (factor.equals("F3")) {
      shown.addAll(shown(facts.work.shared()));
      shown.add(judged("heart", facts.use.heart(), "through the proposal for marketHarm only"));
      shown.add(judged("necessity", facts.use.necessity(), "shown only"));
    }
    return shown;
  }

  /** What is measured in one medium alone, and is no term of the model. */
  private static List<Input> shown(Shared shared) {
    return switch (shared) {
      case Shared.Words words ->
          List.of(
              measured(
                  "longestRun",
                  words.longestRun(),
                  "words in the longest shared run; shown" + " only"));
      case Shared.Code code -> {
        List<Input> shown = new ArrayList<>();
        shown.add(
            measured(
                "longestRun",
                code.longestRun(),
                "words in the longest shared run that is left after filtering; shown only"));
        shown.add(
            measured(
                "rawAmount",
                code.rawAmountOfWork(),
                "copied characters over the work's before filtering; shown only"));
        Shared.Likeness likeness = code.likeness();
        if (likeness != null) {
          shown.add(
              measured(
                  "literalSimilarity",
                  likeness.literal(),
                  "of the two sources as wholes, names included; shown only"));
          shown.add(
              measured(
                  "structuralSimilarity",
                  likeness.structure(),
                  "structure, sequence and organisation of the two sources as wholes, names made"
                      + " equal; shown only, and never one number with the literal"));
        }
        yield List.copyOf(shown);
      }
      case Shared.Pixels pixels -> List.of();
      case Shared.Style style -> List.of();
    };
  }

  private static String ofWork(Shared shared) {
    return switch (shared) {
      case Shared.Words words -> "copied characters over the work's";
      case Shared.Code code -> "copied characters over the work's, of both what filtering leaves";
      case Shared.Pixels pixels -> "area that agrees over the work's, without what is covered";
      case Shared.Style style -> "no pixel is shown to be taken";
    };
  }

  private static String ofOutput(Shared shared) {
    return switch (shared) {
      case Shared.Words words -> "copied characters over the output's";
      case Shared.Code code -> "copied characters over the output's, of both what filtering leaves";
      case Shared.Pixels pixels -> "area that agrees over the output's, without what is covered";
      case Shared.Style style -> "no pixel is shown to pass through";
    };
  }

  private static Input measured(String name, double value, String basis) {
    return new Input(name, value, value, value, Origin.MEASURED, null, null, basis, null, null, 0);
  }

  private static Input judged(String name, @Nullable Judgement judgement, String role) {
    return judgement == null
        ? new Input(
            name,
            null,
            null,
            null,
            Origin.MISSING,
            null,
            null,
            "nobody stated it; " + role,
            null,
            null,
            0)
        : new Input(
            name,
            judgement.value(),
            judgement.low(),
            judgement.high(),
            Origin.JUDGED,
            judgement.assertedBy(),
            judgement.assertedAt(),
            judgement.reason() + " (" + role + ")",
            null,
            null,
            0);
  }

  private static List<MissingFact> missingFacts(List<Missing> missing) {
    return missing.stream()
        .map(
            one ->
                new MissingFact(
                    one.part().label().id(),
                    one.part().label().words(),
                    one.shrinksBy(),
                    one.part().label().questions()))
        .toList();
  }

  private static List<RiskAssessment.Authority> authorities(
      UseFacts use, Facts facts, Result score) {
    TreeSet<String> ids = new TreeSet<>();
    ids.add("cambridge-v-albert");
    if (SERVED.quotes(facts.purpose)) {
      ids.add("campbell");
    }
    if (score.missing().stream()
        .anyMatch(missing -> missing.part().label().id().equals("marketHarm"))) {
      ids.add("comicmix");
    }
    if (!use.otherActs().isEmpty()) {
      ids.add("bartz");
    }
    if (facts.work.shared() instanceof Shared.Code) {
      ids.add("computer-associates-v-altai");
      ids.add("google-v-oracle");
    }
    if (Gates.character(use, facts.work) != null) {
      ids.add(CharacterClaim.AUTHORITY);
    }
    return LawPack.US.cited(ids);
  }

  private static List<String> disclaimers(UseFacts use, List<CopiedWork> works) {
    boolean style =
        works.stream()
            .anyMatch(
                work -> work.shared() instanceof Shared.Style && !Gates.onCharacter(use, work));
    return style
        ? Stream.concat(DISCLAIMERS.stream(), Stream.of(LawPack.US.styleDisclaimer())).toList()
        : DISCLAIMERS;
  }
}
