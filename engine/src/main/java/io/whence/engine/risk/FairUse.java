package io.whence.engine.risk;

import io.whence.engine.risk.RiskAssessment.Factor;
import io.whence.engine.risk.RiskAssessment.Gate;
import io.whence.engine.risk.RiskAssessment.Input;
import io.whence.engine.risk.RiskAssessment.OtherWork;
import io.whence.engine.risk.UseFacts.Judgement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The published model {@code fu-us-v0}: additive in log-odds, monotone in every signed input, and
 * shown in full.
 *
 * <pre>
 * z = -0.2 + purpose + 1.0 (commercial - .7) + 0.6 (creative - .6) + 1.1 unpublished
 *     + 1.0 (log10 clip(amount, .001, 1) + .5) - 3.5 (transformative - .4) + 4.0 (marketHarm - .35)
 * risk = 100 / (1 + exp(-z)); an unknown input adds nothing
 * </pre>
 *
 * <p>The weights were fitted on decided US cases, 1841 to 2026. A use that passes text through
 * unchanged cannot be more transformative than what it changed: t is at most 1 - amountOfOutput,
 * except for criticism and parody. The interval has what is unknown at its two ends; the weights'
 * own uncertainty is not in it.
 */
public final class FairUse {
  /** Id of the model. */
  public static final String MODEL = "fu-us-v0";

  /** Date of the law the gates know. */
  public static final String LAW_PACK_AS_OF = "2026-06-30";

  /** To be printed with every score, word for word. */
  public static final List<String> DISCLAIMERS =
      List.of(
          "Risk is the share of comparable decided cases that failed fair use, not a probability of"
              + " liability.",
          "Litigated cases are not a random sample.",
          "No court has adopted this score. The Eleventh Circuit has said that courts must not apply"
              + " a mathematical formula to fair use (Cambridge University Press v. Albert, 2018).");

  private static final double INTERCEPT = -0.2;
  private static final double[] BORDERS = {20, 40, 60, 80};
  private static final List<String> BANDS =
      List.of("Low", "Guarded", "Contested", "Elevated", "High");

  /** Works published in the US before this year are in the public domain there in 2026. */
  private static final int PUBLIC_DOMAIN_BEFORE = 1931;

  /** From here on a shared run is taken as similarity in substance; below, the band is capped. */
  private static final int SUBSTANTIAL_WORDS = 16;

  private static final double SUBSTANTIAL_AMOUNT = 0.1;

  private static final Pattern NO_RIGHT =
      Pattern.compile("(?i)(public domain|cc0|pdm|publicdomain|unlicense\\b).*");
  private static final Pattern LICENSED =
      Pattern.compile(
          "(?i)(mit|apache|bsd|isc|cc-by|cc by|mpl|epl|lgpl|gpl|agpl|cddl|zlib|ofl|artistic)\\b.*");
  private static final Pattern CONDITIONS =
      Pattern.compile("(?i).*(gpl|mpl|epl|cddl|-sa|-nc|-nd|by-sa|by-nc).*");

  private FairUse() {}

  /** One numeric term of the sum. */
  private record Term(String name, double weight, double centre, double low, double high) {
    double at(double value) {
      return weight * (value - centre);
    }
  }

  private static final Term COMMERCIAL = new Term("commercial", 1.0, 0.7, 0, 1);
  private static final Term CREATIVE = new Term("creative", 0.6, 0.6, 0, 1);
  private static final Term UNPUBLISHED = new Term("unpublished", 1.1, 0, 0, 1);
  private static final Term AMOUNT = new Term("log10Amount", 1.0, -0.5, -3, 0);
  private static final Term TRANSFORMATIVE = new Term("transformative", -3.5, 0.4, 0, 1);
  private static final Term MARKET_HARM = new Term("marketHarm", 4.0, 0.35, 0, 1);

  /**
   * {@return the assessment of an output: that of the work with the highest score, with the others'
   * beside it}
   *
   * @param use what is stated about the use
   * @param works what was measured of each work that shares text with the output
   */
  public static RiskAssessment assess(UseFacts use, List<CopiedWork> works) {
    if (works.isEmpty()) {
      return nothingCopied(use);
    }
    List<RiskAssessment> each =
        works.stream()
            .sorted(Comparator.comparing(CopiedWork::work))
            .map(work -> assess(use, work))
            .sorted(
                Comparator.comparingDouble(
                    (RiskAssessment risk) -> risk.point() == null ? 1 : -risk.point()))
            .toList();
    RiskAssessment highest = each.get(0);
    List<OtherWork> others = new ArrayList<>();
    for (RiskAssessment other : each.subList(1, each.size())) {
      if (other.work() != null) {
        others.add(
            new OtherWork(other.work(), other.status(), other.point(), other.low(), other.high()));
      }
    }
    return new RiskAssessment(
        highest.status(),
        highest.reason(),
        highest.point(),
        highest.low(),
        highest.high(),
        highest.band(),
        highest.needs(),
        highest.work(),
        highest.act(),
        highest.factors(),
        highest.gates(),
        highest.missingFacts(),
        highest.flags(),
        List.copyOf(others),
        highest.model(),
        highest.lawPackAsOf(),
        highest.disclaimer(),
        highest.disclaimers());
  }

  private static RiskAssessment nothingCopied(UseFacts use) {
    List<Gate> gates = new ArrayList<>();
    gates.add(jurisdiction(use));
    if (gates.get(0).passed()) {
      gates.add(
          new Gate("G3", "copying in fact", false, "no run of words is shared with any work"));
    }
    return notApplicable(gates, null, null, List.of(), gates.get(gates.size() - 1).evidence());
  }

  /** {@return the assessment of one work} */
  static RiskAssessment assess(UseFacts use, CopiedWork work) {
    List<Gate> gates = new ArrayList<>();
    gates.add(jurisdiction(use));
    List<String> flags = new ArrayList<>();
    if (!gates.get(0).passed()) {
      return notApplicable(gates, work, null, flags, gates.get(0).evidence());
    }
    Gate rights = rights(work);
    gates.add(rights);
    if (!rights.passed()) {
      boolean noRight = rights.evidence().startsWith("no right");
      if (!noRight && CONDITIONS.matcher(String.valueOf(work.licence())).matches()) {
        flags.add("licence " + work.licence() + " has conditions; a breach is no fair-use matter");
      }
      return notApplicable(gates, work, noRight ? 0.0 : null, flags, rights.evidence());
    }
    gates.add(
        new Gate(
            "G2",
            "protectable expression",
            work.rare(),
            work.rare()
                ? "a shared run is rarer than chance would give"
                : "no protected expression found: every shared run is a common phrase"));
    if (!work.rare()) {
      return notApplicable(gates, work, null, flags, gates.get(2).evidence());
    }
    gates.add(
        new Gate(
            "G3",
            "copying in fact",
            true,
            "the work is in the index and shares a rare run of " + work.longestRun() + " words"));
    boolean substantial =
        work.longestRun() >= SUBSTANTIAL_WORDS || work.amountOfWork() >= SUBSTANTIAL_AMOUNT;
    gates.add(
        new Gate(
            "G4",
            "substantial similarity",
            substantial,
            (substantial ? "" : "the band is capped at Guarded: ")
                + "longest run %d words, %.1f %% of the work"
                    .formatted(work.longestRun(), 100 * work.amountOfWork())));
    gates.add(new Gate("G5", "fair use", true, "four factors"));
    return score(use, work, gates, flags, substantial);
  }

  private static Gate jurisdiction(UseFacts use) {
    boolean us = use.jurisdiction() == null || use.jurisdiction().equalsIgnoreCase("US");
    return new Gate(
        "G0",
        "jurisdiction",
        us,
        us
            ? (use.jurisdiction() == null ? "US law, as none was named" : "US law, as asked")
            : "no fair-use score: fair use is US law, asked for was " + use.jurisdiction());
  }

  private static Gate rights(CopiedWork work) {
    String licence = work.licence() == null ? "" : work.licence().strip();
    String question = "in copyright and not licensed for this use";
    if (NO_RIGHT.matcher(licence).matches()) {
      return new Gate("G1", question, false, "no right: the work is stated to be " + licence);
    }
    if (work.year() != null && work.year() < PUBLIC_DOMAIN_BEFORE) {
      return new Gate(
          "G1",
          question,
          false,
          "no right: published in " + work.year() + ", public domain in the US");
    }
    if (LICENSED.matcher(licence).matches()) {
      return new Gate(
          "G1", question, false, "licensed under " + licence + ", check its conditions");
    }
    return new Gate(
        "G1",
        question,
        true,
        licence.isEmpty() ? "no licence is known (NOASSERTION)" : "stated licence: " + licence);
  }

  private static RiskAssessment score(
      UseFacts use, CopiedWork work, List<Gate> gates, List<String> flags, boolean substantial) {
    Purpose purpose = use.purpose() == null ? null : Purpose.named(use.purpose());
    double cap =
        purpose != null && purpose.critical()
            ? 1
            : 1 - Math.min(1, Math.max(0, work.amountOfOutput()));
    double amount = StrictMath.log10(Math.min(1, Math.max(0.001, work.amountOfWork())));
    Double transformative = judged(use.transformative());
    String capNote = "";
    if (transformative != null && transformative > cap) {
      transformative = cap;
      capNote = ", capped by what passes through unchanged";
    }

    List<Part> parts = new ArrayList<>();
    parts.add(Part.of("F1", COMMERCIAL, use.commercial(), "declared"));
    parts.add(
        new Part(
            "F1",
            "purpose" + (purpose == null ? "" : " " + purpose.name().toLowerCase(Locale.ROOT)),
            null,
            purpose == null ? "missing" : "declared",
            purpose == null ? 0 : purpose.weight(),
            purpose == null ? Purpose.LOWEST : purpose.weight(),
            purpose == null ? Purpose.HIGHEST : purpose.weight()));
    parts.add(transformative(transformative, use.transformative(), cap, capNote));
    parts.add(Part.of("F2", CREATIVE, use.creative(), "declared"));
    parts.add(Part.of("F2", UNPUBLISHED, use.unpublished(), "declared"));
    parts.add(Part.of("F3", AMOUNT, amount, "measured"));
    parts.add(Part.of("F4", MARKET_HARM, judged(use.marketHarm()), source(use.marketHarm())));

    double z = INTERCEPT;
    double lowest = INTERCEPT;
    double highest = INTERCEPT;
    for (Part part : parts) {
      z += part.contribution();
      lowest += part.lowest();
      highest += part.highest();
    }
    double point = risk(z);
    double low = Math.min(point, risk(lowest));
    double high = Math.max(point, risk(highest));
    long borders = java.util.Arrays.stream(BORDERS).filter(b -> low <= b && b <= high).count();
    boolean undetermined = borders >= 2;
    List<Part> missing = parts.stream().filter(part -> part.source().equals("missing")).toList();
    List<String> missingFacts = byShrinkage(missing, lowest, highest);
    String band = undetermined ? null : band(point, substantial);
    return new RiskAssessment(
        undetermined ? "undetermined" : "scored",
        undetermined
            ? "undetermined - needs: " + String.join(", ", missingFacts)
            : band + " by the model's own scale",
        point,
        low,
        high,
        band,
        undetermined ? missingFacts : List.of(),
        work.work(),
        "output",
        factors(parts),
        List.copyOf(gates),
        missingFacts,
        List.copyOf(flags),
        List.of(),
        MODEL,
        LAW_PACK_AS_OF,
        DISCLAIMERS.get(0),
        DISCLAIMERS);
  }

  /** One summand with the two ends it may turn out to lie at. */
  private record Part(
      String factor,
      String name,
      @Nullable Double value,
      String source,
      double contribution,
      double lowest,
      double highest) {
    static Part of(String factor, Term term, @Nullable Double value, String source) {
      if (value == null) {
        double a = term.at(term.low());
        double b = term.at(term.high());
        return new Part(factor, term.name(), null, "missing", 0, Math.min(a, b), Math.max(a, b));
      }
      double contribution = term.at(value);
      return new Part(factor, term.name(), value, source, contribution, contribution, contribution);
    }
  }

  /** An unknown t lies between 0 and its cap; below the centre the cap itself is what is known. */
  private static Part transformative(
      @Nullable Double value, @Nullable Judgement judgement, double cap, String capNote) {
    if (value != null) {
      return Part.of("F1", TRANSFORMATIVE, value, source(judgement) + capNote);
    }
    double atPoint = cap < TRANSFORMATIVE.centre() ? TRANSFORMATIVE.at(cap) : 0;
    return new Part(
        "F1",
        TRANSFORMATIVE.name(),
        null,
        "missing",
        atPoint,
        TRANSFORMATIVE.at(cap),
        TRANSFORMATIVE.at(0));
  }

  private static @Nullable Double judged(@Nullable Judgement judgement) {
    return judgement == null ? null : judgement.value();
  }

  private static String source(@Nullable Judgement judgement) {
    return judgement == null
        ? "missing"
        : "judged by " + judgement.assertedBy() + ": " + judgement.reason();
  }

  private static double risk(double z) {
    return 100 / (1 + StrictMath.exp(-z));
  }

  private static String band(double point, boolean substantial) {
    int band = 0;
    while (band < BORDERS.length && point >= BORDERS[band]) {
      band++;
    }
    return BANDS.get(substantial ? band : Math.min(band, 1));
  }

  /** What would shrink the interval most comes first; equal ones keep the model's order. */
  private static List<String> byShrinkage(List<Part> missing, double lowest, double highest) {
    return missing.stream()
        .sorted(
            Comparator.comparingDouble(
                (Part part) ->
                    risk(highest - part.highest() + part.contribution())
                        - risk(lowest - part.lowest() + part.contribution())))
        .map(Part::name)
        .toList();
  }

  private static List<Factor> factors(List<Part> parts) {
    List<Factor> factors = new ArrayList<>();
    String[][] names = {
      {"F1", "purpose and character of the use"},
      {"F2", "nature of the work"},
      {"F3", "amount and substantiality"},
      {"F4", "effect on the market"}
    };
    for (String[] name : names) {
      List<Input> inputs =
          parts.stream()
              .filter(part -> part.factor().equals(name[0]))
              .map(part -> new Input(part.name(), part.value(), part.source(), part.contribution()))
              .toList();
      double sum = inputs.stream().mapToDouble(Input::contribution).sum();
      factors.add(new Factor(name[0], name[1], sum, inputs));
    }
    return List.copyOf(factors);
  }

  private static RiskAssessment notApplicable(
      List<Gate> gates,
      @Nullable CopiedWork work,
      @Nullable Double score,
      List<String> flags,
      String reason) {
    return new RiskAssessment(
        "notApplicable",
        reason,
        score,
        score,
        score,
        null,
        List.of(),
        work == null ? null : work.work(),
        "output",
        List.of(),
        List.copyOf(gates),
        List.of(),
        List.copyOf(flags),
        List.of(),
        MODEL,
        LAW_PACK_AS_OF,
        DISCLAIMERS.get(0),
        DISCLAIMERS);
  }
}
