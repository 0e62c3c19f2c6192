package io.whence.engine.rights;

import io.whence.engine.risk.Licence;

/**
 * A licence as the corpus states it. One with conditions allows training on them; whether training
 * is what they speak of is for lawyers. {@code NONE} is SPDX for no licence at all.
 */
final class Spdx {
  private Spdx() {}

  static Reading read(String text) {
    if (text.strip().equals("NONE")) {
      return Reading.of(Form.SPDX, text, Verdict.RESERVED, "NONE: no licence is given", null);
    }
    Licence licence = Licence.of(text);
    return switch (licence.grant()) {
      case NOT_KNOWN ->
          Reading.of(
              Form.SPDX, text, Verdict.UNSTATED, "NOASSERTION: no licence that is known", null);
      case NO_RIGHT -> Reading.of(Form.SPDX, text, Verdict.ALLOWED, "nobody has a right", null);
      case LICENSED ->
          licence.conditions().isEmpty()
              ? Reading.of(Form.SPDX, text, Verdict.ALLOWED, "licensed without conditions", null)
              : Reading.of(
                  Form.SPDX, text, Verdict.CONDITIONAL, "licensed on " + licence.asks(), null);
    };
  }
}
