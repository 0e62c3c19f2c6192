package io.whence.engine.influence;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.TinyCheckpoint;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.Torch;
import java.nio.file.Path;
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
              float[] bias = requireNonNull(naive.get(layer.name() + ".bias"));
              double miss = 0;
              double all = 0;
              for (int o = 0; o < layer.out(); o++) {
                for (int in = 0; in < layer.in(); in++) {
                  double expected =
                      in + 1 < layer.in() ? weight[o * (layer.in() - 1) + in] : bias[o];
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
