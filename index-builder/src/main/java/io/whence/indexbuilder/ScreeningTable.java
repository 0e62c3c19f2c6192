package io.whence.indexbuilder;

import io.whence.engine.screening.Screening;
import io.whence.engine.screening.Screening.Reason;
import java.util.ArrayList;
import java.util.List;

/** A screening laid out for a person at a terminal. */
final class ScreeningTable {
  private ScreeningTable() {}

  static String of(Screening screening) {
    List<String> lines = new ArrayList<>();
    lines.add(screening.verdict().id() + " by the policy " + screening.policy().name());
    for (Reason reason : screening.reasons()) {
      lines.add("");
      lines.add(
          reason.rule().verdict().id()
              + "  "
              + reason.rule().id()
              + ": "
              + reason.work().title()
              + " ("
              + reason.work().id().value()
              + (reason.work().licence() == null ? "" : ", " + reason.work().licence())
              + ")");
      lines.add("    " + reason.sentence());
      if (!reason.rule().reason().isEmpty()) {
        lines.add("    " + reason.rule().reason());
      }
    }
    lines.add("");
    if (screening.trace().negativeCertificate() != null) {
      lines.add("certified   " + screening.trace().negativeCertificate().statement());
    }
    screening.notTested().forEach(line -> lines.add("not tested  " + line));
    screening.wouldMiss().forEach(line -> lines.add("would miss  " + line));
    return String.join(System.lineSeparator(), lines);
  }
}
