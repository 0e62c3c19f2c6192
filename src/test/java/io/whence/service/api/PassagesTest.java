package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.whence.engine.Progress;
import io.whence.indexbuilder.BuildSettings;
import io.whence.indexbuilder.EvidenceBuild;
import io.whence.service.TestHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two sentences of which each stands in works that are no copies of each other. */
@QuarkusTest
@WithTestResource(TestHome.class)
class PassagesTest {
  private static final Path HOME = TestHome.root().resolve("target/test-home");
  private static final Path QUOTING = HOME.resolve("indexes/quoting");
  private static final String PROVERB =
      "whoever has water in a cold land would rather have a fire than a well";
  private static final String OATH =
      "I shall bring back every book that I borrowed before the first snow falls";

  @BeforeAll
  static void build() throws IOException {
    Path corpus = HOME.resolve("quoting.jsonl");
    Files.write(
        corpus,
        List.of(
            work(
                "diary",
                1850,
                "Grandmother used to say: "
                    + PROVERB
                    + ". I never knew why, for we had neither, only a stove that smoked and the"
                    + " river, which froze each year in November and stayed so until Easter."),
            work(
                "novel",
                1910,
                "She shut the door. \""
                    + OATH
                    + "\", he said to nobody; then he sat on the stairs with his hat on his knees"
                    + " and listened to her walking up and down above him, all that evening."),
            work(
                "sermon",
                1790,
                "Consider this, my friends: "
                    + PROVERB
                    + ". And yet we dig, do we not? For thirst comes in summer too, when no man"
                    + " thinks of ashes, and he who waited shall then carry buckets from afar."),
            work(
                "play",
                1888,
                "EDGAR: "
                    + PROVERB
                    + ".\nMARY: "
                    + OATH
                    + "!\nEDGAR, aside: These two talk past one another like carts on a wide road."
                    + " Enter a SERVANT with letters, none of which anybody opens before Act"
                    + " Three, where they turn out to be bills.")));
    new EvidenceBuild(
            List.of(corpus),
            QUOTING,
            true,
            BuildSettings.on("cpu").withoutSketches(),
            Progress.SILENT)
        .run();
  }

  private static String work(String id, int year, String text) {
    return new ObjectMapper()
        .createObjectNode()
        .put("id", id)
        .put("title", "The " + id)
        .put("year", year)
        .put("text", text)
        .toString();
  }

  @AfterAll
  static void delete() throws IOException {
    TestHome.deleteTree(QUOTING);
  }

  @Test
  void passages_are_listed_with_their_works_and_the_earliest() {
    given()
        .get("/v1/indexes/quoting/passages")
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("index", equalTo("quoting"))
        .body("shortest", equalTo(10))
        .body("total", equalTo(2))
        .body("leftOut", equalTo(0))
        .body("passages.text", contains(PROVERB, OATH))
        .body("passages.works", contains(3, 2))
        .body("passages.earliest", contains("sermon", "play"))
        .body("passages[1].found.work", contains("novel", "play"))
        .body("passages[1].found[0].start", equalTo(20))
        .body("passages[1].found[0].wordStart", equalTo(4))
        .body("next", nullValue());
  }

  @Test
  void a_page_says_where_the_next_begins_and_filters_narrow_it() {
    given()
        .get("/v1/indexes/quoting/passages?limit=1")
        .then()
        .body("passages.passage", contains(0))
        .body("next", equalTo(0));
    given()
        .get("/v1/indexes/quoting/passages?limit=1&after=0")
        .then()
        .body("passages.passage", contains(1))
        .body("next", nullValue());
    given()
        .get("/v1/indexes/quoting/passages?least=3")
        .then()
        .body("passages.text", contains(PROVERB));
    given()
        .get("/v1/indexes/quoting/passages?work=play&after=0")
        .then()
        .body("passages.text", contains(OATH))
        .body("passages[0].found.work", contains("play", "novel"));
  }

  @Test
  void one_passage_is_read_with_a_page_of_its_places() {
    given()
        .get("/v1/indexes/quoting/passages/0?limit=2")
        .then()
        .statusCode(200)
        .body("passage", equalTo(0))
        .body("words", equalTo(15))
        .body("found.title", contains("The diary", "The sermon"))
        .body("next", equalTo(2));
    given()
        .get("/v1/indexes/quoting/passages/0?limit=2&after=2")
        .then()
        .body("found.title", contains("The play"))
        .body("next", nullValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "quoting/passages?least=1 | least is between 2 and 2147483647; got 1",
        "quoting/passages?limit=101 | limit is between 1 and 100; got 101",
        "quoting/passages?after=-1 | after is between 0 and 2147483646; got -1",
        "quoting/passages?work=opera | the index quoting has no work opera; ids are the corpus's",
        "quoting/passages/x | passage is between 0 and 2147483647; got x",
        "quoting/passages/2 | the index quoting has 2 passages, numbered from 0; there is no"
            + " passage 2"
      })
  void what_is_out_of_bounds_is_a_problem(String path, String detail) {
    given()
        .get("/v1/indexes/" + path)
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:invalid-query"))
        .body("detail", equalTo(detail));
  }

  @Test
  void an_index_that_is_not_there_is_a_problem() {
    given()
        .get("/v1/indexes/nothing/passages")
        .then()
        .statusCode(404)
        .body("type", equalTo("urn:whence:problem:unknown-index"));
  }

  @Test
  void every_field_is_described() throws IOException {
    OpenApiTest.assertDescribed("/v1/indexes/quoting/passages", "PassagePage");
    OpenApiTest.assertDescribed("/v1/indexes/quoting/passages/0", "Passage");
  }
}
