package io.whence.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.whence.service.persistence.EmbeddedDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged service as a process: started, refused, killed, stopped. */
class ServiceProcessIT {
  private static final Path APPLICATION =
      TestHome.root().resolve("target/quarkus-app/quarkus-run.jar");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** Of a batch; 10,000 is the most, and takes its time. */
  private static final int OUTPUTS = Integer.getInteger("whence.test.outputs", 60);

  @TempDir static Path shared;
  @TempDir Path temporary;

  private final List<Process> processes = new ArrayList<>();
  private final List<TestDatabase> databases = new ArrayList<>();

  /** Where a server is named, each home has a database there. */
  private final Map<Path, Map<String, String>> ofHomes = new HashMap<>();

  private int port;
  private Path home = Path.of("");

  @BeforeAll
  static void buildIndex() throws IOException {
    TestHome.buildIndex(shared);
  }

  @BeforeEach
  void choosePort() throws IOException {
    choosePort(temporary.resolve("home"));
  }

  private void choosePort(Path home) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    this.home = home;
  }

  @AfterEach
  void endAll() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    if (Files.exists(home.resolve("postgres/data"))) {
      EmbeddedDatabase.start(home.resolve("postgres").toRealPath()).stop();
    }
    for (TestDatabase database : databases) {
      database.close();
    }
  }

  /** A database that several processes may use; of the named server, where one is. */
  private TestDatabase database() throws IOException {
    Path directory = temporary.toRealPath().resolve("external-" + databases.size());
    TestDatabase database = TestDatabase.start(directory);
    databases.add(database);
    return database;
  }

  @Test
  void a_kill_loses_no_record_that_was_answered_and_the_next_start_works() throws Exception {
    useIndex();
    Map<String, byte[]> answered = new HashMap<>();
    Process first = serve(Map.of());
    for (int i = 0; i < 5; i++) {
      HttpResponse<byte[]> answer = attribute("the rose is red, the violet blue, number " + i);
      assertThat(answer.statusCode()).isEqualTo(201);
      answered.put(answer.headers().firstValue("Location").orElseThrow(), answer.body());
    }
    answered.putAll(labelled(answered.keySet().iterator().next()));
    Map<String, byte[]> registered = plugIn();

    first.destroyForcibly().waitFor();
    Process second = serve(Map.of());

    for (Map.Entry<String, byte[]> record : answered.entrySet()) {
      assertThat(get(record.getKey()).body()).isEqualTo(record.getValue());
    }
    assertThat(attribute("and one more").statusCode()).isEqualTo(201);
    // The index is open now, so the plug-in stands to it as it did.
    for (Map.Entry<String, byte[]> plugIn : registered.entrySet()) {
      assertThat(get(plugIn.getKey()).body()).isEqualTo(plugIn.getValue());
    }
    second.destroy();
    assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(home.resolve("postgres/data/postmaster.pid")).doesNotExist();
  }

  /** {@return a review of an attribution} */
  private Map<String, byte[]> labelled(String attribution) throws Exception {
    String reviewer = id(post("/v1/reviewers", "{\"name\": \"Ann\", \"role\": \"counsel\"}"));
    HttpResponse<byte[]> review =
        post(
            "/v1/reviews",
            """
            {"attribution": "%s", "reviewer": "%s", "transformative": "no", "reason": "the same"}
            """
                .formatted(attribution.substring(attribution.lastIndexOf('/') + 1), reviewer));
    assertThat(review.statusCode()).isEqualTo(201);
    return Map.of(review.headers().firstValue("Location").orElseThrow(), review.body());
  }

  /** {@return a plug-in of a registered work} */
  private Map<String, byte[]> plugIn() throws Exception {
    String index =
        new String(
            get("http://127.0.0.1:" + port + "/v1/indexes/poems").body(), StandardCharsets.UTF_8);
    String owner = id(post("/v1/rights-holders", "{\"name\": \"Owner\"}"));
    id(post("/v1/works", "{\"work\": \"w\"}"));
    HttpResponse<byte[]> plugIn =
        post(
            "/v1/plug-ins",
            """
            {"index": "poems", "baseSha256": "%s", "adapterSha256": "%s", "owner": "%s",
             "title": "A Style", "terms": "none", "works": [{"work": "w"}]}
            """
                .formatted(
                    index.replaceFirst(".*\"checkpoint\":\"([0-9a-f]{64})\".*", "$1"),
                    "a".repeat(64),
                    owner));
    assertThat(plugIn.statusCode()).isEqualTo(201);
    return Map.of(plugIn.headers().firstValue("Location").orElseThrow(), plugIn.body());
  }

  private static String id(HttpResponse<byte[]> created) {
    assertThat(created.statusCode()).isEqualTo(201);
    return new String(created.body(), StandardCharsets.UTF_8)
        .replaceFirst("\\{\"id\":\"([^\"]*)\".*", "$1");
  }

  @Test
  void a_kill_loses_no_experiment_and_its_job_is_taken_up_again() throws Exception {
    Map<String, String> data =
        Map.of("WHENCE_EXPERIMENTS_DATA", TestHome.root().resolve("data").toString());
    Process first = serve(data);
    HttpResponse<byte[]> accepted =
        post("/v1/experiments", "{\"suite\": \"convex-digits\", \"methods\": [\"random\"]}");
    assertThat(accepted.statusCode()).isEqualTo(202);
    String experiment = accepted.headers().firstValue("Location").orElseThrow();
    awaitState(experiment, "running");

    first.destroyForcibly().waitFor();
    serve(data);

    assertThat(awaitState(experiment, "finished")).contains("\"attempts\":2");
    assertThat(get(experiment + "/report").statusCode()).isEqualTo(200);
  }

  @Test
  void a_batch_killed_halfway_comes_to_the_statement_of_one_that_was_not() throws Exception {
    useIndex();
    Process first = serve(Map.of());
    String batch = batch();
    awaitDone(batch, OUTPUTS / 3);
    first.destroyForcibly().waitFor();
    Process second = serve(Map.of());
    String killed = statementOf(batch);
    assertThat(new String(get(batch).body(), StandardCharsets.UTF_8)).contains("\"attempts\":2");
    second.destroy();
    assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();

    choosePort(temporary.resolve("undisturbed"));
    useIndex();
    serve(Map.of());
    String undisturbed = statementOf(batch());

    assertThat(killed).isEqualTo(undisturbed);
  }

  /** Sends all outputs twice under one key; there is one batch. */
  private String batch() throws Exception {
    StringBuilder outputs = new StringBuilder();
    for (int i = 0; i < OUTPUTS; i++) {
      outputs
          .append(i == 0 ? "" : ", ")
          .append(
              "{\"key\": \"output-" + i + "\", \"text\": \"the rose is red, number " + i + "\"}");
    }
    String body = "{\"index\": \"poems\", \"period\": \"2026-10\", \"outputs\": [" + outputs + "]}";
    String once = accepted(body);
    assertThat(accepted(body)).isEqualTo(once);
    return once;
  }

  private String accepted(String body) throws Exception {
    HttpResponse<byte[]> answer =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/batches"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "october")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(202);
    return answer.headers().firstValue("Location").orElseThrow();
  }

  private static void awaitDone(String batch, int least) throws Exception {
    for (int i = 0; i < 6000 + 50 * OUTPUTS; i++) {
      String found = new String(get(batch).body(), StandardCharsets.UTF_8);
      int done = Integer.parseInt(found.replaceFirst(".*\"done\":(\\d+).*", "$1"));
      if (done >= least) {
        assertThat(done).isLessThan(OUTPUTS);
        return;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("the batch does not go on");
  }

  /** {@return the part of the month's statement without ids and times, by its sum} */
  private String statementOf(String batch) throws Exception {
    awaitState(batch, "finished");
    HttpResponse<byte[]> answer =
        post(
            "/v1/statements",
            "{\"index\": \"poems\", \"period\": \"2026-10\", \"currency\": \"EUR\", \"poolMinor\": 12345}");
    assertThat(answer.statusCode()).isEqualTo(201);
    String document = new String(answer.body(), StandardCharsets.UTF_8);
    assertThat(document).contains("\"count\":" + OUTPUTS);
    return document.replaceFirst(".*\"statementSha256\":\"([0-9a-f]{64})\".*", "$1");
  }

  @Test
  void an_external_database_is_used_when_one_is_configured() throws Exception {
    useIndex();
    serve(database().environment());

    assertThat(attribute("the rose is red").statusCode()).isEqualTo(201);

    assertThat(home.resolve("postgres")).doesNotExist();
  }

  @Test
  void two_services_on_one_database_never_issue_two_statements_of_a_month() throws Exception {
    Map<String, String> shared = database().environment();
    useIndex();
    serve(shared);
    int first = port;
    choosePort(temporary.resolve("second"));
    serve(shared);
    int second = port;
    for (int month = 1; month <= 8; month++) {
      String period = "2026-%02d".formatted(month);
      String output = "{\"key\": \"" + period + "\", \"text\": \"the rose is red\"}";
      HttpResponse<byte[]> batch =
          CLIENT.send(
              request(
                  first,
                  "/v1/batches",
                  "{\"index\": \"poems\", \"period\": \""
                      + period
                      + "\", \"outputs\": ["
                      + output
                      + "]}"),
              HttpResponse.BodyHandlers.ofByteArray());
      awaitState(batch.headers().firstValue("Location").orElseThrow(), "finished");
      String order =
          "{\"index\": \"poems\", \"period\": \""
              + period
              + "\", \"currency\": \"EUR\", \"poolMinor\": 100}";

      List<CompletableFuture<HttpResponse<byte[]>>> race = new ArrayList<>();
      for (int of : new int[] {first, second}) {
        race.add(
            CLIENT.sendAsync(
                request(of, "/v1/statements", order), HttpResponse.BodyHandlers.ofByteArray()));
      }

      List<Integer> statuses = new ArrayList<>();
      for (CompletableFuture<HttpResponse<byte[]>> one : race) {
        statuses.add(one.get().statusCode());
      }
      assertThat(statuses).as(period).containsExactlyInAnyOrder(201, 409);
    }
    String all =
        new String(get(url(second, "/v1/statements?limit=100")).body(), StandardCharsets.UTF_8);
    assertThat(all.split("\"statementSha256\"", -1)).hasSize(9);
  }

  @Test
  void a_job_is_one_services_until_that_ends_and_then_the_others() throws Exception {
    Map<String, String> shared = new HashMap<>(database().environment());
    shared.put("WHENCE_JOBS_LOOK", "PT0.5S");
    useIndex();
    Process first = serve(shared);
    int firstPort = port;
    choosePort(temporary.resolve("second"));
    useIndex();
    serve(shared);
    int second = port;
    port = firstPort;
    String batch = batch();
    String seenFromSecond = batch.replace(":" + firstPort + "/", ":" + second + "/");

    awaitDone(batch, OUTPUTS / 3);
    // The other service has looked for abandoned jobs more than once by now.
    assertThat(new String(get(seenFromSecond).body(), StandardCharsets.UTF_8))
        .contains("\"attempts\":1", "\"state\":\"running\"");
    first.destroyForcibly().waitFor();
    port = second;
    statementOf(seenFromSecond);

    assertThat(new String(get(seenFromSecond).body(), StandardCharsets.UTF_8))
        .contains("\"attempts\":2");
  }

  @Test
  void a_port_in_use_is_refused_before_anything_is_changed() throws Exception {
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      String said =
          refused(Map.of(), "serve", "--port", "" + taken.getLocalPort(), "--home", "" + home);

      assertThat(said)
          .isEqualTo(
              "whence: port "
                  + port
                  + " on 127.0.0.1 cannot be used (Address already in use); choose another with"
                  + " --port");
    }
    assertThat(home).doesNotExist();
  }

  @Test
  void a_second_service_on_the_same_home_is_refused() throws Exception {
    serve(Map.of());
    choosePort();

    String said = refused(Map.of(), "serve", "--port", "" + port, "--home", "" + home);

    assertThat(said)
        .isEqualTo(
            "whence: another Whence service is running on the home "
                + home.toRealPath()
                + "; stop it, or give this one a --home of its own");
  }

  @Test
  void other_machines_are_kept_out() throws Exception {
    String said =
        refused(
            Map.of("QUARKUS_HTTP_HOST", "0.0.0.0"),
            "serve",
            "--port",
            "" + port,
            "--home",
            "" + home);

    assertThat(said)
        .isEqualTo(
            "whence: quarkus.http.host is 0.0.0.0, which other machines reach, so that every request"
                + " needs an API key, and there is no good one; make one with whence key create NAME"
                + " --role ROLE");
    assertThat(home).doesNotExist();
  }

  @Test
  void other_machines_are_let_in_with_a_key_until_it_is_revoked() throws Exception {
    Map<String, String> open = Map.of("QUARKUS_HTTP_HOST", "0.0.0.0");
    String key = command("key", "create", "counsel", "--role", "reader").strip();
    Process service = serve(open);

    assertThat(get(url(port, "/v1/indexes")).statusCode()).isEqualTo(401);
    assertThat(with(key, "/v1/indexes")).isEqualTo(200);
    String id = key.substring(0, key.lastIndexOf('_'));
    assertThat(command("key", "list")).contains(id).contains("counsel").doesNotContain(key);
    assertThat(command("key", "revoke", id)).startsWith("revoked counsel");
    assertThat(with(key, "/v1/indexes")).isEqualTo(401);
    assertThat(said(service)).doesNotContain(key);

    service.destroy();
    assertThat(service.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(refused(settings(open), "serve", "--port", "" + port, "--home", "" + home))
        .contains("there is no good one");
  }

  private int with(String key, String path) throws Exception {
    return CLIENT
        .send(
            HttpRequest.newBuilder(URI.create(url(port, path)))
                .header("Authorization", "Bearer " + key)
                .build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .statusCode();
  }

  /** What a command printed that ended well. */
  private String command(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--home", "" + home));
    Process process = start(settings(Map.of()), all.toArray(String[]::new));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said(process)).isZero();
    return Files.readString(temporary.resolve("printed-" + processes.indexOf(process)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /dev/null/home | is no directory
          /proc/nothing  | cannot be used
          """)
  void a_home_that_cannot_be_used_is_refused(String place, String reason) throws Exception {
    assertThat(refused(Map.of(), "serve", "--port", "" + port, "--home", place))
        .startsWith("whence: the home " + place)
        .contains(reason);
  }

  private void useIndex() throws IOException {
    Path index = home.resolve("indexes/poems");
    Files.createDirectories(index.getParent());
    Path from = shared.resolve("indexes/poems");
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, index.resolve(from.relativize(path).toString()));
      }
    }
  }

  private Process serve(Map<String, String> environment) throws Exception {
    Process process =
        start(settings(environment), "serve", "--port", "" + port, "--home", "" + home);
    for (int i = 0; i < 600; i++) {
      if (!process.isAlive()) {
        throw new AssertionError("the service ended: " + said(process));
      }
      try {
        if (get("http://127.0.0.1:" + port + "/q/health/live").statusCode() == 200) {
          return process;
        }
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new AssertionError("the service did not come up: " + said(process));
  }

  /** With the database of the home, where a server is named. */
  private Map<String, String> settings(Map<String, String> environment) throws IOException {
    Map<String, String> settings = new HashMap<>(environment);
    if (TestDatabase.external() && !settings.containsKey("QUARKUS_DATASOURCE_JDBC_URL")) {
      if (!ofHomes.containsKey(home)) {
        ofHomes.put(home, database().environment());
      }
      settings.putAll(ofHomes.get(home));
    }
    return settings;
  }

  private String refused(Map<String, String> environment, String... arguments) throws Exception {
    Process process = start(environment, arguments);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    // The virtual machine itself remarks on the vector module.
    return said(process)
        .lines()
        .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
        .reduce((a, b) -> a + "\n" + b)
        .orElse("");
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-Xmx1g"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-jar", APPLICATION.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(temporary.toFile());
    builder.environment().remove("WHENCE_HOME");
    builder.environment().putAll(environment);
    builder.redirectError(temporary.resolve("said-" + processes.size()).toFile());
    builder.redirectOutput(temporary.resolve("printed-" + processes.size()).toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private String said(Process process) throws IOException {
    return Files.readString(temporary.resolve("said-" + processes.indexOf(process)));
  }

  private HttpResponse<byte[]> attribute(String text) throws Exception {
    return post(
        "/v1/attributions",
        "{\"index\": \"poems\", \"output\": {\"modality\": \"text\", \"text\": \"" + text + "\"}}");
  }

  private static String awaitState(String experiment, String state) throws Exception {
    String last = "";
    for (int i = 0; i < 6000 + 50 * OUTPUTS; i++) {
      last = new String(get(experiment).body(), StandardCharsets.UTF_8);
      if (last.contains("\"state\":\"" + state + "\"")) {
        return last;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the experiment is not " + state + ": " + last);
  }

  private HttpResponse<byte[]> post(String path, String body) throws Exception {
    return CLIENT.send(request(port, path, body), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpRequest request(int port, String path, String body) {
    return HttpRequest.newBuilder(URI.create(url(port, path)))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static String url(int port, String path) {
    return "http://127.0.0.1:" + port + path;
  }

  private static HttpResponse<byte[]> get(String place) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(place)).build(), HttpResponse.BodyHandlers.ofByteArray());
  }
}
