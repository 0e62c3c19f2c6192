package io.whence.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens stand for the characters of the original, whatever the script. */
class TokenizerTest {
  @TempDir Path directory;

  private Tokenizer trained() throws IOException {
    Path file = directory.resolve("tokenizer.json");
    BpeTrainer.train(TinyCheckpoint.TEXTS, 320, file);
    return Tokenizer.open(file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "The sea is calm tonight.",
        "a 😀 b 👩‍🚀 c",
        "naïve café — “quoted”",
        "e\u0301 is e with a mark",
        "静夜思 床前明月光",
        "line\r\nbreak\ttab  two spaces",
        "ﬁne ligature"
      })
  void every_character_lies_in_its_tokens_span_and_decodes_back(String text) throws IOException {
    try (Tokenizer tokenizer = trained()) {
      TokenizedText tokens = tokenizer.encode(text);

      assertThat(tokenizer.decode(tokens.ids())).isEqualTo(text);
      int reached = 0;
      for (int i = 0; i < tokens.size(); i++) {
        assertThat(tokens.start(i)).isLessThanOrEqualTo(reached);
        assertThat(tokens.end(i))
            .isGreaterThanOrEqualTo(reached)
            .isLessThanOrEqualTo(text.length());
        reached = tokens.end(i);
        String whole = text.substring(tokens.start(i), tokens.end(i));
        assertThat(whole)
            .isEqualTo(
                new String(
                    whole.codePoints().toArray(), 0, whole.codePointCount(0, whole.length())));
      }
      assertThat(reached).isEqualTo(text.length());
    }
  }

  @Test
  void merges_the_most_frequent_pair_first_and_the_same_texts_give_the_same_file()
      throws IOException {
    Path first = directory.resolve("1.json");
    Path second = directory.resolve("2.json");
    List<String> texts = List.of("abab abab ab cd", "abab");

    BpeTrainer.train(texts, 259, first);
    BpeTrainer.train(texts, 259, second);

    assertThat(Files.readString(second)).isEqualTo(Files.readString(first));
    assertThat(Files.readString(first)).contains("\"a b\",\n   \"ab ab\"");
  }

  @Test
  void a_file_that_is_no_tokenizer_is_named() throws IOException {
    Path file = Files.writeString(directory.resolve("tokenizer.json"), "{}");

    assertThatThrownBy(() -> Tokenizer.open(file))
        .isInstanceOf(EngineException.InvalidCheckpoint.class)
        .hasMessage(file + " is not a tokenizer");
  }

  @Test
  void safetensors_come_back_as_they_were_written() throws IOException {
    Path file = directory.resolve("x.safetensors");
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    tensors.put(
        "a", new Safetensors.Tensor(new long[] {2, 3}, new float[] {1, -2, 0.5f, 3, 4, 65504}));
    tensors.put("b", new Safetensors.Tensor(new long[] {1}, new float[] {6.1e-5f}));

    Safetensors.write(file, tensors);

    assertThat(Safetensors.read(file).get("a"))
        .satisfies(
            tensor -> {
              assertThat(tensor.shape()).containsExactly(2, 3);
              assertThat(tensor.values()).containsExactly(1, -2, 0.5f, 3, 4, 65504);
            });
    Safetensors.writeHalf(file, tensors);
    assertThat(Safetensors.read(file).get("a"))
        .satisfies(tensor -> assertThat(tensor.values()).containsExactly(1, -2, 0.5f, 3, 4, 65504));
  }

  @Test
  void a_cut_or_hostile_safetensors_file_is_refused_with_its_reason() throws IOException {
    Path file = directory.resolve("x.safetensors");
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    tensors.put("a", new Safetensors.Tensor(new long[] {8}, new float[8]));
    Safetensors.write(file, tensors);
    byte[] whole = Files.readAllBytes(file);

    for (int length : new int[] {0, 5, 20, whole.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Safetensors.read(file))
          .isInstanceOf(EngineException.InvalidCheckpoint.class)
          .hasMessageStartingWith(file + " is not a whole safetensors file: ");
    }
    byte[] endless = whole.clone();
    endless[7] = 0x7F;
    Files.write(file, endless);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(EngineException.InvalidCheckpoint.class)
        .hasMessageContaining("its header would be");
  }
}
