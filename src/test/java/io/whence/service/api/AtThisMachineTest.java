package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import io.whence.engine.record.LogEvent;
import io.whence.service.TestHome;
import io.whence.service.persistence.EventLog;
import io.whence.service.security.ApiKey;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On the loopback address nobody needs a key, and only whoever sits there does without. */
@QuarkusTest
@WithTestResource(TestHome.class)
class AtThisMachineTest {
  private final EventLog log;

  AtThisMachineTest(EventLog log) {
    this.log = log;
  }

  private static RequestSpecification post() {
    return given().contentType("application/json").body("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "192.0.2.1"})
  void a_name_that_is_not_of_this_machine_is_refused(String host) {
    given()
        .header("Host", host)
        .get("/v1/indexes")
        .then()
        .statusCode(403)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:forbidden"))
        .body(
            "detail",
            equalTo(
                "without a key this service is asked by a name of this machine, 127.0.0.1 or"
                    + " localhost, and Host is "
                    + host.replaceFirst(":\\d+", "")
                    + "; send an API key, or set whence.http.authentication=required to have all be"
                    + " asked for one"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost:1", "127.0.0.1", "127.1.2.3:9", "[::1]:8080"})
  void a_name_of_this_machine_is_taken(String host) {
    given().header("Host", host).get("/v1/indexes").then().statusCode(200);
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, cross-site",
    "Sec-Fetch-Site, same-site",
    "Origin, https://evil.example",
    "Origin, null",
    "Origin, http://localhost:1"
  })
  void what_a_page_of_another_site_sends_is_refused(String header, String value) {
    post()
        .header(header, value)
        .post("/v1/works")
        .then()
        .statusCode(403)
        .contentType("application/problem+json")
        .body(
            "detail",
            containsString(
                "a page of another site had the browser send this ("
                    + header
                    + ": "
                    + value
                    + ")"));
  }

  @Test
  void what_its_own_pages_and_programs_send_is_taken() {
    post().post("/v1/works").then().statusCode(422);
    post().header("Sec-Fetch-Site", "same-origin").post("/v1/works").then().statusCode(422);
    post()
        .header("Host", "localhost:8080")
        .header("Origin", "http://localhost:8080")
        .post("/v1/works")
        .then()
        .statusCode(422);
    given().header("Sec-Fetch-Site", "cross-site").get("/v1/indexes").then().statusCode(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host"})
  void what_a_proxy_passes_on_is_refused(String header) {
    given().header(header, "192.0.2.1").get("/v1/indexes").then().statusCode(403);
  }

  @Test
  void a_key_counts_where_none_is_needed_too() throws IOException {
    ApiKey key = TestKeys.key("by-hand", "reader");

    TestKeys.with(key).header("Host", "whence.example").get("/v1/indexes").then().statusCode(200);
    TestKeys.with(key)
        .contentType("application/json")
        .body("{}")
        .post("/v1/works")
        .then()
        .statusCode(403);
    TestKeys.with(ApiKey.generate()).get("/v1/indexes").then().statusCode(401);
  }

  @Test
  void without_one_the_log_has_loopback() throws IOException {
    String place =
        AttributionsTest.attribute(AttributionsTest.request("a rose")).header("Location");

    String event =
        LogEvent.read(log.about(place.substring(place.lastIndexOf('/') + 1)).get(0).event())
            .actor();

    assertThat(event).isEqualTo("loopback");
  }
}
