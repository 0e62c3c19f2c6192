package io.whence.engine.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.whence.engine.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class DuplicateClustersTest {
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void joins_copies_with_the_same_words_whatever_their_layout() {
    String text = text(60);

    assertThat(clusters(List.of(text(60), text, text(60), text.toUpperCase(java.util.Locale.ROOT))))
        .containsExactly(0, 1, 2, 1);
  }

  @Test
  void joins_an_edited_copy_and_a_part_of_a_work() {
    String text = text(200);
    String[] words = text.split(" ", -1);
    for (int i = 5; i < words.length; i += 8) {
      words[i] = "changed";
    }
    String part = String.join(" ", List.of(text.split(" ", -1)).subList(70, 150));

    assertThat(clusters(List.of(text, text(200), String.join(" ", words), part)))
        .containsExactly(0, 1, 0, 0);
  }

  @Test
  void joins_two_parts_through_the_whole_that_comes_last() {
    String text = text(200);
    List<String> words = List.of(text.split(" ", -1));

    int[] clusters =
        clusters(
            List.of(
                String.join(" ", words.subList(0, 100)),
                String.join(" ", words.subList(100, 200)),
                text));

    assertThat(clusters).containsExactly(0, 0, 0);
  }

  @Test
  void leaves_the_poems_of_an_anthology_works_of_their_own() {
    List<String> poems = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      poems.add(text(80));
    }
    poems.add(String.join("\n\n", poems));

    assertThat(clusters(poems)).containsExactly(IntStream.range(0, 11).toArray());
  }

  @Test
  void leaves_works_with_a_quotation_in_common_apart() {
    String quotation = text(20);

    assertThat(clusters(List.of(text(60) + " " + quotation, quotation + " " + text(60))))
        .containsExactly(0, 1);
  }

  @Test
  void leaves_wordless_works_apart_unless_they_are_equal() {
    assertThat(clusters(List.of("…", "?!", "…", "x"))).containsExactly(0, 1, 0, 3);
  }

  @Test
  void ends_in_reasonable_time_on_thousands_of_copies_of_one_work() {
    List<String> texts = new ArrayList<>(Collections.nCopies(1500, ""));
    String text = text(150);
    texts.replaceAll(
        ignored -> {
          String[] words = text.split(" ", -1);
          words[random.nextInt(words.length)] = "w" + random.nextInt(1_000_000);
          return String.join(" ", words);
        });

    int[] clusters =
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> clusters(texts));

    assertThat(clusters).containsOnly(0);
  }

  private String text(int words) {
    return random.ints(words, 0, 100_000).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
  }

  private static int[] clusters(List<String> texts) {
    return DuplicateClusters.of(texts, Progress.SILENT);
  }
}
