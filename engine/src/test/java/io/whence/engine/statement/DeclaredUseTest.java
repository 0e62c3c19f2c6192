package io.whence.engine.statement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.statement.DeclaredUse.Merged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeclaredUseTest {
  private static Merged plugIn(String adapter, double weight, Map<String, Integer> works) {
    return new Merged(adapter, Math.round(weight * DeclaredUse.UNIT_WEIGHT), new TreeMap<>(works));
  }

  private static Merged plugIn(String adapter, double weight, String work) {
    return plugIn(adapter, weight, Map.of(work, 1_000_000));
  }

  @Test
  void merged_plug_ins_share_by_their_weights() {
    DeclaredUse use =
        DeclaredUse.split(600_000, List.of(plugIn("b", 0.5, "rose"), plugIn("a", 1, "tyger")));

    assertThat(use.plugIns()).isEqualTo(Map.of("a", 400_000, "b", 200_000));
    assertThat(use.works()).isEqualTo(Map.of("tyger", 400_000, "rose", 200_000));
  }

  @Test
  void only_the_ratio_of_weights_counts() {
    List<Merged> light = List.of(plugIn("a", 0.2, "x"), plugIn("b", 0.6, "y"));
    List<Merged> heavy = List.of(plugIn("a", 200, "x"), plugIn("b", 600, "y"));

    assertThat(DeclaredUse.split(1_000_000, light)).isEqualTo(DeclaredUse.split(1_000_000, heavy));
  }

  @Test
  void a_plug_in_shares_over_its_works_and_a_work_of_two_plug_ins_has_both_parts() {
    DeclaredUse use =
        DeclaredUse.split(
            1_000_000,
            List.of(
                plugIn("a", 1, Map.of("rose", 250_000, "tyger", 750_000)), plugIn("b", 1, "rose")));

    assertThat(use.works()).isEqualTo(Map.of("rose", 625_000, "tyger", 375_000));
  }

  @Test
  void what_cannot_be_shared_alike_goes_to_the_earlier_adapter() {
    DeclaredUse use =
        DeclaredUse.split(
            100, List.of(plugIn("c", 1, "z"), plugIn("b", 1, "y"), plugIn("a", 1, "x")));

    assertThat(use.plugIns()).isEqualTo(Map.of("a", 34, "b", 33, "c", 33));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void parts_sum_to_what_was_declared(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 500; round++) {
      int ppm = random.nextInt(1, 1_000_001);
      List<Merged> merged = new ArrayList<>();
      int plugIns = random.nextInt(1, 6);
      for (int i = 0; i < plugIns; i++) {
        int first = random.nextInt(1, 1_000_000);
        merged.add(
            plugIn(
                "adapter" + i,
                random.nextInt(1, 5_000) / 1_000.0,
                Map.of("w" + random.nextInt(4), first, "v" + i, 1_000_000 - first)));
      }

      DeclaredUse use = DeclaredUse.split(ppm, merged);

      assertThat(sum(use.plugIns())).isEqualTo(ppm);
      assertThat(sum(use.works())).isEqualTo(ppm);
    }
  }

  private static long sum(SortedMap<String, Integer> parts) {
    return parts.values().stream().mapToLong(Integer::longValue).sum();
  }

  @Test
  void a_plug_in_twice_and_a_weight_of_nothing_are_refused() {
    assertThatThrownBy(
            () -> DeclaredUse.split(10, List.of(plugIn("a", 1, "x"), plugIn("a", 2, "x"))))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("adapter a is declared twice for one output; give it one weight");
    assertThatThrownBy(() -> plugIn("a", 0, "x"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "the weight of adapter a is above 0, in steps of a millionth, and at most 1000");
    assertThatThrownBy(() -> DeclaredUse.split(0, List.of(plugIn("a", 1, "x"))))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("what is declared is 1 to 1000000 ppm of an output; got 0");
  }
}
