package io.whence.service;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.whence.indexbuilder.AnswerTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Sends three outputs to the service that has just started, and prints what it answers. */
public final class Demo implements QuarkusApplication {
  private static final String OZYMANDIAS = "percy-bysshe-shelley/4800-67";

  /** The text the model writes is the same every time. */
  private static final long SEED = 20261124;

  private static final int TOKENS = 96;
  private static final double TEMPERATURE = 0.8;
  private static final int WIDTH = 96;

  private final HttpClient client = HttpClient.newHttpClient();

  /** For Quarkus. */
  public Demo() {}

  /** One thing to attribute. */
  private record Output(String title, Supplier<String> text) {}

  @Override
  public int run(String... args) throws Exception {
    Arguments arguments = Arguments.of(args);
    String service = "http://127.0.0.1:" + System.getProperty("quarkus.http.port");
    Path directory = Path.of(System.getProperty("whence.home"), "indexes", DemoIndex.ID);
    Path corpus = Path.of(System.getProperty(Main.DEMO_CORPUS));
    DemoIndex index = new DemoIndex(directory, corpus);
    String last = "";
    for (Output output : outputs(index)) {
      String text = output.text().get();
      HttpResponse<String> answer = attribute(service, text);
      JsonObject body = JsonParser.parseString(answer.body()).getAsJsonObject();
      if (answer.statusCode() != 201) {
        Console.ERR.println("whence: the service refused: " + body.get("detail").getAsString());
        return 1;
      }
      last = answer.headers().firstValue("Location").orElseThrow();
      Console.OUT.println();
      Console.OUT.println("== " + output.title());
      Console.OUT.println(wrapped(text));
      Console.OUT.println();
      Console.OUT.println(AnswerTable.of(body));
      Console.OUT.println("record    " + last);
      Console.OUT.println("report    " + last + "/report");
    }
    if (!arguments.serveOn()) {
      return 0;
    }
    Console.OUT.println(next(service, last));
    Quarkus.waitForExit();
    return 0;
  }

  private static List<Output> outputs(DemoIndex index) {
    return List.of(
        new Output(
            "1. A passage that stands in the corpus (Ozymandias, words 21 to 90)",
            () -> index.passage(OZYMANDIAS, 20, 90)),
        new Output(
            "2. What the model itself writes ("
                + TOKENS
                + " tokens, temperature "
                + TEMPERATURE
                + ", seed "
                + SEED
                + ")",
            () -> index.written(TOKENS, TEMPERATURE, SEED)),
        new Output(
            "3. A passage from outside the corpus (Lincoln's second inaugural address)",
            () -> resource("/demo/second-inaugural.txt")));
  }

  private HttpResponse<String> attribute(String service, String text)
      throws IOException, InterruptedException {
    JsonObject output = new JsonObject();
    output.addProperty("modality", "text");
    output.addProperty("text", text);
    JsonObject request = new JsonObject();
    request.addProperty("index", DemoIndex.ID);
    request.add("output", output);
    return client.send(
        HttpRequest.newBuilder(URI.create(service + "/v1/attributions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(request.toString()))
            .build(),
        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private static String next(String service, String last) {
    return """

    The service runs on %s until you stop it (Ctrl-C). Try next:

      curl -s %s/v1/attributions -H 'Content-Type: application/json' \\
        -d '{"index": "demo", "output": {"modality": "text", "text": "Tyger, tyger, burning bright in the forests of the night"}}'

    Read an answer as a page:  %s/report
    What can be asked:         %s/q/openapi
    """
        .formatted(service, service, last, service);
  }

  private static String wrapped(String text) {
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (String word : text.split("\\s+", -1)) {
      if (column > 0 && column + word.length() >= WIDTH) {
        out.append(System.lineSeparator());
        column = 0;
      }
      out.append(column == 0 ? "   " : "").append(' ').append(word);
      column += word.length() + 1;
    }
    return out.toString();
  }

  private static String resource(String name) {
    try (InputStream in = Demo.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
