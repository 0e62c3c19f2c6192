package io.whence.engine.risk;

import io.whence.engine.evidence.PersonalData;
import io.whence.engine.risk.Licence.Grant;
import io.whence.engine.risk.RiskAssessment.Flag;
import io.whence.engine.risk.RiskAssessment.Origin;
import io.whence.engine.risk.UseFacts.SideFact;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Matters beside fair use. They are shown and never enter the sum, whoever raises them. */
final class SideFlags {
  /** So many names or notices are quoted in one flag. */
  private static final int MOST_QUOTED = 3;

  private SideFlags() {}

  /** {@return what concerns the output, whatever it copies} */
  static List<Flag> ofOutput(UseFacts use, List<PersonalData> persons) {
    List<Flag> flags = new ArrayList<>();
    if (!persons.isEmpty()) {
      flags.add(
          new Flag(
              "publicity",
              "the output gives away "
                  + quoted(persons.stream().map(PersonalData::text).distinct().toList())
                  + "; told by form, so it may be nobody",
              null,
              Origin.MEASURED));
    }
    for (SideFact fact : new TreeSet<>(use.sideFacts())) {
      switch (fact) {
        case UNLAWFUL_ACQUISITION ->
            flags.add(
                declared(
                    "unlawfulAcquisition",
                    "the copy is stated to come from a source without the right to give it"));
        case BAD_FAITH ->
            flags.add(declared("badFaith", "the use is stated to be in bad faith; no weight"));
        case NOTICE_REMOVED ->
            flags.add(
                declared(
                    "noticeRemoval",
                    "names, notices or marks of ownership are stated to have been taken off (17"
                        + " U.S.C. 1202(b))"));
        case PUBLICITY ->
            flags.add(
                declared("publicity", "the output is stated to show a person's name or likeness"));
        case TRADEMARK ->
            flags.add(declared("trademark", "the output is stated to show a mark or a logo"));
        case DIFFERENTIAL_PRIVACY -> {
          // It concerns works that have copies, one by one.
        }
      }
    }
    ImageFacts image = use.image();
    if (image != null && !image.persons().isEmpty()) {
      flags.add(declared("publicity", "the output is stated to show " + quoted(image.persons())));
    }
    if (image != null && !image.marks().isEmpty()) {
      flags.add(
          declared("trademark", "the output is stated to show the mark " + quoted(image.marks())));
    }
    return List.copyOf(flags);
  }

  /** {@return what concerns a work} */
  static List<Flag> of(UseFacts use, CopiedWork work, Act act) {
    List<Flag> flags = new ArrayList<>();
    Licence licence = Licence.of(work.licence());
    if (licence.grant() == Grant.LICENSED
        && !licence.conditions().isEmpty()
        && (act != Act.OUTPUT || work.shared().beyondChance())) {
      flags.add(
          new Flag(
              "licenceBreach",
              "the work matches and "
                  + licence.stated()
                  + " asks for "
                  + licence.asks()
                  + "; whether that was kept is no fair-use matter",
              work.work(),
              Origin.MEASURED));
    }
    if (act == Act.OUTPUT && work.shared().beyondChance() && !work.lostNotices().isEmpty()) {
      flags.add(
          new Flag(
              "noticeRemoval",
              String.format(
                  Locale.ROOT,
                  "the output has %.1f %% of the work and not its notice %s; 17 U.S.C. 1202(b) asks"
                      + " what was known, and whether it asks for identical copies is contested (Doe"
                      + " v. GitHub)",
                  100 * work.amountOfWork(),
                  quoted(work.lostNotices())),
              work.work(),
              Origin.MEASURED));
    }
    if (use.sideFacts().contains(SideFact.DIFFERENTIAL_PRIVACY) && work.copies() > 0) {
      flags.add(
          new Flag(
              "dpVoid", "DP guarantee void for duplicated work", work.work(), Origin.DECLARED));
    }
    return List.copyOf(flags);
  }

  private static Flag declared(String id, String text) {
    return new Flag(id, text, null, Origin.DECLARED);
  }

  private static String quoted(List<String> texts) {
    String some =
        texts.stream()
            .limit(MOST_QUOTED)
            .map(text -> "\"" + text + "\"")
            .collect(Collectors.joining(", "));
    return texts.size() > MOST_QUOTED
        ? some + " and " + (texts.size() - MOST_QUOTED) + " more"
        : some;
  }
}
