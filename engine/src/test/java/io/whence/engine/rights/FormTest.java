package io.whence.engine.rights;

import static io.whence.engine.rights.Verdict.ALLOWED;
import static io.whence.engine.rights.Verdict.CONDITIONAL;
import static io.whence.engine.rights.Verdict.RESERVED;
import static io.whence.engine.rights.Verdict.UNSTATED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One statement of each kind that people publish, and what it says of training. */
class FormTest {
  private static final Form.Target POEM = new Form.Target("WhenceBot", "/poems/tyger.html");

  private static Arguments fixture(String name, Form form, Verdict verdict, String text) {
    return Arguments.of(name, form, verdict, text);
  }

  private static String rsl(String content) {
    return "<?xml version=\"1.0\"?><rsl xmlns=\"https://rslstandard.org/rsl\">"
        + content
        + "</rsl>";
  }

  private static String licence(String terms) {
    return rsl("<content url=\"/\"><license>" + terms + "</license></content>");
  }

  static Stream<Arguments> fixtures() {
    return Stream.of(
        fixture("public domain dedication", Form.SPDX, ALLOWED, "CC0-1.0"),
        fixture("words for public domain", Form.SPDX, ALLOWED, "public domain"),
        fixture("a permissive licence", Form.SPDX, CONDITIONAL, "MIT"),
        fixture("one licence or the other", Form.SPDX, ALLOWED, "GPL-3.0-only OR CC0-1.0"),
        fixture("both licences", Form.SPDX, CONDITIONAL, "CC0-1.0 AND CC-BY-NC-4.0"),
        fixture(
            "an address", Form.SPDX, CONDITIONAL, "https://creativecommons.org/licenses/by/4.0/"),
        fixture("no assertion", Form.SPDX, UNSTATED, "NOASSERTION"),
        fixture("no licence", Form.SPDX, RESERVED, "NONE"),
        fixture("words nobody knows", Form.SPDX, UNSTATED, "ask me nicely"),
        fixture(
            "RSL prohibits training",
            Form.RSL,
            RESERVED,
            licence("<prohibits type=\"usage\">ai-train</prohibits>")),
        fixture(
            "RSL in the draft's word",
            Form.RSL,
            RESERVED,
            licence("<prohibits type=\"usage\">train-ai</prohibits>")),
        fixture(
            "RSL prohibits all AI",
            Form.RSL,
            RESERVED,
            licence(
                "<permits type=\"usage\">search</permits><prohibits type=\"usage\">ai-all</prohibits>")),
        fixture(
            "RSL permits search alone",
            Form.RSL,
            RESERVED,
            licence("<permits type=\"usage\">search ai-index</permits>")),
        fixture(
            "RSL permits training",
            Form.RSL,
            ALLOWED,
            licence("<permits type=\"usage\">ai-train</permits>")),
        fixture(
            "RSL permits all, free",
            Form.RSL,
            ALLOWED,
            licence("<permits type=\"usage\">all</permits><payment type=\"free\"/>")),
        fixture(
            "RSL for payment",
            Form.RSL,
            CONDITIONAL,
            licence(
                "<permits type=\"usage\">ai-train</permits><payment type=\"training\"><amount currency=\"USD\">5</amount></payment>")),
        fixture(
            "RSL for attribution",
            Form.RSL,
            CONDITIONAL,
            licence("<permits type=\"usage\">ai-all</permits><payment type=\"attribution\"/>")),
        fixture(
            "RSL for some users",
            Form.RSL,
            CONDITIONAL,
            licence(
                "<permits type=\"usage\">ai-train</permits><permits type=\"user\">education</permits>")),
        fixture(
            "RSL through a server",
            Form.RSL,
            CONDITIONAL,
            rsl(
                "<content url=\"/\" server=\"https://rsl.example/api\"><license><permits type=\"usage\">ai-all</permits></license></content>")),
        fixture(
            "RSL prohibition beside permission",
            Form.RSL,
            RESERVED,
            licence(
                "<permits type=\"usage\">ai-all</permits><prohibits type=\"usage\">ai-train</prohibits>")),
        fixture(
            "RSL prohibits another use",
            Form.RSL,
            ALLOWED,
            licence("<prohibits type=\"usage\">ai-input</prohibits>")),
        fixture(
            "RSL with two licences to choose from",
            Form.RSL,
            CONDITIONAL,
            rsl(
                "<content url=\"/\"><license><prohibits type=\"usage\">ai-all</prohibits></license><license><permits type=\"usage\">ai-train</permits><payment type=\"subscription\"/></license></content>")),
        fixture(
            "RSL for a longer path",
            Form.RSL,
            RESERVED,
            rsl(
                "<content url=\"/\"><license><permits type=\"usage\">all</permits></license></content><content url=\"https://example.com/poems/*\"><license><prohibits type=\"usage\">all</prohibits></license></content>")),
        fixture(
            "RSL for another path",
            Form.RSL,
            UNSTATED,
            rsl(
                "<content url=\"/songs/\"><license><prohibits type=\"usage\">all</prohibits></license></content>")),
        fixture("robots for nobody", Form.ROBOTS, RESERVED, "User-agent: *\nDisallow: /"),
        fixture(
            "robots for this crawler",
            Form.ROBOTS,
            RESERVED,
            "User-agent: *\nAllow: /\n\nUser-agent: whencebot\nDisallow: /poems"),
        fixture(
            "robots for another crawler",
            Form.ROBOTS,
            UNSTATED,
            "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /private"),
        fixture(
            "robots with a longer leave",
            Form.ROBOTS,
            UNSTATED,
            "User-agent: *\nDisallow: /\nAllow: /poems/*.html$"),
        fixture("robots that let come", Form.ROBOTS, UNSTATED, "User-agent: *\nAllow: /"),
        fixture("robots with an empty rule", Form.ROBOTS, UNSTATED, "User-agent: *\nDisallow:"),
        fixture(
            "robots for several crawlers",
            Form.ROBOTS,
            RESERVED,
            "User-agent: GPTBot\nUser-agent: WhenceBot # and others\nDisallow: /"),
        fixture(
            "robots with a preference",
            Form.ROBOTS,
            RESERVED,
            "User-Agent: *\nAllow: /\n\nContent-Usage: train-ai=n"),
        fixture(
            "robots with a preference for a path",
            Form.ROBOTS,
            ALLOWED,
            "User-Agent: *\nContent-Usage: train-ai=n\nContent-Usage: /poems/ train-ai=y"),
        fixture(
            "robots with two preferences",
            Form.ROBOTS,
            RESERVED,
            "User-Agent: *\nContent-Usage: train-ai=n\nContent-Usage: train-ai=y"),
        fixture(
            "robots with a content signal",
            Form.ROBOTS,
            RESERVED,
            "User-Agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /"),
        fixture(
            "robots with a signal of search",
            Form.ROBOTS,
            UNSTATED,
            "User-Agent: *\nContent-Signal: search=yes"),
        fixture(
            "robots with a preference before any group",
            Form.ROBOTS,
            RESERVED,
            "Content-Usage: train-ai=n\nUser-agent: WhenceBot\nAllow: /"),
        fixture("AIPREF refuses", Form.AIPREF, RESERVED, "train-ai=n"),
        fixture("AIPREF allows", Form.AIPREF, ALLOWED, "search=n, train-ai=y"),
        fixture("AIPREF with a parameter", Form.AIPREF, RESERVED, "train-ai=n;exceptions=1"),
        fixture("AIPREF on search alone", Form.AIPREF, UNSTATED, "search=y"),
        fixture("AIPREF with an unknown value", Form.AIPREF, UNSTATED, "train-ai=maybe"),
        fixture("AIPREF on all processing", Form.AIPREF, RESERVED, "bots=n"),
        fixture("AIPREF, the narrower counts", Form.AIPREF, ALLOWED, "bots=n, train-ai=y"),
        fixture(
            "TDMRep reserves",
            Form.TDMREP,
            RESERVED,
            "[{\"location\": \"/\", \"tdm-reservation\": 1, \"tdm-policy\": \"https://example.com/p.json\"}]"),
        fixture(
            "TDMRep does not reserve",
            Form.TDMREP,
            ALLOWED,
            "[{\"location\": \"/poems/*\", \"tdm-reservation\": 0}]"),
        fixture(
            "TDMRep for another path",
            Form.TDMREP,
            UNSTATED,
            "[{\"location\": \"/songs/*\", \"tdm-reservation\": 1}]"),
        fixture(
            "TDMRep, the longer location",
            Form.TDMREP,
            ALLOWED,
            "[{\"location\": \"/poems/tyger.html\", \"tdm-reservation\": 0}, {\"location\": \"/*\", \"tdm-reservation\": 1}]"),
        fixture(
            "TDMRep with another value",
            Form.TDMREP,
            UNSTATED,
            "[{\"location\": \"/\", \"tdm-reservation\": 2}]"),
        fixture(
            "TDMRep in HTTP",
            Form.TDMREP_PAGE,
            RESERVED,
            "HTTP/1.1 200 OK\nContent-Type: text/html\nTDM-Reservation: 1\ntdm-policy: https://example.com/p.json\n"),
        fixture(
            "TDMRep in HTML",
            Form.TDMREP_PAGE,
            RESERVED,
            "<html><head><meta content='1' name='tdm-reservation'></head></html>"),
        fixture(
            "TDMRep in neither",
            Form.TDMREP_PAGE,
            UNSTATED,
            "<html><head><meta name=\"robots\" content=\"noindex\"></head></html>"),
        fixture(
            "TDMRep, HTTP before HTML",
            Form.TDMREP_PAGE,
            ALLOWED,
            "tdm-reservation: 0\n\n<meta name=\"tdm-reservation\" content=\"1\">"),
        fixture(
            "CAWG refuses",
            Form.CAWG,
            RESERVED,
            "{\"entries\": {\"cawg.ai_generative_training\": {\"use\": \"notAllowed\"}}}"),
        fixture(
            "CAWG allows",
            Form.CAWG,
            ALLOWED,
            "{\"entries\": {\"cawg.ai_generative_training\": {\"use\": \"allowed\"}, \"cawg.data_mining\": {\"use\": \"notAllowed\"}}}"),
        fixture(
            "CAWG constrains",
            Form.CAWG,
            CONDITIONAL,
            "{\"entries\": {\"cawg.ai_generative_training\": {\"use\": \"constrained\", \"constraint_info\": \"https://example.com/terms\"}}}"),
        fixture(
            "CAWG on another use",
            Form.CAWG,
            UNSTATED,
            "{\"entries\": {\"cawg.ai_training\": {\"use\": \"notAllowed\"}}}"),
        fixture(
            "C2PA's own assertion",
            Form.CAWG,
            RESERVED,
            "{\"entries\": {\"c2pa.ai_generative_training\": {\"use\": \"notAllowed\"}}}"),
        fixture(
            "CAWG in a manifest",
            Form.CAWG,
            RESERVED,
            "{\"claim_generator\": \"x\", \"assertions\": [{\"label\": \"c2pa.actions\", \"data\": {}}, {\"label\": \"cawg.training-mining\", \"data\": {\"entries\": {\"cawg.ai_generative_training\": {\"use\": \"notAllowed\"}}}}]}"),
        fixture("a manifest without it", Form.CAWG, UNSTATED, "{\"assertions\": []}"));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("fixtures")
  void a_statement_has_the_right_verdict(String name, Form form, Verdict verdict, String text) {
    Reading reading = form.of(text, POEM);

    assertThat(reading.verdict()).as(reading.ground()).isEqualTo(verdict);
    assertThat(reading.sha256()).isEqualTo(Sha256.of(text));
    assertThat(reading.ground()).isNotBlank();
  }

  @Test
  void every_form_has_fixtures_of_at_least_two_verdicts() {
    for (Form form : Form.values()) {
      assertThat(fixtures().filter(one -> one.get()[1] == form).map(one -> one.get()[2]).distinct())
          .as(form.id())
          .hasSizeGreaterThan(1);
    }
  }

  @Test
  void the_terms_are_named() {
    assertThat(
            Form.TDMREP
                .of(
                    "[{\"location\": \"/\", \"tdm-reservation\": 1, \"tdm-policy\": \"https://example.com/p\"}]",
                    POEM)
                .terms())
        .isEqualTo("https://example.com/p");
    assertThat(
            Form.ROBOTS
                .of("User-agent: *\nAllow: /\nLicense: https://example.com/license.xml", POEM)
                .terms())
        .isEqualTo("https://example.com/license.xml");
    assertThat(
            Form.RSL
                .of(
                    licence(
                        "<permits type=\"usage\">ai-all</permits><payment type=\"use\"><standard>https://example.com/standard</standard></payment>"),
                    POEM)
                .terms())
        .isEqualTo("https://example.com/standard");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /            | /anything       | true
          /poems       | /poems/a        | true
          /poems/      | /poems          | false
          /*.html$     | /a/b.html       | true
          /*.html$     | /a/b.html?x     | false
          /a*b*c       | /axxbyyc        | true
          /a*b*c       | /axxc           | false
          /exact$      | /exact          | true
          /exact$      | /exactly        | false
          """)
  void paths_match_as_in_robots_txt(String pattern, String path, boolean matches) {
    assertThat(PathPattern.matches(pattern, path)).isEqualTo(matches);
  }

  @Test
  void the_stricter_of_two_statements_binds() {
    assertThat(List.of(ALLOWED, UNSTATED, CONDITIONAL).stream().reduce(UNSTATED, Verdict::and))
        .isEqualTo(CONDITIONAL);
    assertThat(ALLOWED.and(RESERVED)).isEqualTo(RESERVED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RSL    | <html/>                                            | no RSL document: its root is not rsl
          RSL    | <rsl                                               | no RSL document
          RSL    | <!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><rsl xmlns="https://rslstandard.org/rsl">&e;</rsl> | DOCTYPE
          TDMREP | {"location": "/"}                                  | no tdmrep.json
          CAWG   | []                                                 | no training assertion
          """)
  void what_is_of_another_form_is_refused(Form form, String text, String said) {
    assertThatThrownBy(() -> form.of(text, POEM))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessageContaining(said);
  }

  @Test
  void what_is_too_long_is_not_read() {
    assertThatThrownBy(() -> Form.ROBOTS.of("x".repeat(Form.LONGEST + 1), POEM))
        .hasMessage("the statement has 524289 characters; at most 524288 are read");
  }
}
