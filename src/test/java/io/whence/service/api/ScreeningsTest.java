package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.whence.engine.Progress;
import io.whence.engine.record.Bundle;
import io.whence.indexbuilder.BuildSettings;
import io.whence.indexbuilder.EvidenceBuild;
import io.whence.service.TestHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Outputs before release. */
@QuarkusTest
@WithTestResource(TestHome.class)
class ScreeningsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String text(int poem) throws IOException {
    return JSON.readTree(TestHome.poems().get(poem)).get("text").asText();
  }

  @Test
  void a_copy_of_a_free_work_is_flagged_with_its_source_and_its_place() throws IOException {
    Response answer = screen(request("As they say: " + text(3)));

    answer
        .then()
        .statusCode(201)
        .contentType("application/json")
        .body("verdict", equalTo("flag"))
        .body("policy.name", equalTo("default"))
        .body("reasons.rule", hasItem("run"))
        .body(
            "reasons[0].work.id",
            equalTo(JSON.readTree(TestHome.poems().get(3)).get("id").asText()))
        .body("reasons[0].matches[0].tokens", greaterThan(15))
        .body("negativeCertificate", equalTo(null))
        .body("wouldMiss", hasItem(containsString("works that are not among the 30")));
  }

  @Test
  void what_shares_nothing_is_allowed_under_a_certificate() throws IOException {
    screen(
            request(
                "quarterly depreciation of semiconductor inventories exceeded forecasts, analysts at"
                    + " three brokerages said"))
        .then()
        .statusCode(201)
        .body("verdict", equalTo("allow"))
        .body("reasons.size()", equalTo(0))
        .body("negativeCertificate.words", equalTo(10));
  }

  @Test
  void an_index_for_evidence_alone_screens_and_does_not_attribute() throws IOException {
    Path home = TestHome.root().resolve("target/test-home");
    Path words = home.resolve("indexes/words");
    new EvidenceBuild(
            List.of(home.resolve("poems.jsonl")),
            words,
            false,
            BuildSettings.on("cpu").withoutSketches(),
            Progress.SILENT)
        .run();
    try {
      ObjectNode request = (ObjectNode) JSON.readTree(request(text(3)));
      byte[] body = JSON.writeValueAsBytes(request.put("index", "words"));

      screen(body).then().statusCode(201).body("verdict", equalTo("flag"));
      given()
          .get("/v1/indexes/words")
          .then()
          .statusCode(200)
          .body("state", equalTo("open"))
          .body("fidelity.notMeasured", hasItem(containsString("evidence alone")));
      AttributionsTest.attribute(AttributionsTest.request("words", text(3)))
          .then()
          .statusCode(422)
          .body("type", endsWith("invalid-query"))
          .body("detail", containsString("trace or screen with it, or name one"));
    } finally {
      TestHome.deleteTree(words);
    }
  }

  @Test
  void a_policy_of_the_house_decides_where_it_is_named() throws IOException {
    Path policies = TestHome.root().resolve("target/test-home/policies");
    Files.createDirectories(policies);
    Files.writeString(
        policies.resolve("strict.json"),
        """
        {"format": "whence-policy", "version": 1, "name": "strict", "rules": [
          {"id": "any", "verdict": "block", "evidence": "verbatim", "words": 10}]}
        """);
    ObjectNode request = (ObjectNode) JSON.readTree(request(text(3)));

    screen(JSON.writeValueAsBytes(request.put("policy", "strict")))
        .then()
        .statusCode(201)
        .body("verdict", equalTo("block"))
        .body("policy.name", equalTo("strict"))
        .body("nearestInMeaning.size()", equalTo(0));
    screen(JSON.writeValueAsBytes(request.put("policy", "../strict")))
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("detail", containsString("there is no policy ../strict"));
  }

  @Test
  void the_record_is_the_answer_and_is_sealed_in_the_log() throws Exception {
    Response answer = screen(request(text(5)));
    String place = answer.header("Location");

    assertThat(given().get(place).asByteArray()).isEqualTo(answer.asByteArray());
    Path bundle = Files.createTempFile("screening", ".tar");
    Files.write(bundle, given().get(place + "/bundle").asByteArray());
    assertThat(Bundle.verify(bundle).events())
        .extracting(event -> event.kind())
        .containsExactly("screening.decided", "screening.viewed", "screening.exported");
  }

  @Test
  void the_same_request_has_the_same_answer_apart_from_its_name_and_time() throws IOException {
    ObjectNode first = (ObjectNode) JSON.readTree(screen(request(text(7))).asByteArray());
    ObjectNode second = (ObjectNode) JSON.readTree(screen(request(text(7))).asByteArray());

    assertThat(first.remove("id")).isNotEqualTo(second.remove("id"));
    first.remove("createdAt");
    second.remove("createdAt");
    assertThat(first.toString()).isEqualTo(second.toString());
  }

  @Test
  void a_well_known_phrase_is_set_aside_unless_it_shall_count() throws IOException {
    String phrase = "Permission is hereby granted, free of charge, to any person obtaining a copy";
    ObjectNode request = (ObjectNode) JSON.readTree(request(phrase + " " + text(3)));

    JsonNode listed =
        JSON.readTree(AttributionsTest.attribute(JSON.writeValueAsBytes(request)).asByteArray());
    JsonNode all =
        JSON.readTree(
            AttributionsTest.attribute(JSON.writeValueAsBytes(request.put("exclusions", false)))
                .asByteArray());

    assertThat(listed.get("exclusionsApplied").asBoolean()).isTrue();
    assertThat(all.get("exclusionsApplied").asBoolean()).isFalse();
    assertThat(all.get("exclusions")).isEmpty();
  }

  @Test
  void what_is_wrong_is_refused_as_for_an_attribution() {
    screen("{\"index\": \"poems\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .then()
        .statusCode(422)
        .body("violations[0].field", equalTo("output"));
    given().get("/v1/screenings/latest").then().statusCode(404);
    given().get("/v1/screenings").then().statusCode(405).header("Allow", equalTo("POST, OPTIONS"));
  }

  static Response screen(byte[] body) {
    return given().contentType("application/json").body(body).post("/v1/screenings");
  }

  static byte[] request(String text) throws IOException {
    return AttributionsTest.request(text);
  }
}
