package io.whence.engine.influence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.corpus.LabelledExamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leave-one-out of a convex model, where the truth can be computed. */
class SoftmaxRegressionTest {
  @TempDir Path directory;

  private LabelledExamples points(int n) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < n; i++) {
      csv.append(i % 2 + random.nextDouble(-1, 1)).append(',').append(random.nextDouble(-1, 1));
      csv.append(',').append(i % 2).append('\n');
    }
    Path file = directory.resolve("points.csv");
    Files.writeString(file, csv);
    return LabelledExamples.readCsv(file);
  }

  @Test
  void a_newton_step_is_nearer_the_truth_than_influence_and_both_have_its_sign()
      throws IOException {
    SoftmaxRegression model = SoftmaxRegression.fit(points(300), 0.1);
    double influenceMiss = 0;
    double newtonMiss = 0;
    for (int z = 0; z < 300; z++) {
      double[] truth = model.trueMove(z);
      double[] influence = model.influenceMove(z);
      double[] newton = model.newtonMove(z);

      double along = 0;
      for (int j = 0; j < truth.length; j++) {
        along += truth[j] * influence[j];
        influenceMiss += Math.pow(truth[j] - influence[j], 2);
        newtonMiss += Math.pow(truth[j] - newton[j], 2);
      }
      assertThat(along).isPositive();
    }
    assertThat(newtonMiss).isLessThan(influenceMiss / 10);
  }

  @Test
  void without_a_group_the_second_order_and_a_newton_step_are_nearer_the_truth_than_the_first()
      throws IOException {
    SoftmaxRegression model = SoftmaxRegression.fit(points(300), 0.1);
    int[] group = IntStream.range(0, 60).map(i -> 2 * i).toArray();
    double[] truth = model.trueMove(group);

    double first = distance(truth, model.influenceMove(group));
    double second = distance(truth, model.secondOrderMove(group));
    double newton = distance(truth, model.newtonMove(group));

    assertThat(second).isLessThan(first);
    assertThat(newton).isLessThan(first);
  }

  @Test
  void a_group_moves_the_parameters_by_the_sum_of_its_members_to_first_order() throws IOException {
    SoftmaxRegression model = SoftmaxRegression.fit(points(300), 0.1);
    double[] sum = new double[model.parameters()];
    for (int z : new int[] {3, 50, 51}) {
      double[] alone = model.influenceMove(z);
      Arrays.setAll(sum, j -> sum[j] + alone[j]);
    }

    assertThat(distance(model.influenceMove(3, 50, 51), sum)).isLessThan(1e-12);
  }

  private static double distance(double[] a, double[] b) {
    return Math.sqrt(IntStream.range(0, a.length).mapToDouble(j -> Math.pow(a[j] - b[j], 2)).sum());
  }

  @Test
  void leaving_an_example_out_raises_its_own_loss() throws IOException {
    LabelledExamples points = points(40);
    SoftmaxRegression model = SoftmaxRegression.fit(points, 0.01);

    for (int z = 0; z < 40; z++) {
      double before = model.losses(points.range(z, z + 1), new double[model.parameters()])[0];
      double after = model.losses(points.range(z, z + 1), model.trueMove(z))[0];

      assertThat(after).isGreaterThan(before);
    }
  }

  @Test
  void the_predicted_change_of_a_loss_is_the_gradient_along_the_move() throws IOException {
    LabelledExamples points = points(200);
    SoftmaxRegression model = SoftmaxRegression.fit(points.range(0, 199), 0.01);
    LabelledExamples query = points.range(199, 200);
    double[] gradient = model.queryGradients(query)[0];
    double[] move = model.influenceMove(3);
    double predicted = 0;
    for (int j = 0; j < move.length; j++) {
      predicted += gradient[j] * move[j];
    }

    double change =
        model.losses(query, model.trueMove(3))[0]
            - model.losses(query, new double[model.parameters()])[0];

    assertThat(predicted).isCloseTo(change, within(0.1 * Math.abs(change)));
  }
}
