package io.whence.engine.screening;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies as files. What they say of outputs is tested where there is an index. */
class PolicyTest {
  private static final String RULE =
      "{\"id\": \"run\", \"verdict\": \"flag\", \"evidence\": \"verbatim\", \"words\": 16}";

  private static Policy read(String rules) {
    String file =
        "{\"format\": \"whence-policy\", \"version\": 1, \"name\": \"mine\", \"rules\": ["
            + rules
            + "]}";
    return Policy.of(file.getBytes(UTF_8), "mine.json");
  }

  @Test
  void a_rule_asks_for_nothing_that_its_file_does_not_say() {
    assertThat(read(RULE).rules())
        .containsExactly(
            new Policy.Rule(
                "run", Verdict.FLAG, Policy.Kind.VERBATIM, 16, 0, 0, 0, java.util.List.of(), ""));
  }

  @Test
  void the_shipped_policy_flags_by_meaning_and_blocks_by_words_alone() {
    assertThat(Policy.DEFAULT.rules())
        .filteredOn(rule -> rule.evidence() == Policy.Kind.SEMANTIC)
        .extracting(Policy.Rule::verdict)
        .containsExactly(Verdict.FLAG);
    assertThat(Policy.DEFAULT.rules()).extracting(Policy.Rule::verdict).contains(Verdict.BLOCK);
  }

  @Test
  void the_same_file_has_the_same_name_in_every_answer() {
    assertThat(read(RULE).sha256()).isEqualTo(read(RULE).sha256()).hasSize(64);
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'verdict': 'flag', 'evidence': 'verbatim', 'words': 9 | rules[0].id is a text that is not blank; got null
          'id': 'a', 'verdict': 'allow', 'evidence': 'verbatim', 'words': 9 | rules[0].verdict is one of flag, block; got allow
          'id': 'a', 'verdict': 'flag', 'evidence': 'exact', 'words': 9 | rules[0].evidence is one of verbatim, nearVerbatim, semantic; got exact
          'id': 'a', 'verdict': 'flag', 'evidence': 'verbatim', 'words': 9.5 | rules[0].words is a whole number of 0 to 1000000; got 9.5
          'id': 'a', 'verdict': 'flag', 'evidence': 'verbatim' | rules[0].evidence verbatim needs words, outputShare or workShare, and no percentile
          'id': 'a', 'verdict': 'block', 'evidence': 'semantic', 'percentile': 99 | rules[0].verdict is flag where the evidence is semantic: it proves nothing
          'id': 'a', 'verdict': 'flag', 'evidence': 'semantic', 'words': 9 | rules[0].evidence semantic needs percentile and nothing else
          'id': 'a', 'verdict': 'flag', 'evidence': 'verbatim', 'workShare': 2 | rules[0].workShare is a number of 0 to 1; got 2
          'id': 'a', 'verdict': 'flag', 'evidence': 'verbatim', 'words': 9, 'exempt': 'CC0' | rules[0].exempt is a list of licences; got "CC0"
          """)
  void what_is_no_rule_is_refused_by_its_place(String fields, String complaint) {
    assertThatThrownBy(() -> read("{" + fields.replace('\'', '"') + "}"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "the policy mine.json cannot be used: "
                + complaint
                + "; docs/formats/policy.md has the format");
  }

  @Test
  void an_unknown_field_is_refused_and_the_known_ones_are_named() {
    assertThatThrownBy(() -> read(RULE.replace("words", "wrods")))
        .hasMessageContaining(
            "there is no field rules[0].wrods; there is evidence, exempt, id, outputShare,"
                + " percentile, reason, verdict, words, workShare");
  }

  @Test
  void two_rules_of_one_name_are_refused() {
    assertThatThrownBy(() -> read(RULE + "," + RULE))
        .hasMessageContaining("two rules have the id run");
  }

  @Test
  void what_is_no_json_or_no_utf_8_or_too_large_is_refused() {
    assertThatThrownBy(() -> Policy.of("rules:".getBytes(UTF_8), "mine.json"))
        .hasMessageContaining("the policy mine.json cannot be used: it is no");
    assertThatThrownBy(() -> Policy.of("{\"id\": }".getBytes(UTF_8), "mine.json"))
        .hasMessage(
            "the policy mine.json cannot be used: it is not valid JSON; docs/formats/policy.md has"
                + " the format");
    assertThatThrownBy(() -> Policy.of(new byte[] {(byte) 0xff}, "mine.json"))
        .hasMessageContaining("it is not valid UTF-8");
    assertThatThrownBy(() -> Policy.of(new byte[Policy.LARGEST + 1], "mine.json"))
        .hasMessageContaining("it has 65537 bytes; at most 65536 are read");
  }
}
