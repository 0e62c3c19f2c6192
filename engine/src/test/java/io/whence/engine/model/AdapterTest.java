package io.whence.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterTest {
  private static final String LAYER = "base_model.model.transformer.h.0.attn.c_attn";

  @TempDir Path directory;

  private static Safetensors.Tensor zeros(int... shape) {
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return new Safetensors.Tensor(
        Arrays.stream(shape).mapToLong(n -> n).toArray(), new float[size]);
  }

  /** A file as PEFT writes it: two layers of rank 4. */
  private byte[] peft() throws IOException {
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    tensors.put(LAYER + ".lora_A.weight", zeros(4, 192));
    tensors.put(LAYER + ".lora_B.weight", zeros(576, 4));
    tensors.put(LAYER.replace("h.0", "h.1") + ".lora_A.weight", zeros(4, 192));
    tensors.put(LAYER.replace("h.0", "h.1") + ".lora_B.weight", zeros(576, 4));
    Path file = directory.resolve("adapter.safetensors");
    Safetensors.write(file, tensors);
    return Files.readAllBytes(file);
  }

  private static Adapter read(byte[] bytes) throws IOException {
    return Adapter.read(new ByteArrayInputStream(bytes), 1 << 20);
  }

  private static byte[] file(String header, int data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
    out.writeBytes(text);
    out.writeBytes(new byte[data]);
    return out.toByteArray();
  }

  @Test
  void an_adapter_is_told_by_its_sum_rank_and_layers() throws IOException {
    byte[] bytes = peft();

    Adapter adapter = read(bytes);

    assertThat(adapter.sha256()).isEqualTo(Sha256.of(bytes));
    assertThat(adapter.bytes()).isEqualTo(bytes.length);
    assertThat(adapter.rank()).isEqualTo(4);
    assertThat(adapter.parameters()).isEqualTo(2 * (4 * 192 + 576 * 4));
    assertThat(adapter.layers()).containsExactly(LAYER, LAYER.replace("h.0", "h.1"));
  }

  @Test
  void names_of_other_tools_are_known() throws IOException {
    String header =
        """
        {"lora_unet_x.lora_down.weight": {"dtype": "F16", "shape": [2, 3, 1, 1], "data_offsets": [0, 12]},
         "lora_unet_x.lora_up.weight": {"dtype": "F16", "shape": [5, 2, 1, 1], "data_offsets": [12, 32]},
         "lora_unet_x.alpha": {"dtype": "F32", "shape": [], "data_offsets": [32, 36]},
         "y.lora_A.default.weight": {"dtype": "BF16", "shape": [8, 1], "data_offsets": [36, 52]},
         "y.lora_B.default.weight": {"dtype": "BF16", "shape": [1, 8], "data_offsets": [52, 68]}}
        """;

    Adapter adapter = read(file(header, 68));

    assertThat(adapter.layers()).containsExactly("lora_unet_x", "y");
    assertThat(adapter.rank()).isEqualTo(8);
    assertThat(adapter.parameters()).isEqualTo(6 + 10 + 1 + 8 + 8);
  }

  @Test
  void a_file_cut_anywhere_is_refused() throws IOException {
    byte[] bytes = peft();
    for (int length : new int[] {0, 7, 8, 100, bytes.length - 1}) {
      assertThatThrownBy(() -> read(Arrays.copyOf(bytes, length)))
          .isInstanceOf(EngineException.InvalidQuery.class)
          .hasMessageStartingWith("the adapter ");
    }
    assertThatThrownBy(() -> read(Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessageContaining("bytes of data where its header lists");
  }

  @Test
  void a_file_longer_than_is_read_is_refused() throws IOException {
    byte[] bytes = peft();

    assertThatThrownBy(() -> Adapter.read(new ByteArrayInputStream(bytes), bytes.length - 1))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage("the adapter has more than the " + (bytes.length - 1) + " bytes that are read");
    assertThat(Adapter.read(new ByteArrayInputStream(bytes), bytes.length).rank()).isEqualTo(4);
  }

  @Test
  void a_pickle_is_not_opened() {
    for (byte[] pickle :
        new byte[][] {
          {'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0}, {(byte) 0x80, 2, 'c', 'o', 's', 0, 0, 0, 0, 0}
        }) {
      assertThatThrownBy(() -> read(pickle))
          .isInstanceOf(EngineException.InvalidQuery.class)
          .hasMessage(
              "the adapter is a pickle, which can run code when it is read, and is not opened;"
                  + " convert it to safetensors");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                                            | 0 | holds no pair of low-rank matrices
          {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}                 | 4 | holds no pair of low-rank matrices
          {"x.lora_A.weight": {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4]}} | 4 | has one side alone of the pair of layer x
          {"x.lora_A.weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}, "x.lora_B.weight": {"dtype": "F32", "shape": [1, 1], "data_offsets": [8, 12]}} | 12 | has a pair for layer x that does not fit: [2, 1] and [1, 1]
          {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}}                 | 8 | w is not as long as its shape and type say
          {"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}                 | 8 | w begins at byte 4 of the data and not at 0
          {"w": {"dtype": "Q4", "shape": [1], "data_offsets": [0, 4]}}                  | 4 | w is of type Q4, which safetensors does not have
          {"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}                | 4 | w has a negative length
          {"w": {"dtype": "F32", "shape": [9223372036854775807, 2], "data_offsets": [0, 4]}} | 4 | its header cannot be read
          {"w": 1}                                                                      | 0 | its header cannot be read
          [1, 2]                                                                        | 0 | its header cannot be read
          {"w"                                                                          | 0 | its header cannot be read
          """)
  void what_is_no_adapter_is_refused_with_its_reason(String header, int data, String said) {
    assertThatThrownBy(() -> read(file(header, data)))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessageContaining(said);
  }
}
