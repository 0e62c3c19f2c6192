package io.whence.engine.risk;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.risk.FairUseModel.Range;
import io.whence.engine.risk.FairUseModel.Term;
import io.whence.engine.risk.FittedModel.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FittedModelTest {
  private static final FittedModel SERVED = FittedModel.SERVED;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void never_narrows_the_interval_by_knowing_less(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> purposes = List.copyOf(SERVED.model().purposes());
    for (int trial = 0; trial < 300; trial++) {
      @Nullable String purpose =
          random.nextInt(5) == 0 ? null : purposes.get(random.nextInt(purposes.size()));
      Map<String, Range> known = new HashMap<>();
      for (Term term : SERVED.model().terms()) {
        if (random.nextInt(3) > 0) {
          known.put(term.id(), Range.exact(random.nextDouble()));
        }
      }
      double passThrough = random.nextInt(3) == 0 ? random.nextDouble() : 0;
      Result result = SERVED.score(purpose, known, passThrough);
      List<String> maskable = new ArrayList<>(known.keySet().stream().sorted().toList());
      maskable.add(FairUseModel.PURPOSE);
      String masked = maskable.get(random.nextInt(maskable.size()));
      Map<String, Range> less = new HashMap<>(known);
      less.remove(masked);

      Result wider =
          SERVED.score(masked.equals(FairUseModel.PURPOSE) ? null : purpose, less, passThrough);

      assertThat(result.point()).isBetween(result.low(), result.high());
      assertThat(result.ofWeights().low()).isGreaterThanOrEqualTo(result.low() - 1e-9);
      assertThat(result.ofWeights().high()).isLessThanOrEqualTo(result.high() + 1e-9);
      assertThat(wider.low()).as("without %s", masked).isLessThanOrEqualTo(result.low() + 1e-9);
      assertThat(wider.high())
          .as("without %s", masked)
          .isGreaterThanOrEqualTo(result.high() - 1e-9);
    }
  }

  @Test
  void differs_from_the_cross_check_in_weights_alone() {
    FairUseModel served = SERVED.model();
    FairUseModel check = FairUseModel.V0;

    assertThat(served.with(check.weights()))
        .usingRecursiveComparison()
        .ignoringFields("id", "fittedOn")
        .isEqualTo(check);
    assertThat(served.id()).isNotEqualTo(check.id());
  }

  @Test
  void shows_the_whole_model() {
    JsonObject json = JsonParser.parseString(FairUse.modelAsJson()).getAsJsonObject();

    assertThat(json.keySet())
        .containsExactly(
            "id",
            "form",
            "fittedOn",
            "intercept",
            "terms",
            "purpose",
            "factors",
            "bands",
            "substantial",
            "interval",
            "undetermined",
            "provenance",
            "bootstrap",
            "validation",
            "crossCheck",
            "acts",
            "gates",
            "lawPack",
            "disclaimers");
    assertThat(json.getAsJsonObject("bootstrap").getAsJsonArray("vectors")).hasSize(400);
    assertThat(json.getAsJsonObject("crossCheck").get("id").getAsString()).isEqualTo("fu-us-v0");
    assertThat(json.getAsJsonArray("gates")).hasSize(6);
  }
}
