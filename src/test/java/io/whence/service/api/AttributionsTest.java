package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItems;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.whence.service.PdfA;
import io.whence.service.TestHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(TestHome.class)
class AttributionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void a_verbatim_passage_is_traced_to_its_poem() throws IOException {
    Response answer = attribute(request(passage(3)));

    answer.then().statusCode(201).contentType("application/json");
    JsonNode body = JSON.readTree(answer.asByteArray());
    assertThat(answer.header("Location")).endsWith("/v1/attributions/" + body.get("id").asText());
    assertThat(body.at("/attributions/0/work/id").asText()).isEqualTo(poem(3).get("id").asText());
    assertThat(body.at("/attributions/0/evidence/0/rare").asBoolean()).isTrue();
  }

  @Test
  void the_record_is_the_answer_byte_for_byte() throws IOException {
    Response answer = attribute(request(passage(5)));

    Response again = given().get(answer.header("Location"));

    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.contentType()).isEqualTo(answer.contentType());
    assertThat(again.asByteArray()).isEqualTo(answer.asByteArray());
    assertThat(again.header("ETag")).hasSize(66);
  }

  @Test
  void the_same_request_has_the_same_answer_apart_from_its_name_and_time() throws IOException {
    ObjectNode first = (ObjectNode) JSON.readTree(attribute(request(passage(7))).asByteArray());
    ObjectNode second = (ObjectNode) JSON.readTree(attribute(request(passage(7))).asByteArray());

    assertThat(first.remove("id")).isNotEqualTo(second.remove("id"));
    first.remove("createdAt");
    second.remove("createdAt");
    assertThat(first.toString()).isEqualTo(second.toString());
  }

  @Test
  void all_options_are_understood() throws IOException {
    String body =
        """
        {"index": "poems", "output": {"modality": "text", "text": "%s", "prompt": "A poem:"},
         "topK": 3, "methods": ["gradientDot"], "exact": true,
         "use": {"jurisdiction": "US", "purpose": "research", "commercial": 0, "creative": 1,
                 "unpublished": 0,
                 "transformative": {"value": 0.5, "assertedBy": "a tester", "reason": "a test"},
                 "marketHarm": {"value": 0.1, "assertedBy": "a tester", "reason": "a test"}}}
        """
            .formatted("the sea is calm tonight and the moon lies fair upon the straits");

    attribute(body.getBytes(StandardCharsets.UTF_8))
        .then()
        .statusCode(201)
        .body("attributions.size()", equalTo(3))
        .body("attributions[0].influence.method", equalTo("gradientDot"))
        .body("output.prompt", equalTo("A poem:"));
  }

  @Test
  void the_report_is_a_page_that_loads_nothing_and_escapes_what_it_shows() throws IOException {
    String text = "<script>alert(1)</script> " + passage(3);
    String place = attribute(request(text)).header("Location");

    Response report = given().accept("text/html").get(place + "/report");

    report.then().statusCode(200).contentType("text/html;charset=UTF-8");
    assertThat(report.header("Content-Security-Policy")).startsWith("default-src 'none'");
    assertThat(report.asString())
        .contains("Shared words, side by side", "<mark>", "&lt;script&gt;alert(1)&lt;/script&gt;")
        .doesNotContain("<script", "NOT_FOUND");
  }

  @Test
  void what_each_work_did_to_each_token_is_told_when_asked_and_shown_in_the_report()
      throws IOException {
    String text = "the sea is calm tonight and the moon lies fair upon the straits";
    String body =
        """
        {"index": "poems", "output": {"modality": "text", "text": "%s"}, "topK": 2, "perToken": true}
        """
            .formatted(text);

    Response answer = attribute(body.getBytes(StandardCharsets.UTF_8));

    answer.then().statusCode(201);
    JsonNode first = JSON.readTree(answer.asByteArray()).at("/attributions/0");
    double sum = 0;
    double size = 0;
    for (JsonNode token : first.path("tokens")) {
      sum += token.path("deltaLoss").asDouble();
      size += Math.abs(token.path("deltaLoss").asDouble());
    }
    assertThat(sum).isCloseTo(first.at("/influence/deltaLoss").asDouble(), within(0.01 * size));
    assertThat(given().get(answer.header("Location") + "/report").asString())
        .contains("What the first works did to each token", "class=\"up3\"");
    attribute(body.replace("\"topK\": 2", "\"topK\": 51").getBytes(StandardCharsets.UTF_8))
        .then()
        .statusCode(422)
        .body("detail", containsString("topK is 51, so lower it or leave perToken out"));
  }

  @Test
  void an_edited_passage_is_aligned_and_red_lined() throws IOException {
    String[] words = passage(3).split("(?<=\\s)");
    words[12] = "altogether ";
    words[30] = "";
    words[45] += "furthermore ";
    Response answer = attribute(request(String.join("", words)));

    JsonNode near = MissingNode.getInstance();
    for (JsonNode match : JSON.readTree(answer.asByteArray()).at("/attributions/0/evidence")) {
      near = match.path("kind").asText().equals("nearVerbatim") ? match : near;
    }
    assertThat(near.path("operations").findValuesAsText("operation"))
        .contains("equal", "substitute", "delete", "insert");
    assertThat(near.path("counts").asBoolean()).isTrue();
    assertThat(near.path("pValue").asDouble()).isLessThan(0.01);
    assertThat(given().get(answer.header("Location") + "/report").asString())
        .contains("<ins>altogether</ins>", "<ins>furthermore</ins>", "<del>")
        .doesNotContainPattern("<mark>[^<]*altogether");
  }

  @Test
  void where_no_run_is_shared_a_certificate_says_so() throws IOException {
    Response answer =
        attribute(
            request(
                "quarterly depreciation of semiconductor inventories exceeded forecasts, analysts at"
                    + " three brokerages said"));

    answer
        .then()
        .body("negativeCertificate.words", equalTo(10))
        .body("negativeCertificate.works", equalTo(30))
        .body(
            "negativeCertificate.statement",
            equalTo(
                "the output of 12 words shares no run of 10 words or more with any of the 30 works of"
                    + " this index"));
    attribute(request(passage(3))).then().body("negativeCertificate", equalTo(null));
    assertThat(given().get(answer.header("Location") + "/report").asString())
        .contains("Certified: the output of 12 words shares no run");
  }

  @Test
  void the_report_is_a_pdf_for_the_archive_where_that_is_asked_for_and_its_export_is_logged()
      throws Exception {
    Response answer = attribute(request(passage(3)));
    String place = answer.header("Location");
    given().get(place + "/report").then().contentType("text/html;charset=UTF-8");

    Response report = given().accept("application/pdf").get(place + "/report");

    report
        .then()
        .statusCode(200)
        .contentType("application/pdf")
        .header("Content-Disposition", containsString(".pdf"));
    byte[] pdf = report.asByteArray();
    assertThat(PdfA.failures(pdf)).isEmpty();
    try (PDDocument document = Loader.loadPDF(pdf)) {
      String text = new PDFTextStripper().getText(document);
      assertThat(text)
          .contains("attribution.answered", "attribution.viewed", "attribution.reported");
      assertThat(
              document
                  .getDocumentCatalog()
                  .getNames()
                  .getEmbeddedFiles()
                  .getNames()
                  .values()
                  .iterator()
                  .next()
                  .getEmbeddedFile()
                  .toByteArray())
          .isEqualTo(answer.asByteArray());
    }
    given()
        .accept("image/png")
        .get(place + "/report")
        .then()
        .statusCode(406)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:not-acceptable"));
  }

  @Test
  void what_is_stated_of_a_use_comes_back_with_who_stated_it_and_when() throws IOException {
    String body =
        """
        {"index": "poems", "output": {"modality": "text", "text": %s},
         "use": {"commercial": 1, "user": "A. Publisher", "assertedBy": "B. Clerk",
                 "assertedAt": "2026-11-02", "market": {"sameMarket": 0.5},
                 "transformative": {"value": 0.5, "low": 0.4, "high": 0.6, "assertedBy": "J. Doe",
                                    "reason": "a test", "assertedAt": "2026-11-03T10:00:00Z"},
                 "otherActs": {"trainingCopy": {"purpose": "ai_training", "amountOfWork": 1}},
                 "sideFacts": ["noticeRemoved", "trademark"]}}
        """
            .formatted(JSON.writeValueAsString(passage(3)));

    JsonNode answer = JSON.readTree(attribute(body.getBytes(StandardCharsets.UTF_8)).asByteArray());

    JsonNode use = answer.at("/reproducibility/request/use");
    assertThat(use.at("/user").asText()).isEqualTo("A. Publisher");
    assertThat(use.at("/declaration/assertedBy").asText()).isEqualTo("B. Clerk");
    assertThat(use.at("/transformative/assertedAt").asText()).isEqualTo("2026-11-03T10:00:00Z");
    assertThat(use.at("/transformative/high").asDouble()).isEqualTo(0.6);
    assertThat(use.at("/otherActs/TRAINING_COPY/amountOfWork").asDouble()).isEqualTo(1);
    assertThat(answer.at("/risk/flags").findValuesAsText("id"))
        .contains("noticeRemoval", "trademark");
  }

  @Test
  void an_unknown_attribution_is_a_problem() {
    String id = "01890a5d-ac96-774b-bcce-b302099a8057";

    given()
        .get("/v1/attributions/" + id)
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:unknown-attribution"))
        .body("title", equalTo("Unknown attribution"))
        .body("status", equalTo(404))
        .body("detail", equalTo("there is no attribution " + id))
        .body("instance", equalTo("/v1/attributions/" + id));
    given().get("/v1/attributions/latest").then().statusCode(404);
    given().get("/v1/attributions/latest/report").then().statusCode(404);
  }

  @Test
  void what_was_done_is_counted_and_timed() throws IOException {
    attribute(request(passage(3)));

    given()
        .get("/q/metrics")
        .then()
        .statusCode(200)
        .body(containsString("whence_attributions_total{outcome=\"answered\"}"))
        .body(containsString("whence_attribution_stage_seconds_count{stage=\"gradient\"}"))
        .body(containsString("whence_index_size_bytes{index=\"poems\"}"));
  }

  @Test
  void ready_means_that_an_index_is_open() throws IOException {
    attribute(request(passage(3)));

    given()
        .get("/q/health/ready")
        .then()
        .statusCode(200)
        .body("checks.find { it.name == 'an index is open' }.data.open", greaterThanOrEqualTo(1));
    given().get("/q/health/live").then().statusCode(200);
  }

  @Test
  void the_log_says_which_index_answers_rest_on() throws IOException {
    String index =
        JSON.readTree(attribute(request(passage(3))).asByteArray())
            .at("/reproducibility/components/index")
            .asText();

    assertThat(given().get("/v1/log/events?limit=1000").asString().lines())
        .filteredOn(event -> event.contains("index.opened"))
        .singleElement()
        .asString()
        .contains("\"subject\":\"poems " + index + "\"", "\"actor\":\"service\"");
  }

  @Test
  void indexes_say_how_they_stand() throws IOException {
    attribute(request(passage(3)));
    attribute(request("damaged", passage(3)));

    given()
        .get("/v1/indexes")
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("indexes.id", equalTo(java.util.List.of("damaged", "poems")))
        .body("indexes[0].state", equalTo("damaged"))
        .body("indexes[0].detail", containsString("shard-0000.f32"))
        .body("indexes[1].state", equalTo("open"));
    given()
        .get("/v1/indexes/poems")
        .then()
        .statusCode(200)
        .body("manifest.counts.works", equalTo(30))
        .body("manifest.counts.bytes", greaterThan(1_000_000))
        .body("fidelity.candidateRecall.outputs", equalTo(2));
    given()
        .get("/v1/indexes/poems.building")
        .then()
        .statusCode(404)
        .body("type", equalTo("urn:whence:problem:unknown-index"));
  }

  @Test
  void methods_say_what_they_are() {
    given()
        .get("/v1/methods")
        .then()
        .statusCode(200)
        .body(
            "methods.findAll { it.answers }.name",
            equalTo(java.util.List.of("wordEmbeddingFisher", "gradientDot", "sketchedFisher")))
        .body("methods[0].paper", containsString("First is better than last"))
        .body("methods[0].unit", containsString("nats"))
        .body("methods.find { it.name == 'trak' }.unit", containsString("up to a factor"))
        .body("methods.find { it.name == 'ekfac' }.suites", hasItems("mnist-lr", "poems-lm"));
  }

  static Response attribute(byte[] body) {
    return given().contentType("application/json").body(body).post("/v1/attributions");
  }

  static byte[] request(String text) throws IOException {
    return request("poems", text);
  }

  static byte[] request(String index, String text) throws IOException {
    ObjectNode request = JSON.createObjectNode().put("index", index);
    request.putObject("output").put("modality", "text").put("text", text);
    return JSON.writeValueAsBytes(request);
  }

  private static JsonNode poem(int number) throws IOException {
    return JSON.readTree(TestHome.poems().get(number));
  }

  /** Some sixty words from the inside of a poem. */
  private static String passage(int poem) throws IOException {
    String[] words = poem(poem).get("text").asText().split("(?<=\\s)");
    int from = Math.min(10, words.length / 4);
    return String.join(
        "", java.util.Arrays.copyOfRange(words, from, Math.min(words.length, from + 60)));
  }
}
