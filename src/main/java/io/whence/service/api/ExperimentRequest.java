package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.EngineException;
import io.whence.engine.fidelity.Experiment;
import io.whence.engine.fidelity.Suite;
import io.whence.service.jobs.Experiments;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/experiments} as it is sent; any field may be missing until it is checked.
 *
 * @param suite name of the suite
 * @param methods to compare
 * @param seeds of the ground truth
 * @param rightsHolders how many are left out
 */
@RegisterForReflection
record ExperimentRequest(
    @Nullable String suite,
    @Nullable List<@Nullable String> methods,
    @Nullable List<@Nullable BigInteger> seeds,
    @Nullable BigInteger rightsHolders) {
  private static final int SHOWN = 64;

  /**
   * {@return the experiment as the engine takes it}
   *
   * @throws Refusal naming every field that is wrong
   */
  Experiment checked() {
    List<Problem.Violation> wrong = new ArrayList<>();
    Suite known = check("suite", wrong, this::known);
    List<String> names = known == null ? null : check("methods", wrong, () -> names(known));
    List<Long> numbers = check("seeds", wrong, this::numbers);
    Integer holders =
        known == null || rightsHolders == null
            ? null
            : check("rightsHolders", wrong, () -> holders(known, rightsHolders));
    if (!wrong.isEmpty()) {
      throw new Refusal(
          ProblemType.INVALID_QUERY,
          String.join("; ", wrong.stream().map(Problem.Violation::detail).toList()),
          wrong);
    }
    return new Experiment(
        Objects.requireNonNull(known),
        Objects.requireNonNull(names),
        Objects.requireNonNull(numbers),
        holders,
        null);
  }

  private static <T> @Nullable T check(
      String field, List<Problem.Violation> wrong, Supplier<T> rule) {
    try {
      return rule.get();
    } catch (EngineException.InvalidQuery e) {
      wrong.add(new Problem.Violation(field, e.detail()));
      return null;
    }
  }

  private Suite known() {
    if (suite == null || suite.isBlank()) {
      throw new EngineException.InvalidQuery("suite is missing; name what is to be measured");
    }
    return Experiments.suite(shortened(suite));
  }

  private List<String> names(Suite known) {
    if (methods == null) {
      return List.of();
    }
    int most = known.methods().size();
    if (methods.isEmpty() || methods.size() > most) {
      throw new EngineException.InvalidQuery(
          "methods names 1 to "
              + most
              + " methods; got "
              + methods.size()
              + "; leave it out to compare all of suite "
              + known.id());
    }
    List<String> names = methods.stream().map(name -> shortened(String.valueOf(name))).toList();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new EngineException.InvalidQuery("methods names " + name + " twice; once is enough");
      }
    }
    return new Experiment(known, names, Experiment.DEFAULT_SEEDS, null, null).methods();
  }

  private List<Long> numbers() {
    if (seeds == null) {
      return Experiment.DEFAULT_SEEDS;
    }
    if (seeds.isEmpty() || seeds.size() > Experiment.MOST_SEEDS) {
      throw new EngineException.InvalidQuery(
          "seeds are 1 to "
              + Experiment.MOST_SEEDS
              + " different numbers; got "
              + seeds.size()
              + " of them");
    }
    List<Long> numbers = new ArrayList<>();
    for (BigInteger seed : seeds) {
      if (seed == null || seed.bitLength() > 63) {
        throw new EngineException.InvalidQuery(
            "seeds are whole numbers of at most 64 bits; got " + shortened(String.valueOf(seed)));
      }
      numbers.add(seed.longValue());
    }
    return new Experiment(Suite.CONVEX_DIGITS, List.of(), numbers, null, null).seeds();
  }

  private static Integer holders(Suite known, BigInteger asked) {
    // Out of range stays out of range.
    int number = asked.bitLength() < 31 ? asked.intValue() : Integer.MAX_VALUE * asked.signum();
    new Experiment(known, List.of(), Experiment.DEFAULT_SEEDS, number, null);
    return number;
  }

  private static String shortened(String value) {
    return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "...";
  }
}
