package io.whence.engine.risk;

import io.whence.engine.EngineException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What a use is for, as decided cases were coded, with its weight in {@code fu-us-v0}. */
enum Purpose {
  PARODY(-0.3),
  SATIRE(-0.3),
  CRITICISM(-0.3),
  POLITICAL(-0.3),
  EDUCATION(-0.4),
  RESEARCH(-0.4),
  BIOGRAPHY(-0.4),
  DOCUMENTARY(-0.4),
  ARCHIVE(-0.4),
  ACCESS(-0.4),
  NEWS(0),
  SEARCH(-0.8),
  INTEROP(-0.8),
  LITIGATION(-0.8),
  LAW_ACCESS(-0.8),
  DETECTION(-0.8),
  TIMESHIFT(-0.8),
  PERSONAL(-0.8),
  PORTFOLIO(-0.8),
  EXPERIMENTATION(-0.8),
  REALISM(-0.8),
  // In two classes: functional and competing.
  RESALE(-0.3),
  PIRACY(0.5),
  ADVERT(0.5),
  MERCHANDISE(0.5),
  FORMAT_SHIFT(0.5),
  AGGREGATION(0.5),
  SERVICE(0.5),
  DATA_PRODUCT(0.5),
  AI_TRAINING(0),
  ART(0),
  ENTERTAINMENT(0),
  INFORMATIONAL(0),
  REFERENCE(0),
  RELIGIOUS(0),
  OTHER(0);

  /** The weights a purpose that is not known may turn out to have. */
  static final double LOWEST = -0.8;

  static final double HIGHEST = 0.5;

  private final double weight;

  Purpose(double weight) {
    this.weight = weight;
  }

  double weight() {
    return weight;
  }

  /** {@return whether the use comments on the work itself, for which quoting is expected} */
  boolean critical() {
    return this == PARODY || this == SATIRE || this == CRITICISM || this == POLITICAL;
  }

  static Purpose named(String name) {
    for (Purpose purpose : values()) {
      if (purpose.name().toLowerCase(java.util.Locale.ROOT).equals(name)) {
        return purpose;
      }
    }
    throw new EngineException.InvalidQuery(
        "use.purpose "
            + name
            + " is not known; use one of "
            + Arrays.stream(values())
                .map(purpose -> purpose.name().toLowerCase(java.util.Locale.ROOT))
                .collect(Collectors.joining(", ")));
  }
}
