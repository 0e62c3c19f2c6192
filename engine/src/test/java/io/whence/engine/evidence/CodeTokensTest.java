package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.whence.engine.evidence.CodeTokens.Fault;
import io.whence.engine.evidence.CodeTokens.Token;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodeTokensTest {
  private static String normalised(String text, CodeLanguage language) {
    return String.join(" ", CodeTokens.of(text, language).normalised().words());
  }

  @Test
  void names_numbers_and_texts_are_each_one_word() {
    assertThat(normalised("int count = 0x1F + f(\"a\\\"b\", 'c'); // why", CodeLanguage.JAVA))
        .isEqualTo("int n = 0 + n ( s , s ) ;");
    assertThat(normalised("let x = `a ${b + `c`} d`?.trim() ?? /[/]x/gi;", CodeLanguage.JAVASCRIPT))
        .isEqualTo("let n = s ?. n ( ) ?? s ;");
    assertThat(normalised("for i in range(10):  # loop\n    x //= rb'a'\n", CodeLanguage.PYTHON))
        .isEqualTo("for n in n ( 0 ) : \n n //= s \n");
    assertThat(normalised("#include <stdio.h>\nint *p = &a[1'000];", CodeLanguage.C))
        .isEqualTo("# n < n . n > int * n = & n [ 0 ] ;");
  }

  @Test
  void a_slash_divides_after_a_value_and_begins_a_pattern_elsewhere() {
    assertThat(normalised("a / b / c", CodeLanguage.JAVASCRIPT)).isEqualTo("n / n / n");
    assertThat(normalised("return /b/ . test(c)", CodeLanguage.JAVASCRIPT))
        .isEqualTo("return s . n ( n )");
  }

  @Test
  void a_line_ends_a_statement_in_python_but_not_inside_brackets() {
    assertThat(normalised("f(a,\n  b)\n\n\ng()", CodeLanguage.PYTHON))
        .isEqualTo("n ( n , n ) \n n ( )");
    assertThat(normalised("x = \"\"\"one\n# no comment\n\"\"\"\n", CodeLanguage.PYTHON))
        .isEqualTo("n = s \n");
  }

  @Test
  void text_blocks_are_texts_and_comments_stand_beside_the_tokens() {
    CodeTokens code =
        CodeTokens.of("/* a */ var s = \"\"\"\n  // b \"c\"\n  \"\"\";", CodeLanguage.JAVA);

    assertThat(code.comments()).hasSize(1);
    assertThat(code.tokens()).extracting(Token::text).contains("\"\"\"\n  // b \"c\"\n  \"\"\"");
    assertThat(code.faults()).isEmpty();
  }

  @Test
  void what_no_source_could_hold_is_named_by_line_and_read_on_behind() {
    CodeTokens code = CodeTokens.of("int a;\nint \u2620 = \"b;\nc);\n/* d", CodeLanguage.JAVA);

    assertThat(code.faults())
        .containsExactly(
            new Fault(2, "the character U+2620 begins no token"),
            new Fault(2, "the text in quotes has no end"),
            new Fault(4, "the comment has no end"));
    assertThat(code.tokens()).extracting(Token::text).contains("c", ")");
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({"a/B.java, JAVA", "x.TS, JAVASCRIPT", "y.tsx, JAVASCRIPT", "z.py, PYTHON", "k.h, C"})
  void a_file_tells_its_language_by_its_suffix(String name, CodeLanguage language) {
    assertThat(CodeLanguage.ofFile(name)).contains(language);
  }

  @Test
  void code_is_told_from_prose() {
    assertThat(CodeLanguage.detect("def f(self, x):\n    return [y for y in x if not y]\n"))
        .contains(CodeLanguage.PYTHON);
    assertThat(CodeLanguage.detect("private static int f(final int x) { return x + 1; }"))
        .contains(CodeLanguage.JAVA);
    assertThat(CodeLanguage.detect("Shall I compare thee to a summer's day? Thou art more lovely."))
        .isEmpty();
    assertThat(CodeLanguage.detect("")).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void every_text_is_read_to_its_end_and_tokens_are_what_stands_there(CodeLanguage language) {
    SplittableRandom random = new SplittableRandom(language.id().length());
    String signs = "ab1.\"'`/*#\\\n {}()[]+-<>=$_\u00e9\ud83d\ude00";
    for (int round = 0; round < 500; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 40; i++) {
        text.append(signs.charAt(random.nextInt(signs.length())));
      }

      int reached = 0;
      for (Token token : CodeTokens.of(text.toString(), language).tokens()) {
        assertThat(token.start()).isGreaterThanOrEqualTo(reached);
        assertThat(text.substring(token.start(), token.end())).isEqualTo(token.text());
        reached = token.end();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200_000})
  void deep_nesting_and_endless_junk_take_memory_in_proportion(int length) {
    assertThat(CodeTokens.of("(".repeat(length), CodeLanguage.JAVA).size()).isEqualTo(length);
    assertThat(CodeTokens.of("\u2620".repeat(length), CodeLanguage.C).faults()).hasSize(20);
  }
}
