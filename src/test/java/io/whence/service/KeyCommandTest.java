package io.whence.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.service.persistence.KeyRing;
import io.whence.service.security.ApiKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyCommandTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  @TempDir Path directory;

  private static KeyCommand command(String line) throws Refused {
    return KeyCommand.of(new ArrayDeque<>(List.of(line.split(" ", -1))));
  }

  @Test
  void a_key_is_made_listed_and_revoked_where_no_service_has_run_yet() throws Exception {
    try (TestDatabase database = TestDatabase.start(directory.toRealPath().resolve("postgres"));
        KeyRing keys = ring(database)) {
      KeyCommand.Create create =
          (KeyCommand.Create) command("create counsel --role reader --role reviewer --expires 90d");

      ApiKey key = create.on(keys, NOW);

      String listed = new KeyCommand.Listing().on(keys, NOW);
      assertThat(listed.lines().toList().get(1).split(" {2,}", -1))
          .containsExactly(
              key.toString(),
              "counsel",
              "reader,reviewer",
              "2026-11-29",
              "2027-02-27",
              "never",
              "good");
      assertThat(listed).doesNotContain(key.secret()).doesNotContain(key.sha256());
      assertThat(new KeyCommand.Listing().on(keys, NOW.plus(Duration.ofDays(90))))
          .contains("expired");
      KeyCommand.Revoke revoke = (KeyCommand.Revoke) command("revoke " + key);
      assertThat(revoke.on(keys, NOW)).isEqualTo("revoked counsel (" + key + ")");
      assertThat(new KeyCommand.Listing().on(keys, NOW)).contains("revoked 2026-11-29");
      assertThatThrownBy(() -> revoke.on(keys, NOW))
          .isInstanceOf(Refused.class)
          .hasMessage("counsel (" + key + ") was revoked at 2026-11-29T12:00:00Z already");
    }
  }

  @Test
  void what_is_not_there_is_named() throws Exception {
    try (TestDatabase database = TestDatabase.start(directory.toRealPath().resolve("postgres"));
        KeyRing keys = ring(database)) {
      UUID nobody = UUID.fromString("01990000-0000-7000-8000-000000000000");

      assertThat(new KeyCommand.Listing().on(keys, NOW).lines()).hasSize(1);
      assertThatThrownBy(() -> new KeyCommand.Revoke("000000000000").on(keys, NOW))
          .isInstanceOf(Refused.class)
          .hasMessage("there is no key whk_000000000000; see whence key list");
      assertThatThrownBy(
              () -> new KeyCommand.Create("ann", List.of("reviewer"), null, nobody).on(keys, NOW))
          .isInstanceOf(IOException.class)
          .hasMessage("there is no reviewer " + nobody + "; register at /v1/reviewers");
      assertThat(keys.all()).isEmpty();
    }
  }

  private static KeyRing ring(TestDatabase database) throws IOException {
    return KeyRing.open(
        setting(database, "jdbc.url"),
        setting(database, "username"),
        setting(database, "password"));
  }

  private static String setting(TestDatabase database, String name) {
    return Objects.requireNonNull(database.settings().get("quarkus.datasource." + name));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mint                                   | key is create, list or revoke; got mint
          create --role reader                   | a key's name has 1 to 64 letters, digits and . _ -, a letter or digit first; got nothing
          create a,b --role reader               | a key's name has 1 to 64 letters, digits and . _ -, a letter or digit first; got a,b
          create a                               | a key needs a --role; there is reader, analyst, reviewer, registrar, administrator
          create a --role root                   | there is no role root; there is reader, analyst, reviewer, registrar, administrator
          create a --role                        | --role needs a value
          create a b --role reader               | key create does not take b; see whence key --help
          create a --role reader --expires soon  | --expires is a number of days or hours, as 90d or 12h; got soon
          create a --role reader --expires 0d    | --expires is a number of days or hours, as 90d or 12h; got 0d
          create a --role reader --reviewer x    | --reviewer belongs to --role reviewer; the key has [reader]
          create a --role=reviewer --reviewer=x  | --reviewer is the id that /v1/reviewers answered with; got x
          list all                               | key list does not take all; see whence key --help
          revoke                                 | revoke needs the id of a key, as key list prints it; got nothing
          revoke counsel                         | revoke needs the id of a key, as key list prints it; got counsel
          """)
  void what_is_not_understood_is_refused(String line, String message) {
    assertThatThrownBy(() -> command(line)).isInstanceOf(Refused.class).hasMessage(message);
  }
}
