package io.whence.service.jobs;

import com.google.gson.Gson;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.risk.UseFacts;
import io.whence.engine.statement.DeclaredUse;
import io.whence.service.persistence.BatchRecords.Output;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An output of a batch, as it is kept until its turn.
 *
 * @param request what is asked, with the default methods
 * @param declared what is declared of plug-in use, as the register split it
 * @param base SHA-256 of the model that the plug-ins were made for; null where none is declared
 */
public record ChargedOutput(
    AttributionRequest request, DeclaredUse declared, @Nullable String base) {
  private static final Gson GSON = new Gson();

  /** As it is kept. */
  private record Stored(
      String text,
      @Nullable String prompt,
      int topK,
      Map<String, Integer> declared,
      @Nullable Map<String, Integer> plugIns,
      @Nullable String base) {}

  /** {@return the output as it is kept under a key} */
  public Output keep(String key) {
    Stored stored =
        new Stored(
            request.output(),
            request.prompt(),
            request.topK(),
            declared.works(),
            declared.plugIns(),
            base);
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
        new DeclaredUse(
            stored.plugIns == null ? new TreeMap<>() : new TreeMap<>(stored.plugIns),
            new TreeMap<>(stored.declared)),
        stored.base);
  }
}
