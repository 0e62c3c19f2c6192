package io.whence.service.audit;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.Bundle.Verification;
import io.whence.engine.record.LogEvent;
import io.whence.engine.record.MerkleTree;
import io.whence.service.TestHome;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.AttributionRecords;
import io.whence.service.persistence.EventLog;
import io.whence.service.persistence.LoggedEvent;
import io.whence.service.persistence.StoreFailure;
import io.whence.service.persistence.TimeOrderedId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(TestHome.class)
class SealedLogTest {
  private final AttributionRecords records;
  private final EventLog log;
  private final DataSource database;

  @TempDir Path directory;

  SealedLogTest(AttributionRecords records, EventLog log, DataSource database) {
    this.records = records;
    this.log = log;
    this.database = database;
  }

  private AttributionRecord added(String body) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    AttributionRecord answer =
        new AttributionRecord(
            TimeOrderedId.at(now), now, "poems", "0".repeat(64), body.getBytes(UTF_8));
    records.add(answer);
    return answer;
  }

  private Verification exported(AttributionRecord answer) throws IOException {
    byte[] tar =
        given()
            .get("/v1/attributions/" + answer.id() + "/bundle")
            .then()
            .statusCode(200)
            .contentType("application/x-tar")
            .extract()
            .asByteArray();
    return Bundle.verify(Files.write(directory.resolve("b.tar"), tar));
  }

  @Test
  void an_answer_is_exported_as_a_bundle_that_verifies() throws IOException {
    AttributionRecord answer = added("{\"answer\": 42}");

    Verification found = exported(answer);

    assertThat(found.problems()).isEmpty();
    assertThat(found.events())
        .extracting(LogEvent::kind)
        .containsExactly("attribution.answered", "attribution.exported");
    assertThat(found.events()).extracting(LogEvent::subject).containsOnly(answer.id().toString());
    assertThat(found.payloads()).isEqualTo(2);
    assertThat(found.log()).isEqualTo(log.name());
  }

  @Test
  void every_export_is_in_the_next_one() throws IOException {
    AttributionRecord answer = added("{}");
    exported(answer);

    assertThat(exported(answer).events())
        .extracting(LogEvent::kind)
        .containsExactly("attribution.answered", "attribution.exported", "attribution.exported");
  }

  @Test
  void whoever_is_shown_an_answer_is_in_the_bundle() throws IOException {
    AttributionRecord answer = added("{}");
    given().get("/v1/attributions/" + answer.id()).then().statusCode(200);

    Verification found = exported(answer);

    assertThat(found.problems()).isEmpty();
    assertThat(found.events())
        .extracting(LogEvent::kind)
        .containsExactly("attribution.answered", "attribution.viewed", "attribution.exported");
    assertThat(found.payloads()).isEqualTo(3);
  }

  @Test
  void an_answer_that_is_not_kept_is_not_logged() {
    AttributionRecord answer = added("{}");
    String before = given().get("/v1/log/checkpoint").asString();

    assertThatThrownBy(() -> records.add(answer)).isInstanceOf(StoreFailure.class);

    assertThat(log.about(answer.id().toString())).hasSize(1);
    assertThat(given().get("/v1/log/checkpoint").asString()).isEqualTo(before);
  }

  @Test
  void services_that_append_at_once_leave_no_gap() throws Exception {
    List<Future<Long>> places = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 40; i++) {
        places.add(
            threads.submit(() -> log.append("test", "gap", "somebody", new byte[1]).sequence()));
      }
    }
    List<Long> taken = new ArrayList<>();
    for (Future<Long> place : places) {
      taken.add(place.get());
    }

    taken.sort(null);
    assertThat(taken)
        .containsExactlyElementsOf(
            LongStream.range(taken.get(0), taken.get(0) + 40).boxed().toList());
    assertThat(log.about("gap")).extracting(LoggedEvent::sequence).isEqualTo(taken);
  }

  @Test
  void the_checkpoint_names_the_log_and_its_key_is_published() {
    String checkpoint = given().get("/v1/log/checkpoint").asString();

    assertThat(checkpoint.lines().toList().get(0)).isEqualTo(log.name());
    assertThat(given().get("/v1/log/key").asString()).startsWith("-----BEGIN PUBLIC KEY-----\n");
  }

  @Test
  void anybody_can_check_that_a_log_holds_an_event_and_continues_an_earlier_one() {
    log.append("test", "proof", "somebody", new byte[1]);
    String earlier = given().get("/v1/log/checkpoint").asString();
    long sequence = log.append("test", "proof", "somebody", new byte[2]).sequence();
    String later = given().get("/v1/log/checkpoint").asString();
    long from = size(earlier);
    long size = size(later);

    List<byte[]> inclusion = proof("/v1/log/inclusion?sequence=" + sequence + "&size=" + size);
    List<byte[]> consistency = proof("/v1/log/consistency?from=" + from + "&size=" + size);

    byte[] leaf = MerkleTree.leaf(log.about("proof").get(1).event());
    assertThat(MerkleTree.included(leaf, sequence, size, inclusion, root(later))).isTrue();
    assertThat(MerkleTree.consistent(from, root(earlier), size, root(later), consistency)).isTrue();
    assertThat(MerkleTree.included(leaf, sequence - 1, size, inclusion, root(later))).isFalse();
    given().get("/v1/log/inclusion?sequence=" + size + "&size=" + size).then().statusCode(422);
    given().get("/v1/log/consistency?from=1&size=999999999").then().statusCode(422);
    given().get("/v1/log/inclusion?sequence=x").then().statusCode(422);
  }

  private static long size(String checkpoint) {
    return Long.parseLong(checkpoint.lines().toList().get(1));
  }

  private static byte[] root(String checkpoint) {
    return Base64.getDecoder().decode(checkpoint.lines().toList().get(2));
  }

  private static List<byte[]> proof(String place) {
    return given()
        .get(place)
        .then()
        .statusCode(200)
        .extract()
        .asString()
        .lines()
        .map(Base64.getDecoder()::decode)
        .toList();
  }

  @Test
  void the_private_key_is_its_owners_alone() throws IOException {
    given().get("/v1/log/key").then().statusCode(200);
    Path key = TestHome.root().resolve("target/test-home/log-key/private.pem");

    assertThat(Files.getPosixFilePermissions(key)).hasToString("[OWNER_READ, OWNER_WRITE]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update log_event set event = ''",
        "delete from log_event",
        "truncate log_event cascade"
      })
  void events_are_never_changed(String statement) {
    added("{}");

    assertThatThrownBy(() -> execute(statement))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("log events are append-only");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
