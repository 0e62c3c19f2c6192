package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.whence.service.TestHome;
import io.whence.service.jobs.Statements;
import io.whence.service.persistence.Conflict;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From outputs charged to a month to a statement that is contested, corrected and settled. */
@QuarkusTest
@WithTestResource(TestHome.class)
class CreditTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Each test has a month of its own. */
  private static final AtomicInteger MONTH = new AtomicInteger();

  private static final String REMARK = "{\"by\": \"Somebody\", \"reason\": \"so it is\"}";

  private final Statements statements;
  private final DataSource database;

  CreditTest(Statements statements, DataSource database) {
    this.statements = statements;
    this.database = database;
  }

  private static String month() {
    int n = MONTH.getAndIncrement();
    return "%04d-%02d".formatted(2001 + n / 12, 1 + n % 12);
  }

  private static Response post(String path, String body) {
    return given().contentType("application/json").body(body).post(path);
  }

  private static JsonNode json(Response response) throws IOException {
    return JSON.readTree(response.asByteArray());
  }

  private static String holder(String name) throws IOException {
    Response answer = post("/v1/rights-holders", "{\"name\": \"" + name + "\"}");
    assertThat(answer.statusCode()).isEqualTo(201);
    return json(answer).get("id").asText();
  }

  private static String work(String work, String holder) {
    return "{\"work\": \"%s\", \"parts\": [{\"rightsHolder\": \"%s\", \"role\": \"author\", \"ppm\": 1000000}]}"
        .formatted(work, holder);
  }

  /** The first work of the index and a passage of it. */
  private static JsonNode poem(int number) throws IOException {
    return JSON.readTree(TestHome.poems().get(number));
  }

  private static String batch(String month, int... poems) throws IOException {
    List<String> outputs = new ArrayList<>();
    for (int poem : poems) {
      String text = poem(poem).get("text").asText().substring(60, 200);
      outputs.add(
          "{\"key\": \"%s\", \"text\": %s}"
              .formatted(UUID.randomUUID(), JSON.writeValueAsString(text)));
    }
    return "{\"index\": \"poems\", \"period\": \"%s\", \"topK\": 1, \"outputs\": [%s]}"
        .formatted(month, String.join(", ", outputs));
  }

  private static String attributed(String body) throws Exception {
    Response accepted = post("/v1/batches", body);
    assertThat(accepted.statusCode()).as(accepted.asString()).isEqualTo(202);
    String place = accepted.header("Location");
    for (int i = 0; i < 1200; i++) {
      JsonNode batch = json(given().get(place));
      String state = batch.at("/job/state").asText();
      if (state.equals("finished")) {
        assertThat(batch.get("done")).isEqualTo(batch.get("outputs"));
        return place;
      }
      assertThat(state).isIn("queued", "running");
      Thread.sleep(100);
    }
    throw new AssertionError(given().get(place).asString());
  }

  private static String order(String month, String more) {
    return "{\"index\": \"poems\", \"period\": \"%s\", \"currency\": \"EUR\", \"poolMinor\": 100000%s}"
        .formatted(month, more);
  }

  private static JsonNode issued(String month, String more) throws IOException {
    Response answer = post("/v1/statements", order(month, more));
    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(201);
    return json(answer);
  }

  @Test
  void outputs_of_a_month_become_a_statement_that_pays_registered_holders() throws Exception {
    String month = month();
    String id = poem(2).get("id").asText();
    String ann = holder("Ann Author");
    assertThat(post("/v1/works", work(id, ann)).statusCode()).isEqualTo(201);
    String place = attributed(batch(month, 2, 3));

    JsonNode document = issued(month, "");

    JsonNode statement = document.get("statement");
    assertThat(statement.at("/outputs/count").asInt()).isEqualTo(2);
    long ppm = statement.get("unattributedPpm").asLong();
    for (JsonNode line : statement.get("works")) {
      ppm += line.get("ppm").asLong();
    }
    assertThat(ppm).isEqualTo(1_000_000);
    long minor = 0;
    for (JsonNode line : statement.get("lines")) {
      minor += line.get("minor").asLong();
    }
    assertThat(minor).isEqualTo(100_000);
    assertThat(statement.get("lines").get(0).get("kind").asText()).isEqualTo("payable");
    assertThat(statement.get("lines").get(0).get("name").asText()).isEqualTo("Ann Author");
    JsonNode outputs = json(given().get(place + "/outputs"));
    assertThat(outputs.get("outputs")).hasSize(2);
    given()
        .get("/v1/attributions/" + outputs.at("/outputs/0/attribution").asText())
        .then()
        .statusCode(200);
  }

  @Test
  void a_statement_is_read_again_byte_for_byte_and_computed_again_bit_by_bit() throws Exception {
    String month = month();
    attributed(batch(month, 4, 5));
    Response issued = post("/v1/statements", order(month, ""));

    byte[] again = given().get(issued.header("Location")).asByteArray();
    JsonNode verification = json(given().get(issued.header("Location") + "/verification"));

    assertThat(again).isEqualTo(issued.asByteArray());
    assertThat(verification.get("equal").asBoolean()).isTrue();
    assertThat(verification.get("statementSha256"))
        .isEqualTo(verification.get("computedAgainSha256"));
  }

  @Test
  void every_form_holds_the_same_money() throws Exception {
    String month = month();
    attributed(batch(month, 6));
    String place = "/v1/statements/" + issued(month, "").get("statementId").asText();

    String csv = given().get(place + "/csv").asString();
    String flat = given().get(place + "/flat-file").asString();
    JsonNode prov = json(given().get(place + "/prov"));
    String receipts = given().get(place + "/receipts").asString();

    long sum = 0;
    try (CsvReader<NamedCsvRecord> records = CsvReader.builder().ofNamedCsvRecord(csv)) {
      for (NamedCsvRecord record : records) {
        sum += Long.parseLong(record.getField("minor"));
      }
    }
    assertThat(sum).isEqualTo(100_000);
    assertThat(flat).startsWith("HEAD\t").endsWith("\t100000\n");
    assertThat(prov.get("entity")).isNotEmpty();
    assertThat(receipts.lines()).hasSize(1);
    JsonNode receipt = JSON.readTree(receipts);
    assertThat(receipt.get("schema").asText()).isEqualTo("royalty_receipt.v1");
    double shares = 0;
    for (JsonNode provider : receipt.get("top_k")) {
      shares += provider.get("share").asDouble();
    }
    assertThat(shares).isBetween(0.999999, 1.000001);
  }

  /**
   * A statement that was contested because the wrong holder was registered, and its correction.
   *
   * @param batch where the batch is
   * @param place where the first statement is
   * @param before its bytes before it was contested
   * @param document of the correction
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Corrected(String batch, String place, byte[] before, JsonNode document) {}

  static Corrected corrected() throws Exception {
    String month = month();
    String id = poem(7).get("id").asText();
    post("/v1/works", work(id, holder("Wrong Holder")));
    String batch = attributed(batch(month, 7));
    String place = "/v1/statements/" + issued(month, "").get("statementId").asText();
    byte[] before = given().get(place).asByteArray();
    assertThat(post(place + "/recomputations", REMARK).statusCode()).isEqualTo(409);
    assertThat(post(place + "/objections", REMARK).statusCode()).isEqualTo(201);
    post("/v1/works", work(id, holder("Right Holder")));
    Response corrected = post(place + "/recomputations", REMARK);
    assertThat(corrected.statusCode()).as(corrected.asString()).isEqualTo(201);
    return new Corrected(batch, place, before, json(corrected));
  }

  @Test
  void a_contested_statement_is_corrected_by_another_and_never_changed() throws Exception {
    Corrected corrected = corrected();

    JsonNode second = corrected.document();
    assertThat(second.get("version").asInt()).isEqualTo(2);
    assertThat(corrected.place()).endsWith(second.get("supersedes").asText());
    long moved = 0;
    for (JsonNode delta : second.get("deltas")) {
      moved += delta.get("minor").asLong();
    }
    assertThat(moved).isZero();
    assertThat(second.get("deltas")).hasSize(2);
    assertThat(given().get(corrected.place()).asByteArray()).isEqualTo(corrected.before());
    JsonNode state = json(given().get(corrected.place() + "/state"));
    assertThat(state.get("state").asText()).isEqualTo("recomputed");
    assertThat(state.at("/events/1/successor")).isEqualTo(second.get("statementId"));
    assertThat(json(given().get(corrected.place() + "/verification")).get("equal").asBoolean())
        .isTrue();
    assertThat(post(corrected.place() + "/settlement", REMARK).statusCode()).isEqualTo(409);
  }

  @Test
  void an_objection_is_rejected_with_a_reason_and_the_statement_settled() throws Exception {
    String month = month();
    attributed(batch(month, 8));
    String place = "/v1/statements/" + issued(month, "").get("statementId").asText();

    assertThat(post(place + "/settlement", REMARK).statusCode()).isEqualTo(409);
    post(place + "/objections", REMARK);

    assertThat(json(post(place + "/settlement", REMARK)).get("state").asText())
        .isEqualTo("settled");
    assertThat(post(place + "/objections", REMARK).statusCode()).isEqualTo(409);
  }

  @Test
  void services_that_issue_at_once_issue_one_statement() throws Exception {
    String month = month();
    attributed(batch(month, 9));
    Statements.Order order =
        new Statements.Order(
            "poems",
            java.time.YearMonth.parse(month),
            "EUR",
            1_000,
            io.whence.engine.credit.Payout.RemainderRule.KEEP,
            0,
            30);
    List<Future<Object>> tries = new ArrayList<>();
    try (ExecutorService services = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        tries.add(
            services.submit(
                () -> {
                  try {
                    return statements.issue(order);
                  } catch (Conflict e) {
                    return e;
                  }
                }));
      }
    }
    List<Object> answers = new ArrayList<>();
    for (Future<Object> one : tries) {
      answers.add(one.get());
    }

    assertThat(answers).filteredOn(answer -> answer instanceof Conflict).hasSize(3);
    assertThat(answers)
        .filteredOn(answer -> answer instanceof Conflict)
        .allSatisfy(
            answer ->
                assertThat(((Conflict) answer).detail())
                    .startsWith(month + " of index poems has statement ")
                    .endsWith(" already; contest it to have it corrected"));
  }

  @Test
  void the_database_refuses_a_second_statement_of_a_month_even_past_the_service() throws Exception {
    String month = month();
    attributed(batch(month, 10));
    String id = issued(month, "").get("statementId").asText();

    assertThatThrownBy(
            () ->
                execute(
                    "insert into statement select gen_random_uuid(), created_at, index_id, period,"
                        + " version, supersedes, document, document_sha256, statement_sha256,"
                        + " objections_until from statement where id = '"
                        + id
                        + "'"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("duplicate key value violates unique constraint");
  }

  @Test
  void the_same_key_twice_makes_one_batch_and_one_record_an_output() throws Exception {
    String body = batch(month(), 11);
    String key = UUID.randomUUID().toString();

    Response first =
        given()
            .header("Idempotency-Key", key)
            .contentType("application/json")
            .body(body)
            .post("/v1/batches");
    Response again =
        given()
            .header("Idempotency-Key", key)
            .contentType("application/json")
            .body(body)
            .post("/v1/batches");
    Response other =
        given()
            .header("Idempotency-Key", key)
            .contentType("application/json")
            .body(batch(month(), 12))
            .post("/v1/batches");
    Response keyless = post("/v1/batches", body);

    assertThat(first.statusCode()).isEqualTo(202);
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(other.statusCode()).isEqualTo(422);
    assertThat(keyless.statusCode()).isEqualTo(409);
    assertThat(json(keyless).get("detail").asText()).contains("an output is charged once");
  }

  @Test
  void the_same_key_twice_makes_one_attribution() throws IOException {
    byte[] body = AttributionsTest.request("poems", "the rose is red, asked twice");
    String key = UUID.randomUUID().toString();

    Response first =
        given()
            .header("Idempotency-Key", key)
            .contentType("application/json")
            .body(body)
            .post("/v1/attributions");
    Response again =
        given()
            .header("Idempotency-Key", key)
            .contentType("application/json")
            .body(body)
            .post("/v1/attributions");
    Response other =
        given()
            .header("Idempotency-Key", key)
            .contentType("application/json")
            .body(AttributionsTest.request("poems", "another"))
            .post("/v1/attributions");

    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(again.asByteArray()).isEqualTo(first.asByteArray());
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(other.statusCode()).isEqualTo(422);
  }

  @Test
  void a_month_is_closed_by_its_statement() throws Exception {
    String month = month();
    attributed(batch(month, 13));
    issued(month, "");

    assertThat(json(post("/v1/batches", batch(month, 14))).get("detail").asText())
        .startsWith(month + " of index poems is closed by statement ")
        .endsWith("; charge these outputs to a later month");
    assertThat(post("/v1/statements", order(month, "")).statusCode()).isEqualTo(409);
  }

  @Test
  void a_sum_below_the_least_payment_is_carried_into_the_next_statement() throws Exception {
    String early = month();
    String late = month();
    String id = poem(15).get("id").asText();
    String ann = holder("Carried Author");
    post("/v1/works", work(id, ann));
    attributed(batch(early, 15));
    attributed(batch(late, 15));
    JsonNode first = issued(early, ", \"leastMinor\": 99999999");

    JsonNode second = issued(late, "");

    JsonNode carried = first.at("/statement/lines/0");
    assertThat(carried.get("kind").asText()).isEqualTo("carriedForward");
    assertThat(carried.get("party").asText()).isEqualTo(ann);
    assertThat(second.at("/statement/terms/carriedIn/" + ann)).isEqualTo(carried.get("minor"));
    assertThat(second.at("/statement/totalMinor").asLong())
        .isEqualTo(100_000 + carried.get("minor").asLong());
  }

  @Test
  void rights_holders_are_found_by_name_and_identifier() throws IOException {
    Response registered =
        post(
            "/v1/rights-holders",
            "{\"name\": \"Josiah Carberry\", \"identifiers\": [{\"scheme\": \"orcid\", \"value\":"
                + " \"https://orcid.org/0000-0002-1825-0097\"}]}");

    assertThat(registered.statusCode()).isEqualTo(201);
    assertThat(json(registered).at("/identifiers/0/value").asText())
        .isEqualTo("0000-0002-1825-0097");
    for (String query : List.of("carber", "0000-0002-1825-0097")) {
      assertThat(
              json(given().queryParam("q", query).get("/v1/rights-holders"))
                  .at("/rightsHolders/0/name")
                  .asText())
          .isEqualTo("Josiah Carberry");
    }
    Response second =
        post(
            "/v1/rights-holders",
            "{\"name\": \"Another\", \"identifiers\": [{\"scheme\": \"orcid\", \"value\":"
                + " \"0000-0002-1825-0097\"}]}");
    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(json(given().queryParam("q", "%").get("/v1/rights-holders")).get("rightsHolders"))
        .isEmpty();
  }

  @Test
  void works_are_found_by_id_title_and_identifier_as_they_were_registered_last()
      throws IOException {
    String holder = holder("Owner of a Song");
    String body =
        """
        {"work": "songs/found", "title": "A Findable Song", "licence": "CC-BY-4.0",
         "identifiers": [{"scheme": "iswc", "value": "T-034.524.680-1"}],
         "parts": [{"rightsHolder": "%s", "role": "composer", "ppm": %d, "disputed": true}]}
        """;
    post("/v1/works", body.formatted(holder, 500_000));
    post("/v1/works", body.formatted(holder, 250_000));

    for (String query : List.of("songs/FOUND", "findable", "T-034.524.680-1")) {
      JsonNode found = json(given().queryParam("q", query).get("/v1/works")).get("works");
      assertThat(found).as(query).hasSize(1);
      assertThat(found.at("/0/parts/0/ppm").asInt()).isEqualTo(250_000);
      assertThat(found.at("/0/unregisteredPpm").asInt()).isEqualTo(750_000);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /v1/rights-holders | {}                                                            | name is missing
          /v1/rights-holders | {"name":"x","identifiers":[{"scheme":"orcid","value":"0000-0002-1825-0098"}]} | 0000-0002-1825-0098
          /v1/works          | {"work":"w","parts":[{"rightsHolder":"x","role":"author","ppm":1}]} | register the holder first
          /v1/works          | {"work":"w","parts":[{"rightsHolder":"00000000-0000-7000-8000-000000000000","role":"author","ppm":1}]} | there is no rights holder
          /v1/batches        | {"index":"poems","period":"2026-13","outputs":[{"key":"a","text":"x"}]} | period is a calendar month such as 2026-10
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[]}             | outputs has 1 to 10000 entries; got 0
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[{"key":"a b","text":"x"}]} | outputs[0].key has 1 to 200 characters
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[{"key":"a","text":"x"},{"key":"a","text":"y"}]} | outputs[1] has the key a of another output
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[{"key":"a","text":""}]} | the output is empty
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[{"key":"a","text":"x","declared":{"ppm":1000001}}]} | outputs[0].declared.ppm is between 1 and 1000000
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[{"key":"a","text":"x","declared":{}}]} | outputs[0].declared.ppm is missing
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[{"key":"a","text":"x","declared":{"ppm":1,"plugIns":[]}}]} | outputs[0].declared.plugIns has 1 to 100 entries
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[{"key":"a","text":"x","declared":{"ppm":1,"plugIns":[{"adapterSha256":"AB","weight":1}]}}]} | adapterSha256 is a SHA-256 sum
          /v1/batches        | {"index":"poems","period":"2026-10","outputs":[{"key":"a","text":"x","declared":{"ppm":1,"plugIns":[{}]}}]} | weight is a number above 0
          /v1/statements     | {"index":"poems","period":"1999-01","currency":"EUR","poolMinor":1} | index poems has no outputs charged to 1999-01
          /v1/statements     | {"index":"poems","period":"1999-01","currency":"euro","poolMinor":-1,"remainderRule":"all"} | remainderRule all is not known
          """)
  void what_is_wrong_is_said_and_changes_nothing(String path, String body, String said)
      throws IOException {
    Response answer = post(path, body);

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(422);
    assertThat(answer.contentType()).startsWith("application/problem+json");
    assertThat(json(answer).get("detail").asText()).contains(said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batches/", "/v1/rights-holders/", "/v1/works/", "/v1/statements/"})
  void what_is_not_there_is_not_found(String path) {
    given().get(path + "nobody").then().statusCode(404);
    given().get(path + UUID.randomUUID()).then().statusCode(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update statement set version = 9",
        "delete from statement_event",
        "update batch_usage set usage = ''",
        "delete from work_registration",
        "truncate rights_holder cascade"
      })
  void rows_of_credit_are_never_changed(String statement) {
    assertThatThrownBy(() -> execute(statement))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("are append-only");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        java.sql.Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void owners_have_the_shapley_values_of_the_worths_of_their_coalitions() throws IOException {
    JsonNode answer =
        json(
            post(
                "/v1/shapley-shares",
                """
                {"owners": ["Ann", "Bob"], "coalitions": [
                  {"owners": ["Bob", "Ann"], "worth": 4}, {"owners": [], "worth": 0},
                  {"owners": ["Bob"], "worth": 2}, {"owners": ["Ann"], "worth": 1}]}
                """));

    // Ann adds 1 as the first and 2 as the second, Bob 2 and 3.
    assertThat(answer.get("whole").asDouble()).isEqualTo(4);
    assertThat(answer.at("/owners/0/owner").asText()).isEqualTo("Ann");
    assertThat(answer.at("/owners/0/phi").asDouble()).isEqualTo(1.5);
    assertThat(answer.at("/owners/0/share").asDouble()).isEqualTo(0.375);
    assertThat(answer.at("/owners/1/phi").asDouble()).isEqualTo(2.5);
    JsonNode nothing =
        json(
            post(
                "/v1/shapley-shares",
                """
                {"owners": ["Ann"], "coalitions": [
                  {"owners": [], "worth": 3}, {"owners": ["Ann"], "worth": 3}]}
                """));
    assertThat(nothing.at("/owners/0/share").isNull()).isTrue();
  }

  @Test
  void coalitions_that_are_missing_strange_or_valued_twice_are_named() throws IOException {
    assertThat(
            json(post(
                    "/v1/shapley-shares",
                    "{\"owners\": [\"Ann\", \"Bob\"], \"coalitions\": [{\"owners\": [], \"worth\": 0}]}"))
                .at("/violations/0/detail")
                .asText())
        .isEqualTo(
            "of 2 owners 4 coalitions are valued, the one of nobody and those of one among them;"
                + " got 1");
    JsonNode wrong =
        json(
            post(
                "/v1/shapley-shares",
                """
                {"owners": ["Ann"], "coalitions": [
                  {"owners": ["Eve"], "worth": 0}, {"owners": [], "worth": 1},
                  {"owners": [], "worth": 1}, {"owners": ["Ann"]}]}
                """));
    assertThat(wrong.get("status").asInt()).isEqualTo(422);
    assertThat(wrong.get("violations").findValuesAsText("field"))
        .containsExactly("coalitions[0].owners", "coalitions[2]", "coalitions[3]");
    assertThat(post("/v1/shapley-shares", "{\"owners\": [\"A\", \"A\"]}").statusCode())
        .isEqualTo(422);
  }

  @Test
  void a_batch_of_another_length_than_is_read_is_refused() {
    byte[] body = "x".repeat(BatchesResource.LONGEST_BODY + 1).getBytes(UTF_8);

    given().contentType("application/json").body(body).post("/v1/batches").then().statusCode(413);
  }
}
