package io.whence.engine.risk;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.Strictness;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads the package's data: the model's weights, the law, the licences. */
final class Resources {
  private static final Gson GSON =
      new GsonBuilder()
          .setStrictness(Strictness.STRICT)
          .setFieldNamingPolicy(FieldNamingPolicy.IDENTITY)
          .create();

  private Resources() {}

  static <T> T read(String name, Class<T> type) {
    try (InputStream in = Resources.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the engine's jar lacks " + name);
      }
      try (Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
        return GSON.fromJson(reader, type);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
