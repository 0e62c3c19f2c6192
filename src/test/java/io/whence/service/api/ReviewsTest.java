package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.whence.service.TestHome;
import io.whence.service.persistence.EventLog;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From a label with a reason to the risk that rests on it. */
@QuarkusTest
@WithTestResource(TestHome.class)
class ReviewsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventLog log;
  private final DataSource database;

  ReviewsTest(EventLog log, DataSource database) {
    this.log = log;
    this.database = database;
  }

  private static Response post(String path, String body) {
    return given().contentType("application/json").body(body).post(path);
  }

  private static JsonNode json(Response response) throws IOException {
    return JSON.readTree(response.asByteArray());
  }

  private static JsonNode created(Response response) throws IOException {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(201);
    return json(response);
  }

  private static String passage() throws IOException {
    return JSON.readTree(TestHome.poems().get(TestHome.RESERVED))
        .get("text")
        .asText()
        .substring(60, 260);
  }

  /** A passage of a poem, so that there is a copied work whose risk is assessed. */
  static String attribution(String use) throws IOException {
    String body =
        "{\"index\": \"poems\", \"topK\": 3, \"output\": {\"modality\": \"text\", \"text\": %s}%s}"
            .formatted(JSON.writeValueAsString(passage() + " " + UUID.randomUUID()), use);
    return created(AttributionsTest.attribute(body.getBytes(UTF_8))).get("id").asText();
  }

  static JsonNode reviewer(String name, String role) throws IOException {
    return created(
        post("/v1/reviewers", "{\"name\": \"%s\", \"role\": \"%s\"}".formatted(name, role)));
  }

  static Response label(String attribution, JsonNode reviewer, String label, String more) {
    return post(
        "/v1/reviews",
        """
        {"attribution": "%s", "reviewer": "%s", "transformative": "%s", "reason": "so it reads"%s}
        """
            .formatted(attribution, reviewer.get("id").asText(), label, more));
  }

  private static JsonNode transformative(JsonNode record) {
    for (JsonNode factor : record.at("/risk/factors")) {
      for (JsonNode input : factor.get("inputs")) {
        if (input.get("name").asText().equals("transformative")) {
          return input;
        }
      }
    }
    throw new AssertionError("no transformative among " + record.at("/risk/factors"));
  }

  @Test
  void a_reviewer_sees_the_labels_of_others_after_labelling() throws IOException {
    String attribution = attribution("");
    JsonNode ann = reviewer("Ann Counsel", "counsel");
    JsonNode bob = reviewer("Bob Editor", "editor");
    JsonNode first = created(label(attribution, ann, "no", ""));
    String place = "/v1/reviews?attribution=" + attribution + "&reviewer=" + bob.get("id").asText();

    JsonNode before = json(given().get(place));
    String pageBefore = page(attribution, bob);
    created(label(attribution, bob, "yes", ""));
    JsonNode after = json(given().get(place));

    assertThat(before.get("labels").asInt()).isEqualTo(1);
    assertThat(before.get("shown").asBoolean()).isFalse();
    assertThat(before.get("reviews")).isEmpty();
    assertThat(pageBefore)
        .contains("One other reviewer has labelled it. You are shown how once you have labelled")
        .doesNotContain(ann.get("pseudonym").asText(), "so it reads");
    assertThat(after.get("reviews")).hasSize(2);
    assertThat(after.at("/reviews/0")).isEqualTo(first);
    assertThat(first.get("closest").get("passage").asText()).isNotBlank();
    assertThat(after.toString()).doesNotContain("Ann Counsel", ann.get("id").asText());
    assertThat(page(attribution, bob)).contains(ann.get("pseudonym").asText() + ", counsel");
    assertThat(log.about(first.get("id").asText()))
        .extracting(event -> event.kind())
        .containsExactly("review.given");
  }

  private static String page(String attribution, JsonNode reviewer) {
    return given()
        .get("/v1/attributions/" + attribution + "/review?reviewer=" + reviewer.get("id").asText())
        .then()
        .statusCode(200)
        .contentType("text/html;charset=UTF-8")
        .extract()
        .asString();
  }

  @Test
  void a_correction_is_a_new_version_and_the_earlier_one_stays() throws IOException {
    String attribution = attribution("");
    JsonNode ann = reviewer("Ann Corrects", "counsel");
    JsonNode first = created(label(attribution, ann, "no", ""));

    Response again = label(attribution, ann, "yes", "");
    String corrects = ", \"corrects\": \"" + first.get("id").asText() + "\"";
    JsonNode second = created(label(attribution, ann, "marginal", corrects));

    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(json(again).get("detail").asText())
        .endsWith(first.get("id").asText() + "; give that as corrects to correct it");
    assertThat(second.get("version").asInt()).isEqualTo(2);
    assertThat(json(given().get("/v1/reviews/" + first.get("id").asText()))).isEqualTo(first);
    assertThat(label(attribution, ann, "mixed", corrects).statusCode()).isEqualTo(409);
    JsonNode latest =
        json(
            given()
                .get(
                    "/v1/reviews?attribution="
                        + attribution
                        + "&reviewer="
                        + ann.get("id").asText()));
    assertThat(latest.get("reviews")).hasSize(1);
    assertThat(latest.at("/reviews/0")).isEqualTo(second);
  }

  @Test
  void labels_become_an_input_of_the_risk_in_another_record() throws IOException {
    String attribution = attribution("");
    byte[] before = given().get("/v1/attributions/" + attribution).asByteArray();
    created(label(attribution, reviewer("Ann Assesses", "counsel"), "no", ""));
    created(label(attribution, reviewer("Bob Assesses", "editor"), "marginal", ""));

    Response answer = post("/v1/attributions/" + attribution + "/reassessments", "");

    JsonNode record = created(answer);
    JsonNode input = transformative(record);
    assertThat(input.get("origin").asText()).isEqualTo("judged");
    assertThat(input.get("low").asDouble()).isZero();
    assertThat(input.get("high").asDouble()).isEqualTo(0.3);
    assertThat(input.get("assertedBy").asText())
        .isEqualTo("2 reviewers: Ann Assesses (counsel), Bob Assesses (editor)");
    assertThat(input.get("basis").asText())
        .startsWith("2 reviews, median 0.150, spread 0.00 to 0.30.");
    assertThat(given().get("/v1/attributions/" + attribution).asByteArray()).isEqualTo(before);
    assertThat(given().get(answer.header("Location")).asByteArray())
        .isEqualTo(answer.asByteArray());
    ObjectNode was = (ObjectNode) JSON.readTree(before);
    ObjectNode is = (ObjectNode) record;
    assertThat(is.at("/risk/missingFacts").toString())
        .doesNotContain("\"input\":\"transformative\"");
    for (String field : List.of("id", "createdAt", "risk", "reproducibility")) {
      was.remove(field);
      is.remove(field);
    }
    assertThat(is).isEqualTo(was);
  }

  @Test
  void the_same_reviews_have_the_same_record_and_another_review_another() throws IOException {
    String attribution = attribution("");
    String place = "/v1/attributions/" + attribution + "/reassessments";
    Response none = post(place, "");
    created(label(attribution, reviewer("Ann Again", "counsel"), "yes", ""));

    JsonNode first = created(post(place, ""));
    JsonNode again = created(post(place, ""));
    created(label(attribution, reviewer("Bob Again", "editor"), "no", ""));
    JsonNode other = created(post(place, ""));

    assertThat(none.statusCode()).isEqualTo(409);
    assertThat(json(none).get("detail").asText()).startsWith("nobody has reviewed attribution");
    assertThat(again).isEqualTo(first);
    assertThat(other.get("id")).isNotEqualTo(first.get("id"));
    assertThat(transformative(other).get("basis").asText()).contains("they contradict each other");
    assertThat(transformative(other).get("high").asDouble())
        .isGreaterThan(transformative(first).get("value").asDouble());
    assertThat(log.about("reassessment of " + attribution)).hasSize(2);
  }

  @Test
  void an_output_that_is_erased_is_gone_wherever_it_was_assessed_again_and_from_the_pairs()
      throws IOException {
    String attribution = attribution("");
    JsonNode bob = reviewer("Bob Waiting", "editor");
    created(label(attribution, reviewer("Ann Erased", "counsel"), "yes", ""));
    String again =
        created(post("/v1/attributions/" + attribution + "/reassessments", "")).get("id").asText();

    given()
        .queryParam("by", "Ann Author")
        .queryParam("reason", "it is mine")
        .delete("/v1/attributions/" + again)
        .then()
        .statusCode(200);

    given().get("/v1/attributions/" + again).then().statusCode(410);
    given().get("/v1/attributions/" + attribution).then().statusCode(410);
    assertThat(given().get("/v1/reviews/pairs/jsonl").then().statusCode(200).extract().asString())
        .doesNotContain(attribution);
    assertThat(given().get("/v1/reviews/queue?reviewer=" + bob.get("id").asText()).asString())
        .doesNotContain(attribution);
  }

  @Test
  void what_the_requester_asserted_wins_and_says_so() throws IOException {
    String attribution =
        attribution(
            ", \"use\": {\"transformative\": {\"value\": 0.9, \"assertedBy\": \"Their counsel\","
                + " \"reason\": \"a parody\"}}");
    created(label(attribution, reviewer("Ann Overruled", "counsel"), "no", ""));

    JsonNode input =
        transformative(created(post("/v1/attributions/" + attribution + "/reassessments", "")));

    assertThat(input.get("assertedBy").asText()).isEqualTo("Their counsel");
    assertThat(input.get("basis").asText())
        .startsWith("a parody (asserted in the request, which wins over the reviews: 0.050");
  }

  @Test
  void the_queue_has_what_others_labelled() throws IOException {
    String attribution = attribution("");
    JsonNode ann = reviewer("Ann Queues", "counsel");
    JsonNode bob = reviewer("Bob Queues", "editor");
    created(label(attribution, ann, "no", ""));
    String place = "/v1/reviews/queue?limit=100&reviewer=" + bob.get("id").asText();

    JsonNode before = json(given().get(place));
    created(label(attribution, bob, "no", ""));

    assertThat(before.toString()).contains(attribution);
    assertThat(json(given().get(place)).toString()).doesNotContain(attribution);
  }

  @Test
  void agreement_and_pairs_are_of_the_latest_labels() throws IOException {
    JsonNode ann = reviewer("Ann Agrees", "counsel");
    JsonNode bob = reviewer("Bob Agrees", "editor");
    List<String> attributions = new ArrayList<>();
    for (String[] labels : new String[][] {{"no", "no"}, {"yes", "highly"}, {"mixed", "mixed"}}) {
      String attribution = attribution("");
      attributions.add(attribution);
      created(label(attribution, ann, labels[0], ""));
      created(label(attribution, bob, labels[1], ""));
    }

    JsonNode agreement = json(given().get("/v1/reviews/agreement?index=poems&seed=7"));
    String csv = given().get("/v1/reviews/pairs/csv").then().statusCode(200).extract().asString();
    String jsonl = given().get("/v1/reviews/pairs/jsonl?index=poems").asString();

    assertThat(agreement.get("outputs").asInt()).isGreaterThanOrEqualTo(3);
    assertThat(agreement.at("/krippendorffsAlphaOrdinal/value").asDouble()).isBetween(-1.0, 1.0);
    assertThat(agreement).isEqualTo(json(given().get("/v1/reviews/agreement?index=poems&seed=7")));
    assertThat(json(given().get("/v1/reviews/agreement?index=none")).get("outputs").asInt())
        .isZero();
    List<String> found = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> records = CsvReader.builder().ofNamedCsvRecord(csv)) {
      for (NamedCsvRecord record : records) {
        if (record.getField("reviewer").equals(bob.get("pseudonym").asText())) {
          found.add(record.getField("attribution") + " " + record.getField("transformative"));
          assertThat(record.getField("output")).startsWith(passage());
          assertThat(record.getField("passage")).isNotBlank();
        }
      }
    }
    assertThat(found)
        .containsExactly(
            attributions.get(0) + " no",
            attributions.get(1) + " highly",
            attributions.get(2) + " mixed");
    assertThat(csv).doesNotContain("Ann Agrees", ann.get("id").asText());
    assertThat(jsonl.lines().filter(line -> line.contains(bob.get("pseudonym").asText())))
        .hasSize(3);
    assertThat(log.about("reviews of poems"))
        .extracting(event -> event.kind())
        .contains("reviews.exported");
  }

  @Test
  void a_person_labels_on_the_page_without_a_script() throws IOException {
    String attribution = attribution("");
    String place = "/v1/attributions/" + attribution + "/review";
    Response first = given().get(place);
    Response entered =
        given()
            .redirects()
            .follow(false)
            .formParam("name", "Paul <b>Page</b>")
            .formParam("role", "reader")
            .post(place);
    String own = entered.header("Location");
    String reviewer = own.substring(own.indexOf("reviewer=") + "reviewer=".length());
    Response refused =
        given()
            .formParam("reviewer", reviewer)
            .formParam("transformative", "mixed")
            .formParam("reason", " ")
            .post(place);

    Response kept =
        given()
            .redirects()
            .follow(false)
            .formParam("reviewer", reviewer)
            .formParam("transformative", "mixed")
            .formParam("reason", "half <i>and</i> half")
            .post(place);

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.asString()).contains("Say who you are").doesNotContain("name=\"corrects\"");
    assertThat(first.header("Content-Security-Policy"))
        .startsWith("default-src 'none'; style-src 'sha256-")
        .contains("form-action 'self'");
    assertThat(entered.statusCode()).isEqualTo(303);
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.asString())
        .contains("Not kept: reason is missing", "value=\"mixed\" data-key=\"3\" required checked");
    assertThat(kept.statusCode()).isEqualTo(303);
    String page = given().get(own).asString();
    assertThat(page)
        .contains(
            "You labelled this output",
            "Correct your label",
            "Paul &lt;b&gt;Page&lt;/b&gt;",
            "half &lt;i&gt;and&lt;/i&gt; half")
        .doesNotContain("NOT_FOUND", "<b>Page");
  }

  @Test
  void the_report_leads_to_the_review() throws IOException {
    String report =
        given()
            .accept("text/html")
            .get("/v1/attributions/" + attribution("") + "/report")
            .asString();

    assertThat(report).contains("<a href=\"review\">");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /v1/reviewers | {}                                                             | 422 | name is missing; role is missing
          /v1/reviewers | {"name": "x", "role": "y", "age": 3}                           | 400 | there is no field age
          /v1/reviews   | {}                                                             | 422 | attribution is missing; reviewer is missing; transformative is one of no, marginal, mixed, yes, highly; got null; reason is missing
          /v1/reviews   | {"attribution": "x", "reviewer": "y", "transformative": "no", "reason": "z"} | 404 | there is no attribution x
          /v1/reviews   | {"attribution": "ID", "reviewer": "y", "transformative": "no", "reason": "z"} | 404 | there is no reviewer y; register at /v1/reviewers
          /v1/reviews   | {"attribution": "ID", "reviewer": "y", "transformative": "very", "reason": "z"} | 422 | got very
          /v1/reviews   | {"attribution": "ID", "reviewer": "y", "transformative": "no", "reason": "z", "corrects": "w"} | 422 | corrects is the id of a review; got w
          """)
  void what_is_wrong_is_said(String path, String body, int status, String said) throws IOException {
    Response answer = post(path, body.replace("\"ID\"", "\"" + attribution("") + "\""));

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(status);
    assertThat(answer.contentType()).startsWith("application/problem+json");
    assertThat(json(answer).get("detail").asText()).contains(said);
  }

  @Test
  void a_reason_longer_than_is_kept_is_refused() throws IOException {
    Response answer =
        post(
            "/v1/reviews",
            """
            {"attribution": "a", "reviewer": "b", "transformative": "no", "reason": "%s"}
            """
                .formatted("x".repeat(4_001)));

    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(json(answer).get("detail").asText()).contains("reason has at most 4000 characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/reviews/nobody",
        "/v1/attributions/nobody/review",
        "/v1/reviews/queue?reviewer=nobody",
        "/v1/reviews?attribution=nobody"
      })
  void what_is_not_there_is_not_found(String path) {
    given().get(path).then().statusCode(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update review set label = 'yes'",
        "delete from reviewer",
        "truncate reassessment"
      })
  void reviews_are_never_changed(String statement) {
    assertThatThrownBy(
            () -> {
              try (Connection connection = database.getConnection();
                  java.sql.Statement sql = connection.createStatement()) {
                sql.execute(statement);
              }
            })
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("are append-only");
  }
}
