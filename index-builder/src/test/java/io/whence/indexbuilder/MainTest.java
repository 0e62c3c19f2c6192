package io.whence.indexbuilder;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad usage and bad input end with 2 and one line that says what and where. */
class MainTest {
  @TempDir Path directory;

  private record Ended(int code, String errors) {}

  private static Ended run(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      int code = Main.run(arguments);
      return new Ended(code, errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  private static void refuses(String line, String... arguments) {
    assertThat(run(arguments)).isEqualTo(new Ended(2, line + System.lineSeparator()));
  }

  @Test
  void an_unknown_command_is_named() {
    refuses("whence: Unmatched argument at index 0: 'fly'; see whence --help", "fly");
  }

  @Test
  void an_output_given_in_two_ways_or_none_is_refused() {
    refuses(
        "whence: --text=STR, --file=F are mutually exclusive (specify only one); see whence"
            + " attribute --help",
        "attribute",
        "--index",
        "x",
        "--text",
        "a",
        "--file",
        "b");
    assertThat(run("attribute", "--index", "x").errors())
        .startsWith("whence: Missing required argument (specify one of these): ")
        .hasLineCount(1);
  }

  @Test
  void a_missing_option_is_named() {
    assertThat(run("index", "build", "--out", "x").errors())
        .startsWith("whence: Missing required option: '--corpus=FILE'")
        .hasLineCount(1);
  }

  @Test
  void an_index_without_a_model_is_built_only_when_asked_for() {
    refuses(
        "whence: an index is built with a model; name its checkpoint with --model, or build for"
            + " evidence alone with --no-sketches",
        "index",
        "build",
        "--corpus",
        "x",
        "--out",
        "y");
  }

  @Test
  void a_place_without_an_index_is_refused() {
    Path nowhere = directory.resolve("nowhere");
    refuses(
        "whence: no index at "
            + nowhere
            + ": it has no manifest.json; build one with whence index"
            + " build --out "
            + nowhere,
        "attribute",
        "--index",
        nowhere.toString(),
        "--text",
        "words");
  }

  @Test
  void a_place_that_nothing_can_be_written_to_is_refused_before_the_work() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    refuses(
        "whence: --out " + file + " is no directory and cannot be made one; name another",
        "evaluate",
        "mnist-lr",
        "--out",
        file.toString());

    Path picture = directory.resolve("a.png");
    ImageIO.write(new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    Path exhibit = directory.resolve("nowhere/exhibit.html");
    refuses(
        "whence: --html "
            + exhibit
            + " cannot be written: there is no such directory; make it first",
        "trace",
        "--index",
        "x",
        "--file",
        picture.toString(),
        "--html",
        exhibit.toString());
  }

  @Test
  void an_empty_output_is_refused() {
    refuses(
        "whence: the output is empty; give the text that the model produced",
        "attribute",
        "--index",
        directory.toString(),
        "--text",
        "  ");
  }

  @Test
  void an_output_over_the_limit_is_refused() {
    refuses(
        "whence: the output has 100001 characters; at most 100000 are attributed at once, so split"
            + " it",
        "attribute",
        "--index",
        directory.toString(),
        "--text",
        "x".repeat(100_001));
  }

  @Test
  void a_trace_has_the_limits_of_an_attribution() {
    refuses(
        "whence: the output has 100001 characters; at most 100000 are attributed at once, so split"
            + " it",
        "trace",
        "--index",
        directory.toString(),
        "--text",
        "x".repeat(100_001));
    refuses(
        "whence: no index at "
            + directory
            + ": it has no manifest.json; build one with whence index build --out "
            + directory,
        "trace",
        "--index",
        directory.toString(),
        "--text",
        "words");
  }

  @Test
  void passages_are_asked_for_within_bounds_and_of_an_index() {
    String index = directory.toString();
    refuses("whence: --least is 2 or more; got 1", "passages", "--index", index, "--least", "1");
    refuses("whence: --limit is 1 to 100; got 101", "passages", "--index", index, "--limit", "101");
    refuses("whence: --after is 0 or more; got -1", "passages", "--index", index, "--after", "-1");
    refuses(
        "whence: --passage lists the places of one passage in all works; leave --work out",
        "passages",
        "--index",
        index,
        "--passage",
        "0",
        "--work",
        "x");
    refuses(
        "whence: no index at "
            + directory
            + ": it has no manifest.json; build one with whence index build --out "
            + directory,
        "passages",
        "--index",
        index);
  }

  @Test
  void a_top_out_of_range_is_refused() {
    refuses(
        "whence: topK is between 1 and 1000; got 0",
        "attribute",
        "--index",
        directory.toString(),
        "--text",
        "words",
        "--top",
        "0");
  }

  @Test
  void an_output_file_that_is_not_utf8_is_refused() throws IOException {
    Path file = Files.write(directory.resolve("x.txt"), new byte[] {'a', (byte) 0xA1});
    refuses(
        "whence: " + file + " is not valid UTF-8: byte 1 begins no character; convert it first",
        "attribute",
        "--index",
        directory.toString(),
        "--file",
        file.toString());
  }

  @Test
  void an_output_file_in_utf_16_is_refused_with_or_without_its_mark() throws IOException {
    Path marked = Files.write(directory.resolve("m.txt"), "words".getBytes(UTF_16));
    Path bare = Files.write(directory.resolve("b.txt"), "words".getBytes(UTF_16LE));
    refuses(
        "whence: " + marked + " is not valid UTF-8: byte 0 begins no character; convert it first",
        "trace",
        "--index",
        directory.toString(),
        "--file",
        marked.toString());
    refuses(
        "whence: the output has a NUL at character 1; it is not text, or in UTF-16: convert it"
            + " first",
        "trace",
        "--index",
        directory.toString(),
        "--file",
        bare.toString());
  }

  @Test
  void an_output_file_of_ten_megabytes_is_refused_unread() throws IOException {
    Path file = Files.writeString(directory.resolve("x.txt"), "x".repeat(10_000_000));
    refuses(
        "whence: "
            + file
            + " has 10000000 bytes; at most 100000 characters are attributed at once, so split it",
        "screen",
        "--index",
        directory.toString(),
        "--file",
        file.toString());
  }

  @Test
  void a_policy_that_is_none_is_refused() throws IOException {
    Path file = Files.writeString(directory.resolve("p.json"), "[]");
    refuses(
        "whence: the policy "
            + file
            + " cannot be used: it is no JSON object; docs/formats/policy.md has the format",
        "screen",
        "--index",
        directory.toString(),
        "--text",
        "words",
        "--policy",
        file.toString());
  }

  @Test
  void a_directory_without_a_checkpoint_is_refused_and_nothing_is_written() throws IOException {
    Path corpus =
        Files.writeString(directory.resolve("c.jsonl"), "{\"id\":\"a\",\"text\":\"b c\"}");
    Path out = directory.resolve("out");

    Ended ended =
        run(
            "index",
            "build",
            "--model",
            directory.toString(),
            "--corpus",
            corpus.toString(),
            "--out",
            out.toString());

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.errors()).startsWith("whence: no config.json in " + directory).hasLineCount(1);
    assertThat(directory)
        .isDirectoryNotContaining(path -> path.getFileName().toString().startsWith("out"));
  }

  @Test
  void an_image_that_cannot_be_read_is_refused_before_the_index_is_looked_at() throws IOException {
    Path file = Files.writeString(directory.resolve("a.webp"), "RIFF....WEBP");
    refuses(
        "whence: the image " + file + " is no image that is read here; convert it to PNG or JPEG",
        "trace",
        "--index",
        directory.toString(),
        "--file",
        file.toString());
  }

  @Test
  void an_exhibit_of_words_is_refused() {
    refuses(
        "whence: --html draws images, and the output is none; leave it out, or use --json",
        "trace",
        "--index",
        directory.toString(),
        "--text",
        "words",
        "--html",
        "x.html");
  }

  @Test
  void a_use_that_is_not_understood_is_refused_with_its_field() throws IOException {
    String end = "; it is one object as the field use of POST /v1/attributions";
    refusesUse("{\"purpos\": \"parody\"}", "there is no field use.purpos; there is jurisdiction, ");
    refusesUse("{\"commercial\": \"1\"}", "use.commercial should be a number" + end);
    refusesUse("{\"market\": [1]}", "use.market should be an object" + end);
    refusesUse("{\"user\": \"a\", \"user\": \"b\"}", "use.user is there twice" + end);
    refusesUse("[]", "it is no JSON object" + end);
    refusesUse("{\"user\": ", "it is not valid JSON" + end);
    refusesUse("{} {}", "it is not valid JSON" + end);
    refusesUse(
        "{\"user\": \"" + "x".repeat(65_536) + "\"}",
        "it has more than 65536 bytes, the most that are read" + end);
    refuses(
        "whence: no file none.json; --use names a JSON file",
        "trace",
        "--index",
        "x",
        "--text",
        "words",
        "--use",
        "none.json");
  }

  private void refusesUse(String use, String reason) throws IOException {
    Path file = Files.writeString(directory.resolve("use.json"), use);
    Ended ended = run("trace", "--index", "x", "--text", "words", "--use", file.toString());
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.errors())
        .startsWith("whence: the use in " + file + " cannot be read: " + reason)
        .hasLineCount(1);
  }

  @Test
  void facts_that_cannot_be_and_facts_of_an_image_are_refused_for_words() throws IOException {
    Path loud = Files.writeString(directory.resolve("loud.json"), "{\"commercial\": 2}");
    Path image =
        Files.writeString(
            directory.resolve("image.json"), "{\"image\": {\"persons\": [\"A. Person\"]}}");
    refuses(
        "whence: use.commercial is between 0 and 1; got 2.0",
        "trace",
        "--index",
        "x",
        "--text",
        "words",
        "--use",
        loud.toString());
    refuses(
        "whence: use.image is about an image, and the output is none; leave it out",
        "trace",
        "--index",
        "x",
        "--text",
        "words",
        "--use",
        image.toString());
  }

  @Test
  void an_unknown_suite_is_refused_with_the_known_ones() {
    refuses(
        "whence: suite speed is not known; use one of tracing, recall, latency, evidence, copies,"
            + " screening, code, images, scale, throughput, mnist-lr, mnist-mlp, convex-digits,"
            + " mislabelled-digits, cost, poems-lm, poems-holders, imported",
        "evaluate",
        "speed");
  }

  @Test
  void an_image_model_is_for_evidence_alone_and_a_bad_one_is_named() throws IOException {
    Path corpus = Files.writeString(directory.resolve("c.jsonl"), "{\"id\":\"a\",\"text\":\"b\"}");
    refuses(
        "whence: --image-model embeds the images of an index for evidence alone; add --no-sketches",
        "index",
        "build",
        "--corpus",
        corpus.toString(),
        "--image-model",
        "m.onnx",
        "--out",
        directory.resolve("index").toString());
    Path model = Files.write(directory.resolve("m.onnx"), new byte[] {(byte) 0x80, 4});
    refuses(
        "whence: the image model "
            + model
            + " is a pickled PyTorch checkpoint, which is Python code and is not opened; export the"
            + " model with torch.jit.script, torch.jit.trace or torch.onnx",
        "index",
        "build",
        "--no-sketches",
        "--corpus",
        corpus.toString(),
        "--image-model",
        model.toString(),
        "--out",
        directory.resolve("index").toString());
  }

  @Test
  void a_checkpoint_has_no_part_in_an_index_for_evidence_alone() throws IOException {
    Path corpus = Files.writeString(directory.resolve("c.jsonl"), "{\"id\":\"a\",\"text\":\"b\"}");
    Map<String, String> refused = Map.of("--model", "m", "--leave-out", "5");
    refused.forEach(
        (option, value) ->
            refuses(
                "whence: --no-sketches builds for evidence alone, with no checkpoint: leave out "
                    + option
                    + ", or --no-sketches",
                "index",
                "build",
                "--no-sketches",
                option,
                value,
                "--corpus",
                corpus.toString(),
                "--out",
                directory.resolve("index").toString()));
  }

  @Test
  void an_idx_file_that_is_cut_short_is_named() throws IOException {
    Path corpus = Files.write(directory.resolve("a.idx"), new byte[] {0, 0, 8, 3, 0, 0});
    refuses(
        "whence: " + corpus + " is cut short; fetch it again",
        "index",
        "build",
        "--no-sketches",
        "--corpus",
        corpus.toString(),
        "--out",
        directory.resolve("index").toString());
  }
}
