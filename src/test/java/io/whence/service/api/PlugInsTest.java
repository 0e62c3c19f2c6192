package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.whence.engine.Sha256;
import io.whence.service.TestHome;
import io.whence.service.persistence.EventLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From a work's adapter to its registered owner's credit. */
@QuarkusTest
@WithTestResource(TestHome.class)
class PlugInsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Each test has adapters and a month of its own. */
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final EventLog log;
  private final DataSource database;

  PlugInsTest(EventLog log, DataSource database) {
    this.log = log;
    this.database = database;
  }

  private static Response post(String path, String body) {
    return given().contentType("application/json").body(body).post(path);
  }

  private static JsonNode json(Response response) throws IOException {
    return JSON.readTree(response.asByteArray());
  }

  static JsonNode created(Response response) throws IOException {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(201);
    return json(response);
  }

  private static String detail(Response response, int status) throws IOException {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
    assertThat(response.contentType()).startsWith("application/problem+json");
    return json(response).get("detail").asText();
  }

  /** A LoRA adapter of rank 2 as PEFT writes it, unlike any other. */
  private static byte[] adapter() {
    String header =
        """
        {"__metadata__": {"test": "%d"},
         "base_model.model.h.0.lora_A.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
         "base_model.model.h.0.lora_B.weight": {"dtype": "F32", "shape": [4, 2], "data_offsets": [24, 56]}}
        """
            .formatted(NUMBER.incrementAndGet());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.getBytes(UTF_8).length)
            .array());
    out.writeBytes(header.getBytes(UTF_8));
    out.writeBytes(new byte[56]);
    return out.toByteArray();
  }

  static String sum() {
    return Sha256.of("adapter " + NUMBER.incrementAndGet() + UUID.randomUUID());
  }

  private static String base() throws IOException {
    AttributionsTest.attribute(
        AttributionsTest.request("poems", "the rose")); // waits for the index
    return json(given().get("/v1/indexes/poems")).at("/manifest/checkpoint").asText();
  }

  private static String holder(String name) throws IOException {
    return created(post("/v1/rights-holders", "{\"name\": \"" + name + "\"}")).get("id").asText();
  }

  private static void work(String work, String title, String holder) throws IOException {
    created(
        post(
            "/v1/works",
            """
            {"work": "%s", "title": "%s",
             "parts": [{"rightsHolder": "%s", "role": "author", "ppm": 1000000}]}
            """
                .formatted(work, title, holder)));
  }

  private static String request(
      String base, String adapter, String owner, String title, String description, String more) {
    return """
        {"index": "poems", "baseSha256": "%s", "adapterSha256": "%s", "owner": "%s", "title": "%s",
         "description": "%s", "terms": "https://example.org/terms"%s}
        """
        .formatted(base, adapter, owner, title, description, more);
  }

  /** A plug-in of one work of its own. */
  static JsonNode registered(String adapter, String title, String description) throws IOException {
    String owner = holder("Owner of " + title);
    String work = "plugged/" + NUMBER.incrementAndGet();
    work(work, title, owner);
    return created(
        post(
            "/v1/plug-ins",
            request(
                base(),
                adapter,
                owner,
                title,
                description,
                ", \"works\": [{\"work\": \"" + work + "\"}]")));
  }

  static Response meter(JsonNode plugIn, String key, String adapter, String output)
      throws IOException {
    return given()
        .header("Idempotency-Key", key)
        .contentType("application/json")
        .body(
            """
            {"adapterSha256": "%s", "baseSha256": "%s", "outputSha256": "%s", "weight": 0.5}
            """
                .formatted(adapter, base(), output))
        .post("/v1/plug-ins/" + plugIn.get("id").asText() + "/usage-events");
  }

  @Test
  void an_adapter_is_seen_registered_and_read_again() throws IOException {
    byte[] file = adapter();

    Response seen = given().contentType("application/octet-stream").body(file).post("/v1/adapters");
    assertThat(seen.statusCode()).as(seen.asString()).isEqualTo(200);
    assertThat(json(seen).get("adapterSha256").asText()).isEqualTo(Sha256.of(file));
    assertThat(json(seen).get("rank").asInt()).isEqualTo(2);

    JsonNode plugIn = registered(Sha256.of(file), "Songs of a Seen Adapter", "verse");

    assertThat(plugIn.at("/adapter/layers/0").asText()).isEqualTo("base_model.model.h.0");
    assertThat(plugIn.at("/standing/state").asText()).isEqualTo("current");
    assertThat(plugIn.at("/works/0/ppm").asInt()).isEqualTo(1_000_000);
    String place = "/v1/plug-ins/" + plugIn.get("id").asText();
    assertThat(json(given().get(place))).isEqualTo(plugIn);
    assertThat(log.about(plugIn.get("id").asText()))
        .extracting(event -> event.kind())
        .containsExactly("plugIn.registered");
  }

  @Test
  void a_large_adapter_is_seen_where_it_lies() throws IOException {
    byte[] file = adapter();
    Path home = Path.of(ConfigProvider.getConfig().getValue("whence.home", String.class));
    Path adapters = Files.createDirectories(home.resolve("adapters"));
    Files.write(adapters.resolve("style-1.safetensors"), file);

    JsonNode seen = json(post("/v1/adapters", "{\"file\": \"style-1.safetensors\"}"));

    assertThat(seen.get("adapterSha256").asText()).isEqualTo(Sha256.of(file));
    for (String name : List.of("../poems.jsonl", "none.safetensors", "/etc/passwd")) {
      assertThat(detail(post("/v1/adapters", "{\"file\": \"" + name + "\"}"), 422))
          .startsWith("there is no file " + name + " in the directory adapters");
    }
  }

  @Test
  void what_is_no_adapter_is_refused() throws IOException {
    Response pickle =
        given()
            .contentType("application/octet-stream")
            .body(new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0})
            .post("/v1/adapters");

    assertThat(detail(pickle, 422)).contains("is a pickle");
    assertThat(detail(given().contentType("text/plain").body("x").post("/v1/adapters"), 415))
        .contains("application/octet-stream or application/json");
  }

  @Test
  void an_adapter_is_registered_once() throws IOException {
    String adapter = sum();
    JsonNode first = registered(adapter, "Once", "");

    String owner = holder("Second Owner");
    work("plugged/second", "Second", owner);
    Response second =
        post(
            "/v1/plug-ins",
            request(
                base(),
                adapter,
                owner,
                "Twice",
                "",
                ", \"works\": [{\"work\": \"plugged/second\"}]"));

    assertThat(first.get("adapter").isNull()).isTrue();
    assertThat(detail(second, 409))
        .isEqualTo(
            "adapter "
                + adapter
                + " is registered already, as plug-in "
                + first.get("id").asText()
                + "; an adapter is registered once");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          HOLDER | BASE | `, "works": []`                                                          | works has 1 to 100 entries
          HOLDER | BASE | `, "works": [{"work": "nobody/knows"}]`                                  | work nobody/knows is not registered; register it at /v1/works first
          HOLDER | BASE | `, "works": [{"work": "a", "ppm": 1}]`                                   | parts that sum to 1000000 ppm
          HOLDER | BASE | `, "works": [{"work": "a", "ppm": 1000000}, {"work": "b"}]`              | 1 of 2 have one
          HOLDER | BASE | `, "works": [{"work": "a"}, {"work": "a"}]`                              | works[1] names work a a second time
          HOLDER | BASE | `, "works": [{"work": "a"}], "identifiers": [{"scheme": "doi", "value": "x"}]` | DOI x is not of its form
          HOLDER | BASE | `, "works": [{"work": "a"}], "replaces": "x"`                            | replaces is the id of a plug-in
          nobody | BASE | `, "works": [{"work": "a"}]`                                             | owner is the id of a rights holder; register the holder first
          00000000-0000-7000-8000-000000000000 | BASE | `, "works": [{"work": "a"}]`               | register the owner at /v1/rights-holders first
          HOLDER | abc  | `, "works": [{"work": "a"}]`                                             | baseSha256 is a SHA-256 sum: 64 hexadecimal digits
          HOLDER | 0000000000000000000000000000000000000000000000000000000000000000 | `, "works": [{"work": "a"}]` | is not the model of index poems, which is
          """)
  void what_cannot_be_registered_is_said(String owner, String base, String more, String said)
      throws IOException {
    String body =
        request(
            base.equals("BASE") ? base() : base,
            sum(),
            owner.equals("HOLDER") ? holder("An Owner") : owner,
            "A Title",
            "",
            more);

    assertThat(detail(post("/v1/plug-ins", body), 422)).contains(said);
  }

  @Test
  void uses_are_metered_once_and_held_against_the_register() throws IOException {
    String adapter = sum();
    JsonNode plugIn = registered(adapter, "Metered", "");
    JsonNode other = registered(sum(), "Other", "");
    String output = Sha256.of("an output");
    String key = UUID.randomUUID().toString();

    JsonNode event = created(meter(plugIn, key, adapter, output));

    assertThat(event.get("weight").asDouble()).isEqualTo(0.5);
    assertThat(created(meter(plugIn, key, adapter, output))).isEqualTo(event);
    assertThat(detail(meter(plugIn, key, adapter, Sha256.of("another output")), 422))
        .startsWith("the key " + key + " was that of another use, " + event.get("id").asText());
    String unknown = sum();
    assertThat(detail(meter(plugIn, "k1", unknown, output), 422))
        .isEqualTo(
            "adapterSha256 "
                + unknown
                + " is not that of plug-in "
                + plugIn.get("id").asText()
                + ", whose registered adapter is "
                + adapter
                + "; register it at /v1/plug-ins first");
    assertThat(detail(meter(other, "k2", adapter, output), 422))
        .endsWith("it is that of plug-in " + plugIn.get("id").asText() + ": meter the use there");
    String place = "/v1/plug-ins/" + plugIn.get("id").asText();
    assertThat(json(given().get(place)).at("/usage/events").asInt()).isEqualTo(1);
    assertThat(json(given().get(place + "/usage-events")).at("/usageEvents/0")).isEqualTo(event);
    assertThat(log.about(plugIn.get("id").asText()))
        .extracting(one -> one.kind())
        .containsExactly("plugIn.registered", "plugIn.used");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                | adapterSha256 is a SHA-256 sum
          {"weight": 0}                                     | weight is a number above 0 and at most 1000
          {"weight": 1000.1}                                | weight is a number above 0 and at most 1000
          {"weight": 0.0000001}                             | with at most 6 decimals
          {"weight": 1e999999}                              | weight is a number above 0 and at most 1000
          """)
  void a_use_that_is_none_is_refused(String body, String said) throws IOException {
    String place = "/v1/plug-ins/" + registered(sum(), "Refuses", "").get("id").asText();

    Response answer =
        given()
            .header("Idempotency-Key", "k3")
            .contentType("application/json")
            .body(body)
            .post(place + "/usage-events");

    assertThat(detail(answer, 422)).contains(said);
    assertThat(detail(post(place + "/usage-events", body), 422))
        .isEqualTo(
            "Idempotency-Key is missing; a use is metered once, so each has a key of its own");
  }

  private static String output(String key, String text, String declared) throws IOException {
    return "{\"key\": \"%s\", \"text\": %s, \"declared\": %s}"
        .formatted(key, JSON.writeValueAsString(text), declared);
  }

  private static String batch(String month, List<String> outputs) {
    return "{\"index\": \"poems\", \"period\": \"%s\", \"topK\": 1, \"outputs\": [%s]}"
        .formatted(month, String.join(", ", outputs));
  }

  private static void attributed(String body) throws Exception {
    Response accepted = post("/v1/batches", body);
    assertThat(accepted.statusCode()).as(accepted.asString()).isEqualTo(202);
    for (int i = 0; i < 1200; i++) {
      String state = json(given().get(accepted.header("Location"))).at("/job/state").asText();
      if (state.equals("finished")) {
        return;
      }
      assertThat(state).isIn("queued", "running");
      Thread.sleep(100);
    }
    throw new AssertionError(given().get(accepted.header("Location")).asString());
  }

  @Test
  void declared_use_goes_to_the_plug_ins_works_by_weight_and_metered_use_as_it_was_metered()
      throws Exception {
    String a = sum();
    String b = sum();
    JsonNode first = registered(a, "First of two", "");
    JsonNode second = registered(b, "Second of two", "");
    String metered = "the rose that was metered before " + UUID.randomUUID();
    created(meter(second, UUID.randomUUID().toString(), b, Sha256.of(metered)));
    String key = UUID.randomUUID().toString();

    attributed(
        batch(
            "1991-01",
            List.of(
                output(
                    key,
                    "the rose that two adapters made",
                    """
                    {"ppm": 600000, "plugIns": [{"adapterSha256": "%s", "weight": 1},
                                                {"adapterSha256": "%s", "weight": 0.5}]}
                    """
                        .formatted(a, b)),
                output(UUID.randomUUID().toString(), metered, "{\"ppm\": 100000}"))));
    JsonNode document =
        created(
            post(
                "/v1/statements",
                "{\"index\": \"poems\", \"period\": \"1991-01\", \"currency\": \"EUR\", \"poolMinor\":"
                    + " 1000000}"));

    JsonNode statement = document.get("statement");
    long declared = 0;
    for (JsonNode line : statement.get("works")) {
      declared += line.get("declaredPpm").asLong();
    }
    assertThat(declared).isEqualTo((600_000 + 100_000) / 2);
    List<Long> sums = new ArrayList<>();
    for (JsonNode plugIn : statement.get("plugIns")) {
      sums.add(plugIn.get("sumPpm").asLong());
    }
    assertThat(sums).containsExactlyInAnyOrder(400_000L, 300_000L);
    assertThat(statement.get("lines").toString())
        .contains("Owner of First of two", "Owner of Second of two");
    JsonNode events =
        json(given().get("/v1/plug-ins/" + first.get("id").asText() + "/usage-events"));
    assertThat(events.at("/usageEvents/0/declaredBy").asText()).isEqualTo(key);
    assertThat(
            json(given()
                    .get(
                        "/v1/statements/" + document.get("statementId").asText() + "/verification"))
                .get("equal")
                .asBoolean())
        .isTrue();
  }

  @Test
  void declared_use_that_the_register_does_not_know_is_refused_with_the_remedy()
      throws IOException {
    String unknown = sum();
    String text = "never metered " + UUID.randomUUID();

    Response unregistered =
        post(
            "/v1/batches",
            batch(
                "1991-02",
                List.of(
                    output(
                        "unknown-1",
                        text,
                        "{\"ppm\": 1, \"plugIns\": [{\"adapterSha256\": \"%s\", \"weight\": 1}]}"
                            .formatted(unknown)))));
    Response unmetered =
        post("/v1/batches", batch("1991-02", List.of(output("unknown-2", text, "{\"ppm\": 1}"))));

    assertThat(detail(unregistered, 422))
        .isEqualTo(
            "output unknown-1 declares the use of adapter "
                + unknown
                + ", which is not registered; register it at /v1/plug-ins first, or leave it out");
    assertThat(detail(unmetered, 422))
        .isEqualTo(
            "output unknown-2 declares plug-in use without naming the plug-ins, and none was metered"
                + " for its text (SHA-256 "
                + Sha256.of(text)
                + "); name them in declared.plugIns, or send their usage events first");
  }

  /** As if the index had been built anew with another model: the row is of an earlier one. */
  private String stale(String adapter, String owner) throws Exception {
    UUID id = UUID.fromString("0199" + UUID.randomUUID().toString().substring(4));
    try (Connection connection = database.getConnection();
        java.sql.Statement statement = connection.createStatement()) {
      statement.execute(
          """
          insert into plug_in (id, created_at, index_id, base_sha256, adapter_sha256, holder_id, title,
            description, terms, words, embedding, embedding_model)
          select '%s', now(), 'poems', repeat('e', 64), '%s', '%s', 'Of an earlier model', '', 'terms',
            to_tsvector('simple', 'earlier'), embedding, embedding_model from plug_in limit 1
          """
              .formatted(id, adapter, owner));
      statement.execute(
          "insert into plug_in_work values ('" + id + "', 'plugged/earlier', 1000000)");
    }
    return id.toString();
  }

  @Test
  void a_plug_in_of_another_model_is_stale_refused_in_batches_and_replaced() throws Exception {
    registered(sum(), "There is one", "");
    String adapter = sum();
    String owner = holder("Owner of an earlier one");
    work("plugged/earlier", "Earlier", owner);
    String stale = stale(adapter, owner);

    JsonNode listed = json(given().get("/v1/plug-ins/stale?index=poems"));
    Response used =
        post(
            "/v1/batches",
            batch(
                "1991-03",
                List.of(
                    output(
                        "stale-1",
                        "x",
                        "{\"ppm\": 1, \"plugIns\": [{\"adapterSha256\": \"%s\", \"weight\": 1}]}"
                            .formatted(adapter)))));
    String more = ", \"works\": [{\"work\": \"plugged/earlier\"}], \"replaces\": \"" + stale + "\"";
    JsonNode successor =
        created(post("/v1/plug-ins", request(base(), sum(), owner, "Of this model", "", more)));

    assertThat(listed.get("plugIns")).hasSize(1);
    assertThat(listed.at("/plugIns/0/id").asText()).isEqualTo(stale);
    assertThat(listed.at("/plugIns/0/standing/checkpoint").asText()).isEqualTo(base());
    assertThat(detail(used, 422))
        .startsWith("output stale-1 declares the use of plug-in " + stale)
        .endsWith("; name the adapter that was made for that model");
    assertThat(json(given().get("/v1/plug-ins/stale")).at("/plugIns/0/replacedBy"))
        .isEqualTo(successor.get("id"));
    assertThat(detail(post("/v1/plug-ins", request(base(), sum(), owner, "Again", "", more)), 409))
        .startsWith("plug-in " + stale + " is replaced already, by ");
    assertThat(
            detail(
                post(
                    "/v1/plug-ins",
                    request(base(), sum(), holder("Somebody else"), "Theirs", "", more)),
                422))
        .contains("is another owner's");
  }

  @Test
  void plug_ins_are_found_by_words_ids_and_meaning() throws IOException {
    String adapter = sum();
    JsonNode sea =
        registered(adapter, "Shanties of the Grey Harbour", "sailors, storms and ships at sea");
    JsonNode garden =
        registered(sum(), "The Walled Garden", "flowers, bees and an old gardener in spring");
    JsonNode war = registered(sum(), "Trench Letters", "soldiers writing home from the war");

    for (String query :
        List.of(
            "harbour shanties",
            "STORMS sea",
            "of the grey harb",
            adapter,
            sea.get("id").asText(),
            sea.at("/works/0/work").asText())) {
      assertThat(json(given().queryParam("q", query).get("/v1/plug-ins")).at("/plugIns/0/id"))
          .as(query)
          .isEqualTo(sea.get("id"));
    }
    assertThat(json(given().queryParam("q", "%").get("/v1/plug-ins")).get("plugIns")).isEmpty();
    JsonNode blooming =
        json(given().queryParam("similar", "roses blooming in may").get("/v1/plug-ins"));
    assertThat(blooming.at("/plugIns/0/id")).isEqualTo(garden.get("id"));
    assertThat(blooming.at("/plugIns/0/similarity").asDouble()).isBetween(0.2, 1.0);
    assertThat(blooming.get("similarityBy").asText()).contains("all-MiniLM-L6-v2");
    JsonNode like =
        json(given().queryParam("similarTo", war.get("id").asText()).get("/v1/plug-ins"));
    assertThat(like.get("plugIns").toString()).doesNotContain("\"id\":" + war.get("id"));
    assertThat(detail(given().get("/v1/plug-ins?q=a&similar=b"), 422)).contains("give one of them");
    assertThat(detail(given().get("/v1/plug-ins?after=x"), 422)).contains("after is the number");
    assertThat(detail(given().get("/v1/plug-ins?q=" + "x".repeat(1_001)), 422))
        .contains("q has at most 1000 characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update plug_in set title = ''",
        "delete from usage_event",
        "truncate adapter cascade",
        "delete from plug_in_work"
      })
  void rows_of_plug_ins_are_never_changed(String statement) {
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

  @Test
  void what_is_not_there_is_not_found() {
    given().get("/v1/plug-ins/nobody").then().statusCode(404);
    given().get("/v1/plug-ins/" + UUID.randomUUID()).then().statusCode(404);
    given().get("/v1/plug-ins/" + UUID.randomUUID() + "/usage-events").then().statusCode(404);
  }
}
