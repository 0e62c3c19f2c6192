package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.Bundle.Verification;
import io.whence.engine.record.LogEvent;
import io.whence.service.TestHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a record says is erased, unless it is held; that it was made stays provable. */
@QuarkusTest
@WithTestResource(TestHome.class)
class ErasureTest {
  private static final String REMARK =
      "{\"by\": \"Counsel\", \"reason\": \"litigation is expected\"}";

  private final DataSource database;

  @TempDir Path directory;

  ErasureTest(DataSource database) {
    this.database = database;
  }

  /** Where a new attribution is, of a text that no other has. */
  private static String attributed(String text) throws IOException {
    return AttributionsTest.attribute(AttributionsTest.request(text))
        .then()
        .statusCode(201)
        .extract()
        .header("Location");
  }

  private static Response erase(String place) {
    return given()
        .queryParam("by", "Ann Author")
        .queryParam("reason", "it holds my address")
        .delete(place);
  }

  private Verification exported(String place) throws IOException {
    byte[] tar = given().get(place + "/bundle").then().statusCode(200).extract().asByteArray();
    return Bundle.verify(Files.write(directory.resolve("b.tar"), tar));
  }

  private static String id(String place) {
    return place.substring(place.lastIndexOf('/') + 1);
  }

  @Test
  void an_erased_attribution_is_gone_and_says_when_and_why() throws IOException {
    String place = attributed("my address is in this text");

    erase(place)
        .then()
        .statusCode(200)
        .body("record", equalTo(id(place)))
        .body("kind", equalTo("attribution"))
        .body("by", equalTo("Ann Author"))
        .body("reason", equalTo("it holds my address"));

    given()
        .get(place)
        .then()
        .statusCode(410)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:erased"))
        .body("detail", startsWith("attribution " + id(place) + " was erased at "))
        .body("detail", containsString(", as Ann Author asked: it holds my address; the log"));
    given().get(place + "/report").then().statusCode(410);
    erase(place).then().statusCode(410);
  }

  @Test
  void the_log_still_proves_that_an_erased_answer_was_given_and_no_longer_what_it_said()
      throws IOException {
    String place = attributed("another address");
    given().get(place).then().statusCode(200);
    Verification before = exported(place);
    erase(place).then().statusCode(200);

    Verification after = exported(place);

    assertThat(after.problems()).isEmpty();
    assertThat(after.events()).startsWith(before.events().toArray(LogEvent[]::new));
    assertThat(after.events())
        .extracting(LogEvent::kind)
        .containsExactly(
            "attribution.answered",
            "attribution.viewed",
            "attribution.exported",
            "attribution.erased",
            "attribution.exported");
    assertThat(before.payloads()).isEqualTo(3);
    // Of the erasure itself, its reason; of the export after it, that nothing was handed out.
    assertThat(after.payloads()).isEqualTo(2);
    assertThat(after.events().get(3).actor()).isEqualTo("Ann Author, by loopback");
    assertThat(after.events().get(3).bytes()).isEqualTo("it holds my address".length());
  }

  @Test
  void nothing_is_left_that_the_payload_could_be_guessed_by() throws Exception {
    String place = attributed("a third address");
    given().get(place).then().statusCode(200);
    erase(place).then().statusCode(200);

    assertThat(
            count(
                "select count(*) from attribution_record where id = '%s' and body is null and"
                    + " body_sha256 is null and request_sha256 is null",
                id(place)))
        .isEqualTo(1);
    assertThat(
            count(
                "select count(*) from log_salt s join log_event e on e.sequence = s.sequence where"
                    + " e.subject = '%s' and e.kind <> 'attribution.erased'",
                id(place)))
        .isZero();
  }

  @Test
  void a_request_that_is_sent_again_with_its_key_is_told_of_the_erasure() throws IOException {
    String key = UUID.randomUUID().toString();
    byte[] body = AttributionsTest.request("a fourth address");
    String place = keyed(key, body).then().statusCode(201).extract().header("Location");
    erase(place).then().statusCode(200);

    keyed(key, body).then().statusCode(410);
  }

  private static Response keyed(String key, byte[] body) {
    return given()
        .header("Idempotency-Key", key)
        .contentType("application/json")
        .body(body)
        .post("/v1/attributions");
  }

  @Test
  void a_screening_is_erased_alike() throws IOException {
    String place =
        ScreeningsTest.screen(ScreeningsTest.request("an address to be screened"))
            .then()
            .statusCode(201)
            .extract()
            .header("Location");

    erase(place).then().statusCode(200).body("kind", equalTo("screening"));

    given().get(place).then().statusCode(410);
    assertThat(exported(place).problems()).isEmpty();
  }

  @Test
  void a_statement_keeps_its_numbers_when_an_output_of_it_is_erased() throws Exception {
    CreditTest.Corrected corrected = CreditTest.corrected();
    String attribution =
        given().get(corrected.batch() + "/outputs").jsonPath().getString("outputs[0].attribution");

    erase("/v1/attributions/" + attribution).then().statusCode(200);

    assertThat(given().get(corrected.place()).asByteArray()).isEqualTo(corrected.before());
    given().get(corrected.place() + "/verification").then().body("equal", equalTo(true));
    assertThat(
            count(
                "select count(*) from batch_output o join batch_usage u on u.key = o.key where"
                    + " u.attribution_id = '%s' and o.request is null",
                attribution))
        .isEqualTo(1);
  }

  @Test
  void what_is_held_is_not_erased_until_the_hold_is_released() throws IOException {
    String place = attributed("an address under a hold");
    String hold = "/v1/legal-holds/" + id(place) + "/doe-v-acme";

    put(hold)
        .then()
        .statusCode(200)
        .body("kind", equalTo("attribution"))
        .body("matter", equalTo("doe-v-acme"))
        .body("by", equalTo("Counsel"));
    Response again = put(hold);

    again.then().statusCode(200);
    assertThat(again.asString()).isEqualTo(put(hold).asString());
    erase(place)
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body(
            "detail",
            startsWith("attribution " + id(place) + " is under the legal hold doe-v-acme, placed"));
    given().get(place).then().statusCode(200);
    release(hold).then().statusCode(200).body("released.by", equalTo("Counsel"));
    release(hold).then().statusCode(404);
    erase(place).then().statusCode(200);
    put(hold).then().statusCode(409);
    given().get("/v1/legal-holds/" + id(place)).then().body("holds.size()", equalTo(1));
    Verification found = exported(place);
    assertThat(found.problems()).isEmpty();
    assertThat(found.events())
        .extracting(LogEvent::kind)
        .contains("attribution.held", "attribution.released", "attribution.erased");
  }

  @Test
  void a_hold_on_a_statement_holds_the_outputs_it_is_of() throws Exception {
    CreditTest.Corrected corrected = CreditTest.corrected();
    String attribution =
        given().get(corrected.batch() + "/outputs").jsonPath().getString("outputs[0].attribution");
    String hold = "/v1/legal-holds/" + id(corrected.place()) + "/audit-2026";
    put(hold).then().statusCode(200).body("kind", equalTo("statement"));

    erase("/v1/attributions/" + attribution)
        .then()
        .statusCode(409)
        .body(
            "detail",
            containsString("legal hold audit-2026 on statement " + id(corrected.place())));

    release(hold).then().statusCode(200);
    erase("/v1/attributions/" + attribution).then().statusCode(200);
  }

  @Test
  void a_statement_is_exported_as_a_bundle_with_all_that_became_of_it() throws Exception {
    CreditTest.Corrected corrected = CreditTest.corrected();

    Verification found = exported(corrected.place());

    assertThat(found.problems()).isEmpty();
    assertThat(found.events())
        .extracting(LogEvent::kind)
        .containsExactly(
            "statement.issued",
            "statement.viewed",
            "statement.contested",
            "statement.recomputed",
            "statement.exported");
    assertThat(found.payloads()).isEqualTo(5);
    Process script =
        new ProcessBuilder(
                "sh",
                TestHome.root().resolve("docs/verify/verify-bundle.sh").toString(),
                directory.resolve("b.tar").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(script.getInputStream().readAllBytes(), UTF_8);
    assertThat(script.waitFor()).as(said).isZero();
    assertThat(said).contains("verified: 5 of ");
  }

  private static Response put(String hold) {
    return given().contentType("application/json").body(REMARK).put(hold);
  }

  private static Response release(String hold) {
    return given().queryParam("by", "Counsel").queryParam("reason", "settled").delete(hold);
  }

  @Test
  void who_asks_and_why_must_be_said() throws IOException {
    String place = attributed("an address that stays");

    given().delete(place).then().statusCode(422).body("violations.field", hasItems("by", "reason"));
    given()
        .contentType("application/json")
        .body("{}")
        .put("/v1/legal-holds/" + id(place) + "/m")
        .then()
        .statusCode(422);
    put("/v1/legal-holds/" + id(place) + "/-m").then().statusCode(422);
    given().get(place).then().statusCode(200);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/attributions/01990000-0000-7000-8000-000000000000",
    "/v1/screenings/01990000-0000-7000-8000-000000000000",
    "/v1/attributions/latest"
  })
  void what_is_not_there_is_not_erased(String place) {
    erase(place).then().statusCode(404);
    put("/v1/legal-holds/" + id(place) + "/m").then().statusCode(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update attribution_record set body = null, body_sha256 = null, request_sha256 = null where id = '%s'",
        "update attribution_record set index_id = 'x' where id = '%s'",
        "delete from attribution_record where id = '%s'"
      })
  void the_database_lets_nothing_be_erased_past_the_service(String sql) throws IOException {
    String place = attributed("an address that the table keeps");

    assertThatThrownBy(() -> execute(sql.formatted(id(place))))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("attribution records are append-only");
  }

  private long count(String sql, String id) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql.formatted(id))) {
      row.next();
      return row.getLong(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
