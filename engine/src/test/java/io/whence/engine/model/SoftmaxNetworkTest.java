package io.whence.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.model.SoftmaxNetwork.Diet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier that trains the same from the same seed, alone or beside others. */
class SoftmaxNetworkTest {
  private static final SgdSettings LINEAR = new SgdSettings(List.of(), 0.1, 0.5, 8, 3, 0);

  @TempDir Path directory;

  private LabelledExamples points() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      csv.append(i % 2 + random.nextDouble(-1, 1)).append(',').append(random.nextDouble());
      csv.append(',').append(i % 2).append('\n');
    }
    Path file = directory.resolve("points.csv");
    Files.writeString(file, csv);
    return LabelledExamples.readCsv(file);
  }

  @Test
  void learns_and_repeats_itself_to_the_bit() throws IOException {
    SgdSettings settings = new SgdSettings(List.of(6), 0.2, 0.9, 8, 20, 0.1);
    LabelledExamples points = points();

    SoftmaxNetwork one = SoftmaxNetwork.train(points, settings, Diet.all(50, true), 7);
    SoftmaxNetwork two = SoftmaxNetwork.train(points, settings, Diet.all(50, true), 7);

    assertThat(one.weights(0)).isEqualTo(two.weights(0));
    assertThat(one.accuracy(points)).isGreaterThan(0.75);
  }

  @Test
  void trained_together_each_becomes_what_it_becomes_alone() throws IOException {
    LabelledExamples points = points();
    List<Diet> diets =
        List.of(
            Diet.all(50, false),
            Diet.withoutWeight(50, 13),
            Diet.without(50, 13),
            Diet.without(50, 49));

    List<SoftmaxNetwork> together = SoftmaxNetwork.trainTogether(points, LINEAR, diets, 3);

    for (int m = 0; m < diets.size(); m++) {
      float[] alone = SoftmaxNetwork.train(points, LINEAR, diets.get(m), 3).weights(0);
      float[] beside = together.get(m).weights(0);
      for (int i = 0; i < alone.length; i++) {
        assertThat(beside[i]).isCloseTo(alone[i], within(1e-5f));
      }
    }
    assertThat(together.get(1).weights(0)).isNotEqualTo(together.get(0).weights(0));
  }

  @Test
  void what_cannot_be_read_is_refused_by_file_and_line() throws IOException {
    Path file = directory.resolve("bad.csv");
    Files.writeString(file, "1,2,0\n1,x,1\n");
    assertThatThrownBy(() -> LabelledExamples.readCsv(file))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessageStartingWith(file + ", line 2: a cell is no number");

    for (String classOf : List.of("0.5", "NaN")) {
      Files.writeString(file, "1,2,0\n1,3,1\n1,4," + classOf + "\n");
      assertThatThrownBy(() -> LabelledExamples.readCsv(file))
          .hasMessage(
              file
                  + ", line 3: a cell is no number (class \""
                  + classOf
                  + "\" is no whole number); a line has features and a class, counted from 0,"
                  + " without a header");
    }

    Files.writeString(file, "1,2,0\n1,1\n");
    assertThatThrownBy(() -> LabelledExamples.readCsv(file))
        .hasMessage(
            file + ", line 2: 2 cells; a line has features and a class, as many as the first");

    Files.write(file, new byte[] {0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9, 1});
    assertThatThrownBy(() -> LabelledExamples.readIdx(file, file))
        .hasMessage(file + " should hold 729 numbers and ends after 1");
  }
}
