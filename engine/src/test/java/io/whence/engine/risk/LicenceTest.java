package io.whence.engine.risk;

import static org.assertj.core.api.Assertions.assertThat;

import io.whence.engine.risk.Licence.Grant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class LicenceTest {
  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "Public domain",
        "Public Domain (author died 1899; Project Gutenberg #12413)",
        "public-domain",
        "in the public domain",
        "Public domain in the USA.",
        "Public Domain Mark 1.0",
        "CC0-1.0",
        "cc0",
        "CC-PDDC",
        "PDM-1.0",
        "Unlicense",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "http://creativecommons.org/publicdomain/mark/1.0/deed.en",
        "CC0-1.0 OR MIT",
        "GPL-3.0-only OR (CC0-1.0)",
      })
  void reads_that_nobody_has_a_right(String stated) {
    assertThat(Licence.of(stated).grant()).isEqualTo(Grant.NO_RIGHT);
  }

  @ParameterizedTest(name = "{0} asks for {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "MIT | attribution",
        "mit | attribution",
        "MIT License | attribution",
        "Apache-2.0 | attribution",
        "Apache License, Version 2.0 | attribution",
        "BSD-3-Clause | attribution",
        "0BSD | nothing",
        "MIT-0 | nothing",
        "GPL-2.0-or-later | attribution, share-alike",
        "GPL-2.0+ | attribution, share-alike",
        "LGPL-2.1-only | attribution, share-alike",
        "GPL-2.0-only WITH Classpath-exception-2.0 | attribution, share-alike",
        "EPL-2.0 OR Apache-2.0 | attribution",
        "EPL-2.0 AND Apache-2.0 | attribution, share-alike",
        "MIT AND CC0-1.0 | attribution",
        "(MIT OR GPL-3.0-only) AND 0BSD | attribution",
        "CC-BY-4.0 | attribution",
        "CC BY 4.0 | attribution",
        "CC-BY-SA-3.0 | attribution, share-alike",
        "CC-BY-NC-4.0 | attribution, non-commercial",
        "cc by-nc-nd 4.0 | attribution, non-commercial, no derivatives",
        "CC-BY-SA-2.0-UK | attribution, share-alike",
        "https://creativecommons.org/licenses/by-nc-sa/4.0/ | attribution, share-alike, non-commercial",
      })
  void reads_what_a_licence_asks_for(String stated, String asks) {
    Licence licence = Licence.of(stated);

    assertThat(licence.grant()).isEqualTo(Grant.LICENSED);
    assertThat(licence.asks()).isEqualTo(asks);
    assertThat(licence.stated()).isEqualTo(stated);
  }

  @ParameterizedTest(name = "\"{0}\"")
  @NullSource
  @ValueSource(
      strings = {
        "",
        "NOASSERTION",
        "NONE",
        "All rights reserved",
        "proprietary",
        "LicenseRef-internal",
        "MIT AND LicenseRef-internal",
        "not in the public domain",
        "Public domain outside the US",
        "Public domain in Canada",
        "Public domain except the notes",
        "public domains registry licence",
        "MITRE",
        "GPLX",
        "CC-BY-XX-4.0",
        "mitigated; ask the author",
        "((((",
        "MIT OR",
        "AND AND",
      })
  void relies_on_nothing_else(String stated) {
    // Half an expression is still what its readable half grants; "MIT OR" offers MIT.
    Grant expected = "MIT OR".equals(stated) ? Grant.LICENSED : Grant.NOT_KNOWN;

    assertThat(Licence.of(stated).grant()).isEqualTo(expected);
  }

  @Test
  void survives_licences_that_are_whole_texts() {
    assertThat(Licence.of("(".repeat(1_000_000)).grant()).isEqualTo(Grant.NOT_KNOWN);
    assertThat(Licence.of("(".repeat(500)).grant()).isEqualTo(Grant.NOT_KNOWN);
  }
}
