package io.whence.engine.risk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFitTest {
  static final Path CASES = Path.of("..", "data", "fair-use-cases", "cases.csv");
  private static final String NAME = "data/fair-use-cases/cases.csv";

  @Test
  void gives_the_served_model_byte_for_byte() throws IOException {
    byte[] fitted = ModelFit.json(DecidedCases.read(CASES), NAME);

    try (InputStream in = ModelFit.class.getResourceAsStream("fu-us-v1.json")) {
      // Never a silent retune: other weights are a model with another id.
      assertThat(new String(fitted, StandardCharsets.UTF_8))
          .isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** The reference's own fit by the same recipe, found by another program (L-BFGS-B). */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "intercept, -0.16",
    "commercial, 0.56",
    "creative, 0.50",
    "unpublished, 1.02",
    "amount, 0.98",
    "purpose:critical, -0.12",
    "purpose:learning, -0.18",
    "purpose:news, -0.11",
    "purpose:functional, -0.85",
    "purpose:competing, 0.46",
    "transformative, -3.44",
    "marketHarm, 3.41"
  })
  void agrees_with_the_published_refit(String name, double weight) {
    FairUseModel model = FittedModel.SERVED.model();

    double served = model.weights()[model.weightNames().indexOf(name)];

    assertThat(served).isCloseTo(weight, within(0.0051));
  }

  @Test
  void publishes_a_range_and_four_hundred_vectors_that_keep_their_signs() {
    FittedModel.Bootstrap bootstrap = FittedModel.SERVED.fit().bootstrap();
    double[] signs = FairUseModel.V0.weights();

    assertThat(bootstrap.vectors()).hasSize(400);
    assertThat(bootstrap.order()).isEqualTo(FittedModel.SERVED.model().weightNames());
    double[] weights = FittedModel.SERVED.model().weights();
    for (int k = 0; k < weights.length; k++) {
      assertThat(weights[k]).isBetween(bootstrap.low().get(k), bootstrap.high().get(k));
      for (List<Double> vector : bootstrap.vectors()) {
        if (k > 0) {
          assertThat(vector.get(k) * signs[k]).isGreaterThanOrEqualTo(0);
        }
      }
    }
  }

  @Test
  void leaves_no_slope_at_the_weights_it_finds() {
    List<DecidedCase> cases = DecidedCases.SHIPPED.usable();
    double[] fitted = new WeightFit(FairUseModel.V0).fit(cases, WeightFit.once(cases.size()));
    SplittableRandom random = new SplittableRandom(1);

    double best = loss(cases, fitted);

    for (int trial = 0; trial < 2_000; trial++) {
      double[] other = fitted.clone();
      int k = random.nextInt(other.length);
      other[k] += (random.nextDouble() - 0.5) * 1e-3;
      if (k == 0 || other[k] * FairUseModel.V0.weights()[k] >= 0) {
        assertThat(loss(cases, other)).isGreaterThanOrEqualTo(best - 1e-12);
      }
    }
  }

  private static double loss(List<DecidedCase> cases, double[] weights) {
    double loss = 0;
    for (int k = 1; k < weights.length; k++) {
      loss += weights[k] * weights[k] / 2;
    }
    FairUseModel model = FairUseModel.V0.with(weights);
    for (DecidedCase one : cases) {
      double[] row = model.row(one.purpose(), one.known());
      double z = 0;
      for (int k = 0; k < row.length; k++) {
        z += row[k] * weights[k];
      }
      loss += Math.log1p(Math.exp(one.notFair() ? -z : z));
    }
    return loss;
  }

  @Test
  void refuses_a_table_with_too_few_disputes() {
    String table =
        """
        id,case_group,year,outcome,use_in_auc,transformative,commercial,nature_creative,unpublished,amount_fraction,market_harm,purpose_category
        A,a,2001,fair,1,.9,1,1,0,.1,.1,parody
        B,b,2002,not_fair,1,.1,1,1,0,1,.9,piracy
        """;
    DecidedCases cases = DecidedCases.parse("few.csv", table.getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> ModelFit.json(cases, "few.csv"))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage("few.csv has decided cases of 2 disputes; a fit needs at least 20");
  }
}
