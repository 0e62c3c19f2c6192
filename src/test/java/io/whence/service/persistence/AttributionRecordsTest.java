package io.whence.service.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.whence.service.TestHome;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(TestHome.class)
class AttributionRecordsTest {
  private final AttributionRecords records;
  private final DataSource database;

  AttributionRecordsTest(AttributionRecords records, DataSource database) {
    this.records = records;
    this.database = database;
  }

  @Test
  void a_record_comes_back_as_it_was() {
    AttributionRecord kept = added("{\"a\": \"\u0000\u00e9\"}");

    AttributionRecord found = records.find(kept.id()).orElseThrow();

    assertThat(found.body()).isEqualTo(kept.body());
    assertThat(found.createdAt()).isEqualTo(kept.createdAt());
    assertThat(found.indexId()).isEqualTo("poems");
    assertThat(found.bodySha256()).isEqualTo(kept.bodySha256());
  }

  @Test
  void a_name_nobody_has_finds_nothing() {
    assertThat(records.find(TimeOrderedId.at(Instant.now()))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update attribution_record set index_id = 'another'",
        "delete from attribution_record",
        "truncate attribution_record cascade"
      })
  void records_are_never_changed(String statement) {
    added("{}");

    assertThatThrownBy(() -> execute(statement))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("attribution records are append-only");
  }

  @Test
  void a_name_is_given_once() {
    AttributionRecord kept = added("{}");

    assertThatThrownBy(() -> records.add(kept))
        .isInstanceOf(StoreFailure.class)
        .hasMessage("the answer could not be stored, so it is not given");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fsync", "synchronous_commit", "full_page_writes"})
  void what_is_committed_is_on_disk(String setting) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet value = statement.executeQuery("select current_setting('" + setting + "')")) {
      value.next();
      assertThat(value.getString(1)).isEqualTo("on");
    }
  }

  @Test
  void names_sort_by_time_and_are_of_version_7() {
    UUID early = TimeOrderedId.at(Instant.ofEpochMilli(1_700_000_000_000L));
    UUID late = TimeOrderedId.at(Instant.ofEpochMilli(1_700_000_000_001L));

    assertThat(early.toString()).isLessThan(late.toString());
    assertThat(early.version()).isEqualTo(7);
    assertThat(early.variant()).isEqualTo(2);
  }

  private AttributionRecord added(String body) {
    Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
    AttributionRecord kept =
        new AttributionRecord(
            TimeOrderedId.at(now),
            now,
            "poems",
            "0".repeat(64),
            body.getBytes(StandardCharsets.UTF_8));
    records.add(kept);
    return kept;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
