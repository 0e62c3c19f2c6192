package io.whence.engine.risk;

import io.whence.engine.corpus.Modality;
import io.whence.engine.risk.Licence.Condition;
import io.whence.engine.risk.Licence.Grant;
import io.whence.engine.risk.RiskAssessment.Gate;
import io.whence.engine.risk.RiskAssessment.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The questions that come before a score, asked in order until one says that fair use is not the
 * question. Nothing a person judges opens or shuts a gate, but for a character: nothing measures
 * it, and those who state it are named.
 */
final class Gates {
  static final List<String> QUESTIONS =
      List.of(
          "jurisdiction: is US law asked for?",
          "rights: is the work in copyright, and does no licence cover this use?",
          "protectable expression: is anything left beside facts, ideas and stock phrases?",
          "copying in fact: is there access and telling similarity?",
          "substantial similarity: are protected parts similar?",
          "fair use: four factors");

  /** What an amount that nobody knows counts as. */
  private static final double USUAL_AMOUNT =
      StrictMath.pow(
          10,
          FittedModel.SERVED.model().terms().stream()
              .filter(term -> term.id().equals("amount"))
              .mapToDouble(FairUseModel.Term::centre)
              .findFirst()
              .orElseThrow());

  private final List<Gate> answered = new ArrayList<>();
  private boolean publicDomain;

  private Gates() {}

  /** The gates of a use for which no work shares anything with the output. */
  static Gates ofNoWork(UseFacts use, Modality medium) {
    boolean image = medium == Modality.IMAGE;
    Gates gates = new Gates();
    if (gates.jurisdiction(use)) {
      gates.pass("no work to ask of");
      gates.pass(image ? "no pixels to ask of" : "no words to ask of");
      gates.fail(
          "no copying in fact found: "
              + (image ? "no image agrees with it" : "no run of words is shared with any work"));
    }
    return gates;
  }

  /** The gates of one act with one work. */
  static Gates of(UseFacts use, CopiedWork work, Act act) {
    Gates gates = new Gates();
    boolean open =
        gates.jurisdiction(use)
            && gates.rights(use, work, act)
            && gates.expression(use, work, act)
            && gates.copying(use, work, act);
    if (open) {
      gates.similarity(use, work, act);
      gates.pass("scored below");
    }
    return gates;
  }

  /** {@return all six, those after a failed one as not reached} */
  List<Gate> all() {
    List<Gate> all = new ArrayList<>(answered);
    while (all.size() < QUESTIONS.size()) {
      all.add(gate(all.size(), Verdict.NOT_REACHED, "an earlier gate decides"));
    }
    return List.copyOf(all);
  }

  /** {@return whether all gates were asked, so that there is a score} */
  boolean open() {
    return answered.size() == QUESTIONS.size();
  }

  /** {@return why there is no score, or why the last gate passed} */
  String reason() {
    return answered.get(answered.size() - 1).evidence();
  }

  /** {@return what G4 says against similarity in substance; null where it passed} */
  @Nullable String capReason() {
    return answered.stream()
        .filter(gate -> gate.id().equals("G4") && gate.verdict() == Verdict.FAILED)
        .map(Gate::evidence)
        .findFirst()
        .orElse(null);
  }

  /** {@return whether nobody has a right in the work} */
  boolean publicDomain() {
    return publicDomain;
  }

  private boolean jurisdiction(UseFacts use) {
    if (use.jurisdiction() == null) {
      return pass("US law, as none was named");
    }
    return LawPack.isUs(use.jurisdiction())
        ? pass("US law, as asked")
        : fail(
            "no fair-use score; see EU/UK notes: fair use is US law, asked for was "
                + use.jurisdiction());
  }

  private boolean rights(UseFacts use, CopiedWork work, Act act) {
    Licence licence = Licence.of(work.licence());
    Double unpublished = use.unpublished();
    // The rule counts from publication; what was never published it does not reach.
    String free = (unpublished == null || unpublished == 0) ? free(work.year()) : null;
    if (licence.grant() == Grant.NO_RIGHT || free != null) {
      publicDomain = true;
      return fail(
          "no right: "
              + (licence.grant() == Grant.NO_RIGHT
                  ? "the work is stated to be " + licence.stated()
                  : free));
    }
    if (licence.grant() == Grant.LICENSED) {
      Double commercial = FairUse.commercial(use, act);
      boolean covers =
          !licence.conditions().contains(Condition.NON_COMMERCIAL)
              || commercial == null
              || commercial == 0;
      return covers
          ? fail(
              licence.conditions().isEmpty()
                  ? "licensed under " + licence.stated() + ", which asks for nothing"
                  : "licensed, check conditions: "
                      + licence.stated()
                      + " asks for "
                      + licence.asks())
          : pass(licence.stated() + " does not cover a commercial use");
    }
    return pass(
        licence.stated().isEmpty()
            ? "taken to be in copyright; no licence is known (NOASSERTION)"
            : "taken to be in copyright; the stated licence tells nothing (NOASSERTION): "
                + licence.stated());
  }

  /** {@return why a work published in {@code year} is free; null where it is not known to be} */
  static @Nullable String free(@Nullable Integer year) {
    int before = LawPack.US.publicDomainBefore();
    return year != null && year < before
        ? "published in " + year + ", and works from before " + before + " are free in the US"
        : null;
  }

  /**
   * {@return what is stated of the work's character where an output may be judged on that} Where as
   * much was copied as counts for an amount that nobody knows, it is judged on the copy, so that
   * copying more never helps.
   */
  static @Nullable CharacterClaim character(UseFacts use, CopiedWork work) {
    boolean copied = work.shared().beyondChance() && work.amountOfWork() >= USUAL_AMOUNT;
    return copied ? null : use.character(work.work());
  }

  /** {@return whether an output is judged on a character, which nothing measured} */
  static boolean onCharacter(UseFacts use, CopiedWork work) {
    CharacterClaim character = character(use, work);
    return character != null && character.met();
  }

  private boolean expression(UseFacts use, CopiedWork work, Act act) {
    if (act != Act.OUTPUT) {
      return pass("the act takes the work itself");
    }
    CharacterClaim character = character(use, work);
    if (character != null && character.met()) {
      return pass(character.statement());
    }
    String more = character == null ? "" : "; " + character.statement();
    return switch (work.shared()) {
      case Shared.Words words -> {
        if (words.longestRun() == 0) {
          yield pass("no run of words is shared, so nothing had to be removed");
        }
        yield words.beyondChance()
            ? pass("a shared run is rarer than chance would give")
            : fail("no protected expression found: every shared run is a common phrase");
      }
      case Shared.Code code ->
          code.beyondChance()
              ? pass("a shared run is rarer than chance would give, and is left" + after(code))
              : fail(
                  "no protected expression found"
                      + after(code)
                      + ": what is left of the shared code is common");
      case Shared.Pixels pixels ->
          pixels.beyondChance()
              ? pass("a picture, or a region of it, agrees better than chance would give")
              : fail(
                  "no protected expression found: no region agrees better than chance would give"
                      + more);
      case Shared.Style style ->
          pass("style alone is shared, which is not protected; scored as triage only" + more);
    };
  }

  private static String after(Shared.Code code) {
    return " after abstraction, filtration and comparison"
        + (code.setAside().isEmpty()
            ? ", which set nothing shared aside"
            : ", which set aside " + String.join(", ", code.setAside()));
  }

  private boolean copying(UseFacts use, CopiedWork work, Act act) {
    if (act != Act.OUTPUT) {
      return pass("declared by the requester, not measured");
    }
    if (onCharacter(use, work)) {
      return pass("the work is in the index; that its character is shown is stated, not measured");
    }
    return switch (work.shared()) {
      case Shared.Words words -> run(words.beyondChance(), words.longestRun());
      case Shared.Code code -> run(code.beyondChance(), code.longestRun());
      case Shared.Pixels pixels ->
          pixels.beyondChance()
              ? pass("the work is in the index and " + pixels.wording() + ", evidence tier E1")
              : fail("no copying in fact found: " + pixels.wording() + ", evidence tier E0");
      case Shared.Style style -> pass("likeness of style, evidence tier E0");
    };
  }

  private boolean run(boolean rare, int words) {
    return (rare && words > 0)
        ? pass(
            "the work is in the index and shares a rare run of "
                + words
                + " words, evidence tier E1")
        : fail("no copying in fact found: no run of words is shared, evidence tier E0");
  }

  private void similarity(UseFacts use, CopiedWork work, Act act) {
    FairUseModel.Substantial from = FittedModel.SERVED.model().substantial();
    if (act == Act.OUTPUT) {
      if (onCharacter(use, work)) {
        pass("a character as such is stated to be shown, with all three parts of the test");
        return;
      }
      switch (work.shared()) {
        case Shared.Words words ->
            substantial(
                words.longestRun() >= from.words() || work.amountOfWork() >= from.amountOfWork(),
                words(words.longestRun(), work));
        case Shared.Code code ->
            substantial(
                code.longestRun() >= from.words() || work.amountOfWork() >= from.amountOfWork(),
                "after filtering, " + words(code.longestRun(), work));
        case Shared.Pixels pixels ->
            substantial(
                work.amountOfWork() >= from.amountOfWork(),
                String.format(
                    Locale.ROOT, "%.1f %% of the work's area", 100 * work.amountOfWork()));
        case Shared.Style style -> fail(LawPack.US.styleDisclaimer());
      }
      return;
    }
    Double amount = FairUse.amount(use, work, act);
    if (amount == null || amount >= from.amountOfWork()) {
      pass("the act takes the work itself");
    } else {
      fail(
          String.format(
              Locale.ROOT, "below the threshold: %.1f %% of the work, as declared", 100 * amount));
    }
  }

  private static String words(int longestRun, CopiedWork work) {
    return String.format(
        Locale.ROOT,
        "longest run %d words, %.1f %% of the work",
        longestRun,
        100 * work.amountOfWork());
  }

  private void substantial(boolean substantial, String measured) {
    if (substantial) {
      pass(measured);
    } else {
      fail("below the threshold: " + measured);
    }
  }

  private boolean pass(String evidence) {
    answered.add(gate(answered.size(), Verdict.PASSED, evidence));
    return true;
  }

  private boolean fail(String evidence) {
    answered.add(gate(answered.size(), Verdict.FAILED, evidence));
    return false;
  }

  private static Gate gate(int number, Verdict verdict, String evidence) {
    return new Gate("G" + number, QUESTIONS.get(number), verdict, evidence);
  }
}
