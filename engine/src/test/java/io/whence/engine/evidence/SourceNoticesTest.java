package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.whence.engine.Span;
import io.whence.engine.evidence.PersonalData.Kind;
import io.whence.engine.evidence.SourceNotices.Copyright;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceNoticesTest {
  private static SourceNotices of(String text) {
    return SourceNotices.of(text, CodeTokens.of(text, CodeLanguage.JAVA));
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SPDX-License-Identifier: MIT OR Apache-2.0|MIT OR Apache-2.0
          Licensed under the Apache License, Version 2.0 (the "License")|Apache-2.0
          Multiple-Licensed under the MPL 2.0, * and the EPL 1.0|MPL-2.0 OR EPL-1.0
          the GNU Lesser General Public License; either version 2.1, or any later version|LGPL-2.1-or-later
          GNU General Public License version 2 only, with the Classpath exception|GPL-2.0-only WITH Classpath-exception-2.0
          Redistribution and use in source and binary forms. Neither the name of X|BSD-3-Clause
          """)
  void a_header_is_read_as_an_spdx_expression(String header, String licence) {
    assertThat(of("/* " + header + " */ class A {}").licence()).isEqualTo(licence);
  }

  @Test
  void what_stands_in_a_body_or_says_nothing_is_no_header() {
    assertThat(of("class A { /* the MIT License */ }").licence()).isNull();
    assertThat(of("/* An elegant class. */ class A {}").licence()).isNull();
  }

  @ParameterizedTest(name = "{0} declared as {1}: {2}")
  @CsvSource({
    "MIT, MIT, false",
    "GPL-2.0-only WITH Classpath-exception-2.0, GPL-2.0-or-later, false",
    "EPL-1.0, MPL-2.0 OR EPL-1.0, false",
    "MIT, AGPL-3.0-only, true",
    "GPL-2.0-only, GPL-3.0-only, true"
  })
  void a_header_conflicts_with_a_project_that_has_no_licence_in_common(
      String header, String declared, boolean conflicts) {
    SourceNotices notices = of("// SPDX-License-Identifier: " + header + "\nclass A {}");

    assertThat(notices.conflictsWith(declared)).isEqualTo(conflicts);
    assertThat(notices.conflictsWith(null)).isFalse();
  }

  @Test
  void a_copyright_line_is_lost_where_the_output_does_not_name_the_holder() {
    String source =
        "/*\n * Copyright (c) 2001, Eric D. Example All Rights Reserved. */\n"
            + "// retain the above copyright notice\nclass A {}";

    SourceNotices notices = of(source);

    assertThat(notices.copyrights())
        .extracting(Copyright::text)
        .containsExactly("Copyright (c) 2001, Eric D. Example All Rights Reserved.");
    Span at = notices.copyrights().get(0).at();
    assertThat(source.substring(at.start(), at.end()))
        .isEqualTo(notices.copyrights().get(0).text());
    assertThat(notices.lostIn(WordTokens.of("class B {}"))).hasSize(1);
    assertThat(notices.lostIn(WordTokens.of("(c) 2001 by Eric D. Example"))).isEmpty();
  }

  @Test
  void names_and_addresses_of_persons_are_flagged_where_they_stand() {
    String output =
        "/** @author Jane Doe */ // TODO(jdoe) mail jane.doe@example.org\nopen(\"/home/jane/x\");";

    assertThat(PersonalData.in(output))
        .extracting(PersonalData::kind, PersonalData::text)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(Kind.AUTHOR, "Jane Doe"),
            org.assertj.core.groups.Tuple.tuple(Kind.ASSIGNEE, "jdoe"),
            org.assertj.core.groups.Tuple.tuple(Kind.EMAIL, "jane.doe@example.org"),
            org.assertj.core.groups.Tuple.tuple(Kind.HOME, "jane"));
    assertThat(PersonalData.in("int a = b @ c; // author unknown")).isEmpty();
  }
}
