package io.whence.engine.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.record.TimeStamp.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimeStampTest {
  private static final byte[] MESSAGE = "whence.test/log\n11\nroot\n".getBytes(UTF_8);
  private static final Instant THEN = Instant.parse("2026-11-28T12:00:00Z");
  private static final TestAuthority AUTHORITY = TestAuthority.start("Test").at(() -> THEN);
  private static final TestAuthority STRANGER = TestAuthority.start("Stranger").at(() -> THEN);

  @TempDir Path directory;

  @AfterAll
  static void end() {
    AUTHORITY.close();
    STRANGER.close();
  }

  private static List<X509Certificate> anchors(TestAuthority authority) {
    return TimeStamp.anchors(authority.rootPem());
  }

  @Test
  void a_token_says_when_who_and_that_it_is_of_the_message() {
    Found found = TimeStamp.check(AUTHORITY.token(MESSAGE), MESSAGE, anchors(AUTHORITY));

    assertThat(found.problems()).isEmpty();
    assertThat(found.at()).isEqualTo(THEN);
    assertThat(found.accuracy()).isEqualTo(Duration.ofSeconds(1));
    assertThat(found.authority()).isEqualTo("CN=Test");
    assertThat(found.chained()).isTrue();
  }

  @Test
  void without_an_anchor_nobody_vouches_and_the_rest_is_checked() {
    Found found = TimeStamp.check(AUTHORITY.token(MESSAGE), MESSAGE, List.of());

    assertThat(found.problems()).isEmpty();
    assertThat(found.chained()).isFalse();
  }

  @Test
  void a_token_of_something_else_is_named() {
    assertThat(
            TimeStamp.check(AUTHORITY.token("x".getBytes(UTF_8)), MESSAGE, anchors(AUTHORITY))
                .problems())
        .containsExactly(
            "it is of something else: its message imprint is not SHA-256 of what it is for");
  }

  @Test
  void a_token_of_somebody_else_is_named() {
    assertThat(TimeStamp.check(STRANGER.token(MESSAGE), MESSAGE, anchors(AUTHORITY)).problems())
        .containsExactly(
            "nobody who is trusted vouches for its signer, CN=Stranger: no chain of certificates,"
                + " good at its time, leads to CN=Test root");
  }

  @Test
  void a_certificate_must_have_been_good_at_the_tokens_time_and_not_today() {
    Instant from = Instant.parse("2020-01-01T00:00:00Z");
    try (TestAuthority expired = TestAuthority.start("Expired", from, Duration.ofDays(30))) {
      byte[] inTime = expired.at(() -> from.plusSeconds(86_400)).token(MESSAGE);
      assertThat(TimeStamp.check(inTime, MESSAGE, anchors(expired)).problems()).isEmpty();

      expired.at(() -> THEN);
      assertThatThrownBy(() -> expired.token(MESSAGE)).hasMessageContaining("not valid");
    }
  }

  @Test
  void a_change_of_what_is_signed_is_found() {
    byte[] token = AUTHORITY.token(MESSAGE);
    String text = new String(token, java.nio.charset.StandardCharsets.ISO_8859_1);
    token[text.indexOf("20261128120000Z")] ^= 1;

    assertThat(TimeStamp.check(token, MESSAGE, anchors(AUTHORITY)).problems()).isNotEmpty();
  }

  @Test
  void an_answer_to_another_question_is_refused() {
    TimeStamp.Query query = TimeStamp.Query.about(MESSAGE);
    byte[] other = AUTHORITY.response(TimeStamp.Query.about(MESSAGE).der());

    assertThatThrownBy(() -> query.token(other, List.of()))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessageStartingWith("the authority's answer is none to what was asked: ");
    assertThatThrownBy(() -> query.token(new byte[10], List.of()))
        .hasMessageStartingWith("the authority's answer is none to what was asked: ");
    assertThatThrownBy(() -> query.token(STRANGER.response(query.der()), anchors(AUTHORITY)))
        .hasMessageStartingWith(
            "the authority's token is not good: nobody who is trusted vouches for its signer");
  }

  @Test
  void what_is_no_certificate_is_no_anchor() {
    assertThatThrownBy(() -> TimeStamp.anchors(""))
        .hasMessage("there are 0 certificates; 1 to 100 are read");
    assertThatThrownBy(() -> TimeStamp.anchors("-----BEGIN CERTIFICATE-----\nAAAA\n"))
        .hasMessageStartingWith("no certificates in PEM: ");
  }

  /**
   * The independent check of queries and tokens: openssl, none of our code and no other's in it.
   */
  @Test
  void openssl_agrees() throws Exception {
    Path message = Files.write(directory.resolve("message"), MESSAGE);
    Path token = Files.write(directory.resolve("token.tst"), AUTHORITY.token(MESSAGE));
    Path ca = Files.writeString(directory.resolve("ca.pem"), AUTHORITY.rootPem());
    Path strange = Files.writeString(directory.resolve("strange.pem"), STRANGER.rootPem());
    Path other = Files.writeString(directory.resolve("other"), "other");

    assertThat(openssl(token, message, ca)).startsWith("0 ").contains("Verification: OK");
    assertThat(openssl(token, other, ca)).startsWith("1 ").contains("message imprint mismatch");
    assertThat(openssl(token, message, strange)).startsWith("1 ");
  }

  private static String openssl(Path token, Path message, Path ca)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "openssl",
                "ts",
                "-verify",
                "-token_in",
                "-in",
                token.toString(),
                "-data",
                message.toString(),
                "-CAfile",
                ca.toString(),
                "-attime",
                String.valueOf(THEN.getEpochSecond()))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue() + " " + said;
  }
}
