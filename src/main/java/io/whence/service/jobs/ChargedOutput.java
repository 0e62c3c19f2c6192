package io.whence.service.jobs;

import com.google.gson.Gson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.risk.UseFacts;
import io.whence.engine.statement.Usage;
import io.whence.service.persistence.BatchRecords.Output;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An output of a batch, as it is kept until its turn.
 *
 * @param request what is asked, with the default methods
 * @param declared what is declared of plug-in use: by work, parts per million
 */
public record ChargedOutput(AttributionRequest request, SortedMap<String, Integer> declared) {
  private static final Gson GSON = new Gson();

  /** As it is kept. */
  private record Stored(
      String text, @Nullable String prompt, int topK, Map<String, Integer> declared) {}

  /** Rejects declared parts that are more than the whole. */
  public ChargedOutput {
    Usage.checkDeclared(declared);
    declared = new TreeMap<>(declared);
  }

  /** {@return the output as it is kept under a key} */
  public Output keep(String key) {
    Stored stored = new Stored(request.output(), request.prompt(), request.topK(), declared);
    return new Output(key, GSON.toJson(stored).getBytes(StandardCharsets.UTF_8));
  }

  static ChargedOutput read(byte[] kept) {
    Stored stored = GSON.fromJson(new String(kept, StandardCharsets.UTF_8), Stored.class);
    return new ChargedOutput(
        new AttributionRequest(
            stored.text,
            stored.prompt,
            stored.topK,
            false,
            false,
            AttributionRequest.DEFAULT_METHODS,
            UseFacts.NONE),
        new TreeMap<>(stored.declared));
  }
}
