package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.whence.engine.fidelity.Suite;
import io.whence.engine.risk.StatedUse;
import io.whence.service.TestHome;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The published schema against what the service really answers. */
@QuarkusTest
@WithTestResource(TestHome.class)
class OpenApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void every_path_is_there() throws IOException {
    List<String> paths = new ArrayList<>();
    schema().get("paths").fieldNames().forEachRemaining(paths::add);

    assertThat(paths)
        .containsExactlyInAnyOrder(
            "/v1/attributions",
            "/v1/attributions/{id}",
            "/v1/attributions/{id}/report",
            "/v1/attributions/{id}/bundle",
            "/v1/traces",
            "/v1/screenings",
            "/v1/screenings/{id}",
            "/v1/screenings/{id}/bundle",
            "/v1/log/checkpoint",
            "/v1/log/stamps",
            "/v1/legal-holds",
            "/v1/legal-holds/{record}",
            "/v1/legal-holds/{record}/{matter}",
            "/v1/log/events",
            "/v1/log/inclusion",
            "/v1/log/consistency",
            "/v1/log/key",
            "/v1/indexes",
            "/v1/indexes/{id}",
            "/v1/indexes/{id}/passages",
            "/v1/indexes/{id}/passages/{passage}",
            "/v1/methods",
            "/v1/risk/model",
            "/v1/batches",
            "/v1/batches/{id}",
            "/v1/batches/{id}/outputs",
            "/v1/rights-readings",
            "/v1/shapley-shares",
            "/v1/rights-holders",
            "/v1/rights-holders/{id}",
            "/v1/works",
            "/v1/works/{id}",
            "/v1/adapters",
            "/v1/plug-ins",
            "/v1/plug-ins/stale",
            "/v1/plug-ins/{id}",
            "/v1/plug-ins/{id}/usage-events",
            "/v1/reviewers",
            "/v1/reviews",
            "/v1/reviews/{id}",
            "/v1/reviews/queue",
            "/v1/reviews/agreement",
            "/v1/reviews/pairs/csv",
            "/v1/reviews/pairs/jsonl",
            "/v1/attributions/{id}/review",
            "/v1/attributions/{id}/reassessments",
            "/v1/statements",
            "/v1/statements/{id}",
            "/v1/statements/{id}/state",
            "/v1/statements/{id}/verification",
            "/v1/statements/{id}/csv",
            "/v1/statements/{id}/flat-file",
            "/v1/statements/{id}/receipts",
            "/v1/statements/{id}/prov",
            "/v1/statements/{id}/bundle",
            "/v1/statements/{id}/objections",
            "/v1/statements/{id}/recomputations",
            "/v1/statements/{id}/settlement",
            "/v1/experiments",
            "/v1/experiments/{id}",
            "/v1/experiments/{id}/report",
            "/v1/experiments/{id}/plots/{name}",
            "/v1/experiments/{id}/comparison",
            "/v1/experiments/{id}/repeat",
            "/v1/jobs/{id}",
            "/v1/jobs/{id}/events");
  }

  @Test
  void every_field_of_an_attribution_is_described() throws IOException {
    String text = JSON.readTree(TestHome.poems().get(3)).get("text").asText();
    String request =
        """
        {"index": "poems", "topK": 30, "exact": true, "output": {"modality": "text",
         "text": %s, "prompt": "A poem"},
         "use": {"purpose": "resale", "commercial": 1, "sideFacts": ["publicity"]}}
        """
            .formatted(JSON.writeValueAsString(text));
    JsonNode answer = JSON.readTree(AttributionsTest.attribute(request.getBytes(UTF_8)).asString());

    assertThat(undescribed(answer, "Attribution")).isEmpty();
  }

  @Test
  void every_field_of_a_screening_is_described() throws IOException {
    String text = JSON.readTree(TestHome.poems().get(3)).get("text").asText();
    JsonNode answer = JSON.readTree(ScreeningsTest.screen(ScreeningsTest.request(text)).asString());

    assertThat(answer.get("reasons")).isNotEmpty();
    assertThat(undescribed(answer, "Screening")).isEmpty();
    JsonNode none = JSON.readTree(ScreeningsTest.screen(ScreeningsTest.request("zinc")).asString());
    assertThat(undescribed(none, "Screening")).isEmpty();
  }

  @Test
  void every_field_of_a_page_of_indexes_and_methods_is_described() throws IOException {
    AttributionsTest.attribute(AttributionsTest.request("damaged", "x"));
    AttributionsTest.attribute(AttributionsTest.request("poems", "the rose"));

    assertThat(undescribed(JSON.readTree(get("/v1/indexes")), "Indexes")).isEmpty();
    assertThat(undescribed(JSON.readTree(get("/v1/methods")), "Methods")).isEmpty();
  }

  @Test
  void every_field_of_the_risk_model_is_described() throws IOException {
    JsonNode model = JSON.readTree(get("/v1/risk/model"));

    assertThat(model.get("id").asText()).isEqualTo("fu-us-v1");
    assertThat(model.at("/bootstrap/vectors")).hasSize(400);
    assertThat(undescribed(model, "RiskModel")).isEmpty();
  }

  @Test
  void every_field_of_an_experiment_and_a_comparison_is_described() throws Exception {
    String place = ExperimentsTest.repeated().place();

    assertThat(undescribed(JSON.readTree(get(place)), "Experiment")).isEmpty();
    assertThat(undescribed(JSON.readTree(get("/v1/experiments?limit=1")), "Experiments")).isEmpty();
    assertThat(
            undescribed(
                JSON.readTree(get(place + "/comparison?a=exactInfluence&b=random")), "Comparison"))
        .isEmpty();
  }

  @Test
  void every_field_of_credit_is_described() throws Exception {
    CreditTest.Corrected corrected = CreditTest.corrected();

    assertThat(undescribed(corrected.document(), "StatementDocument")).isEmpty();
    assertThat(undescribed(JSON.readTree(get(corrected.batch())), "Batch")).isEmpty();
    assertThat(undescribed(JSON.readTree(get(corrected.batch() + "/outputs")), "BatchOutputs"))
        .isEmpty();
    assertThat(undescribed(JSON.readTree(get("/v1/statements")), "Statements")).isEmpty();
    assertThat(undescribed(JSON.readTree(get("/v1/works")), "WorkRegistrations")).isEmpty();
    assertThat(undescribed(JSON.readTree(get("/v1/rights-holders")), "RightsHolders")).isEmpty();
  }

  @Test
  void every_field_of_a_plug_in_is_described() throws IOException {
    String adapter = PlugInsTest.sum();
    JsonNode plugIn = PlugInsTest.registered(adapter, "Described", "in the schema");
    JsonNode event =
        PlugInsTest.created(
            PlugInsTest.meter(plugIn, "described-" + adapter, adapter, "0".repeat(64)));

    assertThat(undescribed(plugIn, "PlugIn")).isEmpty();
    assertThat(undescribed(event, "UsageEvent")).isEmpty();
    assertThat(undescribed(JSON.readTree(get("/v1/plug-ins?similar=schema")), "PlugIns")).isEmpty();
    assertThat(
            undescribed(
                JSON.readTree(
                    get("/v1/plug-ins/" + plugIn.get("id").asText() + "/usage-events?limit=1")),
                "UsageEvents"))
        .isEmpty();
    assertThat(names(schema().at("/components/schemas/PlugInRequest")))
        .containsExactlyInAnyOrder(fields(PlugInRequest.RegistrationRequest.class));
    assertThat(names(schema().at("/components/schemas/UseRequest")))
        .containsExactlyInAnyOrder(fields(PlugInRequest.UseRequest.class));
  }

  @Test
  void every_field_of_a_review_is_described() throws IOException {
    String attribution = ReviewsTest.attribution("");
    JsonNode ann = ReviewsTest.reviewer("Ann Described", "counsel");
    JsonNode bob = ReviewsTest.reviewer("Bob Described", "editor");
    ReviewsTest.label(attribution, ann, "no", "");
    JsonNode review =
        JSON.readTree(ReviewsTest.label(attribution, bob, "highly", "").asByteArray());
    JsonNode late = ReviewsTest.reviewer("Late Described", "editor");

    assertThat(undescribed(ann, "Reviewer")).isEmpty();
    assertThat(undescribed(review, "Review")).isEmpty();
    assertThat(
            undescribed(
                JSON.readTree(
                    get(
                        "/v1/reviews?attribution="
                            + attribution
                            + "&reviewer="
                            + bob.get("id").asText())),
                "Reviews"))
        .isEmpty();
    assertThat(
            undescribed(
                JSON.readTree(get("/v1/reviews/queue?reviewer=" + late.get("id").asText())),
                "ReviewQueue"))
        .isEmpty();
    assertThat(undescribed(JSON.readTree(get("/v1/reviews/agreement?index=poems")), "Agreement"))
        .isEmpty();
    assertThat(names(schema().at("/components/schemas/ReviewRequest")))
        .containsExactlyInAnyOrder(fields(ReviewRequest.LabelRequest.class));
    assertThat(names(schema().at("/components/schemas/ReviewerRequest")))
        .containsExactlyInAnyOrder(fields(ReviewRequest.ReviewerRequest.class));
  }

  @Test
  void every_field_of_time_stamps_holds_and_erasures_is_described() throws IOException {
    String place =
        AttributionsTest.attribute(AttributionsTest.request("the rose")).header("Location");
    String hold = "/v1/legal-holds/" + place.substring(place.lastIndexOf('/') + 1) + "/m";
    String why = "?by=Ann&reason=because";
    given().get(place + "/bundle").then().statusCode(200);
    given().contentType("application/json").body("{\"by\": \"a\", \"reason\": \"b\"}").put(hold);
    given().delete(hold + why).then().statusCode(200);
    String erasure = given().delete(place + why).then().statusCode(200).extract().asString();

    assertThat(undescribed(JSON.readTree(get("/v1/log/stamps")), "LogStamps")).isEmpty();
    assertThat(names(schema().at("/components/schemas/LogStamps")))
        .containsExactlyInAnyOrder(fields(StampsResponse.class));
    assertThat(undescribed(JSON.readTree(get("/v1/legal-holds")), "LegalHolds")).isEmpty();
    assertThat(undescribed(JSON.readTree(erasure), "Erasure")).isEmpty();
  }

  @Test
  void every_field_of_a_problem_is_described() throws IOException {
    JsonNode problem = JSON.readTree(AttributionsTest.attribute("{}".getBytes(UTF_8)).asString());

    assertThat(problem.get("violations")).isNotEmpty();
    assertThat(undescribed(problem, "Problem")).isEmpty();
  }

  @Test
  void every_field_of_a_request_is_described() throws IOException {
    JsonNode all = schema();
    JsonNode request = all.at("/components/schemas/AttributeRequest");

    assertThat(names(request)).containsExactlyInAnyOrder(fields(AttributeRequest.class));
    assertThat(names(request.at("/properties/output")))
        .containsExactlyInAnyOrder(fields(AttributeRequest.Output.class));
    assertThat(names(all.at("/components/schemas/ScreenRequest")))
        .containsExactlyInAnyOrder(fields(ScreenRequest.class));
    assertThat(names(all.at("/components/schemas/ScreenRequest/properties/output")))
        .containsExactlyInAnyOrder(fields(ScreenRequest.Output.class));
    assertThat(names(all.at("/components/schemas/TraceRequest")))
        .containsExactlyInAnyOrder(fields(TraceRequest.class));
    assertThat(names(all.at("/components/schemas/TraceRequest/properties/output")))
        .containsExactlyInAnyOrder(fields(TraceRequest.Output.class));
    assertThat(names(all.at("/components/schemas/Use")))
        .containsExactlyInAnyOrder(fields(StatedUse.class));
    assertThat(names(all.at("/components/schemas/Judged")))
        .containsExactlyInAnyOrder(fields(StatedUse.Judged.class));
    assertThat(names(all.at("/components/schemas/Use/properties/market")))
        .containsExactlyInAnyOrder(fields(StatedUse.Market.class));
    assertThat(names(all.at("/components/schemas/Use/properties/otherActs/additionalProperties")))
        .containsExactlyInAnyOrder(fields(StatedUse.OtherAct.class));
    JsonNode image = all.at("/components/schemas/Use/properties/image");
    assertThat(names(image)).containsExactlyInAnyOrder(fields(StatedUse.Image.class));
    assertThat(names(image.at("/properties/character")))
        .containsExactlyInAnyOrder(fields(StatedUse.StatedCharacter.class));
    assertThat(names(all.at("/components/schemas/CharacterPart")))
        .containsExactlyInAnyOrder(fields(StatedUse.Part.class));
    assertThat(names(all.at("/components/schemas/ExperimentRequest")))
        .containsExactlyInAnyOrder(fields(ExperimentRequest.class));
    List<String> suites = new ArrayList<>();
    all.at("/components/schemas/ExperimentRequest/properties/suite/enum")
        .forEach(suite -> suites.add(suite.asText()));
    assertThat(suites).isEqualTo(Arrays.stream(Suite.values()).map(Suite::id).toList());
    assertThat(names(all.at("/components/schemas/Job")))
        .containsExactlyInAnyOrder(fields(JobResponse.class));
    assertThat(names(all.at("/components/schemas/Job/properties/progress")))
        .containsExactlyInAnyOrder(fields(JobResponse.ProgressResponse.class));
    assertThat(names(all.at("/components/schemas/Experiment")))
        .containsExactlyInAnyOrder(fields(ExperimentResponse.class));
  }

  /** Fails where what is answered has a field that the document does not describe. */
  static void assertDescribed(String path, String type) throws IOException {
    assertThat(undescribed(JSON.readTree(get(path)), type)).as(path).isEmpty();
  }

  /** {@return the fields of a value of a type that the document does not describe} */
  static List<String> undescribed(JsonNode value, String type) throws IOException {
    JsonNode all = schema();
    List<String> missing = new ArrayList<>();
    walk(value, all.at("/components/schemas/" + type), type, all, missing);
    return missing;
  }

  private static void walk(
      JsonNode value, JsonNode given, String path, JsonNode all, List<String> missing) {
    JsonNode type = given.has("$ref") ? all.at(given.get("$ref").asText().substring(1)) : given;
    if (!type.has("description")) {
      missing.add(path);
    }
    if (value.isArray()) {
      for (JsonNode item : value) {
        walk(item, type.path("items"), path + "[]", all, missing);
      }
      return;
    }
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      JsonNode property = type.path("properties").path(field.getKey());
      walk(
          field.getValue(),
          property.isMissingNode() ? type.path("additionalProperties") : property,
          path + "." + field.getKey(),
          all,
          missing);
    }
  }

  private static List<String> names(JsonNode type) {
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : type.path("properties").properties()) {
      names.add(property.getKey());
    }
    return names;
  }

  private static String[] fields(Class<? extends Record> type) {
    List<String> names = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      names.add(component.getName());
    }
    return names.toArray(String[]::new);
  }

  private static JsonNode schema() throws IOException {
    return JSON.readTree(get("/q/openapi?format=json"));
  }

  private static String get(String path) {
    return given().get(path).then().statusCode(200).extract().asString();
  }
}
