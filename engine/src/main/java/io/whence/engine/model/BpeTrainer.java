package io.whence.engine.model;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learns a byte-level byte-pair encoding (Sennrich et al., 2016; Radford et al., 2019) and writes
 * it as a Hugging Face {@code tokenizer.json}.
 *
 * <p>Token 0 is end-of-text, 1 to 256 are the bytes, the others the merges in the order they were
 * learned. Each merge joins the most frequent pair; of equally frequent pairs the one of the
 * smaller left, then right token, so the same texts always give the same bytes.
 */
final class BpeTrainer {
  static final String END_OF_TEXT = "<|endoftext|>";
  private static final int BYTES = 256;
  private static final Pattern PIECES =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final List<String> tokens = new ArrayList<>();
  private final List<String> merges = new ArrayList<>();
  private final List<int[]> words = new ArrayList<>();
  private final List<Integer> counts = new ArrayList<>();
  private final Map<Long, Long> pairCounts = new HashMap<>();
  private final Map<Long, Set<Integer>> pairWords = new HashMap<>();

  private BpeTrainer() {
    tokens.add(END_OF_TEXT);
    for (int b = 0; b < BYTES; b++) {
      tokens.add(String.valueOf(ByteAlphabet.symbol(b)));
    }
  }

  /**
   * Trains on {@code texts} and writes {@code tokenizerJson}.
   *
   * @param vocabulary most tokens, at least 257; fewer where the texts have no more pairs
   */
  static void train(Iterable<String> texts, int vocabulary, Path tokenizerJson) throws IOException {
    if (vocabulary <= BYTES) {
      throw new IllegalArgumentException("a vocabulary has 257 tokens or more; got " + vocabulary);
    }
    BpeTrainer trainer = new BpeTrainer();
    trainer.count(texts);
    while (trainer.tokens.size() < vocabulary && trainer.mergeMostFrequent()) {}
    trainer.write(tokenizerJson);
  }

  private void count(Iterable<String> texts) {
    Map<String, Integer> pieces = new TreeMap<>();
    for (String text : texts) {
      Matcher matcher = PIECES.matcher(text);
      while (matcher.find()) {
        pieces.merge(matcher.group(), 1, Integer::sum);
      }
    }
    pieces.forEach(
        (piece, count) -> {
          byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
          int[] word = new int[bytes.length];
          for (int i = 0; i < bytes.length; i++) {
            word[i] = 1 + (bytes[i] & 0xFF);
          }
          words.add(word);
          counts.add(count);
          countPairs(words.size() - 1, 1);
        });
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  private void countPairs(int index, int sign) {
    int[] word = words.get(index);
    for (int i = 0; i + 1 < word.length; i++) {
      long pair = pair(word[i], word[i + 1]);
      pairCounts.merge(pair, (long) sign * counts.get(index), Long::sum);
      if (sign > 0) {
        pairWords.computeIfAbsent(pair, key -> new HashSet<>()).add(index);
      }
    }
  }

  private boolean mergeMostFrequent() {
    long best = -1;
    long most = 1;
    for (Map.Entry<Long, Long> entry : pairCounts.entrySet()) {
      long count = entry.getValue();
      long pair = entry.getKey();
      if (count > most || (count == most && best >= 0 && pair < best)) {
        most = count;
        best = pair;
      }
    }
    if (best < 0) {
      return false;
    }
    int left = (int) (best >>> 32);
    int right = (int) best;
    int merged = tokens.size();
    tokens.add(tokens.get(left) + tokens.get(right));
    merges.add(tokens.get(left) + " " + tokens.get(right));
    for (int index : List.copyOf(pairWords.getOrDefault(best, Set.of()))) {
      countPairs(index, -1);
      words.set(index, merge(words.get(index), left, right, merged));
      countPairs(index, 1);
    }
    pairCounts.remove(best);
    pairWords.remove(best);
    return true;
  }

  private static int[] merge(int[] word, int left, int right, int merged) {
    int[] shorter = new int[word.length];
    int length = 0;
    for (int i = 0; i < word.length; i++) {
      if (i + 1 < word.length && word[i] == left && word[i + 1] == right) {
        shorter[length++] = merged;
        i++;
      } else {
        shorter[length++] = word[i];
      }
    }
    return java.util.Arrays.copyOf(shorter, length);
  }

  private void write(Path file) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent(" ");
      json.setHtmlSafe(false);
      json.beginObject();
      json.name("version").value("1.0");
      json.name("truncation").nullValue();
      json.name("padding").nullValue();
      json.name("added_tokens").beginArray().beginObject();
      json.name("id").value(0);
      json.name("content").value(END_OF_TEXT);
      json.name("single_word").value(false);
      json.name("lstrip").value(false);
      json.name("rstrip").value(false);
      json.name("normalized").value(false);
      json.name("special").value(true);
      json.endObject().endArray();
      json.name("normalizer").nullValue();
      byteLevel(json.name("pre_tokenizer"));
      json.name("post_processor").nullValue();
      byteLevel(json.name("decoder"));
      json.name("model").beginObject();
      json.name("type").value("BPE");
      json.name("dropout").nullValue();
      json.name("unk_token").nullValue();
      json.name("continuing_subword_prefix").nullValue();
      json.name("end_of_word_suffix").nullValue();
      json.name("fuse_unk").value(false);
      json.name("byte_fallback").value(false);
      json.name("vocab").beginObject();
      for (int id = 0; id < tokens.size(); id++) {
        json.name(tokens.get(id)).value(id);
      }
      json.endObject();
      json.name("merges").beginArray();
      for (String merge : merges) {
        json.value(merge);
      }
      json.endArray().endObject().endObject();
    }
    Files.writeString(file, text + "\n");
  }

  private static void byteLevel(JsonWriter json) throws IOException {
    json.beginObject();
    json.name("type").value("ByteLevel");
    json.name("add_prefix_space").value(false);
    json.name("trim_offsets").value(false);
    json.name("use_regex").value(true);
    json.endObject();
  }
}
