package io.whence.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An embedding says what its text means, and nothing about the texts beside it. */
class TextEmbedderTest {
  private static TextEmbedder embedder;

  @BeforeAll
  static void open() {
    embedder = TextEmbedder.open();
  }

  @AfterAll
  static void close() {
    embedder.close();
  }

  /** Texts of 1 to 60 words, so that a batch has much padding. */
  private static List<String> texts(int count, long seed) {
    List<String> words =
        List.of("the", "moon", "is", "a", "river", "and", "no", "one", "sings", "war");
    SplittableRandom random = new SplittableRandom(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      int length = 1 + random.nextInt(60);
      for (int j = 0; j < length; j++) {
        text.append(words.get(random.nextInt(words.size()))).append(' ');
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private static double cosine(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }

  private static double furthest(float[] x, float[] y) {
    double most = 0;
    for (int i = 0; i < x.length; i++) {
      most = Math.max(most, Math.abs((double) x[i] - y[i]));
    }
    return most;
  }

  @Test
  void has_384_numbers_and_norm_1() {
    for (String text : List.of("A sonnet.", "", "\r\n\t", "\uD83D\uDC26 \u5C71 caf\u00E9 \u0000")) {
      float[] embedding = embedder.embed(text);

      assertThat(embedding).hasSize(TextEmbedder.DIMENSION);
      assertThat(cosine(embedding, embedding)).isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void puts_a_paraphrase_near_and_another_subject_far() {
    float[] guitar = embedder.embed("A man is playing a guitar.");
    float[] paraphrase = embedder.embed("Someone plays the guitar.");
    float[] stocks = embedder.embed("The stock market fell sharply today.");

    assertThat(cosine(guitar, paraphrase)).isGreaterThan(0.6);
    assertThat(cosine(guitar, stocks)).isLessThan(0.2);
  }

  @Test
  void does_not_depend_on_the_batch_its_order_or_the_threads() {
    List<String> texts = texts(50, 1);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(2));

    float[][] shuffled = embedder.embed(order.stream().map(texts::get).toList(), 3);

    for (int i = 0; i < texts.size(); i++) {
      assertThat(furthest(shuffled[i], embedder.embed(texts.get(order.get(i)))))
          .as(texts.get(order.get(i)))
          .isLessThan(1e-6);
    }
  }

  @Test
  void gives_the_same_bits_for_the_same_texts_whatever_the_threads() {
    List<String> texts = texts(40, 3);

    assertThat(embedder.embed(texts, 2)).isDeepEqualTo(embedder.embed(texts, 1));
  }

  @Test
  void reads_the_first_254_words_and_two_marks() {
    String full = "moon ".repeat(TextEmbedder.MOST_PIECES - 2);

    assertThat(embedder.embed(full + "war war war")).isEqualTo(embedder.embed(full));
    assertThat(furthest(embedder.embed("war " + full), embedder.embed(full))).isGreaterThan(1e-4);
  }

  @Test
  void of_no_texts_gives_none() {
    assertThat(embedder.embed(List.of(), 2)).isEmpty();
  }
}
