package io.whence.service.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.whence.service.TestHome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(TestHome.class)
class ExperimentsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REQUEST =
      "{\"suite\": \"convex-digits\", \"methods\": [\"exactInfluence\", \"random\"], \"seeds\":"
          + " [7]}";
  private static final String NOBODYS = "01890a5d-ac96-774b-bcce-b302099a8057";

  /**
   * An experiment that was followed to its end.
   *
   * @param accepted the answer to its request
   * @param events lines of its job's stream
   */
  record Run(Response accepted, List<String> events) {
    String id() {
      return accepted.path("id");
    }

    String job() {
      return accepted.path("job.id");
    }

    String place() {
      return "/v1/experiments/" + id();
    }
  }

  /** What most tests read, run once each. */
  private static @Nullable Run finished;

  private static @Nullable Run repeated;

  private final DataSource database;

  ExperimentsTest(DataSource database) {
    this.database = database;
  }

  @Test
  void an_experiment_is_accepted_and_its_job_runs_to_a_report() throws Exception {
    Run run = finished();

    run.accepted()
        .then()
        .statusCode(202)
        .contentType("application/json")
        .body("request.suite", equalTo("convex-digits"))
        .body("request.methods", equalTo(List.of("exactInfluence", "random")))
        .body("request.seeds", equalTo(List.of(7)))
        .body("request.rightsHolders", nullValue())
        .body("report", nullValue())
        .body("repeats", nullValue());
    assertThat(run.accepted().header("Location")).endsWith(run.place());
    assertThat(run.accepted().header("Link"))
        .isEqualTo("</v1/jobs/" + run.job() + ">; rel=\"monitor\"");
    given()
        .get(run.place())
        .then()
        .statusCode(200)
        .body("state", equalTo("finished"))
        .body("job.id", equalTo(run.job()))
        .body("job.experiment", equalTo(run.id()))
        .body("job.attempts", equalTo(1))
        .body("job.progress", nullValue())
        .body("report.suite", equalTo("convex-digits"))
        .body("report.results.method", hasItems("exactInfluence", "random"))
        .body("plots", equalTo(List.of("groups", "loo", "predicted-exactInfluence")))
        .body("provenance.seeds", equalTo(List.of(7)))
        .body("provenance.java", equalTo(Runtime.version().toString()));
  }

  @Test
  void a_report_is_the_same_bytes_each_time_as_json_and_as_csv() throws Exception {
    String place = finished().place() + "/report";

    Response json = given().accept("application/json").get(place);
    Response csv = given().accept("text/csv").get(place);

    json.then().statusCode(200).contentType("application/json");
    assertThat(given().accept("*/*").get(place).asByteArray()).isEqualTo(json.asByteArray());
    assertThat(json.header("ETag")).hasSize(66);
    csv.then().statusCode(200).contentType("text/csv;charset=UTF-8");
    assertThat(csv.asString())
        .startsWith("suite,method,metric,value,low,high,ceiling,seconds,bytes,models,published\n")
        .contains("convex-digits,exactInfluence,loo_spearman,0.99");
    assertThat(given().accept("text/csv").get(place).asByteArray()).isEqualTo(csv.asByteArray());
    JsonNode experiment = JSON.readTree(given().get(finished().place()).asString());
    assertThat(experiment.get("report")).isEqualTo(JSON.readTree(json.asByteArray()));
    assertThat('"' + experiment.at("/provenance/reportSha256").asText() + '"')
        .isEqualTo(json.header("ETag"));
    assertThat(experiment.at("/provenance/dataSha256"))
        .isEqualTo(experiment.at("/report/facts/dataSha256"));
  }

  @Test
  void a_report_in_another_form_is_not_made() throws Exception {
    given()
        .accept("application/pdf")
        .get(finished().place() + "/report")
        .then()
        .statusCode(406)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:not-acceptable"));
  }

  @Test
  void a_plot_is_a_picture() throws Exception {
    Response plot = given().get(finished().place() + "/plots/loo");

    plot.then().statusCode(200).contentType("image/svg+xml");
    assertThat(plot.asString()).startsWith("<svg xmlns=").contains(">exactInfluence</text>");
    given()
        .get(finished().place() + "/plots/lds")
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:unknown-plot"))
        .body(
            "detail",
            equalTo("there is no plot lds; there is groups, loo, predicted-exactInfluence"));
  }

  @Test
  void two_methods_stand_side_by_side() throws Exception {
    Run run = finished();

    Response comparison = given().get(run.place() + "/comparison?a=exactInfluence&b=random");

    comparison
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("experiment", equalTo(run.id()))
        .body("suite", equalTo("convex-digits"))
        .body("seeds", equalTo(List.of(7)))
        .body(
            "metrics.metric",
            equalTo(List.of("loo_spearman", "loo_pearson", "group_spearman", "group_pearson")))
        .body("metrics[0].intervalsOverlap", equalTo(false));
    JsonNode first = JSON.readTree(comparison.asByteArray()).at("/metrics/0");
    assertThat(first.get("difference").asDouble())
        .isEqualTo(
            Math.rint((first.at("/a/value").asDouble() - first.at("/b/value").asDouble()) * 1e6)
                / 1e6)
        .isGreaterThan(0.5);
    given()
        .get(run.place() + "/comparison?a=random&b=random&metric=loo_pearson")
        .then()
        .statusCode(200)
        .body("metrics", hasSize(1))
        .body("metrics[0].difference", equalTo(0.0f))
        .body("metrics[0].intervalsOverlap", equalTo(true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a=random                            | b      | b is missing; name a method; there is exactInfluence, random
          b=random                            | a      | a is missing; name a method; there is exactInfluence, random
          a=random&b=trak                     | b      | method trak is not in this report; there is exactInfluence, random
          a=exactInfluence&b=random&metric=r2 | metric | metric r2 was not measured for both; there is loo_spearman, loo_pearson, group_spearman, group_pearson
          """)
  void a_comparison_of_what_is_not_there_is_a_problem(String query, String field, String detail)
      throws Exception {
    given()
        .get(finished().place() + "/comparison?" + query)
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:invalid-query"))
        .body("detail", equalTo(detail))
        .body("violations[0].field", equalTo(field));
  }

  @Test
  void an_experiment_repeated_from_its_record_has_the_same_report_but_for_seconds()
      throws Exception {
    Run first = finished();

    Run second = repeated();

    second
        .accepted()
        .then()
        .statusCode(202)
        .body("repeats", equalTo(first.id()))
        .body("id", not(equalTo(first.id())));
    assertThat(timeless(second)).isEqualTo(timeless(first));
    assertThat(given().get(second.place() + "/plots/loo").asByteArray())
        .isEqualTo(given().get(first.place() + "/plots/loo").asByteArray());
  }

  @Test
  void events_tell_of_a_job_until_it_ends() throws Exception {
    Run run = finished();

    List<JsonNode> data = new ArrayList<>();
    for (String line : run.events()) {
      if (line.startsWith("data:")) {
        data.add(JSON.readTree(after(line)));
      }
    }
    List<String> names = names(run.events());
    assertThat(names).hasSameSizeAs(data).contains("running").endsWith("finished");
    assertThat(names.subList(0, names.size() - 1)).doesNotContain("finished");
    List<JsonNode> progress =
        data.stream().map(event -> event.path("progress")).filter(JsonNode::isObject).toList();
    assertThat(progress).isNotEmpty();
    assertThat(progress)
        .allSatisfy(
            step -> {
              assertThat(step.get("stage").asText()).isIn("leave-one-out", "leave-group-out");
              assertThat(step.get("unit").asText()).isEqualTo("retrainings");
              assertThat(step.get("done").asInt()).isBetween(1, step.get("total").asInt());
            });
    assertThat(
            progress.stream()
                .filter(step -> step.get("stage").asText().equals("leave-one-out"))
                .map(step -> step.get("done").asInt())
                .toList())
        .isSorted();
    assertThat(data.get(data.size() - 1)).isEqualTo(JSON.readTree(job(run.job()).asString()));
  }

  @Test
  void events_of_a_job_that_has_ended_are_how_it_ended() throws Exception {
    assertThat(names(events(finished().job()))).containsExactly("finished");
  }

  @Test
  void a_running_job_is_cancelled_at_its_next_step_and_a_waiting_one_at_once() throws Exception {
    // Of the suites, the one that no machine is through with before it is cancelled.
    Response runs = ask("{\"suite\": \"poems-holders\"}");
    String running = runs.path("job.id");
    await(running, "running");
    Response waits = ask(REQUEST);
    String waiting = waits.path("job.id");
    Future<List<String>> events = Executors.newSingleThreadExecutor().submit(() -> events(waiting));
    Thread.sleep(3000);

    cancel(waiting).then().statusCode(200).body("state", equalTo("cancelled"));
    cancel(running)
        .then()
        .statusCode(202)
        .body("state", equalTo("running"))
        .body("cancelRequested", equalTo(true));

    // Defaults are filled in by the record.
    runs.then()
        .statusCode(202)
        .body("request.methods", hasItems("wordEmbeddingFisher", "random"))
        .body("request.seeds", equalTo(List.of(1, 2)))
        .body("request.rightsHolders", equalTo(30));
    // A stream without news shows signs of life.
    List<String> lines = events.get(1, TimeUnit.MINUTES);
    assertThat(names(lines)).containsExactly("queued", "cancelled");
    assertThat(lines).anySatisfy(line -> assertThat(line).matches(": ?still here"));
    String experiment = waits.path("id");
    given()
        .get("/v1/experiments/" + experiment + "/report")
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:experiment-has-no-report"))
        .body(
            "detail",
            equalTo(
                "experiment "
                    + experiment
                    + " was cancelled; POST /v1/experiments/"
                    + experiment
                    + "/repeat asks for it again"));
    await(running, "cancelled");
    cancel(running).then().statusCode(200).body("state", equalTo("cancelled"));
  }

  @Test
  void a_language_model_is_trained_without_as_many_rights_holders_as_asked_and_stops_mid_training()
      throws Exception {
    // A seed that no truth comes with.
    Response runs =
        ask(
            """
            {"suite": "poems-holders", "methods": ["random"], "seeds": [3], "rightsHolders": 5}
            """);
    String running = runs.path("job.id");

    runs.then().statusCode(202).body("request.rightsHolders", equalTo(5));
    JsonNode progress;
    Instant end = Instant.now().plusSeconds(300);
    do {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(200);
      progress = JSON.readTree(job(running).asString()).path("progress");
    } while (!progress.path("note").asText().startsWith("training 1: "));
    cancel(running).then().statusCode(202);
    await(running, "cancelled");
    assertThat(progress.get("stage").asText()).isEqualTo("whole-3");
    assertThat(progress.get("unit").asText()).isEqualTo("trainings");
  }

  @Test
  void a_job_that_has_finished_cannot_be_cancelled() throws Exception {
    String job = finished().job();

    cancel(job)
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:job-has-ended"))
        .body(
            "detail", equalTo("job " + job + " has finished already; there is nothing to cancel"));
  }

  @Test
  void pages_hold_the_newest_first() throws Exception {
    Run first = finished();
    Run second = repeated();

    Response all = given().get("/v1/experiments?limit=100");

    all.then().statusCode(200).contentType("application/json").body("next", nullValue());
    List<String> ids = all.path("experiments.id");
    assertThat(ids)
        .isSortedAccordingTo(Comparator.reverseOrder())
        .containsSubsequence(second.id(), first.id());
    assertThat(all.<Object>path("experiments[0].report")).isNull();
    Response newest = given().get("/v1/experiments?limit=1");
    assertThat(newest.<List<String>>path("experiments.id")).isEqualTo(ids.subList(0, 1));
    assertThat(newest.<String>path("next"))
        .isEqualTo("/v1/experiments?limit=1&before=" + ids.get(0));
    assertThat(given().get(newest.<String>path("next")).<List<String>>path("experiments.id"))
        .isEqualTo(ids.subList(1, 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/experiments?limit=0    | 422 | invalid-query      | limit is between 1 and 100; got 0",
        "/v1/experiments?limit=101  | 422 | invalid-query      | limit is between 1 and 100; got"
            + " 101",
        "/v1/experiments?limit=many | 422 | invalid-query      | limit is between 1 and 100; got"
            + " many",
        "/v1/experiments?before=x   | 404 | unknown-experiment | there is no experiment x",
        "/v1/experiments/latest     | 404 | unknown-experiment | there is no experiment latest",
        "/v1/experiments/"
            + NOBODYS
            + "            | 404 | unknown-experiment | there is no experiment "
            + NOBODYS,
        "/v1/experiments/"
            + NOBODYS
            + "/report     | 404 | unknown-experiment | there is no experiment "
            + NOBODYS,
        "/v1/experiments/"
            + NOBODYS
            + "/plots/loo  | 404 | unknown-experiment | there is no experiment "
            + NOBODYS,
        "/v1/experiments/"
            + NOBODYS
            + "/comparison | 404 | unknown-experiment | there is no experiment "
            + NOBODYS,
        "/v1/jobs/"
            + NOBODYS
            + "                   | 404 | unknown-job        | there is no job "
            + NOBODYS,
        "/v1/jobs/"
            + NOBODYS
            + "/events            | 404 | unknown-job        | there is no job "
            + NOBODYS
      })
  void what_is_not_there_is_a_problem(String path, int status, String type, String detail) {
    given()
        .get(path)
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:" + type))
        .body("detail", equalTo(detail));
  }

  @Test
  void nobodys_experiment_cannot_be_repeated_nor_nobodys_job_cancelled() {
    given()
        .post("/v1/experiments/" + NOBODYS + "/repeat")
        .then()
        .statusCode(404)
        .body("type", equalTo("urn:whence:problem:unknown-experiment"));
    cancel(NOBODYS).then().statusCode(404).body("type", equalTo("urn:whence:problem:unknown-job"));
  }

  /** Body, status, problem, and a part of the detail. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                             | 422 | invalid-query | suite is missing; name what is to be measured
          {"suite": "cifar"}                                             | 422 | invalid-query | there is no suite cifar; use one of mnist-lr, mnist-mlp, convex-digits, mislabelled-digits, cost, poems-lm, poems-holders, imported
          {"suite": "convex-digits", "methods": ["magic"]}               | 422 | invalid-query | method magic is not in suite convex-digits; use some of exactInfluence, secondOrder, oneStepNewton
          {"suite": "convex-digits", "methods": [null]}                  | 422 | invalid-query | method null is not in suite convex-digits
          {"suite": "convex-digits", "methods": []}                      | 422 | invalid-query | methods names 1 to 6 methods; got 0; leave it out
          {"suite": "convex-digits", "methods": ["random", "random"]}    | 422 | invalid-query | methods names random twice
          {"suite": "convex-digits", "seeds": []}                        | 422 | invalid-query | seeds are 1 to 32 different numbers; got 0 of them
          {"suite": "convex-digits", "seeds": [1, 1]}                    | 422 | invalid-query | seeds are 1 to 32 different numbers; got [1, 1]
          {"suite": "convex-digits", "seeds": [9223372036854775808]}     | 422 | invalid-query | seeds are whole numbers of at most 64 bits; got 9223372036854775808
          {"suite": "convex-digits", "seeds": [null]}                    | 422 | invalid-query | got null
          {"suite": "convex-digits", "seeds": [1.5]}                     | 400 | wrong-type    | seeds[0] should be a whole number
          {"suite": "convex-digits", "seeds": 1}                         | 400 | wrong-type    | seeds should be a list
          {"suite": "convex-digits", "rightsHolders": 8}                 | 422 | invalid-query | suite convex-digits leaves no rights holders out, so it takes no number of them
          {"suite": "poems-holders", "rightsHolders": 3}                 | 422 | invalid-query | rights holders to leave out are 4 to 1000; got 3
          {"suite": "poems-holders", "rightsHolders": 4294967300}        | 422 | invalid-query | rights holders to leave out are 4 to 1000; got 2147483647
          {"suite": "poems-holders", "rightsHolders": "all"}             | 400 | wrong-type    | rightsHolders should be a whole number
          {"suite": "convex-digits", "data": "/etc"}                     | 400 | unknown-field | there is no field data
          {"suite": "convex-digits"                                      | 400 | invalid-json  | line 1, column
          """)
  void a_request_that_cannot_be_run_is_a_problem(
      String body, int status, String type, String detail) {
    String newest = given().get("/v1/experiments?limit=1").asString();

    Response answer = ask(body);

    answer
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:whence:problem:" + type))
        .body("detail", containsString(detail))
        .body("instance", equalTo("/v1/experiments"));
    assertThat(answer.asString()).doesNotContain("Exception", "io.whence", "\\tat ");
    assertThat(given().get("/v1/experiments?limit=1").path("experiments.id").toString())
        .isEqualTo(io.restassured.path.json.JsonPath.from(newest).get("experiments.id").toString());
  }

  @Test
  void too_many_seeds_and_an_unknown_suite_are_said_at_once() {
    String seeds = IntStream.range(0, 33).boxed().toList().toString();

    ask("{\"suite\": \"cifar\", \"seeds\": " + seeds + "}")
        .then()
        .statusCode(422)
        .body("violations.field", equalTo(List.of("suite", "seeds")))
        .body("violations[1].detail", containsString("got 33 of them"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update experiment set suite = 'another'",
        "delete from experiment_plot",
        "update experiment_report set csv = ''",
        "truncate experiment_report",
        "update job set state = 'queued', ended_at = null where state = 'finished'",
        "delete from job"
      })
  void what_was_measured_is_never_changed(String statement) throws Exception {
    finished();

    assertThatThrownBy(() -> execute(statement))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("is refused");
  }

  @Test
  void jobs_are_counted() throws Exception {
    finished();

    given()
        .get("/q/metrics")
        .then()
        .statusCode(200)
        .body(containsString("whence_jobs_total{state=\"finished\"}"))
        .body(containsString("whence_jobs_pending"));
  }

  static Response ask(String body) {
    return given()
        .contentType("application/json")
        .body(body.getBytes(StandardCharsets.UTF_8))
        .post("/v1/experiments");
  }

  static Response cancel(String job) {
    return given().delete("/v1/jobs/" + job);
  }

  private static Response job(String job) {
    return given().get("/v1/jobs/" + job);
  }

  /** {@return an experiment that has finished} */
  static Run finished() throws Exception {
    Run run = finished;
    if (run == null) {
      run = followed(ask(REQUEST));
      finished = run;
    }
    return run;
  }

  /** {@return its repetition, which has finished} */
  static Run repeated() throws Exception {
    Run run = repeated;
    if (run == null) {
      run = followed(given().post(finished().place() + "/repeat"));
      repeated = run;
    }
    return run;
  }

  private static Run followed(Response accepted) throws Exception {
    Run run = new Run(accepted, events(accepted.path("job.id")));
    await(run.job(), "finished");
    return run;
  }

  static void await(String job, String state) throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(10).toNanos();
    while (System.nanoTime() < end) {
      JsonNode now = JSON.readTree(job(job).asString());
      if (now.path("state").asText().equals(state)) {
        return;
      }
      if (now.has("endedAt")) {
        throw new AssertionError("the job should be " + state + ": " + now);
      }
      Thread.sleep(20);
    }
    throw new AssertionError("the job is not " + state + ": " + job(job).asString());
  }

  /** {@return the lines of a job's events, when the stream has ended} */
  private static List<String> events(String job) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://localhost:" + RestAssured.port + "/v1/jobs/" + job + "/events"))
            .header("Accept", "text/event-stream")
            .timeout(Duration.ofMinutes(10))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/event-stream");
      return answer.body().lines().toList();
    }
  }

  private static List<String> names(List<String> events) {
    return events.stream()
        .filter(line -> line.startsWith("event:"))
        .map(ExperimentsTest::after)
        .toList();
  }

  private static String after(String line) {
    return line.substring(line.indexOf(':') + 1).strip();
  }

  private static String timeless(Run run) throws IOException {
    JsonNode report = JSON.readTree(given().get(run.place() + "/report").asByteArray());
    for (JsonNode row : report.get("results")) {
      assertThat(((ObjectNode) row).remove("seconds").isNumber()).isTrue();
    }
    return report.toString();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
