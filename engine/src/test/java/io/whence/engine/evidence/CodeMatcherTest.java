package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.evidence.CodeMatcher.Side;
import io.whence.engine.evidence.Evidence.RenamedMatch;
import io.whence.engine.evidence.Evidence.RenamedMatch.Renaming;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodeMatcherTest {
  private static final String WORK =
      """
      int gcd(int a, int b) {
        // Euclid
        while (b != 0) { int t = b; b = a % b; a = t; }
        return a;
      }
      """;
  private static final CodeModel RARE = new CodeModel(run -> 0, 1000);

  private static Side side(String text) {
    return Side.of(text, CodeLanguage.JAVA);
  }

  private static List<RenamedMatch> match(String output, String work) {
    return new CodeMatcher(10).matches(side(output), side(work), RARE);
  }

  @Test
  void renamed_code_in_another_layout_is_found_with_what_was_renamed() {
    String output = "x(); int hcf(int m,int n){while(n!=0){int r=n;n=m%n;m=r;}return m;} // mine";

    RenamedMatch match = match(output, WORK).get(0);

    assertThat(match.workText()).isEqualTo(WORK.strip());
    assertThat(match.outputText())
        .isEqualTo("int hcf(int m,int n){while(n!=0){int r=n;n=m%n;m=r;}return m;}");
    assertThat(match.renamings())
        .containsExactly(
            new Renaming("gcd", List.of("hcf")),
            new Renaming("a", List.of("m")),
            new Renaming("b", List.of("n")),
            new Renaming("t", List.of("r")));
    assertThat(match.consistency()).isEqualTo(1);
    assertThat(match.outputTokens().length()).isEqualTo(match.workTokens().length());
  }

  @Test
  void names_that_change_places_are_no_consistent_renaming() {
    RenamedMatch match =
        match(
                "int f(int p, int q) { return p + q * p - p; }",
                "int f(int p, int q) { return q + q * p - p; }")
            .get(0);

    assertThat(match.renamings()).containsExactly(new Renaming("q", List.of("q", "p")));
    assertThat(match.consistency()).isZero();
  }

  @Test
  void code_with_the_same_names_is_left_to_the_words() {
    assertThat(match(WORK, WORK)).isEmpty();
  }

  @Test
  void chance_is_reckoned_from_how_code_goes_on() {
    CodeModel model = new CodeModel(run -> run.equals("n") ? 50 : run.equals("n ;") ? 25 : 0, 100);
    WordTokens code = CodeTokens.of("x;", CodeLanguage.JAVA).normalised();

    // p(n) = 50.5 / 101; p(;) = 0.5 / 101; p(; | n) = (25 + p(;)) / (50 + 1)
    double expected = Math.log10(100 * (50.5 / 101) * ((25 + 0.5 / 101) / 51));
    assertThat(model.log10Expected(code, 0, 2)).isCloseTo(expected, within(1e-12));
  }

  @Test
  void a_sentence_about_renamed_code_claims_no_more_than_it_may() {
    RenamedMatch match = match(WORK.replace("gcd", "hcf"), WORK).get(0);
    Finding finding = new Finding(match, new Significance(1e-9, 1e-9, null), null);

    String sentence = Tier.E1.wording(List.of(finding));

    assertThat(sentence).startsWith("the output matches 37 tokens of this work's code in one run");
    assertThat(Tier.E1.overstatements(sentence)).isEmpty();
  }
}
