package io.whence.service.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.whence.engine.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTest {
  @Test
  void a_key_is_known_by_its_form_and_read_back() {
    ApiKey key = ApiKey.generate();

    assertThat(key.text()).matches("whk_[0-9a-f]{12}_[0-9a-f]{72}").hasSize(89);
    assertThat(ApiKey.read(key.text())).contains(key);
    assertThat(key.text()).isNotEqualTo(ApiKey.generate().text());
  }

  @Test
  void a_slip_in_any_place_is_noticed() {
    String text = ApiKey.generate().text();

    for (int i = 0; i < text.length(); i++) {
      char other = text.charAt(i) == '0' ? '1' : '0';

      assertThat(ApiKey.read(text.substring(0, i) + other + text.substring(i + 1))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "whk_", "secret", "whk_000000000000_", "ghp_0123456789abcdef"})
  void what_has_another_form_is_no_key(String text) {
    assertThat(ApiKey.read(text)).isEmpty();
  }

  @Test
  void a_key_cut_short_or_in_capitals_is_none() {
    String text = ApiKey.generate().text();

    assertThat(ApiKey.read(text.substring(0, text.length() - 1))).isEmpty();
    assertThat(ApiKey.read(text + "0")).isEmpty();
    assertThat(ApiKey.read("WHK" + text.substring(3))).isEmpty();
  }

  @Test
  void a_hash_is_of_one_secret_alone() {
    ApiKey key = ApiKey.generate();

    assertThat(key.sha256()).isEqualTo(Sha256.of(key.secret()));
    assertThat(key.is(key.sha256())).isTrue();
    assertThat(key.is(ApiKey.generate().sha256())).isFalse();
  }

  @Test
  void what_is_printed_of_a_key_has_no_secret() {
    ApiKey key = ApiKey.generate();

    assertThat(key.toString()).isEqualTo("whk_" + key.id());
  }
}
