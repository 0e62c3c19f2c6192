package io.whence.engine.risk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.whence.engine.EngineException;
import io.whence.engine.risk.Validation.Figures;
import io.whence.engine.risk.Validation.ScoredCase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ValidationTest {
  private static final Validation SHIPPED = Validation.on(DecidedCases.SHIPPED);

  @Test
  void meets_its_bars_on_the_cases_it_was_fitted_on() {
    Figures present = SHIPPED.served(false);
    Figures masked = SHIPPED.served(true);

    assertThat(present.cases()).isEqualTo(159);
    assertThat(present.notFair()).isEqualTo(78);
    assertThat(present.auc()).isGreaterThanOrEqualTo(.97).isBetween(present.low(), present.high());
    assertThat(present.ece()).isLessThanOrEqualTo(.1);
    assertThat(masked.auc()).isGreaterThanOrEqualTo(.8).isBetween(masked.low(), masked.high());
    assertThat(Validation.monotonicityViolations(100_000, 1)).isZero();
  }

  /** Figures the reference computed with another program. */
  @Test
  void finds_the_published_figures_of_the_cross_check() {
    Figures present = SHIPPED.crossCheck(false);
    Figures masked = SHIPPED.crossCheck(true);

    assertThat(present.auc()).isCloseTo(.995, within(.0005));
    assertThat(present.brier()).isCloseTo(.030, within(.0005));
    assertThat(present.ece()).isCloseTo(.086, within(.0005));
    assertThat(masked.auc()).isCloseTo(.811, within(.0005));
    assertThat(Validation.scenarios())
        .allSatisfy(one -> assertThat(one.crossCheck()).isCloseTo(one.published(), within(.005)));
  }

  @Test
  void does_worse_on_disputes_it_was_not_fitted_on() {
    assertThat(SHIPPED.leftOut(false).auc()).isBetween(.97, SHIPPED.served(false).auc());
    assertThat(SHIPPED.leftOut(true).auc()).isLessThan(SHIPPED.served(true).auc());
    Figures later = Objects.requireNonNull(SHIPPED.from(2012, false));
    assertThat(later.cases()).isEqualTo(70);
    assertThat(later.auc()).isLessThan(SHIPPED.served(false).auc());
    assertThat(SHIPPED.from(1800, false)).isNull();
  }

  /** {@code whence risk validate data/fair-use-cases/cases.csv --out} writes what is published. */
  @Test
  void publishes_with_the_model_what_the_shipped_cases_give() {
    assertThat(Validation.published()).isEqualTo(SHIPPED.publish());
    assertThat(Validation.published().model()).isEqualTo(FairUse.MODEL);
  }

  @Test
  void scores_every_case_and_names_no_band_without_the_judged_inputs() {
    List<ScoredCase> all = SHIPPED.cases(false);

    assertThat(all).hasSize(171);
    assertThat(all.get(0).id()).isEqualTo("C001");
    assertThat(all)
        .allSatisfy(one -> assertThat(one.point()).isBetween(one.low(), one.high()))
        .extracting(ScoredCase::band)
        .contains("Low", "High", "undetermined");
    assertThat(SHIPPED.cases(true)).extracting(ScoredCase::band).containsOnly("undetermined");
  }

  @Test
  void counts_half_for_a_tie_and_finds_a_perfect_order() {
    String header =
        "id,case_group,year,outcome,use_in_auc,transformative,commercial,nature_creative,"
            + "unpublished,amount_fraction,market_harm,purpose_category\n";
    String tied = "A,a,2001,fair,1,,,,,,.5,news\nB,b,2001,not_fair,1,,,,,,.5,news\n";
    String apart = "A,a,2001,fair,1,,,,,,.4,news\nB,b,2001,not_fair,1,,,,,,.5,news\n";
    String wrong = "A,a,2001,fair,1,,,,,,.6,news\nB,b,2001,not_fair,1,,,,,,.5,news\n";

    assertThat(on(header + tied).served(false).auc()).isEqualTo(.5);
    assertThat(on(header + apart).served(false).auc()).isEqualTo(1);
    assertThat(on(header + wrong).served(false).auc()).isZero();
    assertThatThrownBy(() -> on(header + "A,a,2001,fair,1,,,,,,.5,news\n"))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage(
            "the table has 1 fair and 0 not fair cases with use_in_auc = 1; a validation needs"
                + " both");
  }

  @Test
  void says_what_belongs_beside_the_figures() {
    assertThat(SHIPPED.limits())
        .anyMatch(limit -> limit.startsWith("159 of 159 scored cases are of disputes"))
        .contains(
            "2 scored cases are about training generative models.",
            "19 of 171 rows name memory as a source of their coding.");
    assertThat(SHIPPED.inSample()).isTrue();
  }

  private static Validation on(String table) {
    return Validation.on(DecidedCases.parse("t.csv", table.getBytes(StandardCharsets.UTF_8)));
  }
}
