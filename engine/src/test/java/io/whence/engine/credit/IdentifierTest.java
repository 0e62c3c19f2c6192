package io.whence.engine.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.credit.Identifier.Scheme;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentifierTest {
  @Test
  void sorts_the_good_from_the_bad() throws IOException {
    List<String[]> rows = rows();
    List<String> wrong = new ArrayList<>();
    for (String[] row : rows) {
      if (accepts(Scheme.of(row[0]), row[1]) != row[2].equals("good")) {
        wrong.add(String.join(" ", row));
      }
    }

    assertThat(rows).hasSizeGreaterThanOrEqualTo(200);
    assertThat(rows).extracting(row -> row[0] + row[2]).contains("isni" + "good", "isni" + "bad");
    assertThat(wrong).isEmpty();
  }

  /** Every character of a good identifier put for every other. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "orcid, 0000-0002-1825-0097",
    "orcid, 0000-0002-1694-233X",
    "isni,  000000012146438X",
    "isbn,  978-3-16-148410-0",
    "isbn,  9780306406157",
    "eidr,  10.5240/7791-8534-2C23-9030-8610-5"
  })
  void finds_every_single_slip(String scheme, String good) {
    List<String> passed = new ArrayList<>();
    for (int i = 0; i < good.length(); i++) {
      for (char other = ' '; other <= 'z'; other++) {
        String slip = good.substring(0, i) + other + good.substring(i + 1);
        if (!slip.equals(good) && accepts(Scheme.of(scheme), slip)) {
          passed.add(slip);
        }
      }
    }

    assertThat(accepts(Scheme.of(scheme), good)).isTrue();
    assertThat(passed).isEmpty();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "orcid,   https://orcid.org/0000-0002-1825-0097, 0000-0002-1825-0097",
    "isni,    ISNI 0000 0001 2146 438X,              000000012146438X",
    "iswc,    T0345246801,                           T-034.524.680-1",
    "ipiBase, I0000002297,                           I-000000229-7",
    "isrc,    US-RC1-76-07839,                       USRC17607839",
    "isbn,    978 0 306 40615 7,                     9780306406157",
    "doi,     https://doi.org/10.48550/arXiv.2312.06646, 10.48550/arxiv.2312.06646",
    "mbid,    5B11F4CE-A62D-471E-81FC-A69A8278C7DA,  5b11f4ce-a62d-471e-81fc-a69a8278c7da"
  })
  void writes_one_identifier_one_way(String scheme, String text, String canonical) {
    Identifier identifier = Identifier.of(Scheme.of(scheme), text);

    assertThat(identifier.value()).isEqualTo(canonical);
    assertThat(identifier).isEqualTo(new Identifier(Scheme.of(scheme), canonical));
  }

  @Test
  void says_what_is_wrong() {
    assertThatThrownBy(() -> Identifier.of(Scheme.ORCID, "0000-0002-1825-0098"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("ORCID 0000-0002-1825-0098 ends in 8, and its digits give 7");
    assertThatThrownBy(() -> Identifier.of(Scheme.DOI, "10.1/x"))
        .hasMessage("DOI 10.1/x is not of its form: 10.PREFIX/SUFFIX, as 10.1000/182");
    assertThatThrownBy(() -> Identifier.of(Scheme.DOI, "10.1000/" + "x".repeat(1_000)))
        .hasMessage("DOI has 1008 characters; at most 1000");
    assertThatThrownBy(() -> Scheme.of("upc"))
        .hasMessageStartingWith("identifier scheme upc is not known; use one of isni, orcid, ");
  }

  private static boolean accepts(Scheme scheme, String text) {
    try {
      Identifier.of(scheme, text);
      return true;
    } catch (EngineException.InvalidQuery e) {
      return false;
    }
  }

  private static List<String[]> rows() throws IOException {
    try (InputStream in = IdentifierTest.class.getResourceAsStream("identifiers.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .toList();
    }
  }
}
