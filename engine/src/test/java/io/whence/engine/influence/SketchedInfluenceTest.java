package io.whence.engine.influence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.SeededNormal;
import io.whence.engine.sketch.SketchSpec;
import io.whence.engine.sketch.SketchStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Influence over sketches is the closed form, solved layer by layer, with the published sign. */
class SketchedInfluenceTest {
  private static final SketchSpec SPEC =
      new SketchSpec(
          List.of(new SketchSpec.Module("a", 8, 8, 4, 4), new SketchSpec.Module("b", 8, 16, 2, 8)),
          1);
  private static final int ROWS = 60;
  private static final long TOKENS = 500;

  @TempDir Path directory;
  private final float[][] rows = new float[ROWS][];
  private SketchedInfluence influence;

  @BeforeEach
  void fit() throws IOException {
    SeededNormal normal = new SeededNormal(4);
    Path file = directory.resolve("rows.f32");
    try (SketchStore.Writer writer = new SketchStore.Writer(file, SPEC.dimension())) {
      for (int i = 0; i < ROWS; i++) {
        rows[i] = normal.floats(SPEC.dimension(), 1 + i / 20.0);
        writer.write(i, rows[i]);
      }
    }
    SketchStore store = SketchStore.open(file, ROWS, SPEC.dimension());
    influence = SketchedInfluence.fit(SPEC, List.of(store), i -> i < 50, TOKENS, null);
  }

  @Test
  void equals_the_damped_inverse_fisher_of_each_layer() {
    float[] query = rows[55];

    SketchedInfluence.QuerySide side = influence.querySide(query, InfluenceMethod.SKETCHED_FISHER);

    for (int z = 0; z < ROWS; z++) {
      double expected = 0;
      int offset = 0;
      for (int m = 0; m < 2; m++) {
        int size = SPEC.modules().get(m).size();
        SimpleMatrix inverse =
            fisher(offset, size)
                .plus(SimpleMatrix.identity(size).scale(influence.damping().values().get(m)))
                .invert();
        expected +=
            block(query, offset, size)
                .transpose()
                .mult(inverse)
                .mult(block(rows[z], offset, size))
                .get(0);
        offset += size;
      }
      assertThat(influence.deltaLoss(side, rows[z]))
          .isCloseTo(expected / TOKENS, within(1e-4 * Math.abs(expected / TOKENS) + 1e-6));
    }
  }

  @Test
  void works_never_trained_on_do_not_bend_the_curvature() throws IOException {
    Path file = directory.resolve("fewer.f32");
    try (SketchStore.Writer writer = new SketchStore.Writer(file, SPEC.dimension())) {
      for (int i = 0; i < 50; i++) {
        writer.write(i, rows[i]);
      }
    }

    SketchedInfluence without =
        SketchedInfluence.fit(
            SPEC, List.of(SketchStore.open(file, 50, SPEC.dimension())), i -> true, TOKENS, null);

    assertThat(without.whiten(rows[3])).isEqualTo(influence.whiten(rows[3]));
  }

  @Test
  void a_work_is_a_proponent_of_itself() {
    SketchedInfluence.QuerySide side =
        influence.querySide(rows[7], InfluenceMethod.SKETCHED_FISHER);

    assertThat(influence.deltaLoss(side, rows[7]))
        .isPositive()
        .isCloseTo(influence.selfInfluence(rows[7]), within(1e-6));
  }

  @Test
  void whitened_sketches_have_the_influence_as_their_inner_product() {
    float[] q = influence.whiten(rows[1]);
    float[] z = influence.whiten(rows[2]);
    double dot = 0;
    for (int i = 0; i < q.length; i++) {
      dot += (double) q[i] * z[i];
    }

    assertThat(
            influence.deltaLoss(
                influence.querySide(rows[1], InfluenceMethod.SKETCHED_FISHER), rows[2]))
        .isCloseTo(dot / TOKENS, within(1e-6));
  }

  @Test
  void a_groups_influence_is_the_sum_of_its_members() {
    SketchedInfluence.QuerySide side =
        influence.querySide(rows[1], InfluenceMethod.SKETCHED_FISHER);
    float[] sum = new float[SPEC.dimension()];
    double each = 0;
    for (int z = 10; z < 14; z++) {
      each += influence.deltaLoss(side, rows[z]);
      for (int j = 0; j < sum.length; j++) {
        sum[j] += rows[z][j];
      }
    }

    Influence group = influence.influence(side, sum);

    assertThat(group.deltaLoss()).isCloseTo(each, within(1e-6));
    assertThat(group.low()).isLessThan(group.deltaLoss());
    assertThat(group.high()).isGreaterThan(group.deltaLoss());
  }

  @Test
  void what_is_read_back_scores_the_same() throws IOException {
    Path file = directory.resolve("fisher.safetensors");
    influence.write(file);

    SketchedInfluence read = SketchedInfluence.read(file, SPEC, TOKENS, influence.damping());

    assertThat(read.whiten(rows[0])).isEqualTo(influence.whiten(rows[0]));
  }

  @Test
  void gradient_dot_weighs_each_layer_by_its_mean_curvature_alone() {
    InfluenceMethod method = InfluenceMethod.GRADIENT_DOT;
    InfluenceMethod fisher = InfluenceMethod.SKETCHED_FISHER;
    double expected = 0;
    int offset = 0;
    for (int m = 0; m < 2; m++) {
      int size = SPEC.modules().get(m).size();
      double mean = fisher(offset, size).trace() / size;
      expected +=
          block(rows[51], offset, size).dot(block(rows[9], offset, size))
              / (mean + influence.damping().values().get(m));
      offset += size;
    }

    double score = influence.deltaLoss(influence.querySide(rows[51], method), rows[9]);

    assertThat(score).isCloseTo(expected / TOKENS, within(1e-4 * Math.abs(expected / TOKENS)));
    assertThat(score)
        .isNotEqualTo(influence.deltaLoss(influence.querySide(rows[51], fisher), rows[9]));
  }

  @Test
  void an_opponent_is_a_proponent_with_its_gradient_turned_round() {
    float[] turned = rows[7].clone();
    for (int i = 0; i < turned.length; i++) {
      turned[i] = -turned[i];
    }

    for (InfluenceMethod method : InfluenceMethod.OF_AN_INDEX) {
      SketchedInfluence.QuerySide side = influence.querySide(rows[7], method);

      assertThat(influence.deltaLoss(side, turned))
          .isNegative()
          .isEqualTo(-influence.deltaLoss(side, rows[7]));
    }
  }

  @Test
  void to_second_order_each_member_of_a_group_counts_by_what_it_loses_with_the_others() {
    List<float[]> members = List.of(rows[3], rows[4], rows[5]);
    float[] sum = new float[SPEC.dimension()];
    for (float[] member : members) {
      for (int j = 0; j < sum.length; j++) {
        sum[j] += member[j];
      }
    }
    SketchedInfluence.QuerySide query =
        influence.querySide(rows[55], InfluenceMethod.SKETCHED_FISHER);
    SketchedInfluence.QuerySide group = influence.querySide(sum, InfluenceMethod.SKETCHED_FISHER);

    double corrected = influence.deltaLoss(query, influence.secondOrder(members));

    double expected = 0;
    for (float[] member : members) {
      expected += influence.deltaLoss(query, member) * (1 + influence.deltaLoss(group, member));
    }
    assertThat(corrected).isCloseTo(expected, within(1e-5 * Math.abs(expected)));
    assertThat(influence.deltaLoss(group, influence.secondOrder(members)))
        .as("a group's own loss rises by more than to first order")
        .isGreaterThan(influence.deltaLoss(group, sum));
  }

  @Test
  void the_parameters_move_by_the_damped_inverse_fisher_times_the_gradient() {
    double square = 0;
    int offset = 0;
    for (int m = 0; m < 2; m++) {
      int size = SPEC.modules().get(m).size();
      SimpleMatrix damped =
          fisher(offset, size)
              .plus(SimpleMatrix.identity(size).scale(influence.damping().values().get(m)));
      square += Math.pow(damped.solve(block(rows[8], offset, size)).normF(), 2);
      offset += size;
    }
    double expected = Math.sqrt(square) / TOKENS;

    assertThat(influence.parameterShift(rows[8])).isCloseTo(expected, within(1e-4 * expected));
  }

  private SimpleMatrix fisher(int offset, int size) {
    SimpleMatrix sum = new SimpleMatrix(size, size);
    for (int i = 0; i < 50; i++) {
      SimpleMatrix g = block(rows[i], offset, size);
      sum = sum.plus(g.mult(g.transpose()));
    }
    return sum.divide(TOKENS);
  }

  private static SimpleMatrix block(float[] row, int offset, int size) {
    SimpleMatrix column = new SimpleMatrix(size, 1);
    for (int i = 0; i < size; i++) {
      column.set(i, 0, row[offset + i]);
    }
    return column;
  }
}
