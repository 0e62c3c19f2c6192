package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordTokensTest {
  @Test
  void keeps_words_and_drops_all_between_them() {
    assertThat(words("  Shall I compare thee -- to a summer's day?\r\nThou art"))
        .containsExactly(
            "shall", "i", "compare", "thee", "to", "a", "summer", "s", "day", "thou", "art");
  }

  @Test
  void points_into_the_untouched_original() {
    String text = "“ﬁne”, said\r\nthe ＢＩＧ\u00adger Éclair";

    assertThat(originals(text)).containsExactly("ﬁne", "said", "the", "ＢＩＧ\u00adger", "Éclair");
    assertThat(words(text)).containsExactly("fine", "said", "the", "bigger", "éclair");
  }

  @ParameterizedTest(name = "{0} as {1}")
  @CsvSource({
    "don't, don’t",
    "don't, donʼt",
    "the end, THE END",
    "the end, 'the\t—end'",
    "straße, STRASSE",
    "straße, STRAẞE",
    "ὀδυσσεύς, ὈΔΥΣΣΕΎΣ",
    "ﬂuﬀ, fluff",
    "ＡＢＣ１２３, abc123",
    "café, cafe\u0301",
    "naïve, nai\u0308ve",
    "istanbul, İSTANBUL",
    "ısparta, ISPARTA",
    "İnce, i\u0307nce",
    "copyright, copy\u00adright",
    "copyright, copy\u200bright",
    "copyright, \ufeffcop\u2060yright",
    "한글, \u1112\u1161\u11ab\u1100\u1173\u11af",
    "ガ, ｶﾞ",
    "ทำ, ท\u0e4d\u0e32",
    "Ⅳ, iv",
    "word note, word¹ note",
    "a b, a™ b",
    "K, \u212a",
    "ﷺ, صلى الله عليه وسلم",
  })
  void reads_alike_what_readers_read_alike(String one, String other) {
    assertThat(words(one)).isEqualTo(words(other)).isNotEmpty();
  }

  @ParameterizedTest(name = "{0} against {1}")
  @CsvSource({
    "cafe, café",
    "word, words",
    "a b, ab",
    "well-known, wellknown",
    "exam- ple, example"
  })
  void keeps_apart_what_is_different(String one, String other) {
    assertThat(words(one)).isNotEqualTo(words(other));
  }

  @Test
  void makes_each_character_a_word_in_scripts_without_spaces() {
    assertThat(words("床前明月光，abc疑是")).containsExactly("床", "前", "明", "月", "光", "abc", "疑", "是");
    assertThat(words("コーヒーcup")).containsExactly("コ", "ー", "ヒ", "ー", "cup");
    assertThat(words("ที่นี่")).containsExactly("ที่", "นี่");
  }

  @Test
  void counts_supplementary_characters_as_two_code_units() {
    String text = "𝕬𝖇 \uD840\uDC00\uD840\uDC01 x";

    assertThat(words(text)).containsExactly("ab", "\uD840\uDC00", "\uD840\uDC01", "x");
    assertThat(originals(text)).containsExactly("𝕬𝖇", "\uD840\uDC00", "\uD840\uDC01", "x");
  }

  @ParameterizedTest(name = "\"{0}\"")
  @ValueSource(strings = {"", " ", "!?…—", "❤️🏳️‍🌈", "\u0301\u0302", "\uD800", "\uFEFF\u00AD"})
  void finds_no_word_where_there_is_none(String text) {
    assertThat(WordTokens.of(text).size()).isZero();
  }

  @Test
  void ends_in_reasonable_time_on_a_hundred_thousand_marks() {
    String marks = "\u0301\u0323".repeat(50_000);

    assertThat(WordTokens.of("a" + marks + " b").size()).isEqualTo(2);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void points_at_an_original_with_the_word_in_it(long seed) {
    String text = randomText(new SplittableRandom(seed), 5_000);
    WordTokens tokens = WordTokens.of(text);

    int start = 0;
    int end = 0;
    for (int i = 0; i < tokens.size(); i++) {
      assertThat(tokens.start(i)).isGreaterThanOrEqualTo(start).isLessThan(tokens.end(i));
      assertThat(tokens.end(i)).isGreaterThanOrEqualTo(end).isLessThanOrEqualTo(text.length());
      start = tokens.start(i);
      end = tokens.end(i);
      assertThat(words(text.substring(start, end))).contains(tokens.word(i));
      assertThat(words(tokens.word(i))).containsExactly(tokens.word(i));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void does_not_depend_on_how_the_text_is_normalised(long seed) {
    String text = randomText(new SplittableRandom(seed), 5_000);

    for (Normalizer.Form form :
        new Normalizer.Form[] {
          Normalizer.Form.NFC, Normalizer.Form.NFD, Normalizer.Form.NFKC, Normalizer.Form.NFKD
        }) {
      assertThat(words(Normalizer.normalize(text, form))).as("%s", form).isEqualTo(words(text));
    }
  }

  @Test
  void gives_the_same_key_to_the_same_words_only() {
    String key = WordTokens.of("The cat, sat!").contentKey();

    assertThat(key).hasSize(64).isEqualTo(WordTokens.of("THE   CAT sat").contentKey());
    assertThat(key).isNotEqualTo(WordTokens.of("the cat sat down").contentKey());
    assertThat(key).isNotEqualTo(WordTokens.of("thecat sat").contentKey());
    assertThat(WordTokens.of("!!!").contentKey()).isNotEqualTo(WordTokens.of("???").contentKey());
    assertThat(WordTokens.of("!!!").contentKey()).isEqualTo(WordTokens.of("!!!").contentKey());
  }

  private static List<String> words(String text) {
    return WordTokens.of(text).words();
  }

  private static List<String> originals(String text) {
    WordTokens tokens = WordTokens.of(text);
    return IntStream.range(0, tokens.size())
        .mapToObj(i -> text.substring(tokens.start(i), tokens.end(i)))
        .toList();
  }

  /** Letters with marks, ligatures, Greek, Hangul, Thai, kana, Han, punctuation and blanks. */
  private static String randomText(SplittableRandom random, int length) {
    String[] pieces = {
      "a",
      "B",
      "é",
      "e\u0301",
      "o\u0323\u0302",
      "ß",
      "ﬁ",
      "ﬃ",
      "Σ",
      "ς",
      "ὈΔ",
      "İ",
      "ı",
      "한",
      "글",
      "\u1112\u1161\u11ab",
      "ทำ",
      "ที่",
      "か\u3099",
      "ガ",
      "ー",
      "漢",
      "字",
      "𝕬",
      "\uD840\uDC00",
      "１",
      "9",
      " ",
      "\r\n",
      ", ",
      "—",
      "'",
      "’",
      "\u00ad",
      "\u200d",
      "Ⅳ",
      "ᾳ",
      "ǆ"
    };
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }
}
