package io.whence.engine.risk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DecidedCasesTest {
  private static final String HEADER =
      "id,case_name,case_group,year,outcome,use_in_auc,transformative,commercial,nature_creative,"
          + "unpublished,amount_fraction,market_harm,purpose_category,note\n";

  private static DecidedCases parse(String rows) {
    return DecidedCases.parse("t.csv", (HEADER + rows).getBytes(StandardCharsets.UTF_8));
  }

  private static final String GOOD = "A,A v. B,g,2001,fair,1,.9,1,,0,.1,.1,parody,\n";

  @Test
  void reads_the_shipped_table_whole() {
    DecidedCases cases = DecidedCases.read(ModelFitTest.CASES);

    assertThat(cases.rejections()).isEmpty();
    assertThat(cases.size()).isEqualTo(171);
    assertThat(cases.usable()).hasSize(159);
    assertThat(cases.usable().stream().filter(DecidedCase::notFair)).hasSize(78);
    assertThat(cases.all().stream().filter(DecidedCase::fromMemory)).hasSize(19);
    assertThat(cases.unknownPurposes()).isEmpty();
    assertThat(cases.sha256()).isEqualTo(DecidedCases.SHIPPED.sha256());
  }

  @Test
  void takes_an_empty_field_for_not_known() {
    DecidedCase one = parse(GOOD).all().get(0);

    assertThat(one.known())
        .containsOnlyKeys("transformative", "commercial", "unpublished", "amount", "marketHarm")
        .containsEntry("unpublished", 0.0);
  }

  @Test
  void rejects_bad_rows_by_line_and_reason_and_reads_the_others() {
    DecidedCases cases =
        parse(
            GOOD
                + "B,B,g,2001,fair,1,1.5,1,,0,.1,.1,parody,\n"
                + "C,C,g,2001,fair,1\n"
                + "A,again,g,2001,fair,1,.9,1,,0,.1,.1,parody,\n"
                + "D,D,g,2001,won,1,.9,1,,0,.1,.1,parody,\n"
                + "E,E,g,01,fair,1,.9,1,,0,.1,.1,parody,\n"
                + "F,F,g,2001,mixed,1,.9,1,,0,.1,.1,parody,\n"
                + "G,\"open,g,2001,fair,1,.9,1,,0,.1,.1,parody,\n"
                + "H,H,,2001,fair,1,.9,1,,0,.1,.1,parody,\n"
                + "I,I,g,2001,fair,yes,.9,1,,0,.1,.1,parody,\n"
                + "J,J,g,2001,fair,1,NaN,1,,0,.1,.1,parody,\n"
                + "K,\"K, \"\"quoted\"\"\nover two lines\",g,2001,not_fair,1,.9,1,,0,.1,.1,parody,\n"
                + "L,L,g,2001,fair,0,0x1p-1,1,,0,.1,.1,parody,\n");

    assertThat(cases.all()).extracting(DecidedCase::id).containsExactly("A", "K");
    assertThat(cases.all().get(1).name()).isEqualTo("K, \"quoted\"\nover two lines");
    assertThat(cases.rejections())
        .extracting(Object::toString)
        .containsExactly(
            "t.csv:3: transformative is 1.5; it is between 0 and 1, or empty",
            "t.csv:4: 6 fields, and the header has 14",
            "t.csv:5: the id A stands in an earlier row",
            "t.csv:6: outcome is won; it is fair, not_fair, mixed or undecided",
            "t.csv:7: year is 01; it has four digits",
            "t.csv:8: use_in_auc is 1, and the outcome is mixed",
            "t.csv:9: a quotation mark is never closed",
            "t.csv:10: case_group is empty",
            "t.csv:11: use_in_auc is yes; it is 0 or 1",
            "t.csv:12: transformative is NaN; it is between 0 and 1, or empty",
            "t.csv:15: transformative is 0x1p-1; it is between 0 and 1, or empty");
  }

  @Test
  void names_a_purpose_that_no_class_has() {
    assertThat(parse(GOOD.replace("parody", "ai_output")).unknownPurposes())
        .containsExactly("ai_output");
  }

  @Test
  void refuses_what_is_no_table_of_cases() {
    assertThatThrownBy(() -> DecidedCases.read(Path.of("nowhere.csv")))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage("no file nowhere.csv; name a table of decided cases (CSV)");
    assertThatThrownBy(() -> DecidedCases.parse("x", "id,year\n".getBytes(StandardCharsets.UTF_8)))
        .hasMessage(
            "x:1: the header has no column amount_fraction; it needs the columns of cases.csv");
    String twice = HEADER.replace("note", "year");
    assertThatThrownBy(() -> DecidedCases.parse("x", twice.getBytes(StandardCharsets.UTF_8)))
        .hasMessage("x:1: the header has the column year twice; take one of them out");
    assertThatThrownBy(() -> parse(""))
        .hasMessage("t.csv holds no case; it has no row below its header");
    assertThatThrownBy(() -> DecidedCases.parse("x", new byte[] {(byte) 0xff}))
        .hasMessage("x is not valid UTF-8; convert it first");
  }
}
