package io.whence.engine.risk;

import io.whence.engine.risk.FairUseModel.Part;
import io.whence.engine.risk.FairUseModel.Range;
import io.whence.engine.risk.FairUseModel.Term;
import io.whence.engine.risk.RiskAssessment.NearCase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The decided cases most like a use: near in the inputs that the model weighs, each by its weight.
 * Whoever reads them sees both outcomes, however one-sided the neighbourhood is.
 */
final class NearestCases {
  private static final int SHOWN = 5;
  private static final int OF_EACH_OUTCOME = 2;

  /** Log-odds between purposes of different classes, and half of that within one; our choice. */
  private static final double OTHER_PURPOSE = 0.5;

  private static final FairUseModel MODEL = FittedModel.SERVED.model();

  private static final Comparator<NearCase> NEAREST_FIRST =
      Comparator.comparingDouble(NearCase::distance)
          .thenComparing(Comparator.comparingInt(NearCase::year).reversed())
          .thenComparing(NearCase::id);

  /** Every case that may be shown, at no distance yet. */
  private static final Map<DecidedCase, NearCase> CASES = cases();

  private NearestCases() {}

  /**
   * {@return five cases, nearest first, at least two of each outcome}
   *
   * @param purpose of the use; null where nobody knows it
   * @param parts of its score
   */
  static List<NearCase> to(@Nullable String purpose, List<Part> parts) {
    Map<String, Double> values = new HashMap<>();
    for (Part part : parts) {
      Double value = part.value();
      if (value != null) {
        values.put(part.label().id(), value);
      }
    }
    List<NearCase> all =
        CASES.entrySet().stream()
            .map(entry -> at(distance(purpose, values, entry.getKey()), entry.getValue()))
            .sorted(NEAREST_FIRST)
            .toList();
    List<NearCase> shown = new ArrayList<>();
    for (String outcome : List.of("fair", "not_fair")) {
      all.stream()
          .filter(one -> one.outcome().equals(outcome))
          .limit(OF_EACH_OUTCOME)
          .forEach(shown::add);
    }
    all.stream()
        .filter(one -> !shown.contains(one))
        .limit(SHOWN - shown.size())
        .toList()
        .forEach(shown::add);
    shown.sort(NEAREST_FIRST);
    return List.copyOf(shown);
  }

  private static Map<DecidedCase, NearCase> cases() {
    Map<DecidedCase, NearCase> cases = new LinkedHashMap<>();
    for (DecidedCase one : DecidedCases.SHIPPED.usable()) {
      Map<String, Range> known = new HashMap<>();
      one.known().forEach((name, value) -> known.put(name, Range.exact(value)));
      cases.put(
          one,
          new NearCase(
              one.id(),
              one.name(),
              one.court(),
              one.year(),
              one.citation(),
              one.outcome().id(),
              0,
              MODEL.score(one.purpose(), known, 0).point(),
              one.source()));
    }
    return cases;
  }

  private static NearCase at(double distance, NearCase one) {
    return new NearCase(
        one.id(),
        one.decision(),
        one.court(),
        one.year(),
        one.citation(),
        one.outcome(),
        distance,
        one.point(),
        one.source());
  }

  private static double distance(
      @Nullable String purpose, Map<String, Double> values, DecidedCase one) {
    double distance = distance(purpose, one.purpose());
    for (Term term : MODEL.terms()) {
      Double here = values.get(term.id());
      Double there = one.known().get(term.id());
      double apart =
          here == null || there == null
              ? (term.scaled(term.highest()) - term.scaled(term.lowest())) / 2
              : Math.abs(term.scaled(here) - term.scaled(there));
      distance += Math.abs(term.weight()) * apart;
    }
    return distance;
  }

  private static double distance(@Nullable String here, @Nullable String there) {
    if (here == null || there == null) {
      return OTHER_PURPOSE;
    }
    if (here.equals(there)) {
      return 0;
    }
    boolean sameClass =
        MODEL.purpose().classes().stream()
            .anyMatch(one -> one.purposes().contains(here) && one.purposes().contains(there));
    return sameClass ? OTHER_PURPOSE / 2 : OTHER_PURPOSE;
  }
}
