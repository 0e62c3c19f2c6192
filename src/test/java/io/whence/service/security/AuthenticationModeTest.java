package io.whence.service.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationModeTest {
  @ParameterizedTest
  @CsvSource({
    "unless-loopback, 127.0.0.1, false",
    "unless-loopback, localhost, false",
    "unless-loopback, ::1, false",
    "unless-loopback, 0.0.0.0, true",
    "unless-loopback, ::, true",
    "unless-loopback, 192.0.2.1, true",
    "required, 127.0.0.1, true",
    "required, 0.0.0.0, true"
  })
  void a_key_is_needed_wherever_others_can_ask(String setting, String host, boolean needed) {
    assertThat(Authentication.of(setting).orElseThrow().neededAt(host)).isEqualTo(needed);
  }

  @Test
  void there_is_no_way_to_be_open_to_others() {
    assertThat(Authentication.values()).hasSize(2);
    assertThat(Authentication.of("none")).isEmpty();
    assertThat(Authentication.of(Authentication.DEFAULT)).contains(Authentication.UNLESS_LOOPBACK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reader | reader",
        "analyst | analyst, reader",
        "registrar | reader, registrar",
        "administrator | administrator, reader",
        "reviewer | reviewer"
      })
  void whoever_does_more_than_label_may_also_look(String role, String granted) {
    assertThat(Role.granted(List.of(role))).containsExactly(granted.split(", ", -1));
  }
}
