package io.whence.engine.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.whence.engine.EngineException;
import io.whence.engine.WorkId;
import io.whence.engine.risk.CopiedWork;
import io.whence.engine.risk.FairUse;
import io.whence.engine.risk.RiskAssessment;
import io.whence.engine.risk.Shared;
import io.whence.engine.risk.UseFacts;
import io.whence.engine.risk.UseFacts.Judgement;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReviewTest {
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

  private static Review review(String name, Label label, String reason, int minutes) {
    return new Review("r-" + name, name, "editor", label, reason, NOON.plusSeconds(60L * minutes));
  }

  private static Judgement judged(String labels) {
    List<Review> reviews = new ArrayList<>();
    for (String label : labels.split(" ", -1)) {
      reviews.add(review("N" + reviews.size(), Label.of(label), "so it is", reviews.size()));
    }
    Collections.shuffle(reviews, new java.util.Random(7));
    return Review.transformative(reviews);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "no, 0.05, 0, 0.1",
    "mixed, 0.5, 0.4, 0.6",
    "no marginal, 0.15, 0, 0.3",
    "no no highly, 0.05, 0, 1",
    "yes yes yes highly, 0.7, 0.6, 1",
  })
  void the_median_counts_and_who_contradicts_widens_the_range(
      String labels, double value, double low, double high) {
    Judgement judgement = judged(labels);

    assertThat(judgement.value()).isCloseTo(value, org.assertj.core.api.Assertions.within(1e-12));
    assertThat(judgement.low()).isEqualTo(low);
    assertThat(judgement.high()).isEqualTo(high);
  }

  @Test
  void who_when_and_why_go_with_the_figure() {
    Judgement judgement =
        Review.transformative(
            List.of(
                review("Bob", Label.HIGHLY, "it is a\nparody", 5),
                review("Ann", Label.NO, "the same verse", 0)));

    assertThat(judgement.assertedBy()).isEqualTo("2 reviewers: Ann (editor), Bob (editor)");
    assertThat(judgement.reason())
        .isEqualTo(
            "2 reviews, median 0.500, spread 0.00 to 1.00; they contradict each other."
                + " Ann, 2026-11-28T12:00:00Z, no: the same verse;"
                + " Bob, 2026-11-28T12:05:00Z, highly: it is a parody");
  }

  private static RiskAssessment.Input transformative(UseFacts use) {
    RiskAssessment risk = assessed(use);
    return risk.factors().stream()
        .flatMap(factor -> factor.inputs().stream())
        .filter(input -> input.name().equals("transformative"))
        .findFirst()
        .orElseThrow();
  }

  private static RiskAssessment assessed(UseFacts use) {
    return FairUse.assess(
        use,
        List.of(
            new CopiedWork(
                new WorkId("w"),
                "A Work",
                null,
                2001,
                0.3,
                0.05,
                0,
                List.of(),
                new Shared.Words(40, true))));
  }

  @Test
  void reviews_are_an_input_of_the_risk_with_their_names_and_their_spread() {
    RiskAssessment.Input input = transformative(UseFacts.NONE.withReviews(judged("no marginal")));

    assertThat(input.origin()).isEqualTo(RiskAssessment.Origin.JUDGED);
    assertThat(input.value()).isEqualTo(0.15);
    assertThat(input.low()).isZero();
    assertThat(input.high()).isEqualTo(0.3);
    assertThat(input.assertedBy()).startsWith("2 reviewers: ");
    assertThat(input.basis()).startsWith("2 reviews, median 0.150, spread 0.00 to 0.30. ");
  }

  @Test
  void contradiction_widens_the_interval_of_the_risk() {
    UseFacts known =
        new UseFacts(
            "US", "art", 0.7, 0.6, 0.0, null, new Judgement(0.3, "Counsel", "another market"));
    RiskAssessment alike = assessed(known.withReviews(judged("yes yes yes")));
    RiskAssessment apart = assessed(known.withReviews(judged("yes yes no")));

    assertThat(apart.point()).isEqualTo(alike.point());
    assertThat(apart.high()).isGreaterThan(Objects.requireNonNull(alike.high()) + 5);
  }

  @Test
  void what_the_requester_asserts_wins_and_says_so() {
    UseFacts asserted =
        new UseFacts(null, null, null, null, null, new Judgement(0.9, "Counsel", "a parody"), null);

    RiskAssessment both = assessed(asserted.withReviews(judged("no no")));

    assertThat(both.point()).isEqualTo(assessed(asserted).point());
    assertThat(both.low()).isEqualTo(assessed(asserted).low());
    assertThat(both.high()).isEqualTo(assessed(asserted).high());
    assertThat(transformative(asserted.withReviews(judged("no no"))).basis())
        .isEqualTo(
            "a parody (asserted in the request, which wins over the reviews: 0.050, 0.00 to 0.10,"
                + " by 2 reviewers: N0 (editor), N1 (editor))");
  }

  @Test
  void many_reviewers_with_long_names_are_counted_where_they_do_not_fit() {
    List<Review> reviews = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      reviews.add(review("N".repeat(300) + i, Label.YES, "r".repeat(3_000), i));
    }

    Judgement judgement = Review.transformative(reviews);

    assertThat(judgement.assertedBy()).hasSizeLessThan(200).endsWith(" and 28 more");
    assertThat(judgement.reason()).hasSizeLessThan(4_000).endsWith("; and 20 more");
  }

  @Test
  void a_long_reason_is_cut_between_characters() {
    String reason = "x".repeat(199) + "\uD83C\uDF39" + "y".repeat(100);

    String said = Review.transformative(List.of(review("Ann", Label.NO, reason, 0))).reason();

    assertThat(said).endsWith("x...").doesNotContain("\uD83C");
  }

  @Test
  void a_label_that_is_none_and_a_review_without_a_reason_are_refused() {
    assertThatThrownBy(() -> Label.of("very"))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("transformative is one of no, marginal, mixed, yes, highly; got very");
    assertThatThrownBy(() -> review("Ann", Label.NO, " ", 0))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessageContaining("one of them is blank");
  }

  @Test
  void a_pair_is_the_same_in_both_forms_and_has_no_name() throws IOException {
    ReviewedOutput pair =
        new ReviewedOutput(
            "a-1",
            "poems",
            "a \"rose\",\nred",
            "0".repeat(64),
            null,
            "w",
            "A Work",
            null,
            2,
            review("Ann", Label.YES, "other ends; other\nwords", 0));

    String csv = ReviewedOutput.csvHeader() + pair.csv();
    com.google.gson.JsonObject json =
        com.google.gson.JsonParser.parseString(pair.jsonLine()).getAsJsonObject();

    try (CsvReader<NamedCsvRecord> records = CsvReader.builder().ofNamedCsvRecord(csv)) {
      NamedCsvRecord record = records.iterator().next();
      assertThat(record.getHeader()).containsExactlyElementsOf(json.keySet());
      for (String field : record.getHeader()) {
        assertThat(record.getField(field))
            .isEqualTo(json.get(field).isJsonNull() ? "" : json.get(field).getAsString());
      }
    }
    assertThat(pair.jsonLine()).doesNotContain("\n", "\"Ann\"").contains("\"reviewer\":\"r-Ann\"");
  }
}
