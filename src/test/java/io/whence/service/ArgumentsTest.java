package io.whence.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
  @Test
  void nothing_asks_to_serve() throws Refused {
    assertThat(Arguments.of()).isEqualTo(new Arguments(Arguments.Command.SERVE, null, null, true));
  }

  @Test
  void options_are_taken_with_a_blank_or_an_equals_sign() throws Refused {
    Arguments expected = new Arguments(Arguments.Command.DEMO, 9000, "/h", false);

    assertThat(Arguments.of("demo", "--no-serve", "--port", "9000", "--home", "/h"))
        .isEqualTo(expected);
    assertThat(Arguments.of("demo", "--port=9000", "--home=/h", "--no-serve")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dance               | there is no command dance; use serve or demo
          serve --colour      | there is no option --colour; see whence serve --help
          serve --port        | --port needs a value
          serve --port 0      | --port is a number from 1 to 65535; got 0
          serve --port 65536  | --port is a number from 1 to 65535; got 65536
          serve --port http   | --port is a number from 1 to 65535; got http
          serve --home        | --home needs a value
          serve --no-serve    | --no-serve takes no value and belongs to demo
          demo --no-serve=yes | --no-serve takes no value and belongs to demo
          serve somewhere     | there is no option somewhere; see whence serve --help
          """)
  void what_is_not_understood_is_refused(String line, String message) {
    assertThatThrownBy(() -> Arguments.of(line.split(" ", -1)))
        .isInstanceOf(Refused.class)
        .hasMessage(message);
  }
}
