package io.whence.engine.risk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.Sha256;
import io.whence.engine.risk.FairUseModel.Range;
import io.whence.engine.risk.FairUseModel.Score;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FairUseModelTest {
  private static final FairUseModel V0 = FairUseModel.V0;
  private static final List<String> TERMS =
      List.of("commercial", "transformative", "creative", "unpublished", "amount", "marketHarm");

  /** The published table: unpublished is 0 throughout; an empty cell is unknown. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "assistant reads a whole novel aloud,     entertainment, 1, 1,  1,    0,  .9,  98.83, High",
    "whole news article by an aggregator,     aggregation,   1, .3, 1,    0,  .8,  98.40, High",
    "30 % verbatim lyric,                     other,         1, 1,  .3,   .1, .5,  87.73, High",
    "LLM training with dilution proven,       ai_training,   1, 1,  1,    1,  .8,  63.18, Elevated",
    "LLM training without output copying,     ai_training,   1, 1,  1,    1,  .1,   9.45, Low",
    "book search with snippets,               search,        1, .5, 1,    .9, .15,  5.68, Low",
    "song parody with the hook,               parody,        1, 1,  .16,  .9, .05,  3.89, Low",
    "API re-implementation,                   interop,       1, .1, .004, .8, .2,   0.74, Low",
    "game asset with tattoo at best,          realism,       1, .7, 1,    .8, 0,    5.02, Low",
    "game asset with tattoo at worst,         realism,       1, .7, 1,    .2, .5,  76.13, Elevated",
    "style-only image at best,                other,         1, 1,  .001, .5, 0,    1.96, Low",
    "style-only image at worst,               other,         1, 1,  .001, .5, .6,  18.09, Low",
    "whole tattoo,                            realism,       1, .7, 1,    .5, .3,  33.4,  Guarded",
    "one page of a thousand,                  realism,       1, .7, .001, .5, .3,   2.4,  Low",
  })
  void scores_the_published_scenarios(
      String scenario,
      String purpose,
      double commercial,
      double creative,
      double amount,
      double transformative,
      double marketHarm,
      double risk,
      String band) {
    Score score =
        V0.score(purpose, known(commercial, creative, 0.0, amount, transformative, marketHarm), 0);

    assertThat(score.point()).as(scenario).isCloseTo(risk, within(0.05));
    assertThat(V0.band(score.point())).isEqualTo(band);
    assertThat(score.low()).isEqualTo(score.point());
    assertThat(score.high()).isEqualTo(score.point());
    assertThat(score.missing()).isEmpty();
  }

  @Test
  void scores_the_tattoo_with_its_two_judgements_missing() {
    Score score = V0.score("realism", known(1.0, .7, 0.0, 1.0, null, null), 0);

    assertThat(score.point()).isCloseTo(46.51, within(0.005));
    assertThat(score.low()).isCloseTo(2.56, within(0.005));
    assertThat(score.high()).isCloseTo(97.94, within(0.005));
    assertThat(V0.undetermined(score.low(), score.high())).isTrue();
    assertThat(score.missing())
        .extracting(missing -> missing.part().label().words())
        .containsExactly("market facts", "transformative purpose");
  }

  @Test
  void scores_the_tattoo_with_its_two_judgements_as_ranges() {
    Map<String, Range> known = known(1.0, .7, 0.0, 1.0, null, null);
    known.put("transformative", new Range(.2, .5, .8));
    known.put("marketHarm", new Range(0, .25, .5));

    Score score = V0.score("realism", known, 0);

    assertThat(score.low()).isCloseTo(5.02, within(0.05));
    assertThat(score.high()).isCloseTo(76.13, within(0.05));
    assertThat(V0.undetermined(score.low(), score.high())).isTrue();
  }

  @Test
  void scores_nothing_known_near_the_middle_and_names_no_band() {
    Score score = V0.score("other", known(null, null, 0.0, null, null, null), 0);

    assertThat(score.point()).isCloseTo(45.02, within(0.005));
    assertThat(V0.undetermined(score.low(), score.high())).isTrue();
  }

  @Test
  void caps_what_is_transformative_by_what_passes_through() {
    Map<String, Range> known = known(1.0, 1.0, 0.0, 1.0, .9, .5);

    assertThat(V0.score("art", known, .7).point())
        .isEqualTo(V0.score("art", known(1.0, 1.0, 0.0, 1.0, 1 - .7, .5), 0).point());
    assertThat(V0.score("parody", known, .7).point())
        .isEqualTo(V0.score("parody", known, 0).point());
  }

  @Test
  void takes_an_unknown_transformative_at_its_cap_where_that_is_below_the_centre() {
    Map<String, Range> known = known(1.0, 1.0, 0.0, 1.0, null, .5);

    Score score = V0.score("art", known, .9);

    assertThat(score.point())
        .isEqualTo(V0.score("art", known(1.0, 1.0, 0.0, 1.0, 1 - .9, .5), 0).point());
    assertThat(score.low()).isEqualTo(score.point());
    assertThat(score.missing()).hasSize(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0, Low",
    "19.999, Low",
    "20, Guarded",
    "40, Contested",
    "60, Elevated",
    "80, High",
    "100, High"
  })
  void names_bands_with_the_lower_border_inclusive(double point, String band) {
    assertThat(V0.band(point)).isEqualTo(band);
  }

  @ParameterizedTest(name = "[{0}, {1}]")
  @CsvSource({
    "0, 19, false",
    "0, 20, false",
    "19, 39.9, false",
    "20, 40, true",
    "41, 79, false",
    "41, 80, true",
    "2.56, 97.94, true"
  })
  void is_undetermined_when_the_interval_holds_two_borders(
      double low, double high, boolean undetermined) {
    assertThat(V0.undetermined(low, high)).isEqualTo(undetermined);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void is_monotone_in_every_signed_input(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 2_000; trial++) {
      String purpose = randomPurpose(random);
      Map<String, Range> known = randomKnown(random);
      double passThrough = random.nextDouble();
      double before = V0.score(purpose, known, passThrough).point();
      String term = TERMS.get(random.nextInt(TERMS.size()));
      Range range = known.get(term);
      if (range != null) {
        double more = range.value() + random.nextDouble() * (1 - range.value());
        known.put(term, Range.exact(more));
        double after = V0.score(purpose, known, passThrough).point();
        known.put(term, Range.exact(range.value()));
        assertThat(term.equals("transformative") ? before - after : after - before)
            .as("%s from %s to %s", term, range.value(), more)
            .isGreaterThanOrEqualTo(0);
      }
      double passesMore = passThrough + random.nextDouble() * (1 - passThrough);
      assertThat(V0.score(purpose, known, passesMore).point()).isGreaterThanOrEqualTo(before);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void never_narrows_the_interval_by_knowing_less(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 5_000; trial++) {
      @Nullable String purpose = random.nextInt(5) == 0 ? null : randomPurpose(random);
      Map<String, Range> known = randomKnown(random);
      double passThrough = random.nextInt(3) == 0 ? random.nextDouble() : 0;
      Score score = V0.score(purpose, known, passThrough);
      assertThat(score.point()).isBetween(score.low(), score.high());

      List<String> maskable = new ArrayList<>(known.keySet());
      maskable.add(FairUseModel.PURPOSE);
      String masked = maskable.get(random.nextInt(maskable.size()));
      Map<String, Range> less = new HashMap<>(known);
      less.remove(masked);
      Score wider =
          V0.score(masked.equals(FairUseModel.PURPOSE) ? null : purpose, less, passThrough);

      assertThat(wider.low()).as("without %s", masked).isLessThanOrEqualTo(score.low() + 1e-9);
      assertThat(wider.high()).as("without %s", masked).isGreaterThanOrEqualTo(score.high() - 1e-9);
      if (V0.undetermined(score.low(), score.high())) {
        assertThat(V0.undetermined(wider.low(), wider.high())).isTrue();
      }
    }
  }

  @Test
  void orders_what_is_missing_by_how_much_it_would_shrink_the_interval() {
    Score score = V0.score(null, Map.of(), 0);

    assertThat(score.missing())
        .isSortedAccordingTo((a, b) -> Double.compare(b.shrinksBy(), a.shrinksBy()));
    assertThat(score.missing()).hasSize(7).allMatch(missing -> missing.shrinksBy() >= 0);
  }

  @Test
  void weighs_a_purpose_by_all_its_classes() {
    assertThat(weight("parody")).isEqualTo(-0.3);
    assertThat(weight("research")).isEqualTo(-0.4);
    assertThat(weight("news")).isZero();
    assertThat(weight("search")).isEqualTo(-0.8);
    assertThat(weight("piracy")).isEqualTo(0.5);
    assertThat(weight("resale")).isCloseTo(-0.3, within(1e-12));
    assertThat(weight("ai_training")).isZero();
    assertThat(V0.purposes()).hasSize(36);
  }

  @Test
  void is_a_new_version_when_anything_in_it_changes() throws IOException {
    // Never edit a published model: give the other weights another id, and a line in the changelog.
    try (InputStream in = FairUseModel.class.getResourceAsStream("fu-us-v0.json")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(Sha256.of(text))
          .isEqualTo("1c9784bcf135f18271ba4da6d01954dc32b8aaad51b4ed0f05eaffde61242474");
    }
  }

  private static double weight(String purpose) {
    return V0.score(purpose, Map.of(), 0).parts().get(0).contribution();
  }

  private static String randomPurpose(SplittableRandom random) {
    List<String> purposes = List.copyOf(V0.purposes());
    return purposes.get(random.nextInt(purposes.size()));
  }

  private static Map<String, Range> randomKnown(SplittableRandom random) {
    Map<String, Range> known = new HashMap<>();
    for (String term : TERMS) {
      if (random.nextInt(3) > 0) {
        known.put(term, Range.exact(random.nextDouble()));
      }
    }
    return known;
  }

  private static Map<String, Range> known(
      @Nullable Double commercial,
      @Nullable Double creative,
      @Nullable Double unpublished,
      @Nullable Double amount,
      @Nullable Double transformative,
      @Nullable Double marketHarm) {
    Map<String, Range> known = new HashMap<>();
    @Nullable Double[] values = {
      commercial, transformative, creative, unpublished, amount, marketHarm
    };
    for (int i = 0; i < values.length; i++) {
      Double value = values[i];
      if (value != null) {
        known.put(TERMS.get(i), Range.exact(value));
      }
    }
    return known;
  }
}
