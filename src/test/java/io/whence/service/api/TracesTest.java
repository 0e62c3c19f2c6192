package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.whence.engine.Progress;
import io.whence.engine.attribution.ImageTrace;
import io.whence.engine.attribution.ImageTraceJson;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.TraceJson;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.model.TestImageModel;
import io.whence.engine.risk.StatedUse;
import io.whence.indexbuilder.BuildSettings;
import io.whence.indexbuilder.EvidenceBuild;
import io.whence.service.TestHome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Outputs of any medium against an index for evidence alone, with the risk of a use. */
@QuarkusTest
@WithTestResource(TestHome.class)
class TracesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SIDE = 32;
  private static final int ICONS = 12;
  private static final String INDEX = "traced";

  private static final String MEDIAN =
      """
      # Copyright 2019 Example Statistics Inc.
      def median(values):
          ordered = sorted(values)
          middle = len(ordered) // 2
          if len(ordered) % 2 == 0:
              return (ordered[middle - 1] + ordered[middle]) / 2
          return ordered[middle]
      """;

  private static final String USE =
      """
      {"purpose": "piracy", "commercial": 1, "creative": 0.8, "unpublished": 0,
       "transformative": {"value": 0, "assertedBy": "Counsel", "reason": "sold as it is"},
       "marketHarm": {"value": 1, "assertedBy": "Counsel", "reason": "it replaces the original"}}
      """;

  /** An index of code and icons, without a language model. */
  @BeforeAll
  static void build() throws IOException {
    Path home = TestHome.root().resolve("target/test-home");
    Path corpus = Files.createDirectories(home.resolve(INDEX + "-corpus"));
    Files.writeString(corpus.resolve("median.py"), MEDIAN);
    for (int i = 0; i < ICONS; i++) {
      Files.write(corpus.resolve(i + ".png"), icons().get(i).png());
    }
    Path model = Files.write(home.resolve("tiles.onnx"), TestImageModel.tiles(SIDE));
    Files.writeString(home.resolve("tiles.onnx.json"), "{\"side\":32}");
    new EvidenceBuild(
            List.of(corpus),
            model,
            home.resolve("indexes").resolve(INDEX),
            false,
            BuildSettings.on("cpu"),
            Progress.SILENT)
        .run();
  }

  /** The tests of the list of indexes know nothing of it. */
  @AfterAll
  static void remove() throws IOException {
    Path home = TestHome.root().resolve("target/test-home");
    TestHome.deleteTree(home.resolve("indexes").resolve(INDEX));
    TestHome.deleteTree(home.resolve(INDEX + "-corpus"));
  }

  private static List<Picture> icons() {
    return Picture.readIdx(TestHome.root().resolve("data/game-icons/icons32-images-idx3-ubyte.gz"))
        .subList(1000, 1000 + ICONS);
  }

  private static ObjectNode request(String index, String modality) {
    ObjectNode request = JSON.createObjectNode().put("index", index);
    request.putObject("output").put("modality", modality);
    return request;
  }

  private static ObjectNode words(String index, String modality, String text) {
    ObjectNode request = request(index, modality);
    ((ObjectNode) request.get("output")).put("text", text);
    return request;
  }

  private static ObjectNode picture(String index, byte[] file) {
    ObjectNode request = request(index, "image");
    ((ObjectNode) request.get("output")).put("image", Base64.getEncoder().encodeToString(file));
    return request;
  }

  private static ObjectNode code() throws IOException {
    return words(INDEX, "code", MEDIAN.lines().skip(1).reduce("", (a, b) -> a + b + "\n"))
        .set("use", JSON.readTree(USE));
  }

  private static ObjectNode image() throws IOException {
    return picture(INDEX, icons().get(7).png()).set("use", JSON.readTree(USE));
  }

  private static Response trace(ObjectNode request) throws IOException {
    return given()
        .contentType("application/json")
        .body(JSON.writeValueAsBytes(request))
        .post("/v1/traces");
  }

  private static JsonNode answered(ObjectNode request) throws IOException {
    return JSON.readTree(trace(request).then().statusCode(200).extract().asByteArray());
  }

  @Test
  void code_and_images_are_answered_as_the_command_line_answers() throws IOException {
    Path index = TestHome.root().resolve("target/test-home/indexes").resolve(INDEX);
    var use = StatedUse.read(USE.getBytes(StandardCharsets.UTF_8), "use.json");
    try (Tracer tracer = Tracer.open(index)) {
      Trace words =
          tracer.trace(code().at("/output/text").asText(), CodeLanguage.PYTHON, Exclusions.LISTED);
      ImageTrace pixels = tracer.traceImage(icons().get(7).png(), "seven.png");
      ObjectNode plain = code();
      plain.remove("use");

      assertThat(trace(plain).asString()).isEqualTo(TraceJson.write(words));
      assertThat(trace(code()).asString())
          .isEqualTo(TraceJson.write(words, tracer.risk(words, use)));
      assertThat(trace(image()).asString())
          .isEqualTo(ImageTraceJson.write(pixels, tracer.risk(pixels, use)));
    }
    trace(code())
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("risk.status", equalTo("scored"))
        .body("risk.works[0].code.structure", equalTo(1f))
        .body("risk.flags.id", hasItem("noticeRemoval"));
    trace(image())
        .then()
        .body("risk.works[0].image.instanceCopy", equalTo(true))
        .body("risk.works[0].image.character", equalTo("notStated"))
        .body("risk.works[0].amountOfWork", equalTo(1f))
        .body("risk.band", equalTo("High"));
    given().get("/v1/indexes/" + INDEX).then().body("state", equalTo("open"));
  }

  @Test
  void every_field_of_an_answer_is_described() throws IOException {
    assertThat(OpenApiTest.undescribed(answered(code()), "Trace")).isEmpty();
    assertThat(OpenApiTest.undescribed(answered(image()), "ImageTrace")).isEmpty();
  }

  @Test
  void an_index_with_a_model_is_traced_too_and_nothing_is_kept() throws IOException {
    String poem = JSON.readTree(TestHome.poems().get(TestHome.RESERVED)).get("text").asText();
    trace(words("poems", "text", poem)).then().statusCode(200).body("risk", nullValue());
    String before = given().get("/v1/log/checkpoint").asString();

    trace(words("poems", "text", poem).set("use", JSON.readTree(USE)))
        .then()
        .statusCode(200)
        .body("risk.status", equalTo("scored"))
        .body("risk.works[0].longestRun", org.hamcrest.Matchers.greaterThan(15));

    assertThat(given().get("/v1/log/checkpoint").asString()).isEqualTo(before);
  }

  private static void refused(ObjectNode request, String field, String detail) throws IOException {
    trace(request)
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("violations.field", hasItem(field))
        .body("detail", containsString(detail));
  }

  @Test
  void an_output_that_is_not_of_its_modality_is_refused_by_field() throws IOException {
    trace(request("poems", "audio"))
        .then()
        .statusCode(422)
        .body("type", endsWith("unsupported-modality"))
        .body("detail", equalTo("modality audio is not traced here; text, code and image are"));
    refused(request("poems", "text"), "output.text", "the output has no text");
    refused(request("poems", "image"), "output.image", "send its file in base64");
    refused(words("poems", "image", "words"), "output.text", "an image has image");
    ObjectNode both = picture("poems", new byte[3]);
    ((ObjectNode) both.get("output")).put("modality", "text");
    refused(both, "output.image", "text and code have text");
    refused(
        words("poems", "code", "It is the east, and Juliet is the sun."),
        "output.language",
        "does not look like code");
    refused(words("poems", "text", "x".repeat(100_001)), "output.text", "100001 characters");
    refused(
        words("poems", "text", "the rose")
            .set("use", JSON.readTree("{\"image\": {\"persons\": [\"A. Person\"]}}")),
        "use.image",
        "the output is none");
    refused(JSON.createObjectNode(), "index", "output is missing");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "iVBOR_w0KGgo, Illegal base64 character 5f",
    "iVBO Rw0K, Illegal base64 character 20"
  })
  void base64_of_another_alphabet_is_refused(String image, String reason) throws IOException {
    ObjectNode request = request("poems", "image");
    ((ObjectNode) request.get("output")).put("image", image);

    refused(
        request,
        "output.image",
        "output.image is no base64 of the standard alphabet without line breaks: " + reason);
  }

  /** A picture of 200 bytes that says it has 3.6 billion pixels. */
  private static byte[] bomb() throws IOException {
    byte[] file = icons().get(0).png();
    ByteBuffer head = ByteBuffer.wrap(file);
    head.putInt(16, 60_000).putInt(20, 60_000);
    CRC32 sum = new CRC32();
    sum.update(file, 12, 17);
    head.putInt(29, (int) sum.getValue());
    return file;
  }

  @Test
  void an_image_that_unpacks_to_too_much_is_refused_before_it_is_decoded() throws IOException {
    trace(picture(INDEX, bomb()))
        .then()
        .statusCode(422)
        .body(
            "detail",
            equalTo(
                "the image in output.image has 60000 x 60000 pixels; at most 16777216 are decoded,"
                    + " so make it smaller"));
    trace(picture(INDEX, "no image".getBytes(StandardCharsets.UTF_8)))
        .then()
        .statusCode(422)
        .body("detail", containsString("is no image that is read here"));
  }

  @Test
  void a_file_above_ten_megabytes_and_a_body_above_sixteen_are_refused() throws IOException {
    refused(
        picture("poems", new byte[Picture.MOST_BYTES + 3]),
        "output.image",
        "13981020 characters of base64; at most 13981016 are read");
    trace(picture("poems", new byte[13 << 20]))
        .then()
        .statusCode(413)
        .body("type", endsWith("too-large"));
  }

  @Test
  void what_an_index_has_not_or_is_not_there_is_said() throws IOException {
    trace(picture("poems", icons().get(0).png()))
        .then()
        .statusCode(422)
        .body("detail", containsString("the index poems holds no images"));
    trace(words("nowhere", "text", "words")).then().statusCode(404);
    trace(words("damaged", "text", "words")).then().statusCode(503);
    trace(words("poems", "text", "words").put("policy", "x"))
        .then()
        .statusCode(400)
        .body("type", endsWith("unknown-field"));
    given().get("/v1/traces").then().statusCode(405).header("Allow", equalTo("POST, OPTIONS"));
  }

  @Test
  void what_is_stated_of_an_image_is_refused_for_an_attribution() throws IOException {
    byte[] request =
        JSON.writeValueAsBytes(
            words("poems", "text", "the rose")
                .set("use", JSON.readTree("{\"image\": {\"marks\": [\"Wing\"]}}")));

    AttributionsTest.attribute(request)
        .then()
        .statusCode(422)
        .body("violations[0].field", equalTo("use"))
        .body("detail", containsString("use.image is about an image"));
  }
}
