package io.whence.engine.influence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.model.SgdSettings;
import io.whence.engine.model.SoftmaxNetwork;
import io.whence.engine.model.SoftmaxNetwork.Diet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every influence method does, held against matrices written out in full. */
class ScorerTest {
  private static final int CLASSES = 3;
  private static final int WIDTH = 4;
  private static final int N = 60;
  private static final double LAMBDA = 0.05;
  private static final Target SAMPLED = new Target.SampledLoss(5);

  @TempDir static Path directory;
  private static LabelledExamples training;
  private static LabelledExamples queries;
  private static SoftmaxNetwork regression;
  private static SoftmaxNetwork perceptron;

  @BeforeAll
  static void trains_two_small_models() throws IOException {
    LabelledExamples all = examples(N + 10, 1);
    training = all.range(0, N);
    queries = all.range(N, N + 10);
    SgdSettings linear = new SgdSettings(List.of(), 0.1, 0, 8, 10, 0);
    regression = SoftmaxNetwork.train(training, linear, Diet.all(N, true), 1);
    SgdSettings hidden = new SgdSettings(List.of(5), 0.1, 0.5, 8, 10, 0);
    perceptron = SoftmaxNetwork.train(training, hidden, Diet.all(N, true), 1);
  }

  /** Three clouds of points, so that there is something to learn. */
  private static LabelledExamples examples(int n, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < n; i++) {
      int label = i % CLASSES;
      for (int j = 0; j < WIDTH; j++) {
        csv.append((j == label ? 1.0 : 0) + random.nextDouble(-1, 1)).append(',');
      }
      csv.append(label).append('\n');
    }
    Path file = directory.resolve("points-" + seed + ".csv");
    Files.writeString(file, csv);
    return LabelledExamples.readCsv(file);
  }

  /** Every gradient of a model, {@code [n][p]}, layer after layer. */
  private static double[][] gradients(Gradients gradients, Target target) {
    double[][] rows = new double[gradients.size()][(int) gradients.parameters()];
    gradients.each(
        target,
        batch -> {
          int at = 0;
          for (int l = 0; l < gradients.layers().size(); l++) {
            int size = gradients.layers().get(l).size();
            float[] flat = io.whence.engine.model.Torch.floats(batch.flat(l));
            for (int i = 0; i < batch.size(); i++) {
              for (int j = 0; j < size; j++) {
                rows[batch.first() + i][at + j] = flat[i * size + j];
              }
            }
            at += size;
          }
        });
    return rows;
  }

  /** {@code (1/n) g_q (M + lambda)^-1 g_z} with the whole matrix. */
  private static double[][] inFull(double[][] q, double[][] z, DMatrixRMaj matrix, double lambda) {
    DMatrixRMaj damped = matrix.copy();
    for (int i = 0; i < damped.numRows; i++) {
      damped.add(i, i, lambda);
    }
    DMatrixRMaj solved = new DMatrixRMaj(damped.numRows, z.length);
    DMatrixRMaj right = new DMatrixRMaj(z);
    CommonOps_DDRM.transpose(right);
    CommonOps_DDRM.solve(damped, right, solved);
    DMatrixRMaj scores = new DMatrixRMaj(q.length, z.length);
    CommonOps_DDRM.mult(1.0 / z.length, new DMatrixRMaj(q), solved, scores);
    double[][] rows = new double[q.length][z.length];
    for (int i = 0; i < q.length; i++) {
      for (int j = 0; j < z.length; j++) {
        rows[i][j] = scores.get(i, j);
      }
    }
    return rows;
  }

  private static DMatrixRMaj fisher(double[][] rows) {
    DMatrixRMaj gradients = new DMatrixRMaj(rows);
    DMatrixRMaj fisher = new DMatrixRMaj(gradients.numCols, gradients.numCols);
    CommonOps_DDRM.multTransA(1.0 / rows.length, gradients, gradients, fisher);
    return fisher;
  }

  /** {@code sum over classes of p_c} times the outer product of the loss gradient for label c. */
  private static DMatrixRMaj gaussNewton(Gradients model) {
    float[] p = model.probabilities();
    int order = (int) model.parameters();
    DMatrixRMaj matrix = new DMatrixRMaj(order, order);
    double[][][] logits = new double[CLASSES][][];
    for (int c = 0; c < CLASSES; c++) {
      logits[c] = gradients(model, new Target.Logit(c));
    }
    for (int z = 0; z < model.size(); z++) {
      for (int a = 0; a < CLASSES; a++) {
        for (int b = 0; b < CLASSES; b++) {
          double weight =
              p[z * CLASSES + a] * ((a == b ? 1 : 0) - p[z * CLASSES + b]) / model.size();
          for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
              matrix.add(i, j, weight * logits[a][z][i] * logits[b][z][j]);
            }
          }
        }
      }
    }
    return matrix;
  }

  private static void assertClose(float[][] scores, double[][] expected, double tolerance) {
    double scale = 0;
    for (double[] row : expected) {
      for (double value : row) {
        scale = Math.max(scale, Math.abs(value));
      }
    }
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < expected[i].length; j++) {
        assertThat((double) scores[i][j])
            .as("query %d, training example %d", i, j)
            .isCloseTo(expected[i][j], within(tolerance * scale));
      }
    }
  }

  @Test
  void gradients_are_those_of_finite_differences() {
    Gradients model = Gradients.of(regression, queries);
    double[] loss = model.losses();

    double[][] rows = gradients(model, Target.LOSS);

    // For logistic regression the gradient at the bias of class c is p_c - [label is c].
    float[] p = model.probabilities();
    for (int i = 0; i < queries.size(); i++) {
      assertThat(Math.exp(-loss[i])).isCloseTo(p[i * CLASSES + queries.label(i)], within(1e-6));
      for (int c = 0; c < CLASSES; c++) {
        double bias = rows[i][c * (WIDTH + 1) + WIDTH];
        assertThat(bias)
            .isCloseTo(p[i * CLASSES + c] - (c == queries.label(i) ? 1 : 0), within(1e-5));
      }
    }
  }

  @Test
  void conjugate_gradients_and_lanczos_solve_the_exact_gauss_newton_system() {
    for (SoftmaxNetwork network : List.of(regression, perceptron)) {
      Gradients z = Gradients.of(network, training);
      Gradients q = Gradients.of(network, queries);
      double[][] expected =
          inFull(gradients(q, Target.LOSS), gradients(z, Target.LOSS), gaussNewton(z), LAMBDA);

      assertClose(Scorer.conjugateGradient(z, LAMBDA, 200).scores(q), expected, 1e-3);
      assertClose(Scorer.lanczos(z, new Filter.Damped(LAMBDA), 40).scores(q), expected, 1e-3);
    }
  }

  @Test
  void lissa_and_astra_approach_the_same_solution() {
    Gradients z = Gradients.of(regression, training);
    Gradients q = Gradients.of(regression, queries);
    double[][] expected =
        inFull(gradients(q, Target.LOSS), gradients(z, Target.LOSS), gaussNewton(z), LAMBDA);

    assertClose(Scorer.lissa(z, LAMBDA, 2000, 30, 3).scores(q), expected, 0.1);
    assertClose(
        Scorer.astra(z, Eigenbasis.fit(z, SAMPLED), LAMBDA, 60, 30, 3).scores(q), expected, 0.1);
  }

  @Test
  void the_gram_matrix_gives_what_the_whole_empirical_fisher_gives() {
    Gradients z = Gradients.of(perceptron, training);
    Gradients q = Gradients.of(perceptron, queries);
    double[][] rows = gradients(z, Target.LOSS);
    double square = 0;
    for (double[] row : rows) {
      for (double value : row) {
        square += value * value / rows.length;
      }
    }
    double share = 0.01;

    float[][] scores = Scorer.dualFisher(z, share, Target.LOSS).scores(q);

    assertClose(
        scores, inFull(gradients(q, Target.LOSS), rows, fisher(rows), share * square), 1e-3);
  }

  @Test
  void ekfac_is_exact_where_the_kronecker_assumption_holds() {
    // One layer and one input: A is a number, so the Fisher is A x S with nothing approximated.
    LabelledExamples one = constant(training);
    SgdSettings linear = new SgdSettings(List.of(), 0.1, 0, 8, 5, 0);
    SoftmaxNetwork network = SoftmaxNetwork.train(one, linear, Diet.all(N, true), 1);
    Gradients z = Gradients.of(network, one);
    double[][] rows = gradients(z, Target.LOSS);

    for (Eigenbasis.Values values : Eigenbasis.Values.values()) {
      float[][] scores =
          Scorer.kronecker(
                  z, Eigenbasis.fit(z, Target.LOSS), values, new Filter.Damped(LAMBDA), Target.LOSS)
              .scores(z);

      assertClose(scores, inFull(rows, rows, fisher(rows), LAMBDA), 1e-3);
    }
  }

  /** The same labels with features that are the same everywhere. */
  private static LabelledExamples constant(LabelledExamples examples) {
    return examples.normalised(1e9, 0, 1);
  }

  @Test
  void datainf_is_its_closed_form() {
    Gradients z = Gradients.of(regression, training);
    Gradients q = Gradients.of(regression, queries);
    double[][] rows = gradients(z, Target.LOSS);
    double[][] asked = gradients(q, Target.LOSS);
    double lambda = 0;
    for (double[] row : rows) {
      for (double value : row) {
        lambda += 0.1 * value * value / rows.length / row.length;
      }
    }
    double[][] expected = new double[asked.length][rows.length];
    for (int i = 0; i < asked.length; i++) {
      for (int j = 0; j < rows.length; j++) {
        double sum = 0;
        for (double[] row : rows) {
          double weight = dot(asked[i], row) / (lambda + dot(row, row));
          sum += (dot(asked[i], rows[j]) - weight * dot(row, rows[j])) / lambda;
        }
        expected[i][j] = sum / rows.length / rows.length;
      }
    }

    assertClose(Scorer.dataInf(z, 0.1).scores(q), expected, 1e-3);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void unprojected_logra_is_the_block_fisher_and_projections_keep_inner_products() {
    Gradients z = Gradients.of(regression, training);
    Gradients q = Gradients.of(regression, queries);
    double[][] rows = gradients(z, Target.LOSS);
    LayerProjection whole = LayerProjection.random(z.layers(), 100, 1);

    float[][] scores = Scorer.logra(z, whole, new Filter.Damped(LAMBDA), Target.LOSS).scores(q);

    assertClose(scores, inFull(gradients(q, Target.LOSS), rows, fisher(rows), LAMBDA), 1e-3);

    double exact = dot(rows[0], rows[0]);
    double mean = 0;
    int draws = 400;
    for (int seed = 0; seed < draws; seed++) {
      float[] sketch = LayerProjection.random(z.layers(), 2, seed).sketch(z, Target.LOSS).get(0);
      int size = sketch.length / N;
      for (int j = 0; j < size; j++) {
        mean += sketch[j] * (double) sketch[j] / draws;
      }
    }
    assertThat(mean).isCloseTo(exact, within(0.2 * exact));
  }

  @Test
  void methods_agree_on_the_sign_and_a_query_is_its_own_proponent() {
    Gradients z = Gradients.of(regression, training);
    Eigenbasis basis = Eigenbasis.fit(z, SAMPLED);
    LayerProjection projection = LayerProjection.random(z.layers(), 3, 2);
    Map<String, float[][]> all = new LinkedHashMap<>();
    all.put("gradientDot", Scorer.gradientDot(z, 1).scores(z));
    all.put("gradientCosine", Scorer.gradientCosine(z).scores(z));
    all.put("dataInf", Scorer.dataInf(z, 0.1).scores(z));
    all.put("conjugateGradient", Scorer.conjugateGradient(z, LAMBDA, 50).scores(z));
    all.put("lanczos", Scorer.lanczos(z, new Filter.Unrolled(20), 12).scores(z));
    all.put("dualFisher", Scorer.dualFisher(z, 0.01, Target.LOSS).scores(z));
    all.put("logra", Scorer.logra(z, projection, new Filter.OfMean(0.1), Target.LOSS).scores(z));
    all.put("trackStar", Scorer.trackStar(z, projection, 0.1).scores(z));
    all.put(
        "ekfac",
        Scorer.kronecker(
                z, basis, Eigenbasis.Values.CORRECTED, new Filter.Damped(LAMBDA), Target.LOSS)
            .scores(z));
    all.put(
        "source",
        Scorer.source(List.of(new Segment(z, 5, null), new Segment(z, 5, null)), SAMPLED)
            .scores(z));
    float[][] kernel = Trak.fit(z, 32, 4).damped(0.01).scores(z);
    all.put(
        "trak",
        Ensemble.ofMargins(
            List.<float[][]>of(kernel), List.of(z.residuals()), List.of(z.residuals())));

    all.forEach(
        (name, scores) -> {
          for (int i = 0; i < N; i++) {
            assertThat(scores[i][i]).as("%s, example %d on itself", name, i).isPositive();
          }
        });
  }

  @Test
  void self_influence_is_the_diagonal_of_the_scores() {
    Gradients z = Gradients.of(perceptron, training);
    Eigenbasis basis = Eigenbasis.fit(z, SAMPLED);
    Map<String, Scorer> all =
        Map.of(
            "gradientDot", Scorer.gradientDot(z, 1),
            "dataInf", Scorer.dataInf(z, 0.1),
            "conjugateGradient", Scorer.conjugateGradient(z, LAMBDA, 20),
            "dualFisher", Scorer.dualFisher(z, 0.01, Target.LOSS),
            "ekfac",
                Scorer.kronecker(
                    z, basis, Eigenbasis.Values.CORRECTED, new Filter.Damped(LAMBDA), Target.LOSS));

    all.forEach(
        (name, scorer) -> {
          float[][] scores = scorer.scores(z);
          double[] self = scorer.selfInfluence(z);
          for (int i = 0; i < N; i++) {
            assertThat(self[i])
                .as("%s, example %d", name, i)
                .isCloseTo(scores[i][i], within(1e-4 * Math.abs(scores[i][i])));
          }
        });
  }

  @Test
  void a_copy_of_a_training_example_has_the_same_influence_and_halves_neither() throws IOException {
    LabelledExamples doubled = training.of(IntStream.rangeClosed(0, N).map(i -> i % N).toArray());
    Gradients z = Gradients.of(regression, doubled);
    Gradients q = Gradients.of(regression, queries);
    Gradients single = Gradients.of(regression, training);

    float[][] with = Scorer.conjugateGradient(z, LAMBDA, 100).scores(q);
    float[][] without = Scorer.conjugateGradient(single, LAMBDA, 100).scores(q);

    for (int i = 0; i < queries.size(); i++) {
      assertThat(with[i][0]).isEqualTo(with[i][N]);
      double expected = without[i][0] * N / (N + 1.0);
      // One more example in sixty bends the curvature by as little.
      assertThat((double) with[i][0]).isCloseTo(expected, within(0.2 * Math.abs(expected) + 1e-6));
    }
  }

  @Test
  void the_score_of_a_group_is_the_sum_of_its_members_and_no_batch_matters() {
    Gradients z = Gradients.of(perceptron, training);
    Eigenbasis basis = Eigenbasis.fit(z, SAMPLED);
    Scorer method =
        Scorer.kronecker(
            z, basis, Eigenbasis.Values.CORRECTED, new Filter.Damped(LAMBDA), Target.LOSS);

    float[][] together = method.scores(Gradients.of(perceptron, queries));
    for (int i = 0; i < queries.size(); i++) {
      float[][] alone = method.scores(Gradients.of(perceptron, queries.range(i, i + 1)));
      for (int j = 0; j < N; j++) {
        assertThat((double) together[i][j])
            .isCloseTo(alone[0][j], within(1e-5 * Math.abs(alone[0][j]) + 1e-7));
      }
    }
  }

  @Test
  void an_unrolled_filter_is_a_damping_for_long_and_a_dot_product_for_short_runs() {
    Gradients z = Gradients.of(regression, training);
    Gradients q = Gradients.of(regression, queries);
    double tiny = 1e-3;

    float[][] scores = Scorer.lanczos(z, new Filter.Unrolled(tiny), 15).scores(q);

    float[][] dots = Scorer.gradientDot(z, tiny).scores(q);
    double[][] expected = new double[dots.length][];
    for (int i = 0; i < dots.length; i++) {
      expected[i] = new double[N];
      for (int j = 0; j < N; j++) {
        expected[i][j] = dots[i][j];
      }
    }
    assertClose(scores, expected, 1e-2);
    assertThat(new Filter.Unrolled(1e9).inverse(0.5, 1)).isCloseTo(2, within(1e-9));
    assertThat(new Filter.Unrolled(7).inverse(0, 1)).isEqualTo(7);
  }

  @Test
  void the_rule_tells_the_two_regimes_apart_and_says_what_it_picked() {
    DampingRule early = DampingRule.of(0.95, 31.4);
    DampingRule fitted = DampingRule.of(1.0, 31.4);

    assertThat(early.filter()).isEqualTo(new Filter.Unrolled(31.4));
    assertThat(early.target()).isEqualTo(Target.LOSS);
    assertThat(early.says()).contains("not interpolating", "31.4");
    assertThat(fitted.target()).isEqualTo(Target.MARGIN);
    assertThat(fitted.models()).isEqualTo(10);
    assertThat(fitted.says()).contains("interpolating", "margin");
  }
}
