package io.whence.engine.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.whence.engine.record.Bundle.Item;
import io.whence.engine.record.Bundle.Stamp;
import io.whence.engine.record.Bundle.Stamped;
import io.whence.engine.record.Bundle.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log of twenty events, one a minute from noon, whose checkpoints an authority stamps. */
class StampedBundleTest {
  private static final LogKey KEY = LogKey.generate("whence.test/log");
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
  private static final int EVENTS = 20;
  private static final TestAuthority AUTHORITY = TestAuthority.start("Test");
  private static final TestAuthority STRANGER = TestAuthority.start("Stranger");

  @TempDir Path directory;

  @AfterAll
  static void end() {
    AUTHORITY.close();
    STRANGER.close();
  }

  /** When event {@code i} is entered. */
  private static Instant minute(long i) {
    return NOON.plusSeconds(60 * i);
  }

  private static byte[] event(long i, Instant at) {
    byte[] payload = ("{\"answer\":" + i + "}").getBytes(UTF_8);
    String commitment = LogEvent.commitment(new byte[LogEvent.SALT], payload);
    return new LogEvent(i, at, "attribution.answered", "a", "b", commitment, payload.length)
        .canonical();
  }

  /** Event 7, at a time it may lie about, under checkpoints that were stamped at some times. */
  private record Log(Instant seventh, List<X509Certificate> anchors) {
    byte[] bundle(Object... sizesAndTimes) {
      MerkleTree tree = new MerkleTree();
      for (long i = 0; i < EVENTS; i++) {
        tree.append(MerkleTree.leaf(event(i, i == 7 ? seventh : minute(i))));
      }
      List<Stamp> stamps = new ArrayList<>();
      for (int i = 0; i < sizesAndTimes.length; i += 2) {
        long size = (int) sizesAndTimes[i];
        Instant at = (Instant) sizesAndTimes[i + 1];
        String checkpoint = Bundle.checkpoint(size, tree.root(size), KEY);
        stamps.add(
            new Stamp(
                size,
                checkpoint,
                AUTHORITY.at(() -> at).token(checkpoint.getBytes(UTF_8)),
                tree.consistency(size, EVENTS)));
      }
      Item item = new Item(event(7, seventh), tree.inclusion(7, EVENTS), null, null);
      return Bundle.write(
          List.of(item), stamps, anchors, Bundle.checkpoint(EVENTS, tree.root(), KEY), KEY);
    }
  }

  private static final Log HONEST = new Log(minute(7), List.of());

  private static Verification verified(byte[] bundle, TestAuthority... trusted) {
    List<X509Certificate> anchors = new ArrayList<>();
    for (TestAuthority authority : trusted) {
      anchors.addAll(TimeStamp.anchors(authority.rootPem()));
    }
    return Bundle.verify("b.tar", bundle, anchors);
  }

  @Test
  void an_event_existed_when_the_first_checkpoint_that_holds_it_was_stamped() {
    Verification found =
        verified(
            HONEST.bundle(5, minute(5), 13, minute(14), EVENTS, minute(60)), AUTHORITY, STRANGER);

    assertThat(found.problems()).isEmpty();
    assertThat(found.stamps()).extracting(Stamped::size).containsExactly(5L, 13L, 20L);
    assertThat(found.stampOf(found.events().get(0)))
        .hasValueSatisfying(
            stamp -> {
              assertThat(stamp.at()).isEqualTo(minute(14));
              assertThat(stamp.authority()).isEqualTo("CN=Test");
              assertThat(stamp.trust()).isEqualTo("given");
            });
    assertThat(found.unverified())
        .containsExactly("whether the authority's certificates were revoked: that takes a network");
  }

  @Test
  void what_cannot_be_verified_is_said() {
    assertThat(verified(HONEST.bundle()).unverified())
        .containsExactly(
            "when it happened: there is no time-stamp, only the clock of the machine that kept the"
                + " log");
    assertThat(verified(HONEST.bundle(5, minute(5)), AUTHORITY).unverified())
        .contains(
            "when event 7 happened: no time-stamp covers it, only the log's clock says "
                + minute(7));
    assertThat(verified(HONEST.bundle(13, minute(14))).unverified())
        .contains(
            "who signed the time-stamps: no certificate vouches for CN=Test; name one with"
                + " --authority");
  }

  @Test
  void certificates_that_come_with_the_bundle_are_for_the_reader_to_compare() {
    Log bringing = new Log(minute(7), TimeStamp.anchors(AUTHORITY.rootPem()));

    Verification found = verified(bringing.bundle(13, minute(14)));

    assertThat(found.problems()).isEmpty();
    assertThat(found.stamps()).extracting(Stamped::trust).containsExactly("bundled");
    assertThat(found.unverified().get(0))
        .startsWith("whether to trust CN=Test root, which vouches for the time-stamps and comes")
        .contains(TimeStamp.fingerprint(TimeStamp.anchors(AUTHORITY.rootPem()).get(0)));
  }

  @Test
  void an_authority_that_the_verifier_does_not_trust_is_named() {
    assertThat(verified(HONEST.bundle(13, minute(14)), STRANGER).problems())
        .containsExactly(
            "the time-stamp at 13 events: nobody who is trusted vouches for its signer, CN=Test: no"
                + " chain of certificates, good at its time, leads to CN=Stranger root");
  }

  @Test
  void an_event_that_was_dated_back_is_found() {
    Log backDated = new Log(minute(-600), List.of());

    assertThat(verified(backDated.bundle(5, minute(5), 13, minute(14)), AUTHORITY).problems())
        .containsExactly(
            "event 7 says that it was entered at 2026-11-28T02:00:00Z, but the log did not have it"
                + " when it was stamped at 2026-11-28T12:05:00Z");
  }

  @Test
  void a_clock_that_was_fast_is_said() {
    Log fast = new Log(minute(14).plusSeconds(3), List.of());

    assertThat(verified(fast.bundle(13, minute(14)), AUTHORITY).unverified())
        .contains(
            "when event 7 happened: by the log's clock at 2026-11-28T12:14:03Z, after the"
                + " time-stamp that covers it (2026-11-28T12:14:00Z); that clock was fast");
  }

  @Test
  void time_stamps_go_forward() {
    assertThat(verified(HONEST.bundle(5, minute(50), 13, minute(14)), AUTHORITY).problems())
        .contains(
            "the time-stamp at 13 events is of 2026-11-28T12:14:00Z, before that of the 5 events it"
                + " continues (2026-11-28T12:50:00Z)");
  }

  @Test
  void a_stamped_checkpoint_of_another_log_is_found() {
    MerkleTree other = new MerkleTree();
    for (long i = 0; i < 13; i++) {
      other.append(MerkleTree.leaf(event(i, minute(i + 1))));
    }
    String checkpoint = Bundle.checkpoint(13, other.root(), KEY);
    MerkleTree tree = new MerkleTree();
    for (long i = 0; i < EVENTS; i++) {
      tree.append(MerkleTree.leaf(event(i, minute(i))));
    }
    byte[] bundle =
        Bundle.write(
            List.of(new Item(event(7, minute(7)), tree.inclusion(7, EVENTS), null, null)),
            List.of(
                new Stamp(
                    13,
                    checkpoint,
                    AUTHORITY.at(() -> minute(14)).token(checkpoint.getBytes(UTF_8)),
                    tree.consistency(13, EVENTS))),
            List.of(),
            Bundle.checkpoint(EVENTS, tree.root(), KEY),
            KEY);

    assertThat(verified(bundle, AUTHORITY).problems())
        .containsExactly(
            "data/stamps/000000000013.txt is of another log than data/checkpoint.txt, or of a later"
                + " one");
  }

  @Test
  void a_time_stamp_of_another_checkpoint_is_found() {
    Stamp honest = new Stamp(13, "x\n", AUTHORITY.token("y\n".getBytes(UTF_8)), List.of());
    MerkleTree tree = new MerkleTree();
    tree.append(MerkleTree.leaf(event(0, NOON)));
    byte[] bundle =
        Bundle.write(
            List.of(new Item(event(0, NOON), List.of(), null, null)),
            List.of(honest),
            List.of(),
            Bundle.checkpoint(1, tree.root(), KEY),
            KEY);

    assertThat(verified(bundle, AUTHORITY).problems())
        .containsExactly(
            "data/stamps/000000000013.txt is not the log's checkpoint of 13 events",
            "the time-stamp at 13 events: it is of something else: its message imprint is not"
                + " SHA-256 of what it is for");
  }

  /** The independent check: every size of an earlier log, powers of two and others. */
  @ParameterizedTest
  @ValueSource(ints = {8, 9, 13, 15, 16, 17, 19, EVENTS})
  void verifies_with_standard_tools_alone(int size) throws Exception {
    Path bundle = Files.write(directory.resolve("b.tar"), HONEST.bundle(size, minute(25)));
    Path ca = Files.writeString(directory.resolve("ca.pem"), AUTHORITY.rootPem());
    Path stranger = Files.writeString(directory.resolve("stranger.pem"), STRANGER.rootPem());

    assertThat(script(bundle, ca))
        .startsWith("0 time-stamped: events before " + size + " existed at Nov 28 12:25:00 2026")
        .contains("verified: 1 of 20 events of whence.test/log, key ");
    assertThat(script(bundle, stranger))
        .startsWith("1 ")
        .contains("NOT verified: the time-stamp data/stamps/");
  }

  private static String script(Path bundle, Path authority)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "sh",
                "../docs/verify/verify-bundle.sh",
                bundle.toString(),
                KEY.fingerprint(),
                authority.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue() + " " + said;
  }
}
