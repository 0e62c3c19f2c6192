package io.whence.engine.model;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Turns text into a model's tokens and back, by its {@code tokenizer.json}. No token is added, none
 * cut off. Safe for several threads.
 */
public final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final int vocabulary;
  private final int endOfText;
  private final String sha256;

  private Tokenizer(HuggingFaceTokenizer tokenizer, int vocabulary, int endOfText, String sha256) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.endOfText = endOfText;
    this.sha256 = sha256;
  }

  /**
   * {@return the tokenizer of a file; the caller closes it}
   *
   * @throws EngineException.InvalidCheckpoint when the file is none, or has no end-of-text token
   */
  public static Tokenizer open(Path tokenizerJson) {
    try {
      JsonObject json = JsonParser.parseString(Files.readString(tokenizerJson)).getAsJsonObject();
      JsonObject vocabulary = json.getAsJsonObject("model").getAsJsonObject("vocab");
      if (!vocabulary.has(BpeTrainer.END_OF_TEXT)) {
        throw new EngineException.InvalidCheckpoint(
            tokenizerJson + " has no token " + BpeTrainer.END_OF_TEXT);
      }
      int largest =
          vocabulary.entrySet().stream().mapToInt(e -> e.getValue().getAsInt()).max().orElse(0);
      Map<String, String> options =
          Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(tokenizerJson, options),
          largest + 1,
          vocabulary.get(BpeTrainer.END_OF_TEXT).getAsInt(),
          Sha256.of(tokenizerJson));
    } catch (IOException e) {
      throw new EngineException.InvalidCheckpoint("cannot read " + tokenizerJson, e);
    } catch (JsonParseException
        | IllegalStateException
        | ClassCastException
        | NullPointerException e) {
      throw new EngineException.InvalidCheckpoint(tokenizerJson + " is not a tokenizer", e);
    }
  }

  /** {@return the tokens of {@code text}} */
  public TokenizedText encode(String text) {
    Encoding encoding = tokenizer.encode(text, false, false);
    long[] long64 = encoding.getIds();
    CharSpan[] spans = encoding.getCharTokenSpans();
    int[] ids = new int[long64.length];
    int[] starts = new int[long64.length];
    int[] ends = new int[long64.length];
    int[] utf16 = codePointStarts(text);
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.toIntExact(long64[i]);
      // The library counts code points.
      starts[i] = utf16[spans[i].getStart()];
      ends[i] = utf16[spans[i].getEnd()];
    }
    return new TokenizedText(ids, starts, ends);
  }

  private static int[] codePointStarts(String text) {
    int[] starts = new int[text.codePointCount(0, text.length()) + 1];
    int unit = 0;
    for (int i = 0; i < starts.length - 1; i++) {
      starts[i] = unit;
      unit += Character.charCount(text.codePointAt(unit));
    }
    starts[starts.length - 1] = text.length();
    return starts;
  }

  /** {@return the text of {@code ids}; bytes that are not UTF-8 come out as U+FFFD} */
  public String decode(int[] ids) {
    return tokenizer.decode(java.util.Arrays.stream(ids).asLongStream().toArray(), false);
  }

  /** {@return how many tokens there are} */
  public int vocabularySize() {
    return vocabulary;
  }

  /** {@return the token that stands before every text} */
  public int endOfText() {
    return endOfText;
  }

  /** {@return SHA-256 of the file} */
  public String sha256() {
    return sha256;
  }

  /** Frees the native tokenizer. */
  @Override
  public void close() {
    tokenizer.close();
  }
}
