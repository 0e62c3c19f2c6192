package io.whence.engine.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalJsonTest {
  private static String canonical(String json) {
    return new String(CanonicalJson.of(json), UTF_8);
  }

  /** RFC 8785, 3.2.2 to 3.2.4. */
  @Test
  void writes_the_example_of_the_rfc() {
    String json =
        """
        {"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
         "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
         "literals": [null, true, false]}
        """;

    assertThat(canonical(json))
        .isEqualTo(
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                + "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  }

  /** RFC 8785, appendix B: bits of a double and how it is written. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555557, 333333333.33333343",
    "becbf647612f3696, -0.0000033333333333333333"
  })
  void writes_numbers_as_the_rfc_does(String bits, String written) {
    double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));

    assertThat(canonical("[" + value + "]")).isEqualTo("[" + written + "]");
  }

  @Test
  void sorts_names_by_code_units() {
    assertThat(canonical("{\"\ufb33\":1,\"\ud83d\ude00\":2,\"1\":3,\"\u00f6\":4,\"\\r\":5}"))
        .isEqualTo("{\"\\r\":5,\"1\":3,\"\u00f6\":4,\"\ud83d\ude00\":2,\"\ufb33\":1}");
  }

  @Test
  void knows_its_own_form() {
    assertThat(CanonicalJson.is("{\"a\":1}".getBytes(UTF_8))).isTrue();
    assertThat(CanonicalJson.is("{\"a\": 1}".getBytes(UTF_8))).isFalse();
    assertThat(CanonicalJson.is("{\"a\":1.0}".getBytes(UTF_8))).isFalse();
    assertThat(CanonicalJson.is(new byte[] {(byte) 0xff})).isFalse();
  }

  @Test
  void refuses_what_has_no_canonical_form() {
    assertThatThrownBy(() -> CanonicalJson.of("{\"a\":1,\"a\":2}"))
        .hasMessageStartingWith("no canonical form: ");
    assertThatThrownBy(() -> CanonicalJson.of("[".repeat(100_000)))
        .hasMessage("JSON nests deeper than 100");
    assertThatThrownBy(() -> CanonicalJson.of("{")).isInstanceOf(IllegalArgumentException.class);
  }
}
