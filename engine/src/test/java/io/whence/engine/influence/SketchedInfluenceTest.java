package io.whence.engine.influence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.SeededNormal;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.sketch.Sketch;
import io.whence.engine.sketch.SketchShard;
import io.whence.engine.sketch.SketchSpec;
import io.whence.engine.sketch.SketchStore;
import io.whence.engine.sketch.TableRows;
import io.whence.engine.sketch.TableStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Influence over sketches is the closed form, solved layer by layer and in the embedding table,
 * with the published sign.
 */
class SketchedInfluenceTest {
  private static final int VOCABULARY = 30;
  private static final SketchSpec SPEC =
      new SketchSpec(
          List.of(new SketchSpec.Module("a", 8, 8, 4, 4), new SketchSpec.Module("b", 8, 16, 2, 8)),
          new SketchSpec.Table(VOCABULARY, 8, 4),
          1);
  private static final int ROWS = 60;
  private static final long TOKENS = 500;

  @TempDir Path directory;
  private final Sketch[] rows = new Sketch[ROWS];
  private SketchedInfluence influence;

  @BeforeEach
  void fit() throws IOException {
    SeededNormal normal = new SeededNormal(4);
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < ROWS; i++) {
      float[] blocks = normal.floats(SPEC.dimension(), 1 + i / 20.0);
      int[] tokens = random.ints(6 + i % 5, 0, VOCABULARY).sorted().distinct().toArray();
      rows[i] = new Sketch(blocks, new TableRows(tokens, normal.floats(4 * tokens.length, 2)));
    }
    influence =
        SketchedInfluence.fit(
            SPEC, List.of(stored("rows", List.of(rows))), i -> i < 50, TOKENS, null);
  }

  private SketchShard stored(String name, List<Sketch> sketches) throws IOException {
    Path blocks = directory.resolve(name + ".f32");
    Path table = directory.resolve(name + ".rows");
    int[] own = sketches.stream().mapToInt(sketch -> sketch.table().tokens().length).toArray();
    try (SketchStore.Writer ofBlocks = new SketchStore.Writer(blocks, SPEC.dimension());
        TableStore.Writer ofTable = new TableStore.Writer(table, own, 4)) {
      for (int i = sketches.size() - 1; i >= 0; i--) {
        ofBlocks.write(i, sketches.get(i).blocks());
        ofTable.write(i, sketches.get(i).table());
      }
    }
    return SketchShard.open(blocks, table, sketches.size(), SPEC);
  }

  /** What a query has: every row of the table. */
  private static Sketch asked(Sketch sketch) {
    return new Sketch(
        sketch.blocks(),
        new TableRows(IntStream.range(0, VOCABULARY).toArray(), dense(sketch.table())));
  }

  private static float[] dense(TableRows rows) {
    float[] dense = new float[4 * VOCABULARY];
    for (int i = 0; i < rows.values().length; i++) {
      dense[4 * rows.tokens()[i / 4] + i % 4] = rows.values()[i];
    }
    return dense;
  }

  @Test
  void equals_the_damped_inverse_fisher_of_each_layer() {
    Sketch query = rows[55];

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
            block(query.blocks(), offset, size)
                .transpose()
                .mult(inverse)
                .mult(block(rows[z].blocks(), offset, size))
                .get(0);
        offset += size;
      }
      assertThat(influence.deltaLoss(side, rows[z]))
          .isCloseTo(expected / TOKENS, within(1e-4 * Math.abs(expected / TOKENS) + 1e-6));
    }
  }

  @Test
  void works_never_trained_on_do_not_bend_the_curvature() throws IOException {
    SketchShard fewer = stored("fewer", List.of(rows).subList(0, 50));

    SketchedInfluence without =
        SketchedInfluence.fit(SPEC, List.of(fewer), i -> true, TOKENS, null);

    for (InfluenceMethod method : InfluenceMethod.OF_AN_INDEX) {
      assertThat(without.deltaLoss(without.querySide(rows[55], method), rows[3]))
          .isEqualTo(influence.deltaLoss(influence.querySide(rows[55], method), rows[3]));
    }
    assertThat(without.whiten(rows[3])).isEqualTo(influence.whiten(rows[3]));
  }

  @Test
  void a_work_is_a_proponent_of_itself() {
    for (InfluenceMethod method : InfluenceMethod.OF_AN_INDEX) {
      SketchedInfluence.QuerySide side = influence.querySide(asked(rows[7]), method);

      assertThat(influence.deltaLoss(side, rows[7]))
          .isPositive()
          .isCloseTo(influence.selfInfluence(rows[7], method), within(1e-6));
    }
  }

  @Test
  void of_the_table_it_is_the_damped_inverse_of_each_tokens_own_curvature() {
    SimpleMatrix moment = new SimpleMatrix(4, 4);
    for (int i = 0; i < 50; i++) {
      SimpleMatrix g = new SimpleMatrix(VOCABULARY, 4, true, dense(rows[i].table()));
      moment = moment.plus(g.transpose().mult(g));
    }
    SimpleMatrix axes = moment.divide(TOKENS).svd().getU();
    SimpleMatrix fisher = new SimpleMatrix(VOCABULARY, 4);
    for (int i = 0; i < 50; i++) {
      SimpleMatrix g = new SimpleMatrix(VOCABULARY, 4, true, dense(rows[i].table())).mult(axes);
      fisher = fisher.plus(g.elementMult(g).divide(TOKENS));
    }
    double lambda = influence.damping().values().get(2);
    assertThat(lambda).isCloseTo(0.1 * fisher.elementSum() / fisher.getNumElements(), within(1e-6));
    SimpleMatrix q = new SimpleMatrix(VOCABULARY, 4, true, dense(rows[55].table())).mult(axes);

    SketchedInfluence.QuerySide side =
        influence.querySide(asked(rows[55]), InfluenceMethod.WORD_EMBEDDING_FISHER);

    for (int z = 0; z < ROWS; z++) {
      SimpleMatrix g = new SimpleMatrix(VOCABULARY, 4, true, dense(rows[z].table())).mult(axes);
      double expected = q.elementMult(g).elementDiv(fisher.plus(lambda)).elementSum() / TOKENS;
      assertThat(influence.deltaLoss(side, rows[z]))
          .isCloseTo(expected, within(1e-4 * Math.abs(expected) + 1e-6));
    }
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
    for (InfluenceMethod method : InfluenceMethod.OF_AN_INDEX) {
      SketchedInfluence.QuerySide side = influence.querySide(asked(rows[1]), method);
      double each = 0;
      for (int z = 10; z < 14; z++) {
        each += influence.deltaLoss(side, rows[z]);
      }

      Influence group = influence.influence(side, Sketch.sum(List.of(rows).subList(10, 14)));

      assertThat(group.deltaLoss()).isCloseTo(each, within(1e-6));
      assertThat(group.low()).isLessThan(group.deltaLoss());
      assertThat(group.high()).isGreaterThan(group.deltaLoss());
    }
  }

  @Test
  void what_is_read_back_scores_the_same() throws IOException {
    Path file = directory.resolve("fisher.safetensors");
    influence.write(file);

    SketchedInfluence read = SketchedInfluence.read(file, SPEC, TOKENS, influence.damping());

    assertThat(read.whiten(rows[0])).isEqualTo(influence.whiten(rows[0]));
    for (InfluenceMethod method : InfluenceMethod.OF_AN_INDEX) {
      assertThat(read.influence(read.querySide(rows[55], method), rows[3]))
          .isEqualTo(influence.influence(influence.querySide(rows[55], method), rows[3]));
    }
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
          block(rows[51].blocks(), offset, size).dot(block(rows[9].blocks(), offset, size))
              / (mean + influence.damping().values().get(m));
      offset += size;
    }

    double score = influence.deltaLoss(influence.querySide(rows[51], method), rows[9]);

    assertThat(score).isCloseTo(expected / TOKENS, within(1e-4 * Math.abs(expected / TOKENS)));
    assertThat(score)
        .isNotEqualTo(influence.deltaLoss(influence.querySide(rows[51], fisher), rows[9]));
  }

  @Test
  void the_training_record_gives_the_damping_and_where_it_lacks_the_table_a_share_does()
      throws IOException {
    SketchShard shard = stored("again", List.of(rows));
    Map<String, Double> layers = Map.of("a", 0.02, "b", 0.04);
    Map<String, Double> all = Map.of("a", 0.02, "b", 0.04, "wte", 0.01);

    Damping whole =
        SketchedInfluence.fit(SPEC, List.of(shard), i -> i < 50, TOKENS, record(all)).damping();
    Damping older =
        SketchedInfluence.fit(SPEC, List.of(shard), i -> i < 50, TOKENS, record(layers)).damping();
    SketchedInfluence untrained =
        SketchedInfluence.fit(SPEC, List.of(shard), i -> false, 1, record(layers));

    assertThat(whole.values()).containsExactly(0.02 / 0.2, 0.04 / 0.2, 0.01 / 0.2);
    assertThat(older.values().subList(0, 2)).isEqualTo(whole.values().subList(0, 2));
    assertThat(older.values().get(2)).isEqualTo(influence.damping().values().get(2));
    assertThat(older.rule()).contains("of the embedding table, which it lacks, 0.1");
    assertThat(untrained.parameterShift(rows[3])).as("nothing was trained on").isFinite();
    for (InfluenceMethod method : InfluenceMethod.OF_AN_INDEX) {
      assertThat(untrained.selfInfluence(rows[3], method)).isFinite();
    }
  }

  /** Of a run whose learning rates add up to 0.2. */
  private static TrainingRecord record(Map<String, Double> rootSecondMoment) {
    return new TrainingRecord(
        "whence-training/1",
        "whence train",
        "corpus",
        "tokenizer",
        List.of(),
        50,
        50,
        TOKENS,
        16,
        16,
        1,
        1,
        1,
        16,
        new TrainingRecord.Optimizer("AdamW", 0.1, 1, 0.01, 0.9, 0.99, 1e-8, 0.1, 1),
        0.2,
        rootSecondMoment,
        List.of(),
        List.of(),
        4,
        Map.of());
  }

  @Test
  void intervals_through_the_table_are_made_from_four_parts_of_the_directions() {
    InfluenceMethod method = InfluenceMethod.WORD_EMBEDDING_FISHER;
    SketchedInfluence.QuerySide side = influence.querySide(asked(rows[55]), method);

    Influence influenceOfNine = influence.influence(side, rows[9]);
    Influence twice = influence.influence(side, Sketch.sum(List.of(rows[9], rows[9])));

    assertThat(influenceOfNine.standardError()).isPositive();
    assertThat(twice.deltaLoss()).isCloseTo(2 * influenceOfNine.deltaLoss(), within(1e-6));
    assertThat(twice.standardError())
        .as("members of a group share the error")
        .isCloseTo(2 * influenceOfNine.standardError(), within(1e-6));
  }

  @Test
  void a_method_of_the_blocks_is_not_asked_for_the_table() {
    SketchedInfluence.QuerySide side =
        influence.querySide(rows[5], InfluenceMethod.SKETCHED_FISHER);

    assertThatThrownBy(() -> influence.deltaLoss(side, rows[3].table()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sketchedFisher does not look at the table");
  }

  @Test
  void an_opponent_is_a_proponent_with_its_gradient_turned_round() {
    float[] blocks = rows[7].blocks().clone();
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = -blocks[i];
    }
    Sketch turned = new Sketch(blocks, rows[7].table().times(-1));

    for (InfluenceMethod method : InfluenceMethod.OF_AN_INDEX) {
      SketchedInfluence.QuerySide side = influence.querySide(rows[7], method);

      assertThat(influence.deltaLoss(side, turned))
          .isNegative()
          .isEqualTo(-influence.deltaLoss(side, rows[7]));
    }
  }

  @Test
  void to_second_order_each_member_of_a_group_counts_by_what_it_loses_with_the_others() {
    List<Sketch> members = List.of(rows[3], rows[4], rows[5]);
    Sketch sum = Sketch.sum(members);
    for (InfluenceMethod method :
        List.of(InfluenceMethod.WORD_EMBEDDING_FISHER, InfluenceMethod.SKETCHED_FISHER)) {
      SketchedInfluence.QuerySide query = influence.querySide(asked(rows[55]), method);
      SketchedInfluence.QuerySide group = influence.querySide(sum, method);

      double corrected = influence.deltaLoss(query, influence.secondOrder(members, method));

      double expected = 0;
      for (Sketch member : members) {
        expected += influence.deltaLoss(query, member) * (1 + influence.deltaLoss(group, member));
      }
      assertThat(corrected).isCloseTo(expected, within(1e-5 * Math.abs(expected) + 1e-6));
      assertThat(influence.deltaLoss(group, influence.secondOrder(members, method)))
          .as("a group's own loss rises by more than to first order")
          .isGreaterThan(influence.deltaLoss(group, sum));
    }
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
      square += Math.pow(damped.solve(block(rows[8].blocks(), offset, size)).normF(), 2);
      offset += size;
    }
    Sketch blocksAlone = new Sketch(rows[8].blocks(), TableRows.NONE);
    double expected = Math.sqrt(square) / TOKENS;

    assertThat(influence.parameterShift(blocksAlone)).isCloseTo(expected, within(1e-4 * expected));
    for (float value :
        influence.move(rows[8], InfluenceMethod.WORD_EMBEDDING_FISHER).table().values()) {
      square += Math.pow(value * (double) TOKENS, 2);
    }
    assertThat(influence.parameterShift(rows[8]))
        .as("and the table's own move beside it")
        .isCloseTo(Math.sqrt(square) / TOKENS, within(1e-4 * expected));
  }

  private SimpleMatrix fisher(int offset, int size) {
    SimpleMatrix sum = new SimpleMatrix(size, size);
    for (int i = 0; i < 50; i++) {
      SimpleMatrix g = block(rows[i].blocks(), offset, size);
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
