package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.Span;
import io.whence.engine.evidence.CodeFiltration.Passage;
import io.whence.engine.evidence.CodeFiltration.Rule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CodeSimilarityTest {
  private static CodeTokens java(String text) {
    return CodeTokens.of(text, CodeLanguage.JAVA);
  }

  private static CodeSimilarity of(String one, String other) {
    return CodeSimilarity.of(java(one), java(other), pair -> 1);
  }

  @Test
  void a_renamed_copy_is_the_same_in_structure_and_constants_alone() {
    CodeSimilarity similarity =
        of("int a = 12; print(\"x\" + a);", "long q=12; show(\"x\"+q); // other");

    assertThat(similarity.constants()).isEqualTo(1);
    assertThat(similarity.structure()).isGreaterThan(0.8);
    assertThat(similarity.literal()).isLessThan(0.25);
    assertThat(similarity.nonLiteral())
        .isEqualTo((similarity.structure() + similarity.constants()) / 2);
  }

  @Test
  void a_copy_is_the_same_at_every_level_whatever_its_layout() {
    String source = "for (int i = 0; i < 3; i++) { print(i); }";

    assertThat(of(source, "/* c */" + source.replace(" ", "\n")))
        .isEqualTo(new CodeSimilarity(1, 1, 1));
  }

  @Test
  void of_sources_alike_in_structure_and_constants_the_one_with_the_same_names_comes_first() {
    String source = "for (int i = 0; i < 3; i++) { print(i); }";
    CodeSimilarity copied = of(source, "/* c */ " + source);
    CodeSimilarity rewritten = of(source, "for (int k = 0; k < 3; k++) { show(k); }");
    CodeSimilarity other = of(source, "while (true) { print(i); }");

    assertThat(rewritten.nonLiteral()).isEqualTo(copied.nonLiteral());
    assertThat(Stream.of(other, rewritten, copied).sorted(CodeSimilarity.MOST_ALIKE_FIRST))
        .containsExactly(copied, rewritten, other);
  }

  @Test
  void dice_counts_what_both_have_twice_over_what_each_has() {
    // Pairs: n =, = 1, 1 ; and n =, = 2, 2 ; share the first of three and three.
    assertThat(of("a = 1;", "b = 2;").structure()).isCloseTo(2.0 / 6, within(1e-12));
    assertThat(
            CodeSimilarity.of(java("a = 1;"), java("b = 2;"), pair -> pair.equals("n =") ? 4 : 1)
                .structure())
        .isCloseTo(2.0 * 4 / 12, within(1e-12));
  }

  @Test
  void sources_without_constants_are_compared_by_structure_alone() {
    CodeSimilarity similarity = of("a = b;", "c = d;");

    assertThat(similarity.constants()).isNaN();
    assertThat(similarity.nonLiteral()).isEqualTo(similarity.structure());
  }

  @Test
  void sources_without_code_are_not_alike() {
    assertThat(of("", "// nothing").structure()).isZero();
    assertThat(of("", "").nonLiteral()).isZero();
  }

  @Test
  void what_the_language_the_platform_and_the_libraries_dictate_is_set_aside_with_its_rule() {
    CodeTokens source =
        java(
            "import java.util.List;\n"
                + "class A { int size() { return size; }"
                + " public static void main(String[] args) { int[] t = {1, 2, 3, 4, 5, 6, 7, 8, 9}; } }");

    assertThat(CodeFiltration.of(source).passages())
        .extracting(Passage::rule)
        .containsExactly(Rule.IMPORT, Rule.ACCESSOR, Rule.ENTRY_POINT, Rule.CONSTANTS);
    assertThat(source.characters(CodeFiltration.of(source).passages().get(0).tokens()))
        .isEqualTo(new Span(0, "import java.util.List;".length()));
  }

  @Test
  void imports_are_told_in_every_language_and_from_calls() {
    assertThat(rules("import a from 'b';\nimport('c');", CodeLanguage.JAVASCRIPT)).isEqualTo(1);
    assertThat(rules("import a\nx = 1\nfrom b import c\n", CodeLanguage.PYTHON)).isEqualTo(2);
    assertThat(rules("#include \"a.h\"\n#include <b/c.h>\nint x;", CodeLanguage.C)).isEqualTo(1);
  }

  private static int rules(String text, CodeLanguage language) {
    return CodeFiltration.of(CodeTokens.of(text, language)).passages().size();
  }

  @Test
  void a_match_is_set_aside_when_four_fifths_of_it_are() {
    CodeFiltration filtration = CodeFiltration.of(java("import a.b.c; x = y + z;"));

    assertThat(filtration.excludes(new Span(0, 7))).isEqualTo(Rule.IMPORT);
    assertThat(filtration.excludes(new Span(3, 13))).isNull();
  }
}
