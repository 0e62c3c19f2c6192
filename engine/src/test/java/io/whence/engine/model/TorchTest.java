package io.whence.engine.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import io.whence.engine.EngineException;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients come out right, whatever DJL's known hazards would have done to them. */
class TorchTest {
  private static final GptConfig CONFIG = new GptConfig(40, 16, 16, 2, 2, 1e-5, "gelu");

  @ParameterizedTest(name = "activation {0}")
  @ValueSource(strings = {"gelu", "gelu_new"})
  void gradients_agree_with_finite_differences(String activation) {
    GptConfig config = new GptConfig(40, 16, 16, 2, 2, 1e-5, activation);
    Map<String, float[]> values = TinyCheckpoint.values(config, 1);
    TokenWindow window = TinyCheckpoint.windows(1, 40, 12, 2).get(0);

    Map<String, float[]> gradients = TinyCheckpoint.gradients(config, values, window, () -> {});

    SplittableRandom random = new SplittableRandom(3);
    for (String name : gradients.keySet()) {
      float[] value = requireNonNull(values.get(name));
      int i = random.nextInt(value.length);
      float at = value[i];
      float step = 2e-2f;
      value[i] = at + step;
      double up = TinyCheckpoint.loss(config, values, window);
      value[i] = at - step;
      double down = TinyCheckpoint.loss(config, values, window);
      value[i] = at;
      double expected = (up - down) / (2 * step);
      assertThat((double) requireNonNull(gradients.get(name))[i])
          .as(name)
          .isCloseTo(expected, within(0.01 + 0.02 * Math.abs(expected)));
    }
  }

  @Test
  void a_garbage_collection_between_forward_and_backward_changes_no_gradient() {
    Map<String, float[]> values = TinyCheckpoint.values(CONFIG, 1);
    TokenWindow window = TinyCheckpoint.windows(1, 40, 12, 2).get(0);
    Map<String, float[]> undisturbed = TinyCheckpoint.gradients(CONFIG, values, window, () -> {});

    for (int run = 0; run < 5; run++) {
      Map<String, float[]> disturbed =
          TinyCheckpoint.gradients(CONFIG, values, window, TorchTest::collectGarbage);

      undisturbed.forEach(
          (name, gradient) -> assertThat(disturbed.get(name)).as(name).isEqualTo(gradient));
    }
  }

  /** Collects, and fills what was freed, so that memory read after its release shows. */
  private static void collectGarbage() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      byte[][] noise = new byte[64][];
      for (int j = 0; j < noise.length; j++) {
        noise[j] = new byte[1 << 14];
        java.util.Arrays.fill(noise[j], (byte) 0x7F);
      }
      assertThat(noise[63][0]).isEqualTo((byte) 0x7F);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"shape", "dataType", "device", "sparseFormat"})
  void an_array_that_threads_may_share_leaves_nothing_to_be_found_out_by_two_at_once(String lazy)
      throws ReflectiveOperationException {
    Field field = PtNDArray.class.getDeclaredField(lazy);
    field.setAccessible(true);

    try (NDManager manager = Torch.newManager("cpu")) {
      for (NDArray array :
          List.of(
              Torch.owned(manager, new float[6], 2, 3),
              Torch.owned(manager, new long[6], 6),
              Torch.constant(manager, 1),
              Torch.leaf(manager, 2, 3))) {
        assertThat(field.get(array)).as("%s of %s", lazy, array.getShape()).isNotNull();
      }
    }
  }

  @Test
  void a_device_that_is_not_there_is_refused_by_name() {
    assertThatThrownBy(() -> Torch.newManager("tpu"))
        .isInstanceOf(EngineException.NoDevice.class)
        .hasMessage("device tpu is not known; use --device cpu or --device cuda");
  }
}
