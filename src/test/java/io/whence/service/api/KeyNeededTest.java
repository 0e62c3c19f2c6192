package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static io.whence.service.api.TestKeys.key;
import static io.whence.service.api.TestKeys.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.LogEvent;
import io.whence.service.TestHome;
import io.whence.service.persistence.EventLog;
import io.whence.service.persistence.KeyRing;
import io.whence.service.persistence.LoggedEvent;
import io.whence.service.persistence.StoredKey;
import io.whence.service.security.ApiKey;
import io.whence.service.security.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that asks everybody for a key, as on any address but loopback. */
@QuarkusTest
@WithTestResource(TestHome.class)
@TestProfile(KeyNeededTest.KeyNeeded.class)
class KeyNeededTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SOME_ID = "01990000-0000-7000-8000-000000000000";
  private static final String NO_GOOD_KEY =
      "the API key is unknown, was revoked or has expired; whence key list tells, and whence key"
          + " create makes another";

  private final EventLog log;
  private final DataSource database;

  @TempDir Path directory;

  KeyNeededTest(EventLog log, DataSource database) {
    this.log = log;
    this.database = database;
  }

  /** Addresses are those that a proxy passes on, so that each test has its own. */
  public static final class KeyNeeded implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "whence.http.authentication", "required",
          "quarkus.http.proxy.proxy-address-forwarding", "true",
          "quarkus.http.proxy.allow-x-forwarded", "true");
    }
  }

  /** One operation of the published document. */
  private record Operation(String method, String path, String type, Set<String> roles) {
    Response sent(RequestSpecification request) {
      if (!type.isEmpty()) {
        request.contentType(type);
      }
      return request.request(method, path.replaceAll("\\{[^}]*}", SOME_ID));
    }
  }

  private static List<Operation> operations(ApiKey key) throws IOException {
    JsonNode all = JSON.readTree(with(key).get("/q/openapi?format=json").asByteArray());
    List<Operation> operations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : all.get("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        JsonNode bodies = method.getValue().at("/requestBody/content");
        Set<String> roles = new TreeSet<>();
        method.getValue().get("security").forEach(one -> roles.add(one.at("/key/0").asText()));
        operations.add(
            new Operation(
                method.getKey(),
                path.getKey(),
                bodies.isMissingNode() ? "" : bodies.fieldNames().next(),
                roles));
      }
    }
    return operations;
  }

  @Test
  void every_operation_asks_for_a_key_with_one_of_the_roles_that_it_states() throws IOException {
    Map<Role, ApiKey> keys = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      keys.put(role, key("only-" + role.id(), role.id()));
    }
    List<Operation> operations = operations(key("document", "reader"));
    List<String> wrong = new ArrayList<>();

    for (Operation operation : operations) {
      int anonymous = operation.sent(given()).statusCode();
      if (anonymous != 401) {
        wrong.add(operation + " without a key: " + anonymous);
      }
      for (Map.Entry<Role, ApiKey> key : keys.entrySet()) {
        int status = operation.sent(with(key.getValue())).statusCode();
        boolean may =
            Role.granted(List.of(key.getKey().id())).stream().anyMatch(operation.roles()::contains);
        if (status == 401 || (status == 403) == may) {
          wrong.add(operation + " as " + key.getKey().id() + ": " + status);
        }
      }
    }

    assertThat(operations).hasSizeGreaterThan(70);
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/indexes", "/q/metrics", "/q/openapi", "/q/health", "/nothing", "/"})
  void without_a_key_there_is_nothing_to_see(String path) {
    given()
        .get(path)
        .then()
        .statusCode(401)
        .contentType("application/problem+json")
        .header("WWW-Authenticate", equalTo("Bearer realm=\"whence\""))
        .body("type", equalTo("urn:whence:problem:unauthenticated"))
        .body("status", equalTo(401))
        .body(
            "detail",
            equalTo(
                "this needs an API key, and none was sent; send Authorization: Bearer whk_..., with a"
                    + " key that whence key create NAME --role ROLE has printed"));
  }

  @Test
  void whether_it_lives_and_is_ready_is_told_without_a_key_and_no_more() {
    given().get("/q/health/live").then().statusCode(200);
    String ready = given().get("/q/health/ready").asString();

    assertThat(ready).contains("an index is open").doesNotContain("poems");
  }

  @Test
  void metrics_and_the_document_are_for_any_key() throws IOException {
    ApiKey key = key("scraper", "reviewer");

    with(key).get("/q/metrics").then().statusCode(200);
    with(key).get("/q/openapi").then().statusCode(200);
    with(key).get("/nothing").then().statusCode(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer", "Bearer whk_1", "Basic d2hrOndoaw==", "whk_1", "Bearer  "})
  void what_is_no_key_is_told_by_its_form(String authorization) {
    from("192.0.2.1")
        .header("Authorization", authorization)
        .get("/v1/indexes")
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", equalTo("Bearer realm=\"whence\", error=\"invalid_token\""))
        .body("detail", containsString("is no API key of Whence, or not a whole one"));
  }

  @Test
  void nothing_tells_an_unknown_key_from_one_that_was_revoked_or_expired_or_has_another_secret()
      throws IOException {
    ApiKey good = key("good", "reader");
    ApiKey expired = key("expired", null, Duration.ofMillis(-1), "reader");
    ApiKey revoked = key("revoked", "reader");
    try (KeyRing ring = TestKeys.ring()) {
      ring.revoke(revoked.id(), Instant.now(), "test");
    }

    List<ApiKey> bad =
        List.of(
            ApiKey.generate(), expired, revoked, new ApiKey(good.id(), ApiKey.generate().secret()));

    for (ApiKey key : bad) {
      from("192.0.2.2")
          .header("Authorization", "Bearer " + key.text())
          .get("/v1/indexes")
          .then()
          .statusCode(401)
          .header("WWW-Authenticate", equalTo("Bearer realm=\"whence\", error=\"invalid_token\""))
          .body("detail", equalTo(NO_GOOD_KEY));
    }
  }

  @Test
  void a_key_opens_nothing_from_the_moment_it_is_revoked() throws IOException {
    ApiKey key = key("short-lived", "reader");
    with(key).get("/v1/indexes").then().statusCode(200);

    try (KeyRing ring = TestKeys.ring()) {
      ring.revoke(key.id(), Instant.now(), "test");
    }

    with(key).header("X-Forwarded-For", "192.0.2.3").get("/v1/indexes").then().statusCode(401);
  }

  @Test
  void a_key_without_the_role_is_told_which_one_is_missing() throws IOException {
    ApiKey key = key("librarian", "reader");

    with(key)
        .contentType("application/json")
        .body("{}")
        .post("/v1/works")
        .then()
        .statusCode(403)
        .contentType("application/problem+json")
        .header(
            "WWW-Authenticate",
            equalTo("Bearer realm=\"whence\", error=\"insufficient_scope\", scope=\"registrar\""))
        .body("type", equalTo("urn:whence:problem:forbidden"))
        .body(
            "detail",
            equalTo(
                "this needs a key with the role registrar; librarian (whk_"
                    + key.id()
                    + ") has reader"));
  }

  @Test
  void an_address_that_sends_bad_keys_is_held_off_and_a_good_key_is_not() throws IOException {
    ApiKey good = key("neighbour", "reader");
    with(good).header("X-Forwarded-For", "192.0.2.4").get("/v1/indexes").then().statusCode(200);
    for (int i = 0; i < FailedAttempts.MOST; i++) {
      from("192.0.2.4")
          .header("Authorization", "Bearer " + ApiKey.generate().text())
          .get("/v1/indexes")
          .then()
          .statusCode(401);
    }

    from("192.0.2.4")
        .header("Authorization", "Bearer " + ApiKey.generate().text())
        .get("/v1/indexes")
        .then()
        .statusCode(429)
        .contentType("application/problem+json")
        .header("Retry-After", matchesPattern("[1-9][0-9]?"))
        .body("type", equalTo("urn:whence:problem:too-many-attempts"))
        .body("detail", containsString("192.0.2.4"));

    with(good).header("X-Forwarded-For", "192.0.2.4").get("/v1/indexes").then().statusCode(200);
    with(good).header("X-Forwarded-For", "192.0.2.5").get("/v1/indexes").then().statusCode(200);
    assertThat(with(good).get("/q/metrics").asString())
        .contains("whence_authentication_failures_total{reason=\"rejected\"}")
        .contains("whence_authentication_failures_total{reason=\"limited\"}");
  }

  private static RequestSpecification from(String address) {
    return given().header("X-Forwarded-For", address);
  }

  @Test
  void when_a_key_was_last_used_is_kept_to_the_hour() throws IOException {
    ApiKey key = key("used", "reader");
    assertThat(kept(key).lastUsedAt()).isNull();
    Instant before = Instant.now().truncatedTo(ChronoUnit.HOURS);

    with(key).get("/v1/indexes").then().statusCode(200);

    assertThat(kept(key).lastUsedAt())
        .isBetween(before, Instant.now())
        .isEqualTo(
            Optional.ofNullable(kept(key).lastUsedAt())
                .orElseThrow()
                .truncatedTo(ChronoUnit.HOURS));
  }

  private static StoredKey kept(ApiKey key) throws IOException {
    try (KeyRing ring = TestKeys.ring()) {
      return ring.all().stream().filter(one -> one.id().equals(key.id())).findFirst().orElseThrow();
    }
  }

  @Test
  void the_database_keeps_a_key_as_it_was_made() throws IOException {
    ApiKey key = key("kept", "reader");

    for (String change :
        List.of(
            "update api_key set roles = '{administrator}' where id = '%s'",
            "update api_key set secret_sha256 = repeat('0', 64) where id = '%s'",
            "delete from api_key where id = '%s'")) {
      assertThatThrownBy(() -> execute(change.formatted(key.id())))
          .hasMessageContaining("a key is made, used and revoked, and never changed");
    }
    assertThat(kept(key).secretSha256()).isEqualTo(key.sha256()).doesNotContain(key.secret());
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void making_and_revoking_a_key_are_events_of_the_log() throws IOException {
    ApiKey key = key("logged", "reader");
    try (KeyRing ring = TestKeys.ring()) {
      ring.revoke(key.id(), Instant.now(), "somebody");
      ring.revoke(key.id(), Instant.now(), "somebody else");
    }

    List<LoggedEvent> events = log.about("whk_" + key.id());

    assertThat(events).extracting(LoggedEvent::kind).containsExactly("key.created", "key.revoked");
    assertThat(LogEvent.read(events.get(0).event()).actor()).isEqualTo("test");
    assertThat(LogEvent.read(events.get(1).event()).actor()).isEqualTo("somebody");
  }

  private static String attributed(ApiKey key) throws IOException {
    return with(key)
        .contentType("application/json")
        .body(AttributionsTest.request("the rose is red " + UUID.randomUUID()))
        .post("/v1/attributions")
        .then()
        .statusCode(201)
        .extract()
        .header("Location");
  }

  private List<LogEvent> exported(String place, ApiKey key) throws IOException {
    byte[] tar = with(key).get(place + "/bundle").then().statusCode(200).extract().asByteArray();
    return Bundle.verify(Files.write(directory.resolve("b.tar"), tar)).events();
  }

  private static String actor(String name, ApiKey key) {
    return name + " (whk_" + key.id() + ")";
  }

  @Test
  void the_log_has_whose_key_it_was_and_who_the_request_says() throws IOException {
    ApiKey engine = key("royalty-engine", "analyst");
    ApiKey counsel = key("counsel", "administrator");
    String place = attributed(engine);
    with(counsel).get(place).then().statusCode(200);
    with(counsel)
        .queryParam("by", "Ann Author, by root")
        .queryParam("reason", "my address")
        .delete(place)
        .then()
        .statusCode(200)
        .body("by", equalTo("Ann Author, by root"));

    List<LogEvent> events = exported(place, counsel);

    assertThat(events)
        .extracting(LogEvent::kind, LogEvent::actor)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "attribution.answered", actor("royalty-engine", engine)),
            org.assertj.core.groups.Tuple.tuple("attribution.viewed", actor("counsel", counsel)),
            org.assertj.core.groups.Tuple.tuple(
                "attribution.erased", "Ann Author, by root, by " + actor("counsel", counsel)),
            org.assertj.core.groups.Tuple.tuple("attribution.exported", actor("counsel", counsel)));
  }

  @Test
  void outputs_of_a_batch_are_attributed_in_the_name_of_the_key_that_sent_it() throws Exception {
    ApiKey key = key("batches", "analyst");
    String output = UUID.randomUUID().toString();
    String batch =
        with(key)
            .contentType("application/json")
            .body(
                """
                {"index": "poems", "period": "2031-01",
                 "outputs": [{"key": "%s", "text": "the rose is red"}]}
                """
                    .formatted(output))
            .post("/v1/batches")
            .then()
            .statusCode(202)
            .extract()
            .header("Location");
    String attribution = null;
    for (int i = 0; i < 600 && attribution == null; i++) {
      Thread.sleep(100);
      attribution =
          with(key).get(batch + "/outputs").jsonPath().getString("outputs[0].attribution");
    }

    List<LogEvent> events = exported("/v1/attributions/" + attribution, key);

    assertThat(events.get(0).kind()).isEqualTo("attribution.answered");
    assertThat(events.get(0).actor()).isEqualTo(actor("batches", key));
  }

  @Test
  void a_key_that_is_bound_to_a_reviewer_labels_as_nobody_else() throws IOException {
    ApiKey analyst = key("analyst", "analyst");
    ApiKey any = key("front-end", "reviewer");
    String ann = registered(any, "Ann");
    String bob = registered(any, "Bob");
    ApiKey key = key("ann", UUID.fromString(ann), null, "reviewer");
    String place = attributed(analyst);
    String attribution = place.substring(place.lastIndexOf('/') + 1);

    label(key, attribution, "\"reviewer\": \"" + bob + "\",")
        .then()
        .statusCode(403)
        .body("type", equalTo("urn:whence:problem:forbidden"))
        .body("detail", containsString("labels as the one reviewer that it was made for"));
    with(key).get("/v1/reviews/queue?reviewer=" + bob).then().statusCode(403);
    with(key).get(place + "/review?reviewer=" + bob).then().statusCode(403);
    register(key, "Carol").then().statusCode(403);
    assertThat(with(key).get(place + "/review").asString()).contains("you are Ann");
    JsonNode review =
        JSON.readTree(label(key, attribution, "").then().statusCode(201).extract().asByteArray());

    LoggedEvent given = log.about(review.get("id").asText()).get(0);
    assertThat(LogEvent.read(given.event()).actor())
        .isEqualTo(review.get("reviewer").asText() + ", by " + actor("ann", key));
    label(any, attribution, "\"reviewer\": \"" + bob + "\",").then().statusCode(201);
  }

  private static Response register(ApiKey key, String name) {
    return with(key)
        .contentType("application/json")
        .body("{\"name\": \"" + name + "\", \"role\": \"counsel\"}")
        .post("/v1/reviewers");
  }

  private static String registered(ApiKey key, String name) {
    return register(key, name).then().statusCode(201).extract().jsonPath().getString("id");
  }

  private static Response label(ApiKey key, String attribution, String reviewer) {
    return with(key)
        .contentType("application/json")
        .body(
            """
            {"attribution": "%s", %s "transformative": "no", "reason": "the same words"}
            """
                .formatted(attribution, reviewer))
        .post("/v1/reviews");
  }
}
