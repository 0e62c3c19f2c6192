package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.whence.service.TestHome;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(TestHome.class)
class RefusalsTest {
  private static final String POEM = "\"modality\": \"text\", \"text\": \"a rose is a rose\"";

  private final DataSource database;

  RefusalsTest(DataSource database) {
    this.database = database;
  }

  /** Body, status, problem, and a part of the detail. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"index": "poems", "output": {"modality": "text", "text": ""}}             | 422 | invalid-query | the output is empty
          {"index": "poems", "output": {"modality": "text", "text": " \\n"}}         | 422 | invalid-query | the output is empty
          {"index": "poems", "output": {"modality": "text"}}                         | 422 | invalid-query | the output has no text
          {"index": "poems", "output": {"modality": "text", "text": "\\ud800"}}      | 422 | invalid-query | surrogate
          {"index": "poems"}                                                         | 422 | invalid-query | output is missing
          {"output": {POEM}}                                                         | 422 | invalid-query | index is missing
          {"index": "songs", "output": {POEM}}                                       | 404 | unknown-index | there is no index songs; there is damaged, poems
          {"index": "../poems", "output": {POEM}}                                    | 404 | unknown-index | there is no index ../poems
          {"index": "damaged", "output": {POEM}}                                     | 503 | index-damaged | sketches/shard-0000.f32
          {"index": "poems", "output": {POEM}, "topK": 0}                            | 422 | invalid-query | topK is between 1 and 1000; got 0
          {"index": "poems", "output": {POEM}, "topK": 1001}                         | 422 | invalid-query | topK is between 1 and 1000; got 1001
          {"index": "poems", "output": {POEM}, "topK": -1}                           | 422 | invalid-query | topK is between 1 and 1000; got -1
          {"index": "poems", "output": {POEM}, "topK": 99999999999999999999}         | 422 | invalid-query | got 99999999999999999999
          {"index": "poems", "output": {POEM}, "topK": 1.5}                          | 400 | wrong-type | topK should be a whole number
          {"index": "poems", "output": {POEM}, "topK": "5"}                          | 400 | wrong-type | topK should be a whole number
          {"index": "poems", "output": {POEM}, "exact": "yes"}                       | 400 | wrong-type | exact should be true or false
          {"index": "poems", "output": {POEM}, "methods": []}                        | 422 | invalid-query | methods is empty
          {"index": "poems", "output": {POEM}, "methods": ["magic"]}                 | 422 | invalid-query | method magic is not known
          {"index": "poems", "output": {POEM}, "methods": [null]}                    | 422 | invalid-query | method null is not known
          {"index": "poems", "output": {"modality": "image", "text": "x"}}           | 422 | unsupported-modality | modality image
          {"index": "poems", "output": {"text": "x"}}                                | 422 | unsupported-modality | modality is missing
          {"index": "poems", "output": {POEM}, "use": {"commercial": 2}}             | 422 | invalid-query | use.commercial is between 0 and 1; got 2.0
          {"index": "poems", "output": {POEM}, "use": {"purpose": "magic"}}          | 422 | invalid-query | use.purpose magic is not known
          {"index": "poems", "output": {POEM}, "use": {"marketHarm": {"value": 1}}}  | 422 | invalid-query | use.marketHarm is a judged input and needs a reason; say why it is 1.0
          {"index": "poems", "output": {POEM}, "use": {"sideFacts": ["theft"]}}      | 422 | invalid-query | use.sideFacts theft is not known; use one of unlawfulAcquisition
          {"index": "poems", "output": {POEM}, "use": {"assertedAt": "2026-11-02"}}  | 422 | invalid-query | use.assertedAt says when and nobody who
          {"index": "poems", "output": {POEM}, "use": {"otherActs": {"theft": {}}}}  | 422 | invalid-query | act theft is not known
          {"index": "poems", "output": {POEM}, "use": {"market": {"dilution": 1}}}   | 422 | invalid-query | use.market.sameMarket is between 0 and 1; got none
          {"index": "poems", "output": {POEM}, "colour": 1}                          | 400 | unknown-field | there is no field colour (line 1, column
          {"index": "poems", "output": {POEM, "txt": 1}}                             | 400 | unknown-field | there is no field output.txt
          {"index": "poems", "index": "songs", "output": {POEM}}                     | 400 | invalid-json | Duplicate field 'index'
          {"index": "poems", "output": {POEM}                                        | 400 | invalid-json | line 1, column
          {"index": "poems", "output": {POEM}} {}                                    | 400 | wrong-type | one JSON object
          nothing                                                                    | 400 | invalid-json | (line 1, column
          [1, 2]                                                                     | 400 | wrong-type | one JSON object
          null                                                                       | 400 | wrong-type | null
          "poems"                                                                    | 400 | wrong-type | one JSON object
          """)
  void a_request_that_cannot_be_answered_is_a_problem(
      String body, int status, String type, String detail) {
    long before = records();

    Response answer = post(body.replace("POEM", POEM).getBytes(StandardCharsets.UTF_8));

    answer
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:" + type))
        .body("status", equalTo(status))
        .body("detail", containsString(detail))
        .body("instance", equalTo("/v1/attributions"));
    assertThat(answer.asString()).doesNotContain("Exception", "io.whence", "\\tat ");
    assertThat(records()).isEqualTo(before);
  }

  @Test
  void every_wrong_field_is_named_at_once() {
    String body =
        """
        {"output": {"modality": "text", "text": ""}, "topK": 0, "use": {"creative": 7}}
        """;

    post(body.getBytes(StandardCharsets.UTF_8))
        .then()
        .statusCode(422)
        .body("violations.field", hasItems("index", "output.text", "topK", "use"));
  }

  @Test
  void an_empty_body_is_a_problem() {
    post(new byte[0])
        .then()
        .statusCode(400)
        .body("detail", equalTo("the body is empty; send a JSON object"));
  }

  @Test
  void bytes_that_are_no_utf_8_are_named() {
    byte[] body =
        ("{\"index\": \"poems\", \"output\": {" + POEM + "}}").getBytes(StandardCharsets.UTF_8);
    body[52] = (byte) 0xFF;

    post(body)
        .then()
        .statusCode(400)
        .body("type", equalTo("urn:whence:problem:invalid-utf8"))
        .body("detail", equalTo("the body is not UTF-8: byte 52 (0xFF) begins no character"));
  }

  @Test
  void a_body_that_ends_too_soon_is_named_without_the_parsers_own_words() {
    post("{\"index\": \"poems\"".getBytes(StandardCharsets.UTF_8))
        .then()
        .statusCode(400)
        .body(
            "detail",
            equalTo(
                "the body is not JSON (line 1, column 18): Unexpected end-of-input: expected close"
                    + " marker for Object"));
  }

  @ParameterizedTest
  @CsvSource({"/v1/works?q=a%00b", "/v1/attributions/%00", "/v1/rights-holders?q=%00"})
  void a_zero_character_in_the_address_is_a_problem_of_the_request(String address) {
    given()
        .urlEncodingEnabled(false)
        .get(address)
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body(
            "detail",
            equalTo("the address has a zero character (%00), which nothing here has; take it out"));
  }

  @Test
  void an_output_over_the_limit_is_a_problem() {
    String body =
        "{\"index\": \"poems\", \"output\": {\"modality\": \"text\", \"text\": \""
            + "a ".repeat(50_001)
            + "\"}}";

    post(body.getBytes(StandardCharsets.UTF_8))
        .then()
        .statusCode(422)
        .body("detail", containsString("the output has 100002 characters; at most 100000"))
        .body("violations.field", hasItems("output.text"));
  }

  @Test
  void a_body_over_the_limit_is_a_problem() {
    post(new byte[(2 << 20) + 1])
        .then()
        .statusCode(413)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:too-large"))
        .body("detail", equalTo("the body has 2097153 bytes; at most 2097152 are read"));
  }

  @Test
  void a_body_over_the_limit_that_does_not_say_so_is_a_problem() {
    given()
        .contentType("application/json")
        .body(new ByteArrayInputStream(new byte[3 << 20]))
        .post("/v1/attributions")
        .then()
        .statusCode(413)
        .contentType("application/problem+json");
  }

  @Test
  void another_content_type_is_a_problem() {
    given()
        .contentType("text/plain")
        .body("{}")
        .post("/v1/attributions")
        .then()
        .statusCode(415)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:unsupported-media-type"));
  }

  @ParameterizedTest
  @CsvSource({"/v1/nothing", "/nothing", "/v1", "/", "/v1/jobs", "/v1/indexes/a/b"})
  void a_path_nobody_serves_is_a_problem(String path) {
    given()
        .get(path)
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:not-found"))
        .body("detail", equalTo("there is nothing at " + path));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/attributions | POST, OPTIONS",
        "/v1/methods | GET, HEAD, OPTIONS",
        "/v1/experiments | GET, HEAD, POST, OPTIONS",
        "/v1/experiments/x/repeat | POST, OPTIONS",
        "/v1/jobs/x/events | GET, HEAD, OPTIONS",
        "/v1/indexes | GET, HEAD, OPTIONS"
      })
  void another_method_is_a_problem(String path, String allowed) {
    given()
        .delete(path)
        .then()
        .statusCode(405)
        .contentType("application/problem+json")
        .header("Allow", equalTo(allowed))
        .body("type", equalTo("urn:whence:problem:method-not-allowed"))
        .body("detail", equalTo(path + " takes " + allowed + " only"));
  }

  private static Response post(byte[] body) {
    return AttributionsTest.attribute(body);
  }

  private long records() {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("select count(*) from attribution_record")) {
      count.next();
      return count.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
