package io.whence.service.audit;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.Bundle.Verification;
import io.whence.engine.record.LogEvent;
import io.whence.engine.record.MerkleTree;
import io.whence.engine.record.TestAuthority;
import io.whence.engine.record.TimeStamp;
import io.whence.service.TestHome;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.AttributionRecords;
import io.whence.service.persistence.EventLog;
import io.whence.service.persistence.LoggedEvent;
import io.whence.service.persistence.StoreFailure;
import io.whence.service.persistence.TimeOrderedId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
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
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(TestHome.class)
class SealedLogTest {
  private final AttributionRecords records;
  private final EventLog log;
  private final DataSource database;
  private final URI authority;

  @TempDir Path directory;

  SealedLogTest(
      AttributionRecords records,
      EventLog log,
      DataSource database,
      @ConfigProperty(name = "whence.log.timestamp-authority") URI authority) {
    this.records = records;
    this.log = log;
    this.database = database;
    this.authority = authority;
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
    return Bundle.verify(tar(answer));
  }

  private Path tar(AttributionRecord answer) throws IOException {
    byte[] tar =
        given()
            .get("/v1/attributions/" + answer.id() + "/bundle")
            .then()
            .statusCode(200)
            .contentType("application/x-tar")
            .extract()
            .asByteArray();
    return Files.write(directory.resolve("b.tar"), tar);
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

  /** Of the authority that the tests' home is configured with. */
  private List<X509Certificate> anchors() throws IOException {
    return TimeStamp.anchors(
        Files.readString(TestHome.root().resolve("target/test-home/authority.pem")));
  }

  private void mood(TestAuthority.Mood mood) {
    given().get(authority.resolve("/mood/" + mood).toString()).then().statusCode(204);
  }

  private static JsonPath stamps() {
    return given().get("/v1/log/stamps?limit=1").then().statusCode(200).extract().jsonPath();
  }

  @Test
  void every_event_of_an_export_is_covered_by_a_time_stamp() throws IOException {
    AttributionRecord answer = added("{}");

    Verification found = Bundle.verify(tar(answer), anchors());

    assertThat(found.problems()).isEmpty();
    assertThat(found.events())
        .allSatisfy(
            event ->
                assertThat(found.stampOf(event))
                    .hasValueSatisfying(
                        stamp -> {
                          assertThat(stamp.authority()).isEqualTo("CN=Test authority");
                          assertThat(stamp.trust()).isEqualTo("given");
                          assertThat(stamp.at()).isAfter(event.at().minusSeconds(2));
                        }));
    assertThat(found.unverified())
        .containsExactly("whether the authority's certificates were revoked: that takes a network");
  }

  @Test
  void an_event_that_was_stamped_early_keeps_its_early_time_stamp() throws IOException {
    AttributionRecord answer = added("{}");
    Bundle.Stamped early = firstStamp(exported(answer));
    exported(answer);

    assertThat(firstStamp(exported(answer))).isEqualTo(early);
  }

  private static Bundle.Stamped firstStamp(Verification found) {
    return found.stampOf(found.events().get(0)).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WELL")
  void an_authority_that_fails_holds_up_nothing_and_what_it_missed_is_stamped_later(
      TestAuthority.Mood mood) throws Exception {
    AttributionRecord answer = added("{}");
    try {
      mood(mood);
      Verification found = exported(answer);

      assertThat(found.problems()).isEmpty();
      assertThat(found.events()).hasSize(2);
      assertThat(found.stampOf(found.events().get(1))).isEmpty();
      assertThat(found.unverified())
          .anySatisfy(said -> assertThat(said).contains("no time-stamp covers it"));
      assertThat(stamps().getString("failure")).contains(reason(mood));
      assertThat(stamps().getString("failingSince")).isNotNull();
    } finally {
      mood(TestAuthority.Mood.WELL);
    }

    long missed = log.about(answer.id().toString()).get(1).sequence();
    Instant end = Instant.now().plusSeconds(60);
    while (stamps().getLong("stampedSize") <= missed && Instant.now().isBefore(end)) {
      Thread.sleep(100);
    }
    assertThat(stamps().getLong("stampedSize")).isGreaterThan(missed);
    assertThat(stamps().getString("failure")).isNull();
  }

  private static String reason(TestAuthority.Mood mood) {
    return switch (mood) {
      case WELL -> "";
      case DOWN -> "it answers with HTTP status 503";
      case SILENT -> "it did not answer within 2000 ms";
      case REFUSING -> "the authority refuses (status 2";
      case FLOODING -> "it sends more than 65536 bytes";
      case LYING -> "the authority's answer is none to what was asked";
    };
  }

  @Test
  void a_stamped_checkpoint_is_handed_out_with_its_token() throws IOException {
    exported(added("{}"));

    JsonPath stamp = stamps();
    String checkpoint = stamp.getString("stamps[0].checkpoint");
    TimeStamp.Found found =
        TimeStamp.check(
            Base64.getDecoder().decode(stamp.getString("stamps[0].token")),
            checkpoint.getBytes(UTF_8),
            anchors());

    assertThat(found.problems()).isEmpty();
    assertThat(found.at()).isEqualTo(Instant.parse(stamp.getString("stamps[0].at")));
    assertThat(size(checkpoint)).isEqualTo(stamp.getLong("stampedSize"));
  }

  @Test
  void an_export_verifies_with_standard_tools_alone() throws Exception {
    Process process =
        new ProcessBuilder(
                "sh",
                TestHome.root().resolve("docs/verify/verify-bundle.sh").toString(),
                tar(added("{}")).toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("time-stamped: events before ", "verified: 2 of ");
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

  @Test
  void whoever_reads_all_events_reckons_the_root_of_the_checkpoint() {
    log.append("test", "a subject of its own: \u00e9\n", "somebody", new byte[1]);
    String checkpoint = given().get("/v1/log/checkpoint").asString();
    MerkleTree tree = new MerkleTree();

    while (tree.size() < size(checkpoint)) {
      given()
          .get("/v1/log/events?from=" + tree.size() + "&limit=7")
          .then()
          .statusCode(200)
          .contentType("application/x-ndjson")
          .extract()
          .asString()
          .lines()
          .limit(size(checkpoint) - tree.size())
          .forEach(event -> tree.append(MerkleTree.leaf(event.getBytes(UTF_8))));
    }

    assertThat(tree.root()).isEqualTo(root(checkpoint));
    given().get("/v1/log/events?from=-1").then().statusCode(422);
    given().get("/v1/log/events?limit=1001").then().statusCode(422);
  }

  @Test
  void each_start_of_the_service_is_in_the_log_with_the_sum_of_its_settings() {
    assertThat(log.from(0, 1_000))
        .filteredOn(event -> event.kind().equals("service.started"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.subject()).matches("settings [0-9a-f]{64}");
              assertThat(LogEvent.read(event.event()).actor()).isEqualTo("service");
            });
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
