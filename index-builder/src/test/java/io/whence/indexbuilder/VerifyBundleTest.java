package io.whence.indexbuilder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.LogEvent;
import io.whence.engine.record.LogKey;
import io.whence.engine.record.MerkleTree;
import io.whence.engine.record.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyBundleTest {
  private static final LogKey KEY = LogKey.generate("whence.test/log");

  @TempDir Path directory;
  private Path bundle = Path.of("");

  private record Ended(int code, String output, String errors) {}

  @BeforeEach
  void writes_a_bundle_of_one_event() throws IOException {
    byte[] payload = "{}".getBytes(UTF_8);
    byte[] salt = new byte[LogEvent.SALT];
    byte[] event =
        new LogEvent(
                0,
                Instant.EPOCH,
                "attribution.answered",
                "a",
                "b",
                LogEvent.commitment(salt, payload),
                2)
            .canonical();
    MerkleTree tree = new MerkleTree();
    tree.append(MerkleTree.leaf(event));
    bundle = directory.resolve("bundle.tar");
    Files.write(
        bundle,
        Bundle.write(
            List.of(new Bundle.Item(event, tree.inclusion(0, 1), salt, payload)),
            Bundle.checkpoint(1, tree.root(), KEY),
            KEY));
  }

  private static Ended run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, UTF_8));
    System.setErr(new PrintStream(errors, true, UTF_8));
    try {
      int code = Main.run(arguments);
      return new Ended(code, output.toString(UTF_8), errors.toString(UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @Test
  void says_that_a_whole_bundle_is_whole() {
    Ended ended = run("verify-bundle", bundle.toString(), "--key", KEY.fingerprint());

    assertThat(ended.code()).isZero();
    assertThat(ended.output())
        .startsWith("whole: 1 of 1 events of whence.test/log, 1 with what they commit to")
        .contains("event 0  1970-01-01T00:00:00Z  attribution.answered  a")
        .contains(KEY.fingerprint() + ", as asked");
  }

  @Test
  void names_what_is_wrong_and_ends_with_two() throws IOException {
    byte[] changed = Files.readAllBytes(bundle);
    String all = new String(changed, java.nio.charset.StandardCharsets.ISO_8859_1);
    changed[all.indexOf("\"subject\":\"a\"") + 11] = 'c';
    Files.write(bundle, changed);

    Ended ended = run("verify-bundle", bundle.toString());

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.output()).isEmpty();
    assertThat(ended.errors())
        .contains(
            "whence: " + bundle + ": data/events/000000000000.json is not what the manifest lists")
        .contains("event 0 is not in the log at its place, as it stands here");
  }

  @Test
  void prints_one_document() {
    Ended ended = run("verify-bundle", bundle.toString(), "--json", "--key", "0".repeat(64));

    JsonObject document = JsonParser.parseString(ended.output()).getAsJsonObject();
    assertThat(ended.code()).isEqualTo(2);
    assertThat(document.get("whole").getAsBoolean()).isFalse();
    assertThat(document.getAsJsonArray("problems").get(0).getAsString())
        .isEqualTo("another key signed: " + KEY.fingerprint());
  }

  @Test
  void says_by_when_an_event_was_there_and_what_it_could_not_verify() throws IOException {
    try (TestAuthority authority = TestAuthority.start("Test");
        TestAuthority stranger = TestAuthority.start("Stranger")) {
      byte[] event = new LogEvent(0, Instant.EPOCH, "a", "b", "c", "0".repeat(64), 0).canonical();
      MerkleTree tree = new MerkleTree();
      tree.append(MerkleTree.leaf(event));
      String checkpoint = Bundle.checkpoint(1, tree.root(), KEY);
      Instant at = Instant.parse("2026-11-28T12:00:00Z");
      byte[] token = authority.at(() -> at).token(checkpoint.getBytes(UTF_8));
      Files.write(
          bundle,
          Bundle.write(
              List.of(new Bundle.Item(event, List.of(), null, null)),
              List.of(new Bundle.Stamp(1, checkpoint, token, List.of())),
              List.of(),
              checkpoint,
              KEY));
      Path trusted = Files.writeString(directory.resolve("ca.pem"), authority.rootPem());
      Path other = Files.writeString(directory.resolve("other.pem"), stranger.rootPem());

      assertThat(run("verify-bundle", bundle.toString(), "--authority", trusted.toString()))
          .satisfies(
              ended -> {
                assertThat(ended.code()).isZero();
                assertThat(ended.output())
                    .contains("b  stamped 2026-11-28T12:00:00Z by CN=Test")
                    .contains("not verified: whether the authority's certificates were revoked");
              });
      assertThat(run("verify-bundle", bundle.toString(), "--authority", other.toString()).code())
          .isEqualTo(2);
      JsonObject document =
          JsonParser.parseString(run("verify-bundle", bundle.toString(), "--json").output())
              .getAsJsonObject();
      assertThat(document.get("stamps").toString())
          .contains("\"at\":\"2026-11-28T12:00:00Z\"", "\"trust\":\"none\"");
      assertThat(document.getAsJsonArray("unverified").get(0).getAsString())
          .startsWith("who signed the time-stamps: no certificate vouches for CN=Test");
    }
  }

  @Test
  void refuses_what_is_no_bundle() {
    Path none = directory.resolve("none.pem");
    assertThat(run("verify-bundle", bundle.toString(), "--authority", none.toString()).errors())
        .isEqualTo("whence: --authority: " + none + " cannot be read" + System.lineSeparator());
    assertThat(run("verify-bundle", "nowhere.tar").errors())
        .isEqualTo("whence: no file nowhere.tar; name a bundle (.tar)" + System.lineSeparator());
    assertThat(run("verify-bundle", bundle.toString(), "--key", "short").errors())
        .isEqualTo(
            "whence: --key is short; a fingerprint has 64 hexadecimal digits"
                + System.lineSeparator());
  }
}
