package io.whence.engine.risk;

import io.whence.engine.risk.RiskAssessment.Authority;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The law that the gates and disclaimers rest on, as of a date. Data, so that it can be replaced
 * without a change of code.
 *
 * @param version counts the pack's changes
 * @param asOf date of the law
 * @param reviewer the lawyer who reviewed it; null where none has
 * @param publicDomainBefore works published before this year are free in the US at that date
 * @param disclaimers to be printed with every score, word for word
 * @param styleDisclaimer to be printed where nothing but style is shared
 * @param europeanUnion codes whose law is also that of the EU
 */
record LawPack(
    String version,
    String asOf,
    @Nullable String reviewer,
    int publicDomainBefore,
    List<String> disclaimers,
    String styleDisclaimer,
    Set<String> europeanUnion,
    List<Authority> entries) {
  static final LawPack US = Resources.read("law-us.json", LawPack.class);

  /** {@return whether {@code jurisdiction} is the US or one of its states, as {@code US-CA}} */
  static boolean isUs(String jurisdiction) {
    String code = code(jurisdiction);
    return code.equals("US") || code.equals("USA") || code.startsWith("US-");
  }

  /** {@return what is known of another jurisdiction's law, for those who asked for it} */
  List<Authority> notes(String jurisdiction) {
    String code = code(jurisdiction).equals("UK") ? "GB" : code(jurisdiction);
    return entries.stream()
        .filter(
            entry ->
                entry.jurisdiction().equals(code)
                    || (entry.jurisdiction().equals("EU") && europeanUnion.contains(code)))
        .toList();
  }

  /** {@return the entries of these ids, in the pack's order} */
  List<Authority> cited(Set<String> ids) {
    return entries.stream().filter(entry -> ids.contains(entry.id())).toList();
  }

  /** {@return where the project has the decision of an id from} */
  String sourceMark(String id) {
    return cited(Set.of(id)).get(0).sourceMark();
  }

  private static String code(String jurisdiction) {
    return jurisdiction.strip().toUpperCase(Locale.ROOT);
  }
}
