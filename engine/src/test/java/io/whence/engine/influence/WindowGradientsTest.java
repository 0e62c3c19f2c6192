package io.whence.engine.influence;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.TinyCheckpoint;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.Torch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model's gradients, window by window, are those of a plain backward pass. */
class WindowGradientsTest {
  @TempDir Path directory;
  private Checkpoint checkpoint;
  private List<TokenWindow> windows;

  @BeforeEach
  void open() {
    TinyCheckpoint.write(directory, 1);
    checkpoint = Checkpoint.open(directory, "cpu");
    windows = TinyCheckpoint.windows(12, checkpoint.config().vocabulary(), 16, 2);
  }

  @AfterEach
  void close() {
    checkpoint.close();
  }

  @Test
  void equal_the_naive_gradient_to_one_part_in_a_hundred_thousand() {
    Gradients gradients = Gradients.of(checkpoint, windows);

    gradients.each(
        Target.LOSS,
        batch -> {
          for (int l = 0; l < gradients.layers().size(); l++) {
            Gradients.Layer layer = gradients.layers().get(l);
            float[] flat = Torch.floats(batch.flat(l));
            for (int i = 0; i < batch.size(); i++) {
              Map<String, float[]> naive =
                  TinyCheckpoint.gradients(directory, windows.get(batch.first() + i));
              float[] weight = requireNonNull(naive.get(layer.name() + ".weight"));
              float[] bias = naive.get(layer.name() + ".bias");
              int inputs = bias == null ? layer.in() : layer.in() - 1;
              double miss = 0;
              double all = 0;
              for (int o = 0; o < layer.out(); o++) {
                for (int in = 0; in < layer.in(); in++) {
                  double expected = in < inputs ? weight[o * inputs + in] : requireNonNull(bias)[o];
                  double given = flat[i * layer.size() + o * layer.in() + in];
                  miss += (given - expected) * (given - expected);
                  all += expected * expected;
                }
              }
              assertThat(Math.sqrt(miss)).isLessThan(1e-5 * Math.sqrt(all));
            }
          }
        });
  }

  @Test
  void methods_score_windows_alike_whatever_stands_beside_them() {
    Gradients z = Gradients.of(checkpoint, windows);
    Scorer method =
        Scorer.kronecker(
            z,
            Eigenbasis.fit(z, new Target.SampledLoss(3)),
            Eigenbasis.Values.CORRECTED,
            new Filter.OfMean(0.1),
            Target.LOSS);

    float[][] together = method.scores(Gradients.of(checkpoint, windows));
    float[][] alone = method.scores(Gradients.of(checkpoint, windows.subList(4, 5)));

    for (int i = 0; i < windows.size(); i++) {
      assertThat((double) together[4][i])
          .isCloseTo(alone[0][i], within(1e-4 * Math.abs(alone[0][i]) + 1e-9));
      assertThat(together[i][i]).isPositive();
    }
  }

  @Test
  void a_text_in_windows_is_the_sum_of_them() {
    Gradients z = Gradients.of(checkpoint, windows);
    Gradients texts =
        Gradients.ofTexts(
            checkpoint,
            List.of(windows.subList(0, 1), windows.subList(1, 4), windows.subList(4, 6)));

    float[][] ofWindows = Scorer.gradientDot(z, 1).scores(Gradients.of(checkpoint, windows));
    float[][] ofTexts = Scorer.gradientDot(z, 1).scores(texts);

    assertThat(texts.size()).isEqualTo(3);
    for (int j = 0; j < windows.size(); j++) {
      double sum = ofWindows[1][j] + (double) ofWindows[2][j] + ofWindows[3][j];
      assertThat((double) ofTexts[1][j]).isCloseTo(sum, within(1e-4 * Math.abs(sum) + 1e-7));
      assertThat(ofTexts[0][j])
          .isCloseTo(ofWindows[0][j], within(1e-4f * Math.abs(ofWindows[0][j]) + 1e-7f));
    }
    assertThat(texts.losses()[2])
        .isCloseTo(z.losses()[4] + z.losses()[5], within(1e-4 * texts.losses()[2]));
  }

  @Test
  void a_step_metric_divides_each_weight_by_its_root_as_the_record_tells() {
    Gradients z = Gradients.of(checkpoint, windows);
    List<Gradients.Layer> layers = z.layers();
    Map<String, Double> roots = new LinkedHashMap<>();
    layers.subList(1, layers.size()).forEach(layer -> roots.put(layer.name(), 0.25));

    StepMetric metric = StepMetric.fit(z, roots);

    try (NDManager scope = Torch.newManager("cpu")) {
      for (int l = 1; l < layers.size(); l++) {
        double mean = 0;
        float[] weights = Torch.floats(metric.weights(scope, l));
        for (float weight : weights) {
          mean += 1 / ((double) weight * weight) / weights.length;
        }
        assertThat(mean).as(layers.get(l).name()).isCloseTo(0.25, within(0.01));
      }
      // A layer the record lacks has the others' relation to its own gradients.
      assertThat(Torch.floats(metric.weights(scope, 0))).doesNotContain(0f, Float.NaN);
    }
    double[] plain = Scorer.gradientNorms(z);
    double[] stepped = Scorer.gradientNorms(z.in(metric));
    for (int i = 0; i < plain.length; i++) {
      // Of mean root 1/4, inner products are some four times as large.
      assertThat(stepped[i] / plain[i]).isBetween(1.0, 8.0);
    }
    assertThatThrownBy(() -> StepMetric.fit(z, Map.of()))
        .hasMessageContaining("the second moment of no layer");
  }

  @Test
  void one_segment_is_the_unrolled_filter_in_the_coordinates_of_its_steps() {
    Gradients z = Gradients.of(checkpoint, windows);
    Map<String, Double> roots = new LinkedHashMap<>();
    z.layers().forEach(layer -> roots.put(layer.name(), 0.25));
    StepMetric metric = StepMetric.fit(z, roots);
    Target sampled = new Target.SampledLoss(3);
    Gradients stepped = z.in(metric);

    float[][] source = Scorer.source(List.of(new Segment(z, 2, metric)), sampled).scores(z);
    float[][] unrolled =
        Scorer.kronecker(
                stepped,
                Eigenbasis.fit(stepped, sampled),
                Eigenbasis.Values.CORRECTED,
                new Filter.Unrolled(2),
                Target.LOSS)
            .scores(stepped);

    for (int i = 0; i < windows.size(); i++) {
      for (int j = 0; j < windows.size(); j++) {
        assertThat(source[i][j])
            .isCloseTo(unrolled[i][j], within(1e-4f * Math.abs(unrolled[i][i]) + 1e-9f));
      }
    }
  }

  @Test
  void margins_rise_where_losses_fall() {
    Gradients gradients = Gradients.of(checkpoint, windows);
    float[][] dots = Scorer.gradientDot(gradients, 1).scores(gradients);
    float[][] margins = Scorer.dualFisher(gradients, 10, Target.MARGIN).scores(gradients);

    for (int i = 0; i < windows.size(); i++) {
      assertThat(dots[i][i]).isPositive();
      assertThat(margins[i][i]).isPositive();
    }
  }

  @Test
  void exact_curvature_is_refused_with_the_remedy() {
    Gradients gradients = Gradients.of(checkpoint, windows);

    assertThatThrownBy(() -> Scorer.conjugateGradient(gradients, 1, 3).scores(gradients))
        .hasMessageContaining("needs a classifier")
        .hasMessageContaining("EK-FAC");
  }
}
