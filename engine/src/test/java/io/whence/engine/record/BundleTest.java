package io.whence.engine.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.record.Bundle.Item;
import io.whence.engine.record.Bundle.Verification;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
  private static final LogKey KEY = LogKey.generate("whence.test/log");

  /** Events 3, 5 and 6 of a log of eleven; the payload of event 5 was erased. */
  private static final byte[] BUNDLE = bundle(KEY);

  @TempDir Path directory;

  private static byte[] payload(long i) {
    return ("{\"answer\":" + i + "}").getBytes(UTF_8);
  }

  private static byte[] salt(long i) {
    byte[] salt = new byte[LogEvent.SALT];
    new SplittableRandom(i).nextBytes(salt);
    return salt;
  }

  private static LogEvent event(long i) {
    return new LogEvent(
        i,
        Instant.ofEpochMilli(1_790_000_000_000L + i),
        "attribution.answered",
        "subject-" + i,
        "somebody",
        LogEvent.commitment(salt(i), payload(i)),
        payload(i).length);
  }

  private static byte[] bundle(LogKey key) {
    MerkleTree tree = new MerkleTree();
    for (long i = 0; i < 11; i++) {
      tree.append(MerkleTree.leaf(event(i).canonical()));
    }
    List<Item> items = new ArrayList<>();
    for (long i : new long[] {6, 3, 5}) {
      boolean erased = i == 5;
      items.add(
          new Item(
              event(i).canonical(),
              tree.inclusion(i, 11),
              erased ? null : salt(i),
              erased ? null : payload(i)));
    }
    return Bundle.write(items, Bundle.checkpoint(11, tree.root(), key), key);
  }

  private static Map<String, byte[]> files(byte[] tar) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        files.put(entry.getName(), in.readAllBytes());
      }
    }
    return files;
  }

  private static byte[] tar(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        out.putArchiveEntry(entry);
        out.write(file.getValue());
        out.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static List<String> problems(byte[] tar) {
    return Bundle.verify("b.tar", tar, List.of()).problems();
  }

  @Test
  void is_whole_as_it_was_written() {
    Verification found = Bundle.verify("b.tar", BUNDLE, List.of());

    assertThat(found.problems()).isEmpty();
    assertThat(found.whole()).isTrue();
    assertThat(found.log()).isEqualTo("whence.test/log");
    assertThat(found.fingerprint()).isEqualTo(KEY.fingerprint());
    assertThat(found.size()).isEqualTo(11);
    assertThat(found.events()).containsExactly(event(3), event(5), event(6));
    assertThat(found.payloads()).isEqualTo(2);
    assertThat(bundle(KEY)).isEqualTo(BUNDLE);
  }

  @Test
  void finds_a_flip_of_any_byte() {
    List<Integer> unnoticed = new ArrayList<>();
    byte[] flipped = BUNDLE.clone();
    // Every second byte that says something, and some of the padding: all of them take minutes.
    for (int i = 0; i < flipped.length; i += flipped[i] == 0 ? 29 : 2) {
      flipped[i] ^= 1;
      try {
        if (Bundle.verify("b.tar", flipped, List.of()).whole()) {
          unnoticed.add(i);
        }
      } catch (EngineException.InvalidQuery e) {
        // No bundle any more: noticed.
        assertThat(e.detail()).startsWith("b.tar ");
      }
      flipped[i] ^= 1;
    }

    assertThat(unnoticed).isEmpty();
  }

  @Test
  void names_what_was_changed() throws IOException {
    Map<String, byte[]> files = files(BUNDLE);
    files.computeIfPresent(
        "data/events/000000000005.json",
        (name, bytes) -> new String(bytes, UTF_8).replace("somebody", "nobody11").getBytes(UTF_8));
    files.computeIfPresent("data/payloads/000000000006.bin", (name, bytes) -> "{}".getBytes(UTF_8));

    assertThat(problems(tar(files)))
        .contains(
            "data/events/000000000005.json is not what the manifest lists",
            "event 5 is not in the log at its place, as it stands here",
            "data/payloads/000000000006.bin is not what the manifest lists",
            "the payload of event 6 is not what the event commits to");
  }

  @Test
  void names_what_was_dropped_inserted_and_reordered() throws IOException {
    Map<String, byte[]> dropped = files(BUNDLE);
    dropped.remove("data/events/000000000005.json");
    Map<String, byte[]> inserted = files(BUNDLE);
    inserted.put("data/events/000000000009.json", event(9).canonical());
    Map<String, byte[]> reordered = files(BUNDLE);
    byte[] third = reordered.get("data/events/000000000003.json");
    byte[] sixth = reordered.get("data/events/000000000006.json");
    reordered.put("data/events/000000000003.json", sixth);
    reordered.put("data/events/000000000006.json", third);

    assertThat(problems(tar(dropped)))
        .contains(
            "data/events/000000000005.json is missing",
            "event 5 is missing, and data/proofs/000000000005.txt is its own");
    assertThat(problems(tar(inserted)))
        .contains(
            "data/events/000000000009.json was inserted: the manifest does not list it",
            "event 9 has no proof that can be read");
    assertThat(problems(tar(reordered)))
        .contains("event 3 was moved: it is event 6", "event 6 was moved: it is event 3");
  }

  @Test
  void finds_a_manifest_that_was_made_to_fit() throws IOException {
    Map<String, byte[]> files = files(BUNDLE);
    for (String name : List.copyOf(files.keySet())) {
      if (name.contains("000000000005")) {
        files.remove(name);
      }
    }
    files.computeIfPresent(
        "manifest-sha256.txt",
        (name, bytes) -> {
          StringBuilder lines = new StringBuilder();
          new String(bytes, UTF_8)
              .lines()
              .filter(line -> !line.contains("000000000005"))
              .forEach(line -> lines.append(line).append('\n'));
          return lines.toString().getBytes(UTF_8);
        });

    assertThat(problems(tar(files)))
        .contains(
            "manifest-sha256.txt is not what was sealed: a line was changed, dropped or added");
  }

  @Test
  void finds_a_checkpoint_of_another_key_or_another_log() throws IOException {
    Map<String, byte[]> files = files(BUNDLE);
    Map<String, byte[]> other = files(bundle(LogKey.generate("whence.test/log")));
    byte[] key = other.get("data/key.pem");
    files.put("data/key.pem", key);

    assertThat(problems(tar(files)))
        .contains(
            "data/checkpoint.txt is not signed by data/key.pem",
            "seal.txt is not signed by data/key.pem");
  }

  @Test
  void refuses_what_is_no_bundle() {
    assertThatThrownBy(() -> Bundle.verify("x", "hello".getBytes(UTF_8), List.of()))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("x is no bundle: it holds no file of one");
    assertThatThrownBy(() -> Bundle.verify(directory.resolve("none.tar")))
        .hasMessage("no file " + directory.resolve("none.tar") + "; name a bundle (.tar)");
    assertThatThrownBy(() -> LogKey.generate("two words"))
        .hasMessage("the log's name is two words; it has 1 to 100 letters, digits and . _ / -");
  }

  @Test
  void reads_its_key_back() {
    LogKey read = LogKey.of("whence.test/log", KEY.privatePem(), KEY.publicPem());

    assertThat(bundle(read)).isEqualTo(BUNDLE);
    assertThatThrownBy(() -> LogKey.of("x", KEY.privatePem(), LogKey.generate("x").publicPem()))
        .hasMessage("the log's private and public key do not belong together");
  }

  /** The independent check: tar, sha256sum, openssl and a shell, none of our code. */
  @Test
  void verifies_with_standard_tools_alone() throws Exception {
    Path whole = Files.write(directory.resolve("whole.tar"), BUNDLE);
    Map<String, byte[]> changed = files(BUNDLE);
    changed.computeIfPresent(
        "data/payloads/000000000006.bin", (name, bytes) -> "{}".getBytes(UTF_8));
    Path forged = Files.write(directory.resolve("forged.tar"), tar(changed));
    byte[] anotherKey = bundle(LogKey.generate("whence.test/log"));
    Path other = Files.write(directory.resolve("other.tar"), anotherKey);

    assertThat(script(whole)).startsWith("0 verified: 3 of 11 events of whence.test/log, key ");
    assertThat(script(forged)).startsWith("1 ").contains("NOT verified: a file is not what");
    assertThat(script(other)).startsWith("1 ").contains("NOT verified: another key signed");
  }

  private static String script(Path bundle) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "sh", "../docs/verify/verify-bundle.sh", bundle.toString(), KEY.fingerprint())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue() + " " + said;
  }
}
